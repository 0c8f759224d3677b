import zlib

from flask import Flask, request

app = Flask(__name__)


@app.post("/notes")
def notes():
    body = zlib.decompress(request.get_data())
    return body.decode("utf-8", "replace").upper()
