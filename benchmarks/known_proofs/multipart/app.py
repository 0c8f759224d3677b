"""Uploads: looks at what a client says of the type of its data."""

from flask import Flask, request
from multipart.multipart import parse_options_header

app = Flask(__name__)


@app.route("/type")
def kind():
    name, options = parse_options_header(request.args["type"])
    return {"type": name.decode(), "options": sorted(key.decode() for key in options)}
