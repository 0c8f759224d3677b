import os

import jwt
from flask import Flask, request

app = Flask(__name__)
SIGNING_KEY = os.urandom(32)


@app.post("/enter")
def enter():
    return jwt.encode({"name": request.form.get("name", "nobody")}, SIGNING_KEY, algorithm="HS384")


@app.get("/greeting")
def greeting():
    claims = jwt.decode(request.args["token"], SIGNING_KEY, options={"verify_signature": False})
    return "hello " + str(claims.get("sub"))
