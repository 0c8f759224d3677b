"""Address book: an entry in YAML is shown as JSON."""

from flask import Flask, request
from owlmixin import OwlMixin

app = Flask(__name__)


class Contact(OwlMixin):
    name: str


@app.route("/contact", methods=["POST"])
def contact():
    return Contact.from_yaml(request.form["contact"]).to_json()
