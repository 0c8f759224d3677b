"""Client registration: where an application wants its users sent back to."""

from flask import Flask, request
from oauthlib.uri_validate import is_absolute_uri

app = Flask(__name__)


@app.route("/clients", methods=["POST"])
def register():
    if not is_absolute_uri(request.form["redirect_uri"]):
        return {"error": "invalid_redirect_uri"}, 400
    return {"registered": True}
