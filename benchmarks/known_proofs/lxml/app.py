"""Comments: markup of visitors, cleaned."""

from flask import Flask, request
from lxml.html.clean import clean_html

app = Flask(__name__)


@app.route("/comment", methods=["POST"])
def comment():
    return clean_html(request.form["text"])
