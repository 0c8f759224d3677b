"""Orders, for those who bring a token."""

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBearer

app = FastAPI()
bearer = HTTPBearer()
ORDERS = {}


def current_user(token=Depends(bearer)):
    if token.credentials != ORDERS.get("token"):
        raise HTTPException(status_code=401)
    return {"name": "anna"}


@app.post("/orders")
def add(name: str, user=Depends(current_user)):
    ORDERS[name] = user["name"]
    return {"added": name}


@app.put("/orders/{name}")
def change(name: str, to: str, user=Depends(current_user)):
    ORDERS[to] = ORDERS.pop(name, user["name"])
    return {"changed": name}


@app.get("/orders/{name}")
def show(name: str, user=Depends(current_user)):
    return {"order": ORDERS.get(name)}


@app.delete("/orders/{name}")
def remove(name: str):
    ORDERS.pop(name, None)
    return {"removed": name}
