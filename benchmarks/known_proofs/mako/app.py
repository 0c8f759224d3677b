"""Editor: tells whether a template of the user's can be read."""

from flask import Flask, request
from mako.exceptions import MakoException
from mako.lexer import Lexer

app = Flask(__name__)


@app.route("/check", methods=["POST"])
def check():
    try:
        Lexer(request.form["template"]).parse()
    except MakoException as error:
        return {"error": str(error)}, 400
    return {"error": None}
