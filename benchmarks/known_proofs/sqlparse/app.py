"""Formatter: SQL of a user, laid out."""

import sqlparse
from flask import Flask, request
app = Flask(__name__)

@app.route("/format", methods=["POST"])
def format():
    return sqlparse.format(request.form["sql"], strip_comments=True)
