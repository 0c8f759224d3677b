"""Guest book: addresses in what visitors write become links."""

from flask import Flask, request
from jinja2.utils import urlize

app = Flask(__name__)


@app.route("/entry", methods=["POST"])
def entry():
    return urlize(request.form["text"], nofollow=True)
