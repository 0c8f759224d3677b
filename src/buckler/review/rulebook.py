"""Rules on disk → `RuleBook`.

A rule is one Markdown file (docs/rule-format.md): a TOML head between `+++` lines, prose, and samples.
Reading is strict, because a rule that is silently half understood is a flaw silently missed; every mistake is
a `RuleError` that says where, what, and what to do:

    weaknesses/files/path_traversal/rule.md:5: severity is 'hihg'; write low, medium, high or critical

Example::

    book = load_rules([ROOMS, Path("our-rules")])
    book.rules["path-traversal"].cwe[0]        # 22
    [s.origin for s in book.samples if s.rule == "path-traversal" and not s.good]
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from buckler.base.languages import LANGUAGES
from buckler.finding.model import Rule, Severity

if TYPE_CHECKING:  # most of the engine, which a list of rules does not need
    from buckler.review.checks.model import Check, TextCheck

KINDS = ("taint", "misuse", "pattern", "dependency")
OF_PACKAGES = "dependency"
"""The kind of rule about what a project is made of; it is shown by manifests, not by code."""
HOLES = {
    "taint": {"source", "sink"}, "misuse": {"sink"}, "pattern": {"sink"}, "dependency": {"package", "advisory"},
}  # fmt: skip
"""What a message of each kind may leave open."""
SHAPES = ("any", "url-host", "redirect", "path", "option", "sql")
ABOUT = ("path", "url", "argument", "command")
ABOUT_BY_SHAPE = {"path": "path", "url-host": "url", "redirect": "url"}
API = ("any", "part", "never")
SEVERITIES = ("low", "medium", "high", "critical")
DEFAULT_SEVERITY = ("low", "note")
COMMENTS = {card.name: card.comment for card in LANGUAGES.values()}

_REQUIRED = ("id", "title", "cwe", "severity", "kind", "message", "attacker", "fix")
_TAINT_ONLY = (
    "text", "shape", "api", "purpose", "internal-names", "answers", "trusts-store", "formed-by-libraries",
    "about", "denied", "removed", "safe-characters", "feared-characters", "bounded", "own-user", "becomes",
    "chosen-with", "secret",
)  # fmt: skip
_NOT_TAINT = ("context-words", "default-severity", "opt-in-words", "harmless")
_OPTIONAL = ("aliases", "known-as", "related", "references", *COMMENTS, *_TAINT_ONLY, *_NOT_TAINT)
_BY_LANGUAGE = ("attacker", "fix")
"""Sentences that a table named after a language may say otherwise."""
ROOM = "rule.md"
"""The page of a weakness that has a folder of its own, which is named after it."""
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FENCE = re.compile(r"```(\S*)(?: +(\S+))?\s*")
_MARK = re.compile(r"(?:#|//)!\s*([a-z0-9][a-z0-9 ,-]*)")
_HOLE = re.compile(r"\{([^{}]*)\}")
_TOML_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


class RuleError(ValueError):
    """A rule file says something that cannot be meant."""


@dataclass(slots=True, frozen=True)
class Sample:
    """A piece of code that shows a rule, run as a test."""

    rule: str
    language: str
    good: bool
    """True: no finding of this rule may appear. False: exactly the marked lines must be found."""
    code: str
    origin: str
    """`file:line` of the first line of code."""
    file: str = ""
    """The name the code should be analysed under, where the name matters (```python settings.py)."""


@dataclass(slots=True)
class RuleBook:
    """All rules of a run, by id, with their samples in file order."""

    rules: dict[str, Rule] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    digest: str = ""
    """Changes when any rule file does."""
    checks: Callable[[], Sequence[Check]] = tuple
    """Loads the structural checks, which need most of the engine; a tree that is known already needs none."""
    text_checks: Callable[[], Sequence[TextCheck]] = tuple
    """The same for the checks of a file's text."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Former ids, each with the id the rule has now."""
    left_out: frozenset[str] = frozenset()
    """Ids of rules that exist, but are not asked for this time."""

    def current(self, rule: str) -> str:
        """The id a rule has now; an id nobody knows is handed back."""
        return self.aliases.get(rule, rule)

    def unknown(self, rules: Iterable[str]) -> list[tuple[str, str]]:
        """Ids that no rule has or had, each with the known id that is nearest to it, empty if none is near."""
        known = (*self.rules, *self.aliases, *self.left_out)
        return [(rule, next(iter(get_close_matches(rule, known, n=1)), "")) for rule in rules if rule not in set(known)]


def book_of(rules: Iterable[Rule]) -> RuleBook:
    """A book of these rules, without samples."""
    kept = list(rules)
    return RuleBook({r.id: r for r in kept}, aliases={alias: r.id for r in kept for alias in r.aliases})


def load_rules(folders: Sequence[Path]) -> RuleBook:
    """The rules of all folders, which are `<family>/<id>.md` or `<family>/<id>/rule.md`.

    Raises `RuleError` for the first mistake.
    """
    book = RuleBook()
    origins: dict[str, str] = {}
    pages: dict[str, _Page] = {}
    digest = hashlib.blake2b(digest_size=16)
    for folder in folders:
        for path in _files(folder):
            text = _read_text(path)
            family, stem = _named(path, folder)
            digest.update(f"{family}/{stem}\0{len(text)}\0{text}".encode())
            page = _Page(path.as_posix(), text)
            rule, samples = _read_rule(page, stem, family)
            if rule.id in book.rules:
                taken = f"the id {rule.id!r} is taken by {origins[rule.id]}"
                _fail(page, page.line_of("id"), f"{taken}; choose another")
            origins[rule.id] = page.name
            book.rules[rule.id] = rule
            book.aliases |= dict.fromkeys(rule.aliases, rule.id)
            book.samples += samples
            pages[rule.id] = page
    _check_references(book, pages)
    book.digest = digest.hexdigest()
    return book


def read_rule(text: str, name: str) -> tuple[Rule, list[Sample]]:
    """One rule from the text of its file; `name` is `<family>/<id>.md` and stands in messages."""
    family, stem = _named(Path(name), Path())
    return _read_rule(_Page(name, text), stem, family or "own")


def marks(code: str) -> dict[int, frozenset[str]]:
    """Line (from 1) → rules that must be found there, as said by `#! rule-id [rule-id…]` or `//! rule-id`."""
    found: dict[int, frozenset[str]] = {}
    for number, line in enumerate(code.splitlines(), 1):
        mark = _MARK.search(line)
        if mark:
            found[number] = frozenset(re.split(r"[ ,]+", mark[1].strip()))
    return found


# Files.


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise RuleError(f"{folder}: no such folder of rules; give a folder that holds <family>/<rule-id>.md")
    return sorted(folder.rglob("*.md"))


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}:1: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except OSError as error:
        raise RuleError(f"{path}: cannot be read ({error.strerror}); check the file") from None


