import os

from tornado.escape import xhtml_escape
from tornado.web import Application, RequestHandler


class Hello(RequestHandler):
    def get(self):
        self.write("<p>" + self.get_argument("name") + "</p>")  # flaw: page

    def post(self):
        self.write("<p>" + xhtml_escape(self.get_argument("name")) + "</p>")  # safe: page


class Show(RequestHandler):
    def get(self, number, name):
        self.write(str(os.system("cat notes/" + name)))  # flaw: command


class Go(RequestHandler):
    async def get(self):
        self.redirect(self.get_query_argument("target"))  # flaw: redirect


def make_app():
    return Application([(r"/hello", Hello), (r"/show/(\d+)/(.*)", Show), (r"/go", Go)])
