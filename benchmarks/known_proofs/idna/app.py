"""Domains: how a name is written in DNS."""

import idna
from flask import Flask, request

app = Flask(__name__)


@app.route("/dns")
def dns():
    return {"name": idna.encode(request.args["name"]).decode()}
