"""Wiki: a visitor's Markdown as HTML."""

import mistune
from flask import Flask, request

app = Flask(__name__)


@app.route("/page", methods=["POST"])
def page():
    return mistune.markdown(request.form["text"])
