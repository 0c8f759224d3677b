"""SQL queries: values become bound parameters, names are held against what a name may look like.

The placeholder is that of the driver in use. A value in quotes loses them, because a bound parameter brings its own; what
stands beside it inside the quotes, such as the `%` of a pattern, goes into the parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.patch import FixRecipe
from buckler.fix.refusal import refusing
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
    is_text,
    positional,
    within,
)  # fmt: skip
from buckler.fix.texts import parts_of
from buckler.fix.untrusted import Mix, mixes

STYLES = (
    (r"psycopg|psycopg2|pymysql|MySQLdb|mysql\.connector|django\.db|pg8000|clickhouse_driver|snowflake|mariadb", "%s"),
    (r"sqlite3|aiosqlite|duckdb|pyodbc|apsw", "?"),
)
ACCEPTS = re.compile(r"^(parameters|params|args|values|bindings|vars|binds|data)$")
EXECUTES = ("execute", "executemany", "raw", "execute_sql")
NAME_POSITION = re.compile(
    r"\b(from|join|into|update|table|order\s+by|group\s+by|by|column|index|on|select|desc|asc|,)\s*[\"`\[]?$", re.I
)


@dataclass(slots=True)
class Rewritten:
    """A statement with placeholders and the expressions for them, in order."""

    text: str = ""
    parameters: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """Expressions in places where only the name of a table or column can stand."""


def bound(site: Site) -> Iterator[Draft]:
    """Placeholders instead of values."""
    for mix in mixes(site):
        style = placeholder(site)
        rewritten = rewrite(mix, style, tainted_only=True)
        if rewritten.names:
            continue
        edits = [mix.file.replace(mix.node, rewritten.text), passed(site, mix, rewritten.parameters)]
        yield Draft(
            "Pass the value as a parameter",
            f"The SQL query keeps a placeholder and the driver sends the value separately, so nothing in the value can become SQL. `{style}` is the placeholder of the driver in use.",
            tuple(edits),
        )
        return
    raise Declined("the SQL query is built in a way that cannot be rewritten")


def named(site: Site) -> Iterator[Draft]:
    """A value in the place of a name cannot be bound; it must look like a name."""
    for mix in mixes(site):
        rewritten = rewrite(mix, "?", tainted_only=True)
        statement = enclosing_statement(mix.node)
        for name in dict.fromkeys(rewritten.names):
            if not re.fullmatch(r"[\w.]+", name):
                continue
            refusal = refusing(site, mix.file, statement, "not a name")
            check = [f'if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", {name}):', f"    {refusal.line}"]
            yield Draft(
                "Accept only what can be the name of a column or table",
                "Names cannot be bound as parameters. What is not a plain name is refused before the query is built.",
                (mix.file.before(statement, check),),
                ((mix.file.path, "import re"), *refusal.imports),
                "the value names one column or table",
            )
            return
    raise Declined("no value stands in the place of a name")


def placeholder(site: Site) -> str:
    """The placeholder of the driver that the files on the way import; raises `Declined` if none is known."""
    paths = list(dict.fromkeys([s.location.path for s in reversed(site.finding.flow)] + [site.finding.location.path]))
    for near in [*paths, *(other for path in paths for other in imported(site, path))]:
        text = site.file(near).data.decode("utf-8", "replace")
        for pattern, style in STYLES:
            if re.search(rf"^\s*(?:import|from)\s+(?:{pattern})\b", text, re.M):
                return style
    if re.search(r"sqlite", " ".join(callee_and_near(site)), re.I):
        return "?"
    raise Declined("the driver is not known, and with it the placeholder it understands")


def imported(site: Site, path: str) -> list[str]:
    """Files of the project that a file imports, wherever in it."""
    text = site.file(path).data.decode("utf-8", "replace")
    names = re.findall(r"^\s*(?:import|from)\s+(\.*[\w.]+)(?:\s+import\s+([\w, ]+))?", text, re.M)
    wanted = [
        n
        for module, given in names
        for n in (module, *(f"{module}.{g.strip()}" for g in given.split(",") if g.strip()))
    ]
    package = path.rpartition("/")[0]
    out = []
    for name in wanted:
        plain = name.lstrip(".").replace(".", "/")
        for base in dict.fromkeys((package, "", "src")):
            other = f"{base}/{plain}.py".lstrip("/")
            try:
                site.file(other)
            except OSError:
                continue
            out.append(other)
    return out


def callee_and_near(site: Site) -> list[str]:
    return [step.code for step in site.finding.flow] + [site.finding.facts.sink]


def rewrite(mix: Mix, style: str, *, tainted_only: bool) -> Rewritten:
    """The text of a node with placeholders in its holes."""
    out = Rewritten()
    pieces = parts_of(mix.node, mix.file)
    chosen = {(n.start_byte, n.end_byte) for n in mix.holes} if tainted_only else None
    texts: list[str | tuple[str, bool]] = []
    for piece in pieces:
        if isinstance(piece, str):
            texts.append(piece)
        else:
            reported = chosen is None or (piece.start_byte, piece.end_byte) in chosen
            before = "".join(t if isinstance(t, str) else "?" for t in texts)
            texts.append((mix.file.text(piece), reported or is_value(before)))
    literal = statement_of(texts, style, out)
    if literal is None:
        return out
    free = [t for t in texts if not isinstance(t, str) and not t[1]]
    prefix = "f" if free else ""
    if not free:
        literal = literal.replace("{{", "{").replace("}}", "}")
    quote = '"' if '"' not in literal else "'''" if "'" in literal and '"' in literal else "'"
    if "\n" in literal:
        quote = '"""'
    out.text = f"{prefix}{quote}{literal}{quote}"
    return out


