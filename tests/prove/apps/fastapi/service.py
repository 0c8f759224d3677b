import os
import sqlite3
import subprocess
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel

app = FastAPI()
token_of = OAuth2PasswordBearer(tokenUrl="token")


class Owner(BaseModel):
    name: str
    age: int


class Job(BaseModel):
    title: str
    copies: int
    owner: Owner


def current_user(token: Annotated[str, Depends(token_of)]):
    if token != os.environ.get("TOKEN"):
        raise HTTPException(403)
    return {"name": "ann"}


@app.post("/jobs")
def print_job(job: Job):
    return {"code": os.system("lp -t " + job.owner.name)}  # flaw: command


@app.post("/safe-jobs")
def print_job_safely(job: Job):
    return {"code": subprocess.call(["true", job.owner.name])}  # safe: command


@app.get("/items/{number}", response_class=HTMLResponse)
async def item(number: int, name: str, agent: Annotated[str, Header()] = ""):
    return f"<p>{number} {name}</p>"  # flaw: page


@app.get("/rows")
def rows(name: str, user: Annotated[dict, Depends(current_user)]):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE note (title TEXT)")
        return connection.execute("SELECT title FROM note WHERE title = '" + name + "'").fetchall()  # flaw: sql


@app.get("/bound-rows")
def bound_rows(name: str, user: Annotated[dict, Depends(current_user)]):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE note (title TEXT)")
        return connection.execute("SELECT title FROM note WHERE title = ?", (name,)).fetchall()  # safe: sql


@app.get("/go")
def go(target: str):
    return RedirectResponse(target)  # flaw: redirect
