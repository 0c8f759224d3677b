from tornado.web import RequestHandler


class Slash(RequestHandler):
    def get(self):
        address = self.request.path.rstrip("/")
        if address:
            self.redirect(address)  # flaw: redirect


class OneSlash(RequestHandler):
    def get(self):
        address = "/" + self.request.path.strip("/\\")
        self.redirect(address)  # safe: redirect
