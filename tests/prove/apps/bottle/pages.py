import html
import os

from bottle import Bottle, default_app, redirect, request, route

admin = Bottle()


@route("/hello")
def hello():
    return "<p>" + request.query.get("name", "") + "</p>"  # flaw: page


@route("/greet/<name>")
def greet(name):
    return "<p>" + html.escape(name) + "</p>"  # safe: page


@route("/go")
def go():
    redirect(request.query["target"])  # flaw: redirect


@admin.post("/ping")
def ping():
    return str(os.system("ping -c 1 " + request.forms["host"]))  # flaw: command


app = default_app()
