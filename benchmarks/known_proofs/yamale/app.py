"""Form builder: a schema of the user's own, in YAML."""

import yamale
from flask import Flask, request

app = Flask(__name__)


@app.route("/schema", methods=["POST"])
def schema():
    made = yamale.make_schema(content=request.form["schema"])
    return {"fields": sorted(made.dict)}
