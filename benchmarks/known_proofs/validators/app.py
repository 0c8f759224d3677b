"""Domains: a form that tells whether a name could be one."""

import validators
from flask import Flask, request

app = Flask(__name__)


@app.route("/domain")
def domain():
    return {"valid": bool(validators.domain(request.args["name"]))}
