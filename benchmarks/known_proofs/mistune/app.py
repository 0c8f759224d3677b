"""Preview: a visitor's Markdown as HTML."""

import mistune
from flask import Flask, request
app = Flask(__name__)

@app.route("/preview")
def preview():
    return {"html": mistune.html(request.args["text"])}
