"""Pattern text → tree, for the syntaxes of Python and JavaScript.

The parser is our own, so that every node has a place, both languages share it, nothing depends on
private parts of the standard library, and a hostile pattern meets limits. What it cannot read is a
`PatternError`, which the analysis turns into the verdict *unknown*.

    parse(r"(a+)+$", 0)
    parse("^[^]*$", re.IGNORECASE, javascript=True)
"""

from __future__ import annotations

import re
import unicodedata
from typing import NoReturn

from buckler.review.regexes import alphabet as abc
from buckler.review.regexes.alphabet import Ranges
from buckler.review.regexes.tree import (
    Atomic,
    Chars,
    Choice,
    Edge,
    Group,
    Look,
    Node,
    Pattern,
    Reference,
    Repeat,
    Sequence,
)

MAX_LENGTH = 20_000
MAX_DEPTH = 60

_QUANTIFIER = re.compile(r"\{(\d*)(,?)(\d*)\}")
_NAME = re.compile(r"[^\W\d]\w*")
_ESCAPES = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "0": 0}
_FLAG_LETTERS = {"i": re.I, "m": re.M, "s": re.S, "x": re.X, "a": re.A, "u": re.U, "L": re.L}
_LOOKS = {"=": (True, False), "!": (True, True), "<=": (False, False), "<!": (False, True)}


class PatternError(ValueError):
    """The pattern is not understood."""


def parse(text: str, flags: int = 0, *, javascript: bool = False) -> Pattern:
    """The tree of a pattern; raises `PatternError`."""
    if len(text) > MAX_LENGTH:
        raise PatternError("the pattern is too long")
    parser = _Parser(text, flags, javascript)
    root = parser.choice(0)
    if parser.at < len(text):
        parser.fail("unbalanced parenthesis")
    return Pattern(root, parser.groups, bool(parser.flags & re.I), bool(parser.flags & re.M), javascript)


