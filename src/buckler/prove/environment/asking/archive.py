"""Archives of releases, each checked by its hash and written to a file; rows of name, version and file come in as JSON.

A wheel for every machine comes first, then the sources, then whatever wheel there is: it is read, not installed.
"""

import hashlib
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pip._internal.commands import create_command
from pip._vendor.packaging.version import Version

MOST = 128 << 20
AT_ONCE = 8


def rank(link: Any) -> int:
    if not link.is_wheel:
        return 1
    return 0 if link.filename.endswith("-none-any.whl") else 2


def fetch(finder: Any, session: Any, row: list[str]) -> str:
    """Write one archive; why not, if it is not written."""
    name, version, target = row
    links = [found.link for found in finder.find_all_candidates(name) if found.version == Version(version)]
    if not links:
        return "the index has no such release"
    link = min(links, key=rank)
    data = session.get(link.url_without_fragment, headers={"Accept-Encoding": "identity"}).content
    if len(data) > MOST:
        return "the archive is too large"
    if link.scheme == "file":  # the user's own folder, which tells no hashes
        Path(target).write_bytes(data)
        return ""
    if not link.hash or hashlib.new(link.hash_name, data).hexdigest() != link.hash:
        return "the index tells another hash"
    Path(target).write_bytes(data)
    return ""


def main() -> None:
    command: Any = create_command("index")
    options, _ = command.parse_args(["versions", "pip"])
    with command.main_context():
        session = command._build_session(options)
        finder = command._build_package_finder(options, session, ignore_requires_python=True)
        finder._allow_yanked = True  # somebody uses the one that is asked for

        def each(row: list[str]) -> None:
            try:
                why = fetch(finder, session, row)
            except Exception as error:
                why = type(error).__name__
            if why:
                sys.stderr.write(f"{row[0]} {row[1]}: {why}\n")

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(each, json.load(sys.stdin)))


main()
