import tarfile

from flask import Flask, request

app = Flask(__name__)


@app.post("/restore")
def restore():
    with tarfile.open(fileobj=request.files["backup"].stream) as archive:
        archive.extractall("restored")
    return "restored"
