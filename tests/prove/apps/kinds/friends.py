from flask import Flask
from flask_cors import CORS

app = Flask(__name__)
CORS(app, origins=["https://shop.example.org"], supports_credentials=True)  # safe: permissive-cors


@app.get("/account")
def account():
    return {"name": "Anna"}
