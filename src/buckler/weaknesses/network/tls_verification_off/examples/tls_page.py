import requests
from flask import Flask, request

app = Flask(__name__)


@app.get("/rate")
def rate():
    answer = requests.post(
        "https://bank.example.org/rates",
        data={"currency": request.args["currency"]},
        verify=False,
        timeout=5,
    )
    return {"rate": answer.text}
