from flask import Flask, make_response, request

app = Flask(__name__)
app.config["SESSION_COOKIE_SECURE"] = False  # flaw: insecure-cookie


@app.get("/visit")
def visit():
    reply = make_response("hello")
    reply.set_cookie("visit", request.args.get("name", "1"), secure=True, httponly=True, samesite="None")  # flaw: cookie-samesite
    return reply


@app.get("/start")
def start():
    reply = make_response("hello")
    reply.set_cookie("session", "1", secure=True, samesite="Lax")  # flaw: cookie-httponly
    reply.set_cookie("theme", request.args.get("name", "1"), secure=True, httponly=True, samesite="Lax")  # safe: cookie-httponly
    return reply


@app.get("/sound")
def sound():
    reply = make_response("hello")
    reply.set_cookie("visit", request.args.get("name", "1"), secure=True, httponly=True, samesite="Lax")  # safe: cookie-samesite
    return reply
