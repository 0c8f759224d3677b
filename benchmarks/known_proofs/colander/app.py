"""Bookmarks: an address is checked before it is kept."""

import colander
from flask import Flask, request

app = Flask(__name__)


class Bookmark(colander.MappingSchema):
    address = colander.SchemaNode(colander.String(), validator=colander.url)


@app.route("/bookmarks", methods=["POST"])
def bookmarks():
    try:
        kept = Bookmark().deserialize({"address": request.form["address"]})
    except colander.Invalid as invalid:
        return {"errors": invalid.asdict()}, 400
    return {"kept": kept["address"]}
