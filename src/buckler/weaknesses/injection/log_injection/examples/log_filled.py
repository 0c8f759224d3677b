import logging

from flask import Flask, request

app = Flask(__name__)
logger = logging.getLogger(__name__)


@app.get("/price")
def price():
    logger.warning("no price for %s in %d shops", request.args.get("item", "none"), 3)
    return "no price"


@app.get("/offer")
def offer():
    item = request.args.get("item", "none")
    logger.info(f"offer for {item}")
    return "no offer"
