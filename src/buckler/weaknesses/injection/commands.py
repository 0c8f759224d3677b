"""Commands for the shell become lists of arguments, where the shell does nothing but part the words.

The text is taken apart as the shell would; a text that needs the shell (a pipe, a redirection, a variable, a pattern)
is left to the fixers that quote. `shell=True` is never merely taken away: the words are written out first.

Example::

    subprocess.run(f"ping -c 1 {host}", shell=True)      # → subprocess.run(["ping", "-c", "1", host])
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    arguments,
    callee,
    enclosing,
    enclosing_function,
    enclosing_statement,
    every,
    keyword,
    positional,
)
from buckler.fix.texts import parts_of
from buckler.fix.untrusted import Mix, as_text, mixes

NEEDS_SHELL = re.compile(r"[|&;<>()$`\\*?\[\]~{}#!\n]")
"""Characters in the written part of a command that mean something to a shell."""
BUILT_IN = frozenset({
    ".", ":", "[", "alias", "cd", "command", "copy", "del", "dir", "eval", "exec", "exit", "export", "read", "set", "source",
    "test", "trap", "type", "ulimit", "umask", "unset", "wait",
})  # fmt: skip
"""First words that are the shell's own, on Unix or Windows."""
ENDS_OPTIONS = frozenset({
    "awk", "basename", "bunzip2", "bzip2", "cat", "chgrp", "chmod", "chown", "cksum", "cmp", "cp", "curl", "cut", "date", "diff",
    "dirname", "df", "du", "expand", "file", "fold", "grep", "gunzip", "gzip", "head", "host", "id", "join", "kill", "less", "ln",
    "ls", "md5sum", "mkdir", "mv", "nl", "paste", "patch", "ping", "ping6", "pr", "rm", "rmdir", "scp", "sed", "sha1sum", "sha256sum",
    "sha512sum", "sort", "split", "ssh", "stat", "strings", "tail", "tar", "tee", "touch", "tr", "traceroute", "uniq", "wc", "wget",
    "whois", "xz",
})  # fmt: skip
"""Programs that take what follows `--` as no option (POSIX utility syntax guideline 10, and GNU programs like them)."""
TAKES_SHELL = re.compile(r"(^|\.)(run|call|check_call|check_output|Popen)$")
OPENED, CLOSED = "\ue000", "\ue001"
"""Around the number of a hole while the text is parted; no program is written with them."""


def argument_list(site: Site) -> Iterator[Draft]:
    """The words of the command as a list, and no shell."""
    found = mixes(site)
    if not found:
        raise Declined("the command is not put together here")
    mix = found[0]
    words = guarded(listed(mix))
    call, argument = runner(mix)
    replaced = mix.file.replace(mix.node, f"[{', '.join(words)}]")
    edits, imports = without_shell(mix.file, call, argument, replaced, words)
    yield Draft(
        "Start the program without a shell",
        "The words of the command are handed over as a list, so the value is one argument, whatever it holds, and no shell reads it.",
        edits,
        imports,
    )


def without_shell(
    file: File, call: Node, argument: Node, replaced: Edit, words: list[str]
) -> tuple[tuple[Edit, ...], tuple[tuple[str, str], ...]]:
    """Edits that let the call take a list, and the imports for them."""
    name = callee(call, file)
    function = call.child_by_field_name("function")
    subprocess = ((file.path, "import subprocess"),)
    if TAKES_SHELL.search(name) and (shell := keyword(call, "shell", file)) is not None:
        if file.text(shell).partition("=")[2].strip() != "True" or keyword(call, "executable", file) is not None:
            raise Declined("which shell is used is decided elsewhere")
        return (replaced, taken_out(file.path, shell)), ()
    if argument.start_byte != replaced.start or function is None:
        raise Declined("the command is put together in another line than it is started in")
    if name.endswith("create_subprocess_shell"):
        program = file.replace(function, name.removesuffix("shell") + "exec")
        return (program, replace(replaced, text=", ".join(words))), ()
    if name == "os.system" and only_zero_matters(call, file):
        return (file.replace(function, "subprocess.call"), replaced), subprocess
    if name == "os.popen" and len(arguments(call)) == 1 and (read := reading(call, file)) is not None:
        text = f"subprocess.run([{', '.join(words)}], stdout=subprocess.PIPE, text=True, check=False).stdout"
        return (file.replace(read, text),), subprocess
    raise Declined(f"`{name}` always uses a shell")


