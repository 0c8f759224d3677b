import re

from flask import Flask, abort, request

app = Flask(__name__)


@app.post("/tags")
def tags():
    if not re.match(r"^(?:[a-z]+)+$", request.form["tags"]):
        abort(400)
    return {"ok": True}
