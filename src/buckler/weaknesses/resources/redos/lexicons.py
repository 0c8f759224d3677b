"""Regular expressions kept as texts: in the tables of lexers, under names that say so, or as the words of a grammar.

Nobody is seen compiling them, so only those are reported that take exponential time, or worse than square in a table.

    class Words:
        QUOTED = r'"(?:\\\\.|[^"])*"'
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import BUILD, CALC, CALL, CONST, COPY, METHOD, TEXT, Op, Place, operands
from buckler.analysis.program.modules import Routine
from buckler.review.checks.constants import evaluate
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView
from buckler.weaknesses.resources.redos.uses import RULE, UNBOUNDED, growth_of, judge

TABLE_WORDS = ("Lexer", "REGEX", "regex", "_RE", "PATTERN", "pattern", "lexicon", "Scanner", "RULES", "rules")
REPEATED_GROUP = (")*", ")+")
"""Without one of these nothing takes exponential time."""
LEAST_IN_TABLES = 3
"""Lexers have hundreds of patterns that grow with the square of a line; only worse ones are reported."""
TABLES = re.compile(
    r"^tokens$|(?:^|_)(?:re|rx|regex|regexp|regexes|pattern|patterns|pat|lexicon)$|^[A-Z_]*REGEX[A-Z_]*$|"
    r"^(?:rules|RULES)$",
    re.I,
)
"""Names of constants that hold patterns as texts."""
LOOKS_LIKE = re.compile(r"\\[wsdSWDbnt.()\[]|\[[^\]]+\]|\(\?|\.[*+]")
USED = rb"(?:compile|match|search|sub|subn|findall|finditer|split)\(\s*(?:\w+\.)*"


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes(*TABLE_WORDS, only=of_body):
        yield from listed(code)
    for code in view.codes(*REPEATED_GROUP, only=of_body):
        yield from lexicon(code)


def of_body(routine: Routine) -> bool:
    return routine.function.kind in ("class", "module")


def listed(code: Code) -> Iterator[Misuse]:
    """Patterns kept as texts, alone or in the tables of a lexer, by a name that says what they are."""
    function = code.routine.function
    lexer = code.routine.owner is not None or function.owner >= 0
    for op in code.ops:
        if op[0] != COPY or op[1] < 0 or not TABLES.search(function.locals[op[1]]):
            continue
        if function.locals[op[1]] == "tokens" and not (lexer and of_lexer(code)):
            continue
        for text in texts(code, ops.copied(op)):
            verdict = judge(str(ops.literal(text)), re.MULTILINE, "match", code.language)
            if verdict.status == "exponential" or any(a.degree > LEAST_IN_TABLES - 1 for a in verdict.ambiguities):
                yield Misuse(RULE, code.name, code.number(text), "match", growth=growth_of(verdict))


def lexicon(code: Code) -> Iterator[Misuse]:
    """Constants that are patterns by their look, several in a row, put together of smaller ones: a grammar's words."""
    function = code.routine.function
    found = [
        (op, text) for op in code.ops if op[0] == COPY and op[1] >= 0 and isinstance(text := pattern_in(code, op), str)
    ]
    if len(found) < LEAST_IN_TABLES:
        return
    for op, text in found:
        name = function.locals[op[1]]
        if any(w in text for w in REPEATED_GROUP) and not TABLES.search(name) and not used_here(code, name):
            verdict = judge(text, 0, "match", code.language)
            if verdict.status == "exponential":
                yield Misuse(RULE, code.name, code.number(op), "match", growth=growth_of(verdict))


def used_here(code: Code, name: str) -> bool:
    """The module itself makes an expression of it, which is looked at there."""
    return (
        re.search(USED + re.escape(name).encode() + rb"\b", code.view.texts.get(code.routine.module.path, b""))
        is not None
    )


def pattern_in(code: Code, op: Op) -> object:
    """The text a name is given, if it reads like a pattern."""
    made = code.define(ops.copied(op))
    if made is None or made[0] not in (CONST, TEXT, CALC):
        return None
    text = evaluate(code, ops.copied(op))
    return text if isinstance(text, str) and UNBOUNDED.search(text) and LOOKS_LIKE.search(text) else None


def of_lexer(code: Code) -> bool:
    entry = code.view.program.of_class.get((code.routine.module.name, code.routine.function.owner))
    return entry is not None and any("Lexer" in b for b in (entry.info.name, *code.view.bases(entry)))


def texts(code: Code, place: Place) -> Iterator[Op]:
    """Constant texts of a value that is one, or a list, tuple or map of such."""
    todo = [(place, 0)]
    while todo:
        current, depth = todo.pop()
        op = code.defs.get(current)
        if op is None or depth > 4:
            continue
        if (
            op[0] == CONST
            and isinstance(ops.literal(op), str)
            and UNBOUNDED.search(ops.literal(op))
            and LOOKS_LIKE.search(ops.literal(op))
        ):
            yield op
        elif op[0] == BUILD:
            todo += [(p, depth + 1) for p in operands(op)]
        elif op[0] in (CALL, METHOD) and code.callee(op) in (
            "include",
            "bygroups",
            "words",
            "compile",
            "default",
            "using",
        ):
            continue


CHECK = Check(find)