class _Parser:
    """Recursive descent over the text; `at` is where it stands."""

    def __init__(self, text: str, flags: int, javascript: bool) -> None:
        self.text = text
        self.at = 0
        self.flags = int(flags)
        self.javascript = javascript
        self.groups: dict[int, Node] = {}
        self.names: dict[str, int] = {}
        self.count = 0

    def fail(self, what: str) -> NoReturn:
        raise PatternError(f"{what} at {self.at}")

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else ""

    def take(self) -> str:
        if self.at >= len(self.text):
            self.fail("unexpected end")
        self.at += 1
        return self.text[self.at - 1]

    def eat(self, piece: str) -> bool:
        if self.text.startswith(piece, self.at):
            self.at += len(piece)
            return True
        return False

    # Structure.

    def choice(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self.fail("nested too deeply")
        options = [self.sequence(depth)]
        while self.eat("|"):
            options.append(self.sequence(depth))
        return options[0] if len(options) == 1 else Choice(options)

    def sequence(self, depth: int) -> Node:
        items: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if self.flags & re.X and not self.javascript and self.skip_blank():
                continue
            start = self.at
            item = self.atom(depth)
            if item is not None:
                items.append(self.quantified(item, start))
        return items[0] if len(items) == 1 else Sequence(items)

    def skip_blank(self) -> bool:
        if self.text[self.at] in " \t\n\r\v\f":
            self.at += 1
            return True
        if self.text[self.at] == "#":
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end + 1
            return True
        return False

    def quantified(self, item: Node, start: int) -> Node:
        while True:
            if self.flags & re.X and not self.javascript:
                while self.at < len(self.text) and self.skip_blank():
                    pass
            bounds = self.bounds()
            if bounds is None:
                return item
            lazy = self.eat("?")
            possessive = not lazy and not self.javascript and self.eat("+")
            if bounds != (1, 1):
                item = Repeat(item, bounds[0], bounds[1], start, self.at)
            if possessive:
                item = Atomic(item)

    def bounds(self) -> tuple[int, int | None] | None:
        character = self.peek()
        if character and character in "*+?":
            self.at += 1
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[character]
        found = _QUANTIFIER.match(self.text, self.at) if character == "{" else None
        if found is None or (not found[1] and (self.javascript or not found[2])):
            return None
        if not found[1] and not found[3]:
            return None
        self.at = found.end()
        low = min(int(found[1][:9] or 0), 1_000_000)
        if not found[2]:
            return low, low
        high = min(int(found[3][:9]), 1_000_000) if found[3] else None
        if high is not None and high < low:
            self.fail("bounds in the wrong order")
        return low, high

    # Atoms.

    def atom(self, depth: int) -> Node | None:
        start = self.at
        character = self.take()
        if character == "(":
            return self.group(depth + 1)
        if character == "[":
            ranges = self.bracket()
            return Chars(ranges, start, self.at)
        if character == "\\":
            return self.escape(start)
        if character == ".":
            line_ends = abc.LINE_ENDS if self.javascript else abc.NEWLINE
            return Chars(abc.ALL if self.flags & re.S else abc.complement(line_ends), start, self.at)
        if character == "^":
            return Edge("line-start" if self.flags & re.M else "start")
        if character == "$":
            if self.flags & re.M:
                return Edge("line-end")
            return Edge("text-end" if self.javascript else "end")
        if character in "*+?":
            self.at = start
            self.fail("nothing to repeat")
        return self.literal(ord(character), start)

    def literal(self, point: int, start: int) -> Chars:
        return Chars(self.cased(((point, point),)), start, self.at)

    def cased(self, ranges: Ranges) -> Ranges:
        return abc.fold_case(ranges) if self.flags & re.I else ranges

    def group(self, depth: int) -> Node | None:
        if not self.eat("?"):
            return self.capture(depth, "")
        if self.eat("P<"):
            return self.capture(depth, self.until(">"))
        if self.eat("P="):
            return self.reference(self.until(")"))
        if self.eat("#"):
            self.until(")")
            return None
        for mark in ("<=", "<!", "=", "!"):
            if self.eat(mark):
                ahead, negative = _LOOKS[mark]
                return Look(self.closed(depth), ahead, negative)
        if self.eat("<"):
            return self.capture(depth, self.until(">"))
        if self.eat(">"):
            return Atomic(self.closed(depth))
        if self.eat(":"):
            return self.closed(depth)
        if self.eat("("):
            return self.conditional(depth)
        return self.flagged(depth)

    def closed(self, depth: int) -> Node:
        inner = self.flags
        node = self.choice(depth)
        self.flags = inner
        if not self.eat(")"):
            self.fail("missing )")
        return node

    def until(self, end: str) -> str:
        stop = self.text.find(end, self.at)
        if stop < 0:
            self.fail(f"missing {end}")
        piece = self.text[self.at : stop]
        self.at = stop + len(end)
        return piece

    def capture(self, depth: int, name: str) -> Node:
        self.count += 1
        number = self.count
        if name:
            self.names[name] = number
        node = self.closed(depth)
        self.groups[number] = node
        return Group(node, number)

    def reference(self, name: str) -> Node:
        number = int(name[:6]) if name.isdecimal() else self.names.get(name, 0)
        return Reference(number)

    def conditional(self, depth: int) -> Node:
        self.until(")")
        node = self.closed(depth)
        return node if isinstance(node, Choice) else Choice([node, Sequence()])

    def flagged(self, depth: int) -> Node | None:
        added, removed, target = 0, 0, True
        while (character := self.take()) not in ":)":
            if character == "-":
                target = False
            elif character in _FLAG_LETTERS:
                added |= _FLAG_LETTERS[character] if target else 0
                removed |= 0 if target else _FLAG_LETTERS[character]
            else:
                self.fail(f"unknown extension ?{character}")
        outer = self.flags
        self.flags = (self.flags | added) & ~removed
        if character == ")":
            return None
        node = self.closed(depth)
        self.flags = outer
        return node

    # Escapes and sets.

    def escape(self, start: int) -> Node:
        character = self.take()
        if character in "bB" or (character in "AZz" and not self.javascript):
            kinds = {"b": "word", "B": "not-word", "A": "start", "Z": "text-end", "z": "text-end"}
            return Edge(kinds[character])
        if character == "k" and self.javascript and self.eat("<"):
            return self.reference(self.until(">"))
        if character in "123456789":
            while self.peek().isdecimal() and self.peek().isascii() and len(self.text[start : self.at]) < 3:
                self.at += 1
            return self.numbered(start)
        ranges = self.category(character)
        if ranges is not None:
            return Chars(ranges, start, self.at)
        return self.literal(self.point(character), start)

    def numbered(self, start: int) -> Node:
        digits = self.text[start + 1 : self.at]
        if len(digits) == 2 and self.peek() and self.peek() in "01234567" and re.fullmatch("[0-3][0-7]", digits):
            self.at += 1
            return self.literal(int(self.text[start + 1 : self.at], 8), start)
        return Reference(int(digits))

    def category(self, character: str) -> Ranges | None:
        narrow = self.javascript or self.flags & re.A
        sets = {
            "d": abc.ASCII_DIGIT if narrow else abc.DIGIT,
            "w": abc.ASCII_WORD if narrow else abc.WORD,
            "s": abc.ASCII_SPACE if narrow and not self.javascript else abc.SPACE,
        }
        if character.lower() in sets:
            ranges = sets[character.lower()]
            return ranges if character.islower() else abc.complement(ranges)
        if character in "pP" and self.javascript and self.eat("{"):
            self.until("}")
            return abc.WORD if character == "p" else abc.ALL
        return None

    def point(self, character: str) -> int:
        """The code point meant by an escape whose letter was just read."""
        if character == "x":
            return self.hexadecimal(2)
        if character == "u":
            if self.javascript and self.eat("{"):
                digits = self.until("}")
                if not re.fullmatch("[0-9A-Fa-f]{1,6}", digits) or int(digits, 16) > abc.TOP:
                    self.fail("bad escape")
                return int(digits, 16)
            return self.hexadecimal(4)
        if self.javascript:
            if character == "c" and self.peek().isalpha() and self.peek().isascii():
                return ord(self.take()) % 32
        elif character == "U":
            return min(self.hexadecimal(8), abc.TOP)
        elif character == "a":
            return 7
        elif character == "N" and self.eat("{"):
            return self.named(self.until("}"))
        elif character == "0":
            return self.octal()
        elif character.isalpha() and character.isascii() and character not in _ESCAPES:
            self.fail(f"bad escape \\{character}")
        return _ESCAPES.get(character, ord(character))

    def hexadecimal(self, length: int) -> int:
        digits = self.text[self.at : self.at + length]
        if not re.fullmatch(rf"[0-9A-Fa-f]{{{length}}}", digits):
            if self.javascript:
                return ord("x" if length == 2 else "u")
            self.fail("bad escape")
        self.at += length
        return int(digits, 16)

    def named(self, name: str) -> int:
        try:
            return ord(unicodedata.lookup(name))
        except (KeyError, TypeError):
            self.fail("unknown character name")

    def octal(self) -> int:
        digits = re.compile("[0-7]{0,2}").match(self.text, self.at)
        self.at = digits.end() if digits else self.at
        return int("0" + (digits[0] if digits else ""), 8)

    def bracket(self) -> Ranges:
        """A set; the opening bracket was read."""
        negative = self.eat("^")
        members: list[Ranges] = []
        first = True
        while (character := self.take()) != "]" or (first and not self.javascript):
            first = False
            low = self.member(character)
            if self.peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self.member(self.take())
                low = self.span(low, high)
            members.append(low)
        ranges = self.cased(abc.union(*members))
        return abc.complement(ranges) if negative else ranges

    def member(self, character: str) -> Ranges:
        if character != "\\":
            return ((ord(character), ord(character)),)
        character = self.take()
        ranges = self.category(character)
        if ranges is not None:
            return ranges
        if character == "b":
            return ((8, 8),)
        if character in "1234567" and not self.javascript:
            self.at -= 1
            digits = re.compile("[0-7]{1,3}").match(self.text, self.at)
            assert digits is not None
            self.at = digits.end()
            point = int(digits[0], 8)
        else:
            point = self.point(character)
        return ((point, point),)

    def span(self, low: Ranges, high: Ranges) -> Ranges:
        single = all(len(r) == 1 and r[0][0] == r[0][1] for r in (low, high))
        if not single:
            if self.javascript:
                return abc.union(low, high, ((45, 45),))
            self.fail("bad range")
        if high[0][0] < low[0][0]:
            self.fail("range in the wrong order")
        return ((low[0][0], high[0][0]),)
