"""A code that is sent with data and compared when it comes back: both places must change at once."""

import hashlib
import hmac
import os

from flask import Flask, abort, request

app = Flask(__name__)
KEY = os.environ.get("SIGNING_KEY", "none").encode()


@app.get("/sign")
def sign():
    name = request.args.get("name", "")
    return {"signed": name + "!" + hmac.new(KEY, name.encode(), digestmod=hashlib.md5).hexdigest()}


@app.get("/check")
def check():
    name, _, code = request.args.get("signed", "").partition("!")
    if not hmac.compare_digest(code, hmac.new(KEY, name.encode(), digestmod=hashlib.md5).hexdigest()):
        abort(403)
    return {"name": name}
