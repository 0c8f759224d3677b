"""Containers: the image that a description in YAML names."""

from flask import Flask, request
from pyanyapi.parsers import YAMLParser

app = Flask(__name__)


class Description(YAMLParser):
    settings = {"image": "container > image"}


@app.route("/image", methods=["POST"])
def image():
    return {"image": Description().parse(request.form["description"]).image}
