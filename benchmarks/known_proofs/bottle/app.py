"""Documents: in the language that the visitor asks for."""

from bottle import Bottle, request, response

app = Bottle()


@app.route("/document")
def document():
    response.set_header("Content-Language", request.query.language)
    return {"title": "report"}
