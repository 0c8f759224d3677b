"""One archive of advisories over HTTP: only what changed, from where it was cut off, and nothing on the server's word.

The address is the user's choice and nobody else's: a redirect is an error that names where it leads. A server that is
down, slow, cut off, or sends something of another size than it says ends in one sentence; what has arrived stays beside
the database, and the next attempt asks for the rest, if the server still has the same file.

Example::

    got = download("https://example.org/PyPI/all.zip", folder / "PyPI.zip", Known(etag='"abc"'))
    got.changed             # False: the server has nothing newer
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from buckler.base.errors import ConfigError, InputError
from buckler.base.progress import Progress, Silent
from buckler.base.version import VERSION

CHUNK = 1 << 18
HTTP_OK, HTTP_PARTIAL, HTTP_UNCHANGED, HTTP_BEYOND = 200, 206, 304, 416


@dataclass(slots=True, frozen=True)
class Patience:
    """How long a server may take, and how much it may send."""

    seconds: float = 30.0
    """Without a single byte."""
    window: float = 60.0
    """In which at least `least` bytes must arrive."""
    least: int = 64_000
    most: int = 4_000_000_000


@dataclass(slots=True, frozen=True)
class Known:
    """What the server said of the state that is there already."""

    etag: str = ""
    changed: str = ""


@dataclass(slots=True, frozen=True)
class Download:
    """What came of it; `changed` is False where the known state is the newest."""

    changed: bool
    known: Known = field(default=Known())


class _Begun(msgspec.Struct):
    """Of which state the beginning of a file is."""

    etag: str
    changed: str
    total: int


class _Answer(urllib.request.HTTPErrorProcessor):
    """Every answer is returned as it is; so no redirect is followed."""

    def http_response(self, request: object, response: http.client.HTTPResponse) -> http.client.HTTPResponse:
        return response

    https_response = http_response


def check_address(address: str) -> str:
    """The base of addresses that a user set, without a slash at its end; raises `ConfigError`."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable or re.search(r"[\s\x00-\x1f]", address):
        raise ConfigError("is no address of a server", where=ascii(address), remedy="write https://host/path")
    return address.rstrip("/")


def download(
    address: str, target: Path, known: Known, progress: Progress | None = None, patience: Patience | None = None
) -> Download:
    """Fetch an archive to a file; raises `InputError` with what went wrong."""
    patience = patience or Patience()
    with _explained(address):
        for _ in range(2):
            begun, size = _begun(target)
            with _ask(address, _headers(begun, size, known), patience) as response:
                if response.status == HTTP_UNCHANGED:
                    _discard(target)
                    return Download(changed=False, known=known)
                if response.status != HTTP_BEYOND:
                    _check_status(address, response)
                    return _receive(address, response, target, size, progress or Silent(), patience)
            _discard(target)  # what we have is no beginning of what the server has now
    raise InputError("does not send the part that is missing", where=address, remedy=AGAIN)


AGAIN = "try again later"


