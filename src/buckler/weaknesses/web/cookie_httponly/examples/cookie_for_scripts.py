import secrets

from flask import Flask, make_response

app = Flask(__name__)


@app.get("/form")
def form():
    reply = make_response("<form></form>")
    reply.set_cookie("csrf_token", secrets.token_hex(), secure=True, samesite="Strict")
    return reply
