"""Pages: a visitor's Markdown as HTML."""

import markdown2
from flask import Flask, request
app = Flask(__name__)

@app.route("/page", methods=["POST"])
def page():
    return markdown2.markdown(request.form["text"])
