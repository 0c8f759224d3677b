import xml.etree.ElementTree as ElementTree

from flask import Flask, request

app = Flask(__name__)


@app.post("/title")
def title():
    document = request.get_data()
    return {"title": ElementTree.fromstring(document).text}
