"""A redirect to wherever the visitor says, two ways."""

from flask import Flask, redirect, request

app = Flask(__name__)


@app.get("/named")
def named():
    target = request.args.get("next", "/")
    return redirect(target)


@app.get("/direct")
def direct():
    return redirect(request.args["next"])
