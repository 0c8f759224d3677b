"""Numbers: read with any precision."""

import mpmath
from flask import Flask, request
app = Flask(__name__)

@app.route("/number")
def number():
    return {"value": str(mpmath.mpmathify(request.args["text"]))}
