"""A text that spells code with values in it, evaluated: written as that code, so that values are values.

Example::

    eval(f"Engine.{engine}.search('{query}', copy={copy})")
    getattr(Engine, engine).search(query, copy=copy)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.site import Declined, Draft, File, Site, arguments, callee, enclosing_statement, is_text
from buckler.fix.texts import parts_of
from buckler.fix.untrusted import in_block, mixes

HOLE = "hole_{}_hole"
PUBLIC = r'r"[A-Za-z]\w*"'
HOLES = re.compile(r"hole_(\d+)_hole")


def as_code(site: Site) -> Iterator[Draft]:
    """`eval` of a text with holes becomes the expression that the text spells."""
    file, call = site.call()
    if callee(call, file) != "eval" or len(arguments(call)) != 1:
        raise Declined("the string is not evaluated by `eval` alone")
    text = arguments(call)[0]
    if not is_text(text, file):
        raise Declined("the string that is evaluated is built elsewhere")
    parts = parts_of(text, file)
    values = [part for part in parts if not isinstance(part, str)]
    numbers = iter(range(len(values)))
    source = "".join(part if isinstance(part, str) else HOLE.format(next(numbers)) for part in parts)
    try:
        tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise Declined("the string spells no code when words stand in its placeholders") from error
    spelled = Spelled([file.text(value) for value in values], hostile(site, values))
    code = ast.unparse(ast.fix_missing_locations(spelled.visit(tree)))
    if HOLES.search(code):
        raise Declined("a value is a part of a word in the code")
    checks = public_only(file, call, spelled.names)
    needed = [*(["ast"] if "ast.literal_eval(" in code else []), *(["re"] if checks else [])]
    yield Draft(
        "Write the code itself, not a string that spells it",
        "The values are handed over as they are: none of them is read as code any more."
        + (" A name that is looked up must be a public one." if spelled.names else ""),
        (*checks, file.replace(call, code)),
        tuple((file.path, f"import {module}") for module in needed),
    )


def hostile(site: Site, values: list[Node]) -> set[int]:
    """Which of the values come from outside."""
    reported = [hole for mix in mixes(site) for hole in mix.holes]
    return {number for number, value in enumerate(values) if value in reported}


def public_only(file: File, call: Node, names: list[str]) -> list[Edit]:
    """Lines that refuse names with which more than the object's own public parts could be reached."""
    statement = enclosing_statement(call)
    if names and not in_block(statement):
        raise Declined("there is no place for a line before the string is evaluated")
    refusal = 'raise AttributeError("not a public name")'  # what the text said before of a name that is not there
    return [file.before(statement, [f"if not re.fullmatch({PUBLIC}, {name}):", f"    {refusal}"]) for name in names]


def expression(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise Declined("a value in the string is written in an unknown way") from error


class Spelled(ast.NodeTransformer):
    """Puts the values where their holes are, and notes which of them name an attribute."""

    def __init__(self, values: list[str], hostile: set[int]) -> None:
        self.values = values
        self.hostile = hostile
        self.names: list[str] = []

    def value(self, number: int) -> ast.expr:
        return expression(self.values[number])

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """Between quotes: the value, or a text around it."""
        if not isinstance(node.value, str) or not HOLES.search(node.value):
            return node
        pieces = HOLES.split(node.value)
        if len(pieces) == 3 and not pieces[0] and not pieces[2]:
            return self.value(int(pieces[1]))
        rows = [
            ast.FormattedValue(self.value(int(piece)), -1) if number % 2 else ast.Constant(piece)
            for number, piece in enumerate(pieces)
        ]
        return ast.JoinedStr([row for row in rows if not isinstance(row, ast.Constant) or row.value])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Bare: the value; one from outside may only be a literal."""
        found = HOLES.fullmatch(node.id)
        if found is None:
            return node
        number = int(found[1])
        if number not in self.hostile:
            return self.value(number)
        return expression(f"ast.literal_eval(str({self.values[number]}))")

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """As the name of an attribute: looked up by that name."""
        self.generic_visit(node)
        found = HOLES.fullmatch(node.attr)
        if found is None:
            return node
        self.names.append(self.values[int(found[1])])
        return ast.Call(ast.Name("getattr", ast.Load()), [node.value, self.value(int(found[1]))], [])
