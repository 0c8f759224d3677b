"""A page that shows the visitor where the program failed."""

import traceback

from flask import Flask, request

app = Flask(__name__)


@app.route("/square")
def square():
    try:
        return str(int(request.args["number"]) ** 2)
    except ValueError:
        return "<pre>" + traceback.format_exc() + "</pre>", 400
