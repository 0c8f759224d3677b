"""The same as the installer with uv, where it is installed: it needs a second for what takes the installer ten.

uv knows nothing of the installer's settings, so it is only asked where those name no index, and what it cannot do is
left to the installer: only a requirement that nobody can meet is believed at once.

Example::

    quickly(Order(folder, ("flask",), "3.9.18", None), settings(), ask)     # "" if all is well
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as Broken
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from buckler.prove.sandbox.model import Ran

NAMES_INDEX = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_CONFIG_FILE")
OPTIONS = ("index-url", "extra-index-url", "no-index", "find-links")
UNMET = re.compile(
    r"has no (?:usable )?wheels|was not found in the|no wheels with a matching"
    r"|there (?:is no version|are no versions) of"
)
"""How uv says that a requirement cannot be met whatever else is wanted."""
CAUSE = re.compile(r"Because (.+?)(?: and (?:you require|because|only)|, we can)")
REQUIRED = re.compile(r"you require ([A-Za-z0-9][\w.-]*)")
Ask = Callable[[Sequence[str], Sequence[Path], Mapping[str, str]], Ran]
"""Runs a command in the installer's sandbox, which sees these files and variables as well."""


@dataclass(slots=True, frozen=True)
class Order:
    """What is to be installed."""

    target: Path
    wanted: Sequence[str]
    version: str
    """Of the interpreter."""
    before: date | None
    alone: bool = False
    bounds: Path | None = None


def quickly(order: Order, settings: Sequence[Path], ask: Ask) -> str | None:
    """What is wrong, empty if nothing is; None where the installer has to be asked, whose settings these are."""
    uv = program()
    if uv is None or _other_index(settings):
        return None
    room = order.target.parent / "downloads"
    links = os.environ.get("PIP_FIND_LINKS", "").replace(" ", ",")
    found = {"UV_FIND_LINKS": links} if links else {}
    own = Path(sys.executable).absolute()
    ran = ask([str(uv), *_words(order, own)], (uv,), {**found, "HOME": str(room), "UV_CACHE_DIR": str(room / "uv")})
    if not ran.reason:
        return ""
    said = " ".join(ran.err.decode("utf-8", "replace").split())
    ours, cause = {*REQUIRED.findall(said)}, CAUSE.search(said)
    if len(ours) != 1 or cause is None or UNMET.search(said) is None:
        return None
    return f"ERROR: requirement {ours.pop()}: {cause[1]}"


def _words(order: Order, own: Path) -> list[str]:
    dated = ["--exclude-newer", f"{order.before.isoformat()}T00:00:00Z"] if order.before else []
    bounded = ["--constraints", str(order.bounds)] if order.bounds else []
    more = [*dated, *bounded, *(["--no-deps"] if order.alone else [])]
    return ["pip", "install", "--quiet", "--no-config", "--only-binary", ":all:", "--link-mode", "copy",
            "--python", str(own), "--python-version", order.version, *more,
            "--target", str(order.target), "--", *order.wanted]  # fmt: skip


@cache
def program() -> Path | None:
    """uv as it was installed together with us."""
    with suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin  # noqa: PLC0415 - an extra

        return Path(find_uv_bin())
    return None


def _other_index(settings: Sequence[Path]) -> bool:
    """Whether the user's settings of the installer name where packages come from."""
    return any(os.environ.get(name) for name in NAMES_INDEX) or any(_names_index(path) for path in settings)


def _names_index(path: Path) -> bool:
    file = path if path.suffix == ".conf" else path / "pip.conf"
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read(file, "utf-8")
    except (Broken, UnicodeDecodeError):
        return True  # nobody knows what it says
    return any(parser.has_option(section, option) for section in parser.sections() for option in OPTIONS)
