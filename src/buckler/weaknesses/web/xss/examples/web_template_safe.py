"""A template that trusts what it is given."""

from flask import Flask, render_template, request

app = Flask(__name__)


@app.get("/note")
def note():
    return render_template("note.html", text=request.args.get("text", ""))