def _named(path: Path, folder: Path) -> tuple[str, str]:
    """Family and id, by where a page lies."""
    place, stem = (path.parent, path.parent.name.replace("_", "-")) if path.name == ROOM else (path, path.stem)
    return (place.parent.name if place.parent != folder else "own"), stem


# One file: head, prose, samples.


@dataclass(slots=True)
class _Page:
    """A rule file while it is read; knows on which line everything stands."""

    name: str
    text: str
    lines: list[str] = field(default_factory=list)
    head_end: int = 0
    """Number of the closing `+++` line, from 1."""

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")

    def line_of(self, key: str) -> int:
        for number, line in enumerate(self.lines[: self.head_end], 1):
            if re.match(rf"\s*{re.escape(key)}\s*=", line):
                return number
        return 1


def _fail(page: _Page, line: int, what: str) -> NoReturn:
    raise RuleError(f"{page.name}:{line}: {what}")


def _read_rule(page: _Page, stem: str, family: str) -> tuple[Rule, list[Sample]]:
    head = _head(page)
    _check_keys(page, head)
    _check_identity(page, head, stem)
    rule = Rule(
        id=head["id"],
        title=_sentence(page, head, "title"),
        family=family,
        cwe=_cwe(page, head),
        severity=Severity[_choice(page, head, "severity", SEVERITIES).upper()],
        kind=_choice(page, head, "kind", KINDS),
        message=_message(page, head),
        attacker=_sentence(page, head, "attacker"),
        fix=_sentence(page, head, "fix"),
        prose=_prose(page),
        aliases=_ids(page, head, "aliases", "ids the rule had before"),
        known_as=_phrases(page, head),
        related=_ids(page, head, "related", "ids of other rules"),
        trusts_store=_boolean(page, head, "trusts-store", False),
        formed_by_libraries=_boolean(page, head, "formed-by-libraries", False),
        references=_references(page, head),
        text=_boolean(page, head, "text"),
        shape=_choice(page, head, "shape", SHAPES),
        api=_choice(page, head, "api", API),
        context_words=_words(page, head, "context-words"),
        default_severity=Severity[_choice(page, head, "default-severity", DEFAULT_SEVERITY).upper()],
        opt_in_words=_words(page, head, "opt-in-words"),
        harmless=_words(page, head, "harmless"),
        purpose=_words(page, head, "purpose"),
        internal_names=_words(page, head, "internal-names"),
        answers=_boolean(page, head, "answers", False),
        about=_about(page, head),
        denied=_texts(page, head, "denied"),
        removed=_texts(page, head, "removed"),
        safe_characters=_safe_characters(page, head),
        feared_characters=_characters(page, head, "feared-characters", ""),
        bounded=_boolean(page, head, "bounded", False),
        own_user=_boolean(page, head, "own-user", False),
        becomes=_id(page, head, "becomes"),
        chosen_with=_id(page, head, "chosen-with"),
        secret=_boolean(page, head, "secret", False),
        by_language={language: _otherwise(page, head[language], language) for language in COMMENTS if language in head},
    )
    return rule, _samples(page, rule.id) if rule.kind != OF_PACKAGES else []


