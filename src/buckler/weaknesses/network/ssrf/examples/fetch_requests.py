"""An address chosen by the visitor."""

import requests
from flask import Flask, request

app = Flask(__name__)


@app.get("/preview")
def preview():
    url = request.args["url"]
    return {"text": requests.get(url, timeout=3).text}
