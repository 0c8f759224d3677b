"""Teasers: the first words of an article."""

from django.utils.text import Truncator
from flask import Flask, request

app = Flask(__name__)


@app.route("/teaser", methods=["POST"])
def teaser():
    return {"teaser": Truncator(request.form["article"]).words(20, html=True)}
