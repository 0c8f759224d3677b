"""Pastes: code in the language of the user's choice, highlighted."""

from flask import Flask, request
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
app = Flask(__name__)

@app.route("/paste", methods=["POST"])
def paste():
    lexer = get_lexer_by_name(request.form["language"])
    return highlight(request.form["code"], lexer, HtmlFormatter())
