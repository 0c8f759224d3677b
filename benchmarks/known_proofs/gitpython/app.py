"""A code review service: imports a repository by its address."""

import tempfile

from flask import Flask, request
from git import Repo

app = Flask(__name__)


@app.route("/import", methods=["POST"])
def fetch():
    with tempfile.TemporaryDirectory() as folder:
        repository = Repo.clone_from(request.form["address"], folder)
        return {"branch": str(repository.active_branch)}
