import traceback

from flask import Flask, request

app = Flask(__name__)


@app.get("/shown")
def shown():
    try:
        return str(int(request.args["number"]))
    except ValueError:
        return traceback.format_exc(), 400  # flaw: stack-trace-exposure


@app.get("/kept")
def kept():
    try:
        return str(int(request.args["number"]))
    except ValueError:
        app.logger.error(traceback.format_exc())
        return "that is no number", 400  # safe: stack-trace-exposure
