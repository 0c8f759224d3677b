from flask import Flask

app = Flask(__name__)
app.config["SECRET_KEY"] = "9f1c2b7ae44d0e58bb1f6a"


@app.get("/")
def index():
    return "hello"
