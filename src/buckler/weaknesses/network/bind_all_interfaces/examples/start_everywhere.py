from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")


def main(port=8000):
    server = ThreadingHTTPServer(("0.0.0.0", port), Hello)
    server.serve_forever()
