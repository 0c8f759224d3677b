from importlib import import_module

from flask import Flask, request

app = Flask(__name__)


@app.get("/export")
def export():
    return import_module(request.args.get("kind", "csv")).__name__
