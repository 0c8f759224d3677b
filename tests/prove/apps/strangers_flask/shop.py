"""A list of items that those who have logged in may change."""

import os

from flask import Flask, request
from flask_login import LoginManager, UserMixin, login_required

app = Flask(__name__)
app.secret_key = os.environ.get("KEY", "") or "made-for-this-run"
manager = LoginManager(app)
manager.login_view = "entrance"
ITEMS = {"lamp": 7}


@manager.user_loader
def load(number):
    user = UserMixin()
    user.id = number
    return user


@app.get("/login")
def entrance():
    return "log in here"


@app.post("/items")
@login_required
def add():
    ITEMS[request.form["name"]] = 1
    return "added"


@app.post("/items/rename")
@login_required
def rename():
    ITEMS[request.form["new"]] = ITEMS.pop(request.form["old"], 1)
    return "renamed"


@app.post("/items/price")
@login_required
def price():
    ITEMS[request.form["name"]] = int(request.form["price"])
    return "changed"


@app.post("/items/delete")
def delete():
    ITEMS.pop(request.form["name"], None)
    return "deleted"
