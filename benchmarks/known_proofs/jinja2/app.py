"""Badges: an element with an attribute of the user's choice."""

from flask import Flask, request
from jinja2 import Environment

app = Flask(__name__)
PAGE = Environment(autoescape=True).from_string("<p{{ {name: 'on'}|xmlattr }}>badge</p>")


@app.route("/badge")
def badge():
    return PAGE.render(name=request.args["attribute"])