def partial(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _note(target: Path) -> Path:
    return target.with_name(f"{target.name}.json")


def _discard(target: Path) -> None:
    for file in (partial(target), _note(target)):
        file.unlink(missing_ok=True)


def _begun(target: Path) -> tuple[_Begun | None, int]:
    """What an earlier attempt has left, if it can be continued."""
    try:
        begun = msgspec.json.decode(_note(target).read_bytes(), type=_Begun)
        size = partial(target).stat().st_size
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None, 0
    return (begun, size) if size and begun.etag and not begun.etag.startswith("W/") else (None, 0)


def _headers(begun: _Begun | None, size: int, known: Known) -> dict[str, str]:
    headers = {"User-Agent": f"buckler/{VERSION}", "Accept-Encoding": "identity"}
    if begun is not None:
        return headers | {"Range": f"bytes={size}-", "If-Range": begun.etag}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.changed:
        headers["If-Modified-Since"] = known.changed
    return headers


def _ask(address: str, headers: Mapping[str, str], patience: Patience) -> http.client.HTTPResponse:
    request = urllib.request.Request(address, headers=dict(headers))  # noqa: S310 - see check_address
    response: http.client.HTTPResponse = urllib.request.build_opener(_Answer).open(request, timeout=patience.seconds)
    return response


def _check_status(address: str, response: http.client.HTTPResponse) -> None:
    """Raises what an answer without a file means."""
    code = response.status
    if code in (HTTP_OK, HTTP_PARTIAL):
        return
    if 300 <= code < 400:
        where = ascii(response.headers.get("Location", "")[:200])
        raise InputError(f"redirects to {where}", where=address, remedy="set that address if you trust it")
    if code in (404, 410):
        raise InputError(f"is not there (the server says {code})", where=address, remedy="check the address")
    if code in (401, 403, 407):
        raise InputError(f"may not be read (the server says {code})", where=address, remedy="check the address")
    raise InputError(f"the server answers with an error ({code})", where=address, remedy=AGAIN)


def _receive(
    address: str, response: http.client.HTTPResponse, target: Path, size: int, progress: Progress, patience: Patience
) -> Download:
    known = Known(_plain(response.headers.get("ETag", "")), _plain(response.headers.get("Last-Modified", "")))
    size = _start(address, response, size)
    total = size + length if (length := _length(response)) >= 0 else -1
    if total > patience.most:
        raise _too_large(address, patience)
    _note(target).write_bytes(msgspec.json.encode(_Begun(known.etag, known.changed, total)))
    progress.start(max(total, 0), target.stem)
    progress.advance(size)
    with partial(target).open("ab" if size else "wb") as file:
        try:
            arrived = size + _copy(address, response, file.write, size, progress, patience)
        finally:
            progress.finish()
    if total >= 0 and arrived != total:
        raise InputError(f"was cut off after {arrived:,} of {total:,} bytes", where=address, remedy=RESUME)
    if not _has_digest(partial(target), response.headers.get_all("x-goog-hash") or []):
        _discard(target)
        raise InputError("arrived damaged: its digest is not the one the server names", where=address, remedy=AGAIN)
    partial(target).replace(target)
    _discard(target)
    return Download(changed=True, known=known)


RESUME = "run it again to get the rest"


def _start(address: str, response: http.client.HTTPResponse, size: int) -> int:
    """At which byte the answer begins: the rest that was asked for, or all of it."""
    if response.status == HTTP_OK:
        return 0
    found = re.fullmatch(r"bytes (\d+)-\d+/(?:\d+|\*)", response.headers.get("Content-Range", ""), re.A)
    if response.status != HTTP_PARTIAL or found is None or int(found[1]) != size:
        raise InputError(f"sends something that was not asked for ({response.status})", where=address, remedy=AGAIN)
    return size


def _plain(text: str) -> str:
    """What may be sent back to the server as it came."""
    return text if re.fullmatch(r"[ -~]{1,200}", text) else ""


def _length(response: http.client.HTTPResponse) -> int:
    """How many bytes the server says will come, -1 if it does not say."""
    text = response.headers.get("Content-Length", "")
    return int(text) if re.fullmatch(r"\d{1,18}", text, re.A) else -1


def _too_large(address: str, patience: Patience) -> InputError:
    return InputError(f"is larger than {patience.most:,} bytes", where=address, remedy="nothing was changed")


def _copy(
    address: str,
    response: http.client.HTTPResponse,
    write: Callable[[bytes], object],
    size: int,
    progress: Progress,
    patience: Patience,
) -> int:
    """What comes, as it comes; how many bytes that were."""
    arrived, began, since = 0, time.monotonic(), 0
    while data := response.read1(CHUNK):
        arrived += len(data)
        if size + arrived > patience.most:
            raise _too_large(address, patience)
        write(data)
        progress.advance(len(data))
        if time.monotonic() - began > patience.window:
            if arrived - since < patience.least:
                raise InputError("sends too slowly", where=address, remedy=RESUME)
            began, since = time.monotonic(), arrived
    return arrived


def _has_digest(file: Path, headers: Iterable[str]) -> bool:
    """Whether a file has the MD5 that Google's storage names, if it does; against damage, not against attackers."""
    named = re.findall(r"\bmd5=([A-Za-z0-9+/]{22}==)", ",".join(headers))
    if not named:
        return True
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).digest()
    return base64.b64encode(digest).decode() in named


@contextmanager
def _explained(address: str) -> Iterator[None]:
    """What the network and the disk say, as one sentence."""
    try:
        yield
    except TimeoutError as error:
        raise InputError("does not answer in time", where=address, remedy=AGAIN) from error
    except urllib.error.URLError as error:
        reason = error.reason
        if isinstance(reason, TimeoutError):
            raise InputError("does not answer in time", where=address, remedy=AGAIN) from error
        said = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
        raise InputError(f"cannot be reached: {said}", where=address, remedy=OFFLINE) from error
    except http.client.HTTPException as error:
        raise InputError("does not answer as a web server does", where=address, remedy="check the address") from error
    except (ConnectionError, ssl.SSLError) as error:
        raise InputError("broke the connection", where=address, remedy=RESUME) from error
    except OSError as error:
        raise InputError(f"cannot be saved: {error.strerror}", where=address, remedy="make room there") from error


OFFLINE = "check the address and the network, or use 'buckler data import' with a file from another machine"
