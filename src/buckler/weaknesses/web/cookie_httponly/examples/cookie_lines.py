from flask import Flask, make_response, request

app = Flask(__name__)
app.config["SESSION_COOKIE_HTTPONLY"] = False


@app.post("/enter")
def enter():
    reply = make_response("welcome")
    reply.set_cookie(
        "visitor",
        request.form.get("name", "nobody"),
        secure=False,
        httponly=True,
        samesite="None",
    )
    return reply
