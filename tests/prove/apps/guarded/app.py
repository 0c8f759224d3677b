import os

import accounts
from flask import Flask, abort, jsonify, redirect, request
from flask_login import LoginManager, current_user, login_required

app = Flask(__name__)
app.secret_key = "3f9a1c7be24d4f0c8c1e5d6b"
logins = LoginManager(app)


@logins.user_loader
def load(number):
    return None


@app.post("/go")
def go():
    if not accounts.may(request.form["user"], "go"):
        abort(403)
    return redirect(request.form["next"])  # flaw: redirect


@app.get("/ping")
@accounts.members_only
def ping():
    return str(os.system("ping -c 1 " + request.args["host"]))  # flaw: command


@app.get("/hello")
@login_required
def hello():
    return f"<p>{current_user.get_id()} {request.args['name']}</p>"  # flaw: page


@app.post("/notes")
def notes():
    data = request.get_json()
    if data.get("kind") != "note":
        return jsonify(error="no such kind"), 400
    return str(os.system("lp -t " + data["title"]))  # flaw: command


@app.post("/pictures")
def pictures():
    picture = request.files["picture"]
    with open("/srv/pictures/" + picture.filename, "wb") as file:  # flaw: path
        file.write(picture.read())
    return "kept"


COLUMNS = {"title": "t", "date": "d"}


@app.get("/found")
def found():
    column = COLUMNS[request.args.get("order", "title")]
    return f"<p>{column}: {request.args.get('word', '')}</p>"  # flaw: found


@app.post("/go-home")
def go_home():
    if not accounts.may(request.form["user"], "go"):
        abort(403)
    target = request.form["next"]
    return redirect(target if target in ("/a", "/b") else "/")  # safe: redirect
