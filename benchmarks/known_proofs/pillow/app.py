"""Image arithmetic: the user writes a formula over two bands."""

from flask import Flask, request
from PIL import Image, ImageMath

app = Flask(__name__)


@app.route("/combine")
def combine():
    a, b = Image.new("L", (2, 2), 3), Image.new("L", (2, 2), 4)
    made = ImageMath.eval(request.args["formula"], a=a, b=b)
    return {"result": str(made)}