def only_zero_matters(call: Node, file: File) -> bool:
    """Nothing is done with a status but to ask whether it is zero; `os.system` gives other numbers for a failure."""
    parent = call.parent
    if parent is None or parent.type in ("expression_statement", "not_operator"):
        return True
    if parent.type == "comparison_operator":
        return re.search(r"[!=]=\s*0$", file.text(parent)) is not None
    return parent.type in ("if_statement", "elif_clause", "while_statement")


def reading(call: Node, file: File) -> Node | None:
    """The call of `.read()` on what a call returns."""
    attribute = call.parent
    outer = attribute.parent if attribute is not None and attribute.type == "attribute" else None
    if outer is None or outer.type != "call" or attribute is None or not file.text(attribute).endswith(".read"):
        return None
    return None if arguments(outer) else outer


def taken_out(path: str, argument: Node) -> Edit:
    """The edit that removes an argument with the comma before it."""
    comma = argument.prev_sibling
    start = comma.start_byte if comma is not None and comma.type == "," else argument.start_byte
    return Edit(path, start, argument.end_byte, "")


def listed(mix: Mix) -> list[str]:
    """An expression for each word; raises `Declined` where only a shell can make sense of the command."""
    pieces = parts_of(mix.node, mix.file)
    written = "".join(p for p in pieces if isinstance(p, str))
    if NEEDS_SHELL.search(written):
        raise Declined("the command uses what only a shell understands")
    marked = "".join(p if isinstance(p, str) else f"{OPENED}{n}{CLOSED}" for n, p in enumerate(pieces))
    try:
        words = shlex.split(marked)
    except ValueError:
        raise Declined("the quotes of the command do not match") from None
    if not words or OPENED in words[0] or "=" in words[0] or words[0] in BUILT_IN:
        raise Declined("the program is not named in the command" if words else "the command is empty")
    bare = {(hole.start_byte, hole.end_byte) for hole in mix.holes}
    return [expression(word, pieces, bare, mix.file) for word in words]


def guarded(words: list[str]) -> list[str]:
    """With `--` before the values, where the program ends its options there: a value is then never an option.

    A value right after an option may belong to it; the next one does not.
    """
    values = [n for n, word in enumerate(words) if not word.startswith(('"', 'f"'))]
    if not values or json.loads(words[0]).rpartition("/")[2] not in ENDS_OPTIONS or '"--"' in words:
        return words
    first = next((n for n in values if not words[n - 1].startswith('"-')), values[-1])
    if any(word.startswith('"-') for word in words[first:]):
        return words
    return [*words[:first], '"--"', *words[first:]]


def expression(word: str, pieces: list[str | Node], bare: set[tuple[int, int]], file: File) -> str:
    """One word as Python: a literal, the value itself where it is known to be text, or a formatted text."""
    parts = [part for part in re.split(f"({OPENED}\\d+{CLOSED})", word) if part]
    if not any(part.startswith(OPENED) for part in parts):
        return json.dumps(word, ensure_ascii=False)
    holes = {part: pieces[int(part[1:-1])] for part in parts if part.startswith(OPENED)}
    texts = {part: file.text(hole) for part, hole in holes.items() if not isinstance(hole, str)}
    if len(parts) == 1:
        hole = holes[parts[0]]
        assert not isinstance(hole, str)
        known = (hole.start_byte, hole.end_byte) in bare
        return as_text(texts[parts[0]], hole, file) if known else f"str({texts[parts[0]]})"
    inner = "".join("{" + texts[part] + "}" if part in texts else part for part in parts)
    if any(mark in text for text in texts.values() for mark in ("{", "\\", '"')) or '"' in inner:
        raise Declined("a value in the command is too involved to be written into a list")
    return f'f"{inner}"'


def runner(mix: Mix) -> tuple[Node, Node]:
    """The call that starts the command and its argument: the text itself, or the one name it was given."""
    around = enclosing(mix.node.parent, "call")
    if around is not None and positional(around, 0) == mix.node:
        return around, mix.node
    statement = enclosing_statement(mix.node)
    assignment = enclosing(mix.node, "assignment")
    function = enclosing_function(mix.node)
    target = assignment.child_by_field_name("left") if assignment is not None else None
    if target is None or function is None or assignment is None or assignment.child_by_field_name("right") != mix.node:
        raise Declined("it is not clear what starts the command")
    name = mix.file.text(target)
    uses = [n for n in every(function) if n.type == "identifier" and mix.file.text(n) == name]
    calls = [c for n in uses if (c := enclosing(n, "call")) is not None and positional(c, 0) == n]
    if len(uses) != 2 or len(calls) != 1 or calls[0].start_byte < statement.end_byte:
        raise Declined("the command is used in more than one place")
    first = positional(calls[0], 0)
    assert first is not None
    return calls[0], first
