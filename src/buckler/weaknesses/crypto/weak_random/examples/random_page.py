import random as rnd

from flask import Flask, make_response, request

app = Flask(__name__)


@app.get("/login")
def login():
    session_id = str(rnd.getrandbits(64))
    answer = make_response(f"hello {len(request.args)}")
    answer.set_cookie("session_id", session_id, secure=True, httponly=True, samesite="Lax")
    return answer
