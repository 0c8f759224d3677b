import os

from flask import Flask, abort, request

app = Flask(__name__)


@app.post("/deploy")
def deploy():
    if request.headers.get("X-Token") != os.environ.get("DEPLOY_TOKEN", "none"):
        abort(403)
    return "deploying"
