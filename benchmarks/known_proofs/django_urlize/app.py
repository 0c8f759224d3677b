"""Notes: addresses in a text become links."""

from django.utils.html import urlize
from flask import Flask, request
app = Flask(__name__)

@app.route("/linked")
def linked():
    return urlize(request.args["text"])
