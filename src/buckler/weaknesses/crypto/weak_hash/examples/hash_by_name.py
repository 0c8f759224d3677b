import hashlib as h

from flask import Flask, request

app = Flask(__name__)


@app.post("/seal")
def seal():
    maker = h.new("sha1")
    maker.update(request.form["text"].encode())
    return {"signature": maker.hexdigest()}
