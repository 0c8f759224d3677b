"""One archive of a release, checked by its hash and written to a file: `python archive.py NAME VERSION FILE`.

A wheel for every machine comes first, then the sources, then whatever wheel there is: it is read, not installed.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any

from pip._internal.commands import create_command

MOST = 128 << 20


def rank(link: Any) -> int:
    if not link.is_wheel:
        return 1
    return 0 if link.filename.endswith("-none-any.whl") else 2


def main(name: str, version: str, target: str) -> None:
    command: Any = create_command("index")
    options, _ = command.parse_args(["versions", name])
    with command.main_context():
        session = command._build_session(options)
        finder = command._build_package_finder(options, session, ignore_requires_python=True)
        links = [found.link for found in finder.find_all_candidates(name) if str(found.version) == version]
        if not links:
            sys.exit("the index has no such release")
        link = min(links, key=rank)
        data = session.get(link.url_without_fragment, headers={"Accept-Encoding": "identity"}).content
    if len(data) > MOST:
        sys.exit("the archive is too large")
    if not link.hash or hashlib.new(link.hash_name, data).hexdigest() != link.hash:
        sys.exit("the index tells another hash")
    Path(target).write_bytes(data)


main(*sys.argv[1:])
