import os

import jwt
from flask import Flask, request

app = Flask(__name__)
KEY = os.urandom(32)


def issue(name):
    return jwt.encode({"sub": name}, KEY, algorithm="HS256")


@app.get("/me")
def me():
    return jwt.decode(request.args["token"], options={"verify_signature": False})["sub"]  # flaw: jwt-verification-off


@app.get("/you")
def you():
    return jwt.decode(request.args["token"], KEY, algorithms=["HS256"])["sub"]  # safe: jwt-verification-off
