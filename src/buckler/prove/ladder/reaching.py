"""What of a patch looks at the program that runs it: code that knows it is being tested can behave for the test.

A fix has no use for the modules and names below. This is a list, and whoever wants to can write around it; it stands
beside the tests that are made in another process (`apart.py`), and makes the plain attempts cost their author a refusal.

Example::

    reaching({"app.py": b""}, {"app.py": b"import __main__"})    # ["`__main__` in app.py:1"]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from buckler.prove.ladder.model import added

MODULES = frozenset(
    {
        "__main__",
        "_pytest",
        "buckler_harness",
        "builtins",
        "ctypes",
        "faulthandler",
        "gc",
        "pluggy",
        "pytest",
        "unittest",
    }
)
NAMES = frozenset(
    {"sys.modules", "sys._getframe", "sys._current_frames", "sys.settrace", "sys.setprofile", "sys.addaudithook",
     "sys.meta_path", "sys.path_hooks", "sys.monitoring", "inspect.stack", "inspect.currentframe", "os._exit",
     "threading.settrace", "threading.setprofile", "atexit.register", "socket.gethostname", "platform.node",
     "os.uname", "os.getuid", "os.geteuid", "getpass.getuser"}
)  # fmt: skip
BARE = frozenset({"__builtins__", "__main__", "__loader__"})
TEXTS = re.compile(r"PYTEST|pytest|buckler|/\.original|/proc/|__main__|\bsys\.modules\b", re.I)


def reaching(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> list[str]:
    """Each place in the added lines of Python files, in words."""
    return [
        f"`{what}` in {path}:{line}"
        for path, data in new.items()
        if path.endswith(".py")
        for what, line in _named(data)
        if line in added(old.get(path, b""), data)
    ]


def _named(source: bytes) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return  # P1 says so
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((a.name, node.lineno) for a in node.names if a.name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom):
            yield from _imported(node)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            if name in NAMES:
                yield name, node.lineno
        elif isinstance(node, ast.Name) and node.id in BARE:
            yield node.id, node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := TEXTS.search(node.value)):
            yield found[0], node.lineno


def _imported(node: ast.ImportFrom) -> Iterator[tuple[str, int]]:
    module = node.module or ""
    if module.partition(".")[0] in MODULES:
        yield module, node.lineno
    yield from ((f"{module}.{a.name}", node.lineno) for a in node.names if f"{module}.{a.name}" in NAMES)
