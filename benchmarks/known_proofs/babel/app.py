"""Languages: what a language is called in itself."""

from babel import Locale
from flask import Flask, request

app = Flask(__name__)


@app.route("/language")
def language():
    return {"name": Locale(request.args["code"]).display_name}
