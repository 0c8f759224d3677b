from flask import Flask
from flask_cors import CORS

app = Flask(__name__)
CORS(app, origins="*", supports_credentials=True)  # flaw: permissive-cors


@app.get("/account")
def account():
    return {"name": "Anna"}
