import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.get("/show")
def show():
    name = request.args["name"]
    done = subprocess.run(["cat", name], capture_output=True, check=False)
    return {"text": done.stdout.decode()}
