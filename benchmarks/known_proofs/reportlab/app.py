"""Swatches: a page that shows a color, however it is written."""

from flask import Flask, request
from reportlab.lib import colors

app = Flask(__name__)


@app.route("/swatch")
def swatch():
    color = colors.toColor(request.args["color"])
    return {"hex": color.hexval()}
