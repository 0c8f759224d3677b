"""The same with the standard library."""

from urllib.request import urlopen

from flask import Flask, request

app = Flask(__name__)


@app.get("/fetch")
def fetch():
    with urlopen(request.args["url"], timeout=3) as answer:
        return {"length": len(answer.read())}
