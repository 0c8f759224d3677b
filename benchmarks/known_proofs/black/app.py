"""Playground: Python code of a visitor, laid out."""

import black
from flask import Flask, request

app = Flask(__name__)


@app.route("/format", methods=["POST"])
def format_code():
    return {"code": black.format_str(request.form["code"], mode=black.Mode())}
