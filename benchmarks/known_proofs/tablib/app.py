"""Tables: an upload in YAML is shown as CSV."""

import tablib
from flask import Flask, request

app = Flask(__name__)


@app.route("/table", methods=["POST"])
def table():
    data = tablib.Dataset().load(request.form["table"], format="yaml")
    return data.csv
