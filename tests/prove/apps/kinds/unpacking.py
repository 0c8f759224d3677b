import importlib
import zlib
from xml.etree import ElementTree

from flask import Flask, request

app = Flask(__name__)
ALLOWED = {"csv": "csv", "json": "json"}


@app.post("/up")
def up():
    return str(len(zlib.decompress(request.get_data())))  # flaw: decompression-bomb


@app.post("/some")
def some():
    data = request.get_data()
    return str(len(zlib.decompressobj().decompress(data, 1 << 20)))  # safe: decompression-bomb


@app.get("/plugin")
def plugin():
    return importlib.import_module(request.args["name"]).__name__  # flaw: unsafe-reflection


@app.get("/listed")
def listed():
    name = request.args["name"]
    return importlib.import_module(ALLOWED.get(name, "json")).__name__  # safe: unsafe-reflection


def words(text):
    return ElementTree.fromstring(text).text  # flaw: entity-expansion


def plain(text):
    if "<!" in text:
        raise ValueError("no declarations")
    return ElementTree.fromstring(text).text  # safe: entity-expansion
