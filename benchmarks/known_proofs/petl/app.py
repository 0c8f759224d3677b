"""Tables: an uploaded table in XML as JSON."""

import tempfile
from pathlib import Path

import petl
from flask import Flask, request

app = Flask(__name__)


@app.route("/table", methods=["POST"])
def table():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.xml"
        request.files["table"].save(file)
        rows = petl.fromxml(str(file), "tr", "td")
        return {"rows": [list(row) for row in rows]}
