"""Tables: a pasted table in XML as JSON."""

import petl
from flask import Flask, request

app = Flask(__name__)


@app.route("/table", methods=["POST"])
def table():
    rows = petl.fromxml(petl.MemorySource(request.form["table"].encode()), "tr", "td")
    return {"rows": [list(row) for row in rows]}
