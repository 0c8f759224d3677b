import logging

from flask import Flask, request

app = Flask(__name__)
log = logging.getLogger("shop")


@app.get("/find")
def find():
    log.info("search for %s", request.args["q"])  # flaw: log-injection
    return "found"


@app.get("/look")
def look():
    name = request.args["q"]
    log.info("search for %r", name)  # safe: log-injection
    return "found"
