"""Reports: a query in YAML, as the table it asks for."""

from flask import Flask, request
from mlalchemy import parse_yaml_query

app = Flask(__name__)


@app.route("/report", methods=["POST"])
def report():
    query = parse_yaml_query(request.form["query"])
    return {"query": str(query)}
