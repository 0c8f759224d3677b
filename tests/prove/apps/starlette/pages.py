import html
import os

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route


async def hello(request):
    return HTMLResponse("<p>" + request.query_params["name"] + "</p>")  # flaw: page


async def greet(request):
    return HTMLResponse("<p>" + html.escape(request.query_params["name"]) + "</p>")  # safe: page


class Jobs(HTTPEndpoint):
    async def post(self, request):
        job = await request.json()
        return PlainTextResponse(str(os.system("lp -t " + job["title"])))  # flaw: command


app = Starlette(routes=[Route("/hello", hello), Route("/greet", greet), Mount("/api", routes=[Route("/jobs", Jobs)])])
