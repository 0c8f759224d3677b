"""A file sent to the visitor."""

import os

from flask import Flask, request, send_file

app = Flask(__name__)
FOLDER = os.path.abspath("files")


@app.get("/download")
def download():
    name = request.args["name"]
    return send_file(os.path.join(FOLDER, name))
