from flask import Flask, abort, redirect, request

app = Flask(__name__)


@app.get("/next")
def onward():
    target = request.args.get("to", "")
    if not target.startswith("/"):
        abort(404)
    return redirect(target)  # flaw: redirect


@app.get("/back")
def back():
    target = request.args.get("to", "")
    if not target.startswith("/") or target.startswith(("//", "/\\")) or "\t" in target:
        abort(404)
    return redirect(target)  # safe: redirect