def _head(page: _Page) -> dict[str, Any]:
    if page.lines[0].strip() != "+++":
        _fail(page, 1, "a rule begins with a line '+++'; put the TOML head between two such lines")
    for number, line in enumerate(page.lines[1:], 2):
        if line.strip() == "+++":
            page.head_end = number
            break
    else:
        _fail(page, 1, "the head is never closed; end it with a line '+++'")
    try:
        return tomllib.loads("\n".join(page.lines[1 : page.head_end - 1]))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_LINE.search(str(error))
        number = int(place[1]) + 1 if place and place[1] else page.head_end - 1
        _fail(page, number, f"not TOML: {_TOML_LINE.sub('', str(error))}; correct this line")


def _check_keys(page: _Page, head: Mapping[str, Any]) -> None:
    for key in head:
        if key not in _REQUIRED and key not in _OPTIONAL:
            known = ", ".join((*_REQUIRED, *_OPTIONAL))
            _fail(page, page.line_of(key), f"unknown key {key!r}; known are {known}")
    for key in _REQUIRED:
        if key not in head:
            _fail(page, 1, f"{key!r} is missing from the head; add it")
    if head["kind"] != "taint":
        for key in _TAINT_ONLY:
            if key in head:
                _fail(page, page.line_of(key), f"{key!r} is for rules of kind 'taint' only; remove it")
        return
    for key in _NOT_TAINT:
        if key in head:
            _fail(page, page.line_of(key), f"{key!r} is not for rules of kind 'taint'; remove it")


