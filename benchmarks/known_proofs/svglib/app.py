"""Drawings: an uploaded SVG as PDF."""

import tempfile
from pathlib import Path

from flask import Flask, Response, request
from reportlab.graphics import renderPDF
from svglib.svglib import svg2rlg

app = Flask(__name__)


@app.route("/pdf", methods=["POST"])
def pdf():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "drawing.svg"
        request.files["drawing"].save(file)
        drawing = svg2rlg(str(file))
    return Response(renderPDF.drawToString(drawing), mimetype="application/pdf")
