"""Squares: computed in parallel, as the caller wants it dispatched."""

from flask import Flask, request
from joblib import Parallel, delayed
app = Flask(__name__)

def square(x):
    return x * x

@app.route("/squares")
def squares():
    run = Parallel(n_jobs=2, prefer="threads", pre_dispatch=request.args["dispatch"])
    return {"squares": run(delayed(square)(n) for n in range(4))}
