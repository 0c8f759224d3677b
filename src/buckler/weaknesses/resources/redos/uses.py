"""Regular expressions that take very long on some texts, where somebody else chooses the text.

Every constant pattern is judged once (`buckler.review.regexes`). Exponential ones are always reported; polynomial ones
only where the text comes in through a parameter and nothing limits its length. It is reported where it
is used; one question on two lines is one too many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import (
    CALC,
    CALL,
    COPY,
    LOAD,
    METHOD,
    STORE,
    Op,
    Place,
    arguments,
)
from buckler.analysis.program.modules import Class, Routine
from buckler.finding.model import Growth
from buckler.review.checks.constants import evaluate
from buckler.review.checks.model import Check
from buckler.review.checks.view import Code, ProgramView, argument
from buckler.review.regexes import Verdict, analyse, javascript_flags

RULE = "redos"
FUNCTIONS = {"match": ("match", 1), "fullmatch": ("fullmatch", 1), "search": ("search", 1), "findall": ("all", 1),
             "finditer": ("all", 1), "split": ("all", 1), "sub": ("all", 2), "subn": ("all", 2)}  # fmt: skip
"""Function of the module → how it matches, position of the text; methods of a pattern have it one earlier."""
FLAGS = {
    "match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4, "subn": 4,
    "compile": 1,
}  # fmt: skip
MAKERS = re.compile(r"^(?:re|regex)\.compile$|(?:^|\._?)(?:lazy_)?re_compile$")
CHECKS = {
    "RegexValidator": ("search", 0, "regex"), "RegexField": ("search", 0, "regex"), "Regexp": ("match", 0, "regex"),
}  # fmt: skip
"""Validators that take a pattern and match what users send: how, position, name."""
ASKED = frozenset({"test", "exec"})
TAKEN = frozenset({"match", "matchAll", "replace", "replaceAll", "search", "split"})
"""Methods of a pattern, and methods of a text that take one."""
NAMED = frozenset({*FUNCTIONS, *CHECKS})
WORDS = ("re.", "regex", "compile", "Regex", "match(", "search(", "findall(", "finditer(", "sub(", "split(")
SCRIPT_WORDS = ("RegExp", "test(", "exec(", "match(", "matchAll(", "replace", "search(", "split(", "= /", "=/")
MODULES = ("re", "regex")
UNBOUNDED = re.compile(r"[*+]|,\}")
_UNICODE = 256
CUBIC = 3
SETTINGS = re.compile(r"(?:self\.)?_?(?:cfg|conf|config|configuration|settings|opts|options)")
"""Parameters whose attributes the operator chose."""
TEMPERED = re.compile(r"\(\?!((?:\\[^\w\s]|[^()\[\]\\|*+?.$^{}]){2,})\)")
"""A lookahead that forbids a plain text."""
OWN = re.compile(
    r"version|template|config|setting|traceback|exception|debug|schema|ddl|create_table|column|rout(?:e|ing)|converter|"
    r"requirement|option|pattern|(?:get|create)_table|table_sql|(?:^|_)extras?\b|(?:^|_)locked",
    re.I,
)
"""Names of functions and texts that the program, its author or its own user writes, never an untrusted user."""
OWN_FILE = re.compile(
    r"(?:template|settings?|config|option|schema|req_file|requirements?|lock(?:er|file)?|migrat\w*|subversion|vcs)"
    r"(?:/\w+)?\.\w+$"
)
"""Files that work on such texts, unless a name says otherwise."""
STRANGE = re.compile(
    r"head|cookie|mime|accept|html|body|content|ur[il]|link|href|request|response|mail|subject|date|fetch|token|markup|"
    r"markdown|xml|css|svg|colou?r|query|form|host|domain|payload|json|message|comment|input|user|agent|lang|charset",
    re.I,
)
"""Names of strings that come from untrusted users."""


@dataclass(slots=True)
class Definition:
    """A compiled pattern and where it is made."""

    code: Code
    operation: int
    pattern: str
    flags: int
    used: bool = False
    every: bool = False
    """Goes on after a match: the letter g."""


@dataclass(slots=True)
class Book:
    """Compiled patterns by the name they can be reached under."""

    named: dict[str, Definition] = field(default_factory=dict)
    made: dict[tuple[str, int], Definition] = field(default_factory=dict)
    """By routine and operation."""


def find(view: ProgramView) -> Iterator[Misuse]:
    codes = [*view.codes(*WORDS, language="python", only=uses_regexes)]
    codes += view.codes(*SCRIPT_WORDS, language="javascript")
    book = Book()
    for code in codes:
        define(code, book)
    for code in codes:
        if code.routine.function.kind != "class":
            yield from uses(code, book)
    yield from unused(book)


def uses_regexes(routine: Routine) -> bool:
    """It names something that makes or takes a pattern, in a module that may have patterns."""
    function, module = routine.function, routine.module
    return any(n in NAMED or n.endswith("compile") for n in (*function.mentions, *function.locals)) and (
        any(m in MODULES or "compile" in m for m in module.imported)
        or any("re_compile" in n or "regex" in n.lower() for n in module.imports)
        or bool(module.patterns)
    )


# Definitions.


def define(code: Code, book: Book) -> None:
    for number, op in enumerate(code.ops):
        if op[0] not in (CALL, METHOD) or not makes(code, op):
            continue
        text = evaluate(code, argument(op, 0, "pattern", "regex"))
        if isinstance(text, str) and UNBOUNDED.search(text):
            flags = evaluate(code, argument(op, 1, "flags"))
            found = Definition(code, number, text, flag_bits(flags), every=isinstance(flags, str) and "g" in flags)
            book.made[code.name, number] = found
            for name in names(code, op[1]):
                book.named[name] = found


def makes(code: Code, op: Op) -> bool:
    """The call compiles a pattern."""
    name = code.callee(op)
    return (name == "RegExp" and code.language != "python") or (
        name.endswith("compile") and MAKERS.search(code.called(op)) is not None
    )


def flag_bits(flags: object) -> int:
    """Flags as the number `re` uses, from a number or from letters."""
    return flags if isinstance(flags, int) else javascript_flags(flags) if isinstance(flags, str) else 0


def names(code: Code, made: Place) -> Iterator[str]:
    """Dotted names under which others reach what this place holds."""
    function, owner = code.routine.function, code.routine.owner
    for op in code.ops:
        if op[0] == COPY and ops.copied(op) == made and op[1] >= 0:
            if function.kind == "module":
                yield f"{code.routine.module.name}.{function.locals[op[1]]}"
            elif function.kind == "class":
                entry = code.view.program.of_class[code.routine.module.name, function.owner]
                yield f"{entry.name}.{function.locals[op[1]]}"
        elif op[0] == STORE and ops.stored(op) == made and op[1] == 0 and owner is not None:
            yield f"{owner.name}.{ops.attribute(op)}"


# Uses.


def uses(code: Code, book: Book) -> Iterator[Misuse]:
    for number, op in enumerate(code.ops):
        if op[0] not in (CALL, METHOD):
            continue
        name = code.callee(op)
        if code.language != "python":
            if op[0] == METHOD and name in ASKED | TAKEN:
                yield from used_by_text(code, number, op, book)
        elif name in FUNCTIONS:
            yield from used(code, number, op, name, book)
        elif name in CHECKS:
            mode, position, keyword = CHECKS[name]
            text = evaluate(code, argument(op, position, keyword))
            if isinstance(text, str) and UNBOUNDED.search(text):
                verdict = judge(text, 0, mode, code.language)
                if dangerous(verdict):
                    yield Misuse(RULE, code.name, number, name, growth=growth_of(verdict))


def used(code: Code, number: int, op: Op, name: str, book: Book) -> Iterator[Misuse]:
    mode, position = FUNCTIONS[name]
    definition = None
    if code.called(op).rpartition(".")[0] in MODULES:
        text = evaluate(code, argument(op, 0, "pattern"))
        flags = evaluate(code, argument(op, FLAGS[name], "flags"))
        subject = argument(op, position, "string")
    else:
        definition = receiver(code, op, book)
        if definition is None:
            return
        text, flags = definition.pattern, definition.flags
        subject = argument(op, position - 1, "string")
        definition.used = True
    if not isinstance(text, str) or not UNBOUNDED.search(text) or subject is None:
        return
    verdict = judge(text, flags if isinstance(flags, int) else 0, mode, code.language)
    if not dangerous(verdict) or not attacker_sized(code, subject) or trimmed(code, subject, text, verdict):
        return
    yield Misuse(RULE, code.name, number, name, mildness(code, subject, verdict), growth_of(verdict))


def mildness(code: Code, subject: Place, verdict: Verdict) -> int:
    """How much less it matters: a text of one's own is never long, an inner function has its text from nearby."""
    if verdict.status != "polynomial":
        return 0
    function = code.routine.function.name.rpartition(".")[2]
    words = f"{function} {code.words(subject)}"
    if OWN.search(words) or (OWN_FILE.search(code.routine.module.path) and not STRANGE.search(code.words(subject))):
        return 2
    if STRANGE.search(words):
        return 0
    inner = function.startswith("_") and not function.endswith("__")
    return 2 if inner and all(a.degree < CUBIC for a in verdict.ambiguities) else int(inner)


