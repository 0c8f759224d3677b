"""Reading aid: a text in sentences."""

from flask import Flask, request
from nltk.tokenize.punkt import PunktSentenceTokenizer

app = Flask(__name__)
tokenizer = PunktSentenceTokenizer()


@app.route("/sentences", methods=["POST"])
def sentences():
    return {"sentences": tokenizer.tokenize(request.form["text"])}
