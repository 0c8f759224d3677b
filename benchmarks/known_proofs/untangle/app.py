"""Orders: a document in XML is read, and its number given back."""

import untangle
from flask import Flask, request

app = Flask(__name__)


@app.route("/orders", methods=["POST"])
def orders():
    document = untangle.parse(request.form["document"])
    return {"number": document.order.cdata}
