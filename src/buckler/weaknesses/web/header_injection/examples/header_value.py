"""A value in a header of the plain WSGI kind."""


def application(environ, start_response):
    name = environ.get("QUERY_STRING", "")
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Name", name)])
    return [b"hello"]
