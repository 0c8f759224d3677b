"""Manuals: files of a folder, by their path."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

manuals = StaticFiles(directory=Path(__file__).parent / "manuals")


async def manual(request):
    path, found = manuals.lookup_path(request.query_params["path"])
    if found is None:
        return PlainTextResponse("no such manual", status_code=404)
    return PlainTextResponse(Path(path).read_text())


app = Starlette(routes=[Route("/manual", manual)])
