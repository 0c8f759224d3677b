import html
import subprocess

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/ping/{host}")
async def ping(request):
    return web.json_response({"code": subprocess.call("ping -c 1 " + request.match_info["host"], shell=True)})  # flaw: command


@routes.get("/safe-ping/{host}")
async def safe_ping(request):
    return web.json_response({"code": subprocess.call(["true", request.match_info["host"]])})  # safe: command


@routes.view("/hello")
class Hello(web.View):
    async def get(self):
        return web.Response(text="<p>" + self.request.query["name"] + "</p>", content_type="text/html")  # flaw: page

    async def post(self):
        form = await self.request.post()
        return web.Response(text="<p>" + html.escape(form["name"]) + "</p>", content_type="text/html")  # safe: page


@routes.get("/go")
async def go(request):
    raise web.HTTPFound(request.query["target"])  # flaw: redirect


def make_app():
    app = web.Application()
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make_app())
