"""Arguments of a call and values of settings: taken out, added or changed.

Example::

    given(file, call, "secure", "True")     # reply.set_cookie("visit", "1") → reply.set_cookie("visit", "1", secure=True)
"""

from __future__ import annotations

import re

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.site import Declined, File, arguments, callee, enclosing_statement, keyword, positional, within

OFF = re.compile(r"(False|None|0|['\"][Nn]one['\"])$")


def taken_out(file: File, call: Node, argument: Node) -> Edit:
    """The edit that removes an argument with its comma."""
    rows = arguments(call)
    at = rows.index(argument)
    if at:
        return Edit(file.path, rows[at - 1].end_byte, argument.end_byte, "")
    end = rows[1].start_byte if len(rows) > 1 else argument.end_byte
    return Edit(file.path, argument.start_byte, end, "")


def given(file: File, call: Node, name: str, value: str, index: int = -1) -> Edit:
    """The edit by which a call gives an argument: its value replaced where it is written, else added at the end."""
    if "cookie" in name + callee(call, file) and any(n.type == "dictionary_splat" for n in arguments(call)):
        raise Declined("what is given with the cookie is put together elsewhere")
    row = keyword(call, name, file)
    old = row.child_by_field_name("value") if row is not None else positional(call, index) if index >= 0 else None
    if old is not None:
        if not OFF.match(file.text(old)):
            raise Declined(f"what `{name}` is set to is decided elsewhere")
        return file.replace(old, value)
    return added(file, call, f"{name}={value}")


def added(file: File, call: Node, text: str) -> Edit:
    """One more argument; on a line of its own where each of the others has one."""
    rows = arguments(call)
    if not rows:
        end = call.end_byte - 1
        return Edit(file.path, end, end, text)
    last = rows[-1]
    lines = [row.start_point[0] for row in rows]
    alone = len(set(lines)) == len(lines) and lines[-1] != call.start_point[0]
    between = f",{file.newline}{file.margin(last)}" if alone else ", "
    return Edit(file.path, last.end_byte, last.end_byte, f"{between}{text}")


def assigned(file: File, at: Node, name: re.Pattern[str]) -> Node | None:
    """The literal that is given to a setting: `NAME = …`, `config["NAME"] = …`, `update(NAME=…)`, `{"NAME": …}`."""
    kinds = {"assignment": ("left", "right"), "keyword_argument": ("name", "value"), "pair": ("key", "value")}
    for node in within(enclosing_statement(at)):
        if node.type in kinds:
            left, right = (node.child_by_field_name(field) for field in kinds[node.type])
            if left is not None and right is not None and name.search(file.text(left)):
                return right
    return None
