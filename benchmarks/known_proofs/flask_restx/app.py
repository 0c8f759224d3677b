"""Newsletter: an address is checked before it is kept."""

from flask import Flask, request
from flask_restx import inputs

app = Flask(__name__)
mail = inputs.email()


@app.route("/subscribe", methods=["POST"])
def subscribe():
    try:
        return {"subscribed": mail(request.form["address"])}
    except ValueError as error:
        return {"error": str(error)}, 400
