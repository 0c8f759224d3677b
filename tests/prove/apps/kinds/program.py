from http.server import BaseHTTPRequestHandler, HTTPServer

from flask import Flask

app = Flask(__name__)


def everywhere():
    HTTPServer(("0.0.0.0", 8000), BaseHTTPRequestHandler).serve_forever()  # flaw: bind-all-interfaces


def here():
    HTTPServer(("127.0.0.1", 8000), BaseHTTPRequestHandler).serve_forever()  # safe: bind-all-interfaces


def loud():
    app.run(debug=True)  # flaw: debug-enabled


def quiet():
    app.run(debug=False)  # safe: debug-enabled


if __name__ == "__main__":
    app.run(host="0.0.0.0")  # flaw: bind-all-interfaces
