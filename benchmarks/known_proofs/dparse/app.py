"""Dependencies: which packages an uploaded file asks for."""

import dparse
from flask import Flask, request
app = Flask(__name__)

@app.route("/dependencies", methods=["POST"])
def dependencies():
    found = dparse.parse(request.form["content"], file_type=dparse.filetypes.requirements_txt)
    return {"names": [dependency.name for dependency in found.dependencies]}
