"""Settings: a document in YAML is shown as JSON."""

import yaml
from flask import Flask, request

app = Flask(__name__)


@app.route("/settings", methods=["POST"])
def settings():
    return {"settings": str(yaml.full_load(request.form["document"]))}