def is_value(before: str) -> bool:
    """Only a value can stand after this, whoever it comes from: in quotes, or right behind a comparison."""
    return len(re.findall(r"'", before)) % 2 == 1 or re.search(r"(?<![<>=!])(?:=|<>|[<>]=?|!=)\s*$", before) is not None


def statement_of(texts: list[str | tuple[str, bool]], style: str, out: Rewritten) -> str | None:
    """Walk over the pieces; what stands in one pair of quotes with a value becomes one parameter."""
    result = ""
    at = 0
    while at < len(texts):
        piece = texts[at]
        if isinstance(piece, str):
            result += piece.replace("{", "{{").replace("}", "}}").replace("%", "%%" if style == "%s" else "%")
        elif not piece[1]:
            result += "{" + piece[0] + "}"
        else:
            opened = len(re.findall(r"'", result)) % 2 == 1
            if opened:
                at, result = quoted(texts, at, result, style, out)
                if at < 0:
                    return None
            elif NAME_POSITION.search(result.rstrip() + " " if result.endswith(" ") else result):
                out.names.append(piece[0])
                result += "{" + piece[0] + "}"
            else:
                out.parameters.append(piece[0])
                result += style
        at += 1
    return result


def quoted(texts: list[str | tuple[str, bool]], at: int, result: str, style: str, out: Rewritten) -> tuple[int, str]:
    """A value inside quotes: they go, and what stands beside it goes into the parameter."""
    head, _, before = result.rpartition("'")
    inside: list[str | tuple[str, bool]] = [before, texts[at]]
    rest = ""
    step = at + 1
    while step < len(texts):
        piece = texts[step]
        if isinstance(piece, str):
            end = piece.find("'")
            if end >= 0:
                inside.append(piece[:end])
                rest = piece[end + 1 :]
                break
            inside.append(piece)
        else:
            inside.append(piece)
        step += 1
    else:
        return -1, result
    before_text = before.replace("{{", "{").replace("}}", "}").replace("%%", "%" if style == "%s" else "%%")
    out.parameters.append(parameter([before_text, *inside[1:]]))
    texts[step] = rest
    return step - 1, head + style


def parameter(inside: list[str | tuple[str, bool]]) -> str:
    """One expression for what stood between two quotes."""
    pieces = [p for p in inside if p]
    if len(pieces) == 1 and not isinstance(pieces[0], str):
        return pieces[0][0]
    rows = [p.replace("{", "{{").replace("}", "}}") if isinstance(p, str) else "{" + p[0] + "}" for p in pieces]
    return f'f"{"".join(rows)}"'


def passed(site: Site, mix: Mix, parameters: list[str]) -> Edit:
    """The edit that hands the parameters to whatever runs the statement."""
    values = f"({', '.join(parameters)}{',' if len(parameters) == 1 else ''})"
    call = runner(site, mix)
    rows = arguments(call)
    if len(rows) != 1:
        raise Declined("the SQL query is run with arguments already")
    return Edit(mix.file.path, rows[0].end_byte, rows[0].end_byte, f", {values}")


def runner(site: Site, mix: Mix) -> Node:
    """The call that takes the statement: around the text, or one that takes the name it was given."""
    file = mix.file
    around = enclosing(mix.node.parent, "call")
    if around is not None and takes(site, around, file) and positional(around, 0) is not None:
        return around
    statement = enclosing_statement(mix.node)
    target = next((n.child_by_field_name("left") for n in within(statement) if n.type == "assignment"), None)
    function = enclosing_function(mix.node)
    if target is None or function is None:
        raise Declined("it is not clear what runs the SQL query")
    name = file.text(target)
    body = function.child_by_field_name("body") or function
    calls = [
        n for n in every(body) if n.type == "call" and (a := positional(n, 0)) is not None and file.text(a) == name
    ]
    running = [n for n in calls if takes(site, n, file)]
    if len(running) != 1:
        raise Declined("it is not clear what runs the SQL query")
    if (
        sum(n.type == "identifier" and file.text(n) == name for n in every(body)) > 3
        and is_text(mix.node, file) is False
    ):
        raise Declined("the SQL query is changed after it was built")
    return running[0]


def takes(site: Site, call: Node, file: File) -> bool:
    """The callee runs statements, or is a function of the project that takes parameters for one."""
    name = callee(call, file).rpartition(".")[2]
    if name in EXECUTES:
        return True
    for step in site.finding.flow:
        other = site.file(step.location.path)
        definition = enclosing(other.node_at(step.location), "function_definition")
        if definition is None or other.text(definition.child_by_field_name("name") or definition) != name:
            continue
        rows = definition.child_by_field_name("parameters")
        names = [other.text(n.child_by_field_name("name") or n) for n in rows.named_children] if rows else []
        names = [n for n in names if n != "self"]
        return len(names) > 1 and ACCEPTS.match(names[1]) is not None
    return False


FIX = FixRecipe(
    {
        "python": (
            bound,
            named,
        )
    }
)