def used_by_text(code: Code, number: int, op: Op, book: Book) -> Iterator[Misuse]:
    """`pattern.test(text)` and `text.replace(pattern, …)`"""
    given = argument(op, 0)
    if given is None:
        return
    asked, receiving = ops.member(op) in ASKED, ops.callee(op)
    definition = compiled(code, receiving if asked else given, book)
    if definition is None:
        return
    definition.used = True
    subject: Place = given if asked else receiving
    everywhere = definition.every or ops.member(op) in ("split", "replaceAll", "matchAll")
    verdict = judge(definition.pattern, definition.flags, "all" if everywhere else "search", code.language)
    if dangerous(verdict) and attacker_sized(code, subject):
        yield Misuse(RULE, code.name, number, ops.member(op), mildness(code, subject, verdict), growth_of(verdict))


def receiver(code: Code, op: Op, book: Book) -> Definition | None:
    """The compiled pattern a method is called on."""
    return compiled(code, ops.callee(op), book) if op[0] == METHOD else None


def compiled(code: Code, place: Place, book: Book) -> Definition | None:
    """The compiled pattern in a place, made here or known by its name."""
    made = code.define(place)
    if made is not None and made[0] in (CALL, METHOD):
        return book.made.get((code.name, code.number(made)))
    full = code.full(place)
    if full:
        own = f"{code.routine.module.name}.{full}"
        return book.named.get(full) or book.named.get(own)
    if made is not None and made[0] == LOAD and code.routine.owner is not None:
        for entry in code.view.program.line(code.routine.owner.name):
            if isinstance(entry, Class) and f"{entry.name}.{ops.attribute(made)}" in book.named:
                return book.named[f"{entry.name}.{ops.attribute(made)}"]
    return None


