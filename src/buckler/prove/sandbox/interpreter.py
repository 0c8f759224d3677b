"""The files an interpreter consists of, found without running it: its program, its standard and its shared library.

The folder it is installed in may be somebody's home (`~/bin/python3`), so that folder itself is never shown. A virtual
environment is a link to another interpreter and a folder of packages; here only the interpreter counts.

Example::

    parts_of(Path("/opt/python/bin/python3.12"))    # (…/bin/python3.12, …/lib/python3.12, …/lib/libpython3.12.so.1.0)
"""

from __future__ import annotations

from pathlib import Path


def parts_of(python: Path) -> tuple[Path, ...]:
    """What has to be readable inside for an interpreter to start."""
    program = python.resolve()
    prefix = program.parent.parent
    if (prefix / "conda-meta").is_dir():  # its programs look for shared libraries beside the standard library
        return (program, prefix / "lib")
    found = [program]
    for folder in (prefix / "lib", prefix / "lib64"):
        found += [place for place in sorted(folder.glob("python3.*")) if (place / "os.py").is_file()]
        found += sorted(folder.glob("libpython3*.so*"))
    return tuple(found)
