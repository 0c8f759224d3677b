"""Spreadsheet cells: a formula is computed for a column of numbers."""

import numexpr
import numpy as np
from flask import Flask, request

app = Flask(__name__)


@app.route("/column")
def column():
    x = np.arange(4)
    return {"values": str(numexpr.evaluate(request.args["formula"], local_dict={"x": x}))}
