"""Comments: markup of visitors, cleaned."""

import bleach
from flask import Flask, request
app = Flask(__name__)

@app.route("/comment", methods=["POST"])
def comment():
    return bleach.clean(request.form["text"], tags=["p", "a", "span"], attributes=["style", "href"], styles=["color"])
