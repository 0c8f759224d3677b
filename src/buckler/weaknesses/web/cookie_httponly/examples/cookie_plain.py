from flask import Flask, make_response, request

app = Flask(__name__)


@app.get("/language")
def language():
    reply = make_response("chosen")
    reply.set_cookie("language", request.args.get("code", "en"), max_age=86400)
    return reply