def _check_identity(page: _Page, head: Mapping[str, Any], stem: str) -> None:
    rule_id = head["id"]
    if not isinstance(rule_id, str) or not _ID.fullmatch(rule_id):
        _fail(page, page.line_of("id"), f"id is {rule_id!r}; write lower-case words joined by '-'")
    if rule_id != stem:
        _fail(page, page.line_of("id"), f"id is {rule_id!r} in the file {stem}.md; make the two equal")


# Values of the head.


def _sentence(page: _Page, head: Mapping[str, Any], key: str) -> str:
    value = head[key]
    if not isinstance(value, str) or not value.strip():
        _fail(page, page.line_of(key), f"{key} is {value!r}; write a sentence")
    return value.strip()


def _choice(page: _Page, head: Mapping[str, Any], key: str, known: Sequence[str]) -> str:
    value = head.get(key, known[0])
    if not isinstance(value, str) or value not in known:
        choices = " or ".join((", ".join(known[:-1]), known[-1]))
        _fail(page, page.line_of(key), f"{key} is {value!r}; write {choices}")
    return value


def _boolean(page: _Page, head: Mapping[str, Any], key: str, default: bool = True) -> bool:
    value = head.get(key, default)
    if not isinstance(value, bool):
        _fail(page, page.line_of(key), f"{key} is {value!r}; write true or false")
    return value


def _words(page: _Page, head: Mapping[str, Any], key: str) -> str:
    value = head.get(key, "")
    try:
        re.compile(value)
    except (re.error, TypeError):
        _fail(page, page.line_of(key), f"{key} is {value!r}; write a regular expression")
    return str(value)


def _cwe(page: _Page, head: Mapping[str, Any]) -> tuple[int, ...]:
    value = head["cwe"]
    if not isinstance(value, list) or not value or not all(type(n) is int and n > 0 for n in value):
        _fail(page, page.line_of("cwe"), f"cwe is {value!r}; write a list of numbers, the main one first")
    return tuple(value)


def _message(page: _Page, head: Mapping[str, Any]) -> str:
    message = _sentence(page, head, "message")
    known = HOLES[head["kind"]]
    for hole in _HOLE.findall(message):
        if hole not in known:
            choices = " or ".join(f"{{{name}}}" for name in sorted(known))
            _fail(page, page.line_of("message"), f"{{{hole}}} cannot be filled in; use {choices}")
    return message


def _ids(page: _Page, head: Mapping[str, Any], key: str, what: str) -> tuple[str, ...]:
    value = head.get(key, [])
    if not isinstance(value, list) or not all(isinstance(rule, str) and _ID.fullmatch(rule) for rule in value):
        _fail(page, page.line_of(key), f"{key} is {value!r}; write a list of {what}")
    return tuple(value)


def _id(page: _Page, head: Mapping[str, Any], key: str) -> str:
    value = head.get(key, "")
    if value != "" and not (isinstance(value, str) and _ID.fullmatch(value)):
        _fail(page, page.line_of(key), f"{key} is {value!r}; write the id of another rule")
    return str(value)


def _about(page: _Page, head: Mapping[str, Any]) -> str:
    """What the page says, else what its shape does."""
    return _choice(page, head, "about", ABOUT) if "about" in head else ABOUT_BY_SHAPE.get(head.get("shape", ""), "")


def _texts(page: _Page, head: Mapping[str, Any], key: str) -> tuple[str, ...] | None:
    value = head.get(key)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        _fail(page, page.line_of(key), f"{key} is {value!r}; write a list of texts")
    return tuple(value)


def _characters(page: _Page, head: Mapping[str, Any], key: str, default: str) -> str:
    value = head.get(key, default)
    if not isinstance(value, str):
        _fail(page, page.line_of(key), f"{key} is {value!r}; write the characters as one text")
    return value


def _safe_characters(page: _Page, head: Mapping[str, Any]) -> str | None:
    """By default a plain word does no harm; what needs no free text is done with numbers too."""
    key = "safe-characters"
    if head.get(key) is False or (key not in head and head.get("text") is False):
        return None
    return _characters(page, head, key, "-")


