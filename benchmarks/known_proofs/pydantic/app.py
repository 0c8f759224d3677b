"""Address book: a name and an address in one field."""

from flask import Flask, request
from pydantic.networks import validate_email

app = Flask(__name__)


@app.route("/contact")
def contact():
    name, address = validate_email(request.args["contact"])
    return {"name": name, "address": address}
