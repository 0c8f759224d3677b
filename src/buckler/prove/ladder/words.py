"""Attacks in other words: a patch that knows the words of our attacks has stopped the attacks, not the flaw.

`reworded` says the same in a test file with other commands, calls and hosts, the hosts drawn anew each time. `known`
finds the words of the attacks that the added lines of a patch spell out, which no benign input and no older line has.

Example::

    reworded('f"x; touch {marker}"')                   # 'f"x; mkdir {marker}"'
    known({"a.py": b""}, {"a.py": b'x = "touch"'}, [attack], benign)     # ["`touch` in a.py:1"]
"""

from __future__ import annotations

import ast
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence

from buckler.prove.ladder.model import added
from buckler.prove.model import Attack

COMMANDS = ("mkdir", "mkfifo", "install -d", "ln -s /", "cp /dev/null", ": >")
"""Each leaves the file behind whose name follows."""
OTHER = (
    (r"touch(?=', ?'\{marker\})", "mkdir"),
    (r"__import__\((\\?['\"])pathlib\1\)\.Path\((\\?['\"])\{marker\}\2\)\.touch\(\)", r"__import__(\1os\1).mkdir(\2{marker}\2)"),
    (r'return open, \(self\.file, "w"\)', 'return __import__("os").mkdir, (self.file,)'),
    (r"builtins\.open( ?|\\x85)\['\{marker\}', ?'w'\]", r"pathlib.os.mkdir\1['{marker}']"),
    (r"apply:os\.system \['\w+ \{marker\}'\]", "apply:shutil.copyfile ['/dev/null', '{marker}']"),
    (r"apply:subprocess\.check_output \[\['\w+', '\{marker\}'\]\]", "apply:posix.mkdir ['{marker}']"),
)  # fmt: skip
"""Patterns of what our attacks say, and the same said otherwise."""
HOSTS = ("attacker", "inside")
"""First labels of hosts below `.example` that mean nothing by themselves."""
NOWHERE = "test"
"""The other top-level domain that is set aside for what does not exist (RFC 2606)."""
USUAL = frozenset({"http", "https"})
WORD = re.compile(r"\w{2,}")


def reworded(text: str) -> str:
    """The same test in other words."""
    for pattern, words in OTHER:
        text = re.sub(pattern, words, text)
    text = re.sub(r"touch(?= \{marker\})", secrets.choice(COMMANDS), text)
    for host in HOSTS:
        text = re.sub(rf"\b{host}\.example\b", f"{secrets.choice('bcdfghjk')}{secrets.token_hex(3)}.{NOWHERE}", text)
    return text


def known(old: Mapping[str, bytes], new: Mapping[str, bytes], attacks: Sequence[Attack], benign: Attack) -> list[str]:
    """Each word of the attacks in the added lines of Python files, with its place."""
    sent = " ".join(attack.value for attack in attacks)
    usual = {*USUAL, *WORD.findall(benign.value)}
    out = []
    for path, data in new.items():
        before = old.get(path, b"").decode("utf-8", "replace")
        for word, line in _spelled(data) if path.endswith(".py") else ():
            fresh = line in added(old.get(path, b""), data) and word not in usual
            if fresh and not re.search(rf"\b{word}\b", before) and re.search(rf"\b{word}\b", sent):
                out.append(f"`{word}` in {path}:{line}")
    return list(dict.fromkeys(out))


def _spelled(source: bytes) -> Iterator[tuple[str, int]]:
    """Words in literals, each with its line; docstrings are words for people."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return  # P1 says so
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if isinstance(text, str):
                yield from ((word, node.lineno) for word in WORD.findall(text))