def _phrases(page: _Page, head: Mapping[str, Any]) -> tuple[str, ...]:
    value = head.get("known-as", [])
    if not isinstance(value, list) or not all(isinstance(w, str) and w and w == w.lower() for w in value):
        _fail(page, page.line_of("known-as"), f"known-as is {value!r}; write a list of words in lower case")
    return tuple(value)


def _check_references(book: RuleBook, pages: Mapping[str, _Page]) -> None:
    """What a page says of other rules is about rules that exist."""
    for rule in book.rules.values():
        named = {"related": rule.related, "becomes": (rule.becomes,), "chosen-with": (rule.chosen_with,)}
        for key, ids in named.items():
            for wrong, near in book.unknown(filter(None, ids)):
                page = pages[rule.id]
                hint = f"did you mean {near!r}?" if near else "name a rule that exists"
                _fail(page, page.line_of(key), f"there is no rule {wrong!r}; {hint}")


def _otherwise(page: _Page, said: object, language: str) -> Mapping[str, str]:
    """What is said about a language in place of what is said about all."""
    if not isinstance(said, dict) or not set(said) <= set(_BY_LANGUAGE):
        _fail(page, page.line_of(language), f"[{language}] may say {' and '.join(_BY_LANGUAGE)}; correct it")
    return {key: _sentence(page, said, key) for key in said}


def _references(page: _Page, head: Mapping[str, Any]) -> tuple[str, ...]:
    value = head.get("references", [])
    if not isinstance(value, list) or not all(isinstance(r, str) and r.startswith("https://") for r in value):
        _fail(page, page.line_of("references"), "references must be a list of https:// addresses; correct it")
    return tuple(value)


# Prose and samples.


def _prose(page: _Page) -> str:
    body = page.lines[page.head_end :]
    end = next((i for i, line in enumerate(body) if line.startswith("## ")), len(body))
    prose = "\n".join(body[:end]).strip()
    if not prose:
        _fail(page, page.head_end, "no prose follows the head; explain the flaw and its fix to people")
    return prose


def _samples(page: _Page, rule: str) -> list[Sample]:
    samples = list(_fenced(page, rule))
    for good, title in ((False, "Bad"), (True, "Good")):
        if not any(sample.good is good for sample in samples):
            _fail(page, len(page.lines), f"no sample under '## {title}'; add one in a ```python fence")
    return samples


def _fenced(page: _Page, rule: str) -> Iterator[Sample]:
    section = ""
    opened: tuple[int, str, str] | None = None
    for number, line in enumerate(page.lines[page.head_end :], page.head_end + 1):
        if opened is not None:
            if line.rstrip() == "```":
                if section:
                    yield _sample(page, rule, section, *opened, number)
                opened = None
        elif fence := _FENCE.fullmatch(line):
            opened = (number, fence[1], fence[2] or "")
        elif line.startswith("## "):
            section = line[3:].strip()
            if section not in ("Bad", "Good"):
                _fail(page, number, f"unknown section {section!r}; write '## Bad' or '## Good'")
    if opened is not None:
        _fail(page, opened[0], "the fence is never closed; end the code with a line ```")


def _sample(page: _Page, rule: str, section: str, start: int, language: str, file: str, end: int) -> Sample:
    if language not in COMMENTS:
        known = ", ".join(COMMENTS)
        _fail(page, start, f"the fence is tagged {language!r}; tag it with one of {known}")
    code = "\n".join(page.lines[start : end - 1]) + "\n"
    good = section == "Good"
    marked = any(rule in rules for rules in marks(code).values())
    if not good and not marked:
        _fail(page, start, f"a bad sample marks no line; put '{COMMENTS[language]}! {rule}' at the flaw")
    if good and marked:
        _fail(page, start, f"a good sample is marked with {rule!r}; move it under '## Bad'")
    return Sample(rule, language, good, code, f"{page.name}:{start + 1}", file)
