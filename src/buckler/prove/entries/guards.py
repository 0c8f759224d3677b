"""Past a check of the project that refuses: what refused, and a stand-in that answers yes.

The test then says what it assumes: a user who may log in, a check that agrees. Which condition refused is
read from the lines that ran; nothing is replaced that did not stand in the way.

Example::

    for found in blocking(session, application, route, finding, answer): ...
    # Pass(context='mock.patch("shop.accounts.check", return_value=True)', words="assumes that `shop.accounts.check` agrees")
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from buckler.finding.model import Finding
from buckler.prove.answers import PassRow, rows_of
from buckler.prove.entries.reach import sink_lines
from buckler.prove.entries.surface import Application, Route
from buckler.prove.model import EntryDriver
from buckler.prove.session import Answer, Session, asking

LOGGED_IN = "assumes a user who may log in"


@dataclass(slots=True, frozen=True)
class Pass:
    """One stand-in; for a parameter that must have some value, its name and the value."""

    context: str = ""
    """An expression for `with`."""
    before: str = ""
    """Statements before the request is sent, where the client is there already."""
    imports: tuple[str, ...] = ()
    words: str = ""
    name: str = ""
    value: str = ""


MOCK = "from unittest import mock"
LOGINS: dict[str, Pass] = {
    "flask_login": Pass('mock.patch("flask_login.utils._get_user", return_value=mock.MagicMock(is_authenticated=True))',
                        imports=(MOCK,), words=LOGGED_IN),
    "django": Pass(before="user, _ = get_user_model().objects.get_or_create(is_staff=True, is_superuser=True)\nclient.force_login(user)",
                   imports=("from django.contrib.auth import get_user_model",), words=LOGGED_IN),
    "tornado": Pass('mock.patch("{owner}.get_current_user", return_value="one")', imports=(MOCK,), words=LOGGED_IN),
    "flask_jwt_extended": Pass('mock.patch("flask_jwt_extended.view_decorators.verify_jwt_in_request")', imports=(MOCK,), words=LOGGED_IN),
}  # fmt: skip
"""A logged-in user, by the library that asks for one."""
USUAL = {"flask": "flask_login", "django": "django", "tornado": "tornado"}


def regions(route: Route, finding: Finding) -> list[tuple[str, int, int]]:
    """Stretches of source to watch: the handler and the functions of the project around it."""
    around = [(file, first, last) for _, file, first, last in route.wrappers if not file.startswith("/")]
    return [*around, (route.file, route.line, route.end)]


def blocking(
    session: Session, application: Application, route: Route, finding: Finding, answer: Answer, column: int = 0
) -> list[Pass]:  # fmt: skip
    """What would let a request pass that did not reach the line, or the comparison that stands there at a column."""
    ran = answer.seen.ran
    handler = [n for n in ran.get(route.file, ()) if route.line < n <= route.end]
    rows = [(module, "", f"/project/{file}", first, last)
            for module, file, first, last in route.wrappers if not file.startswith("/")]  # fmt: skip
    if handler:
        rows.append((route.module, route.name.rpartition(".")[0], f"/project/{route.file}", route.line, route.end))
    seen = {f"/project/{path}": lines for path, lines in ran.items()}
    wanted = {f"/project/{path}": lines for path, lines in goals(finding).items()}
    code = asking("refusals", "demands", rows, seen, wanted, column)
    reply = rows_of(session.run(code, 10).value, PassRow)
    found = [p for row in reply if (p := pass_of(row)) is not None]
    return found or ([] if handler else before_the_handler(application, route))


def goals(finding: Finding) -> dict[str, list[int]]:
    out = sink_lines(finding)
    for step in finding.flow:
        out.setdefault(step.location.path, []).append(step.location.line)
    return out


def before_the_handler(application: Application, route: Route) -> list[Pass]:
    """The handler did not run at all: what the framework asks before it."""
    if route.dependencies:
        module, name = route.dependencies[0]
        if "." not in name:
            made = application.expression.endswith(")")
            stand_in = Pass(imports=(MOCK, f"from {module} import {name}"), words=f"assumes that `{module}.{name}` grants access")  # fmt: skip
            if made:
                return [replace(stand_in, before=f"app.dependency_overrides[{name}] = lambda: mock.MagicMock()")]
            asked = f"{{{name}: lambda: mock.MagicMock()}}"
            return [
                replace(stand_in, context=f"mock.patch.dict({application.expression}.dependency_overrides, {asked})")
            ]
    named = next((w[0].partition(".")[0] for w in route.wrappers if w[0].partition(".")[0] in LOGINS), "")
    login = LOGINS.get(named or (USUAL.get(application.framework, "") if application.framework == "django" else ""))
    owner = f"{route.module}.{route.name.rpartition('.')[0]}"
    return [replace(login, context=login.context.replace("{owner}", owner))] if login else []


def pass_of(row: dict[str, Any]) -> Pass | None:
    kind = row.get("kind")
    if kind == "value":
        return Pass(name=str(row["name"]), value=str(row["value"]))
    if kind == "session":
        before = f"with client.session_transaction() as session:\n    session[{row['name']!r}] = {row['value']}"
        return Pass(before=before, words=f"assumes a session that holds `{row['name']}`")
    if kind == "login" and row["library"] in LOGINS:
        login = LOGINS[row["library"]]
        return replace(login, context=login.context.replace("{owner}", str(row.get("owner", ""))))
    if kind == "patch":
        value = "mock.MagicMock()" if row["value"] == "a stand-in" else str(row["value"])
        words = f"assumes that `{row['target']}` " + (
            "agrees" if value in ("True", "mock.MagicMock()") else f"answers {value}"
        )
        return Pass(f'mock.patch("{row["target"]}", return_value={value})', imports=(MOCK,), words=words)
    return None


def passed(approach: EntryDriver, passes: Sequence[Pass]) -> EntryDriver:
    """The approach with the stand-ins around and before the request."""
    for one in passes:
        body = approach.send
        if one.before:
            lines = body.splitlines()
            at = max(n for n, line in enumerate(lines) if line.lstrip().startswith("return "))
            margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
            body = "\n".join([*lines[:at], textwrap.indent(one.before, margin), *lines[at:]])
        if one.context:
            body = f"with {one.context}:\n" + textwrap.indent(body, "    ")
        imports = tuple(dict.fromkeys([*one.imports, *approach.imports]))
        assumptions = tuple(dict.fromkeys([*approach.assumptions, *([one.words] if one.words else [])]))
        approach = replace(approach, send=body, imports=imports, assumptions=assumptions)
    return approach