def attacker_sized(code: Code, subject: Place) -> bool:
    """The text comes in through a parameter, and nothing here compares its length."""
    method = code.routine.owner is not None and code.routine.function.kind == "method"
    roots = code.roots(subject) - ({0} if method else set())
    if not roots:
        return code.view.from_outside(code.routine, subject)
    names_ = {code.local(r) for r in roots} | {code.words(subject)}
    if all(SETTINGS.fullmatch(code.local(r)) for r in roots):
        return False
    return not any(
        limits(code, op, names_) for op in code.ops if op[0] == CALC and ops.operator(op) in ("<", ">", "<=", ">=")
    )


def limits(code: Code, op: Op, names_: set[str]) -> bool:
    """A comparison with the length of one of these."""
    for place in ops.terms(op):
        inner = code.define(place)
        if inner is not None and inner[0] == CALL and code.callee(inner) == "len":
            args = arguments(inner)[0]
            if args and isinstance(args[0], int) and code.words(args[0]) in names_:
                return True
    return False


# Verdicts.


def judge(pattern: str, flags: int, mode: str, language: str) -> Verdict:
    """The verdict, without ambiguity that comes only from beginning anew at each repetition of a longer text.

    `url\\((.+)\\)` is slow on `url(url(url(…`, as nearly every search is; `\\s+$` is slow on spaces, which occur.
    """
    flags &= ~_UNICODE
    kind = "python" if language == "python" else "javascript"
    verdict = possible(pattern, analyse(pattern, flags, mode, kind))
    if verdict.status != "polynomial" or mode not in ("search", "all"):
        return verdict
    anchored = analyse(pattern, flags, "match", kind)
    if anchored.status in ("polynomial", "exponential"):
        return verdict
    plain = tuple(a for a in verdict.ambiguities if len(a.pump) == 1 and not a.prefix)
    return Verdict(verdict.status, plain) if plain else Verdict("safe")


def possible(pattern: str, verdict: Verdict) -> Verdict:
    """Without texts that a lookahead forbids: in `((?!-->).)*` nothing runs past a `-->`."""
    forbidden = [re.sub(r"\\(.)", r"\1", found) for found in TEMPERED.findall(pattern)]
    left = tuple(a for a in verdict.ambiguities if not any(text in a.prefix + a.pump * 2 for text in forbidden))
    if len(left) == len(verdict.ambiguities):
        return verdict
    status = min((a.kind for a in left), default="safe")  # "exponential" comes before "polynomial"
    return Verdict(status, left)


def dangerous(verdict: Verdict) -> bool:
    return verdict.status in ("exponential", "polynomial")


def growth_of(verdict: Verdict) -> Growth:
    """A string that shows how slow it gets."""
    worst = verdict.ambiguities[0]
    return Growth(worst.pump, worst.prefix, worst.suffix, 0 if worst.kind == "exponential" else worst.degree)


def trimmed(code: Code, subject: Place, pattern: str, verdict: Verdict) -> bool:
    """The end the pattern looks for was asked for first, so that it cannot fail there."""
    if verdict.status != "polynomial" or not pattern.rstrip(")").endswith(("$", r"\Z")):
        return False
    words = code.words(subject)
    return bool(words) and any(
        op[0] == METHOD and ops.member(op) in ("endswith", "endsWith") and code.words(ops.callee(op)) == words
        for op in code.ops
    )


def unused(book: Book) -> Iterator[Misuse]:
    """Exponential patterns whose use was not seen are reported where they are made."""
    for definition in book.made.values():
        if not definition.used:
            verdict = judge(definition.pattern, definition.flags, "search", definition.code.language)
            if verdict.status == "exponential":
                yield Misuse(RULE, definition.code.name, definition.operation, "match", growth=growth_of(verdict))


CHECK = Check(find, across=True)
