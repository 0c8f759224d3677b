"""Strings on which regular expressions take long that only the vulnerable of two releases has.

Patterns are put together from constants, by `+`, `%`, `format`, `join` and f-strings, before they are compared: what a
fix changes may be a piece. Flags and the way of matching are those of the calls. Code around a pattern may let in only
texts that hold something (`if "j" in text`), so strings that hold it as well are tried.

Example::

    slow_before(before, after)[0].expression     # "'a' * n + '!'"
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace

from buckler.dependencies.reach.sources import skipped
from buckler.dependencies.releases import Release
from buckler.finding.model import Growth
from buckler.review.regexes import analyse

MOST_FILES = 400
MOST_PATTERNS = 60
MOST_GROWTHS = 120
FIRST = 20
MOST_WRAPPED = 5
"""Strings of different expressions that are put into documents."""
DOCUMENTS = (
    ('"', '"'), ("'", "'"), ('def f():\n    """a\n', '\n    """\n'), ("# ", "\n"), ("<", ">"), ("<!--", "-->"),
    ('<p style="', '">a</p>'), ('<a href="', '">a</a>'), ("[a](", ")"), ("[", "](a)"), ("`", "`"), ("{{", "}}"),
    ("(", ")"), ("a: ", "\n"),
)  # fmt: skip
"""What stands around a part of a document that has a form of its own: a string of a program, an attribute, a link."""
MOST_WITNESSES = 3
MOST_DEMANDED = 6
LONGEST = 4000
DEEPEST = 30
REPEATED = re.compile(r"[\])\w.][*+{]")
FORMATTED = re.compile(r"%(?:\(\w+\))?s")
MODES = {"match": "match", "fullmatch": "fullmatch", "search": "search"}
MOST_CALLERS = 20
GOING_ON = ("findall", "finditer", "split", "sub", "subn")
FLAGS = {name: int(getattr(re, name)) for name in (*"AIMSX", "ASCII", "IGNORECASE", "MULTILINE", "DOTALL", "VERBOSE")}
Failed = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True, frozen=True)
class Pattern:
    """A text that may be a regular expression."""

    text: str
    flags: int = 0
    mode: str = "search"
    used: bool = False
    """It is handed to the module for regular expressions; else it is a text that looks like one."""
    demanded: tuple[str, ...] = ()
    """Literals that the code around it looks for in texts."""


def slow_before(before: Release, after: Release) -> list[Growth]:
    """Those that only the vulnerable release has, the worst first."""
    found: list[tuple[Pattern, Growth]] = []
    changed = {path.rpartition("/")[0] for path, data in before.files.items() if after.files.get(path) != data}
    old, new = (Around.of(near(release.files, changed)) for release in (before, after))
    for path, data in before.files.items():
        if path.endswith(".py") and after.files.get(path) != data and not skipped(path, before.files):
            left = {(one.text, one.flags) for one in patterns(after.files.get(path, b""), new)}
            gone = [one for one in patterns(data, old) if (one.text, one.flags) not in left]
            gone.sort(key=lambda one: not one.used)
            found += [(one, growth) for one in gone[:MOST_PATTERNS] for growth in growths(one)]
    found.sort(key=lambda pair: (not pair[0].used, pair[1].degree != 0, -pair[1].degree))
    plain = list(dict.fromkeys(growth for _, growth in found))
    more = [other for pattern, growth in found for other in holding(growth, pattern.demanded)]
    first = list(dict(reversed(found)).values())[::-1]
    inside = [other for growth in first[:MOST_WRAPPED] for other in wrapped(growth)]
    return list(dict.fromkeys([*plain[:FIRST], *more[:FIRST], *inside, *plain, *more]))[:MOST_GROWTHS]


def near(files: Mapping[str, bytes], folders: Container[str]) -> Mapping[str, bytes]:
    """All of a release; of a large one what lies in these folders."""
    if len(files) <= MOST_FILES:
        return files
    return {path: data for path, data in files.items() if path.rpartition("/")[0] in folders}


def growths(pattern: Pattern) -> Iterator[Growth]:
    """The strings that the analysis of a pattern names."""
    for worst in analyse(pattern.text, pattern.flags, pattern.mode).ambiguities[:MOST_WITNESSES]:
        yield Growth(worst.pump, worst.prefix, worst.suffix, 0 if worst.kind == "exponential" else worst.degree)


def holding(growth: Growth, demanded: tuple[str, ...]) -> Iterator[Growth]:
    """The same with what the code looks for at its end, or at its beginning."""
    for text in demanded[:MOST_DEMANDED]:
        yield replace(growth, suffix=growth.suffix + text)
        yield replace(growth, prefix=text + growth.prefix)


def wrapped(growth: Growth) -> Iterator[Growth]:
    """The same as a part of documents."""
    for before, after in DOCUMENTS:
        yield replace(growth, prefix=before + growth.prefix, suffix=growth.suffix + after)


@dataclass(slots=True)
class Around:
    """What one module of a release may have from the others."""

    values: dict[str, ast.expr] = field(default_factory=dict)
    """What stands behind the names that one module alone gives a value, at its top."""
    users: dict[str, list[Function]] = field(default_factory=dict)
    """The functions that mention a name."""

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Around:
        values: dict[str, list[ast.expr]] = {}
        users: dict[str, list[Function]] = {}
        for path, data in files.items():
            tree = parsed(data) if path.endswith(".py") and not skipped(path, files) else None
            for node in tree.body if tree else ():
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    values.setdefault(node.targets[0].id, []).append(node.value)
            for inner in ast.walk(tree) if tree else ():
                if isinstance(inner, Function):
                    for name in {_last(part) for part in ast.walk(inner)}:
                        users.setdefault(name, []).append(inner)
        return cls({name: rows[0] for name, rows in values.items() if len(rows) == 1}, users)


def parsed(data: bytes) -> ast.Module | None:
    try:
        return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def patterns(data: bytes, around: Around | None = None) -> list[Pattern]:
    """The texts of a file that may be regular expressions with something repeated in them.

    `around` is what the release has; just this file, if it is not given.
    """
    tree = parsed(data)
    nodes = list(ast.walk(tree)) if tree else []
    around = around or Around.of({"module.py": data})
    constants = Constants.of(nodes, around.values)
    spoken = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    functions = [node for node in nodes if isinstance(node, Function)]
    found: dict[tuple[str, int], Pattern] = {}
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        text = constants.text(call.args[0]) if _takes_pattern(call) else None
        if text is not None and _may_be(text):
            name = constants.name_of(call)
            flags = sum({_flag(node) for word in _flags_of(call) for node in ast.walk(word)})
            uses = [*(node for node in functions if _within(call, node)), *(around.users.get(name, ()) if name else ())]
            uses += [node for use in uses for node in around.users.get(use.name, ())][:MOST_CALLERS]
            one = Pattern(text, flags, _mode(call, name, nodes), True, tuple(dict.fromkeys(_demanded(uses))))
            found.setdefault((text, flags), one)
    known = {text for text, _ in found}
    for node in nodes:
        if isinstance(node, ast.Constant | ast.BinOp | ast.JoinedStr | ast.Call) and id(node) not in spoken:
            text = constants.text(node)
            if text is not None and text not in known and _may_be(text) and REPEATED.search(text):
                found.setdefault((text, 0), Pattern(text))
    return list(found.values())


def _may_be(text: str) -> bool:
    return len(text) <= LONGEST and any(sign in text for sign in "*+{")


def _takes_pattern(call: ast.Call) -> bool:
    """`re.compile(…)`, `re.search(…)`, and names that end so."""
    function = call.func
    if not call.args:
        return False
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id in ("re", "regex") and function.attr not in ("escape", "purge")
    return isinstance(function, ast.Name) and function.id.endswith("compile") and function.id != "compile"


def _flags_of(call: ast.Call) -> list[ast.expr]:
    return [*call.args[1:], *(word.value for word in call.keywords if word.arg == "flags")]


def _flag(node: ast.AST) -> int:
    return FLAGS.get(node.attr, 0) if isinstance(node, ast.Attribute) else 0


def _mode(call: ast.Call, name: str, nodes: list[ast.AST]) -> str:
    """How the pattern is matched: anywhere, if that is not known."""
    own = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    ways = {own} if own != "compile" else {
        node.attr for node in nodes if isinstance(node, ast.Attribute) and name and _last(node.value) == name
    }  # fmt: skip
    modes = {"all" if way in GOING_ON else MODES.get(way, "search") for way in ways}
    return modes.pop() if len(modes) == 1 else "search"


def _last(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _within(node: ast.expr, function: Function) -> bool:
    return function.lineno <= node.lineno <= (function.end_lineno or 0)


def _demanded(functions: list[Function]) -> Iterator[str]:
    """Literals that these functions look for: `"j" in text`, `text.startswith("#")`, `text[0] == "<"`."""
    for node in (inner for function in functions for inner in ast.walk(function)):
        asked: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and _last(node.func) in ("startswith", "endswith") and node.args:
            asked = node.args[0].elts if isinstance(node.args[0], ast.Tuple) else node.args[:1]
        for word in asked:
            if isinstance(word, ast.Constant) and isinstance(word.value, str) and 0 < len(word.value) <= 20:
                yield word.value


@dataclass(slots=True)
class Constants:
    """The texts of a module, put together without running anything."""

    assigned: Mapping[str, ast.expr]
    """What stands behind each name that is given a value once."""
    targets: Mapping[int, str]
    """The name that a value is given, by the value."""

    @classmethod
    def of(cls, nodes: list[ast.AST], others: Mapping[str, ast.expr]) -> Constants:
        assigned: dict[str, ast.expr | None] = {}
        targets: dict[int, str] = {}
        for node in nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if name := _last(target):
                        assigned[name] = None if name in assigned else node.value
                        targets[id(node.value)] = name
            elif isinstance(node, ast.AugAssign):
                assigned[_last(node.target)] = None
        own = {name: value for name, value in assigned.items() if value is not None}
        return cls({**{name: value for name, value in others.items() if name not in assigned}, **own}, targets)

    def name_of(self, value: ast.expr) -> str:
        return self.targets.get(id(value), "")

    def text(self, node: ast.expr) -> str | None:
        """The text of an expression; None where it is not put together from constants."""
        try:
            value = self._value(node, {}, 0)
        except Failed:
            return None
        return value if isinstance(value, str) and len(value) <= LONGEST else None

    def _value(self, node: ast.expr, names: Mapping[str, object], depth: int) -> object:
        """A text, or a list or dictionary of texts; raises where it is something else."""
        if depth > DEEPEST:
            raise ValueError

        def inner(part: ast.expr, more: Mapping[str, object] = names) -> object:
            return self._value(part, more, depth + 1)

        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Constant(value=bytes(data)):
                return data.decode("latin-1")
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return inner(self.assigned[name])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _short(_text(inner(left)) + _text(inner(right)))
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return _short(_percent(_text(inner(left)), inner(right)))
            case ast.JoinedStr(values=values):
                return _short("".join(_text(inner(value)) for value in values))
            case ast.FormattedValue(value=value, format_spec=None):
                return inner(value)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return [inner(part) for part in parts]
            case ast.Dict(keys=keys, values=values):
                return {inner(k): inner(v) for k, v in zip(keys, values, strict=True) if k is not None}
            case ast.ListComp(elt=each, generators=[one]) | ast.GeneratorExp(elt=each, generators=[one]):
                return _each(one, inner(one.iter), lambda row: inner(each, {**names, **row}))
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=args, keywords=words):
                given = {word.arg: inner(word.value) for word in words if word.arg}
                return _called(name, owner, [inner(part) for part in args], given, inner)
        raise ValueError


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _short(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError
    return text


def _percent(text: str, given: object) -> str:
    """`%s` and `%(name)s` alone: a width could make a text of any length."""
    if "%" in FORMATTED.sub("", text).replace("%%", ""):
        raise ValueError
    return text % (tuple(given) if isinstance(given, list) else given)


def _each(one: ast.comprehension, rows: object, made: Callable[[dict[str, object]], object]) -> list[object]:
    if one.ifs or not isinstance(one.target, ast.Name) or not isinstance(rows, list):
        raise TypeError
    return [made({one.target.id: row}) for row in rows]


def _called(
    name: str, owner: ast.expr, args: list[object], given: dict[str, object], inner: Callable[[ast.expr], object]
) -> str:
    """The few methods that put texts together."""
    texts = [_text(value) for value in args] if name != "join" else []
    if name == "escape" and isinstance(owner, ast.Name) and owner.id in ("re", "regex"):
        return re.escape(texts[0])
    text = _text(inner(owner))
    if name == "join" and isinstance(args[0], list):
        return _short(text.join(map(_text, args[0])))
    if name == "format" and not re.search(r"\{[^{}]*[^\w{}][^{}]*\}", text):
        return _short(text.format(*texts, **{word: _text(value) for word, value in given.items()}))
    if name == "replace":
        return _short(text.replace(texts[0], texts[1]))
    if name in ("strip", "encode", "decode"):
        return text.strip() if name == "strip" else text
    raise ValueError
