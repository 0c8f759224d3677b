import html

from flask import Blueprint, request

pages = Blueprint("pages", __name__, url_prefix="/notes")


@pages.get("/hello")
def hello():
    return "<p>" + request.args.get("name", "") + "</p>"  # flaw: page


@pages.get("/greet")
def greet():
    return "<p>" + html.escape(request.args.get("name", "")) + "</p>"  # safe: page
