"""A value shown on a page, three ways."""

from flask import Flask, make_response, request

app = Flask(__name__)


@app.get("/formatted")
def formatted():
    name = request.args.get("name", "")
    return f"<p>Hello {name}</p>"


@app.get("/percent")
def percent():
    return "<p>Hello %s</p>" % request.args.get("name", "")


@app.get("/made")
def made():
    title = request.args.get("title", "")
    response = make_response("<h1>" + title + "</h1>")
    response.headers["X-Kind"] = "page"
    return response
