"""Bookmarks: which host a link leads to."""

from flask import Flask, request
from urllib3.util import parse_url

app = Flask(__name__)


@app.route("/host")
def host():
    return {"host": parse_url(request.args["link"]).host}
