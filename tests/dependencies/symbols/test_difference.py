"""What changed between two releases, and nothing that only looks different."""

from __future__ import annotations

from buckler.dependencies.model import Advisory, Affected, Bound, Component, Event, Package, Symbol, Vulnerability
from buckler.dependencies.reach.sources import Named
from buckler.dependencies.releases import Releases
from buckler.dependencies.symbols.difference import changed
from buckler.dependencies.symbols.find import Finder, pairs, sorted_out


def difference(before: str, after: str) -> list[str]:
    files = [[Named("p.py", "python", "p", False, text.encode())] for text in (before, after)]
    return [symbol.name for symbol in changed(*files)]


BEFORE = '''
import re
__version__ = "1.0"
LIMIT = re.compile("a+b")
def used(x):
    """Old words."""
    return LIMIT.match(x)
def other(x, y=1):
    return x + y
class Loader:
    kinds = ("a", "b")
    def load(self, x): return self.kinds[x]
    def keep(self, x): return x
'''


def test_layout_comments_annotations_and_versions_are_no_change() -> None:
    after = (
        BEFORE.replace("Old words", "New words")
        .replace("1.0", "1.1")
        .replace("def other(x, y=1):", "def other(x: int, y: int = 1) -> int:  # why")
        .replace("return x + y", "return (\n        x\n        + y\n    )")
    )
    assert difference(BEFORE, after) == []


def test_a_constant_changes_those_who_read_it() -> None:
    assert difference(BEFORE, BEFORE.replace("a+b", "a{1,9}b")) == ["used"]
    assert difference(BEFORE, BEFORE.replace('("a", "b")', '("a",)')) == ["Loader.load"]


def test_a_constant_changes_those_who_read_what_is_made_of_it() -> None:
    made = "A = 'a+'\nB = A + 'b'\nC = '%(B)s' % locals()\nD = 'd'\ndef c(): return C\ndef d(): return D\n"
    assert difference(made, made.replace("a+", "a")) == ["c"]
    assert difference(made, made.replace("'d'", "'e'")) == ["d"]


def test_what_a_module_tells_a_class() -> None:
    told = (
        "class Loader:\n    def load(self): return 1\n    def add(cls, name): return 2\nclass Other: pass\n"
        "Loader.add('one')\nLoader.add('two')\n"
    )
    assert difference(told, told.replace("Loader.add('two')\n", "")) == ["Loader"]
    assert difference(told.replace("Loader.add('one')\nLoader.add('two')\n", ""), told) == ["Loader"]
    assert difference(told, told + "LIMIT = 3\n") == []


def test_a_changed_body_default_or_removed_function() -> None:
    assert difference(BEFORE, BEFORE.replace("return x + y", "return x - y")) == ["other"]
    assert difference(BEFORE, BEFORE.replace("y=1", "y=2")) == ["other"]
    assert difference(BEFORE, BEFORE.replace("    def keep(self, x): return x\n", "")) == ["Loader.keep"]


def test_a_function_that_moved_is_found_where_it_went() -> None:
    body = "def moved(x):\n    y = x + 1\n    z = y * 2\n    print(z)\n    return [y, z]\n"
    before = [Named("a.py", "python", "a", False, body.encode()), Named("b.py", "python", "b", False, b"")]
    after = [Named("a.py", "python", "a", False, b""), Named("b.py", "python", "b", False, body.encode())]
    assert changed(before, after) == ()


def test_each_fixed_line_of_releases_is_a_pair_and_what_is_common_counts() -> None:
    events = (
        Event(Bound.INTRODUCED, "0"),
        Event(Bound.FIXED, "1.5"),
        Event(Bound.INTRODUCED, "2.0"),
        Event(Bound.FIXED, "2.1"),
    )
    said = Affected("PyPI", "p", (events,), ("1.0", "1.4", "1.5rc1", "2.0"))
    assert pairs("2.0", [said]) == [("2.0", "2.1"), ("1.4", "1.5")]
    one, two, three = (Symbol("p", name) for name in ("fixed", "tidied", "renamed"))
    assert sorted_out([(one, two), (one, three)]).named == (one,)


def test_a_function_that_the_advisory_names_goes_before_the_rest() -> None:
    named, near = Symbol("p.key", "Key._write_file"), Symbol("p.key", "Key.read")
    found = sorted_out([(Symbol("p.log", "f"), near, named)], "A race condition in write_file.")
    assert (found.named, found.others) == ((named,), (near,))


def test_facts_that_ship_are_used_before_anything_is_fetched() -> None:
    package = Package("PyPI", "requests", "2.30.0")
    found = Finder(Releases())(Vulnerability(Component(package, ()), (Advisory("X", aliases=("CVE-2023-32681",)),)))
    assert found.named == (Symbol("requests.sessions", "SessionRedirectMixin.rebuild_proxies"),)


def test_releases_to_compare_are_known_beforehand() -> None:
    package = Package("PyPI", "bkl-cart", "1.0")
    events = (Event(Bound.INTRODUCED, "0"), Event(Bound.FIXED, "1.5"))
    advisory = Advisory("X", affected=(Affected("PyPI", "bkl-cart", (events,), ("1.0", "1.3")),))
    wanted = Finder(Releases()).compared([Vulnerability(Component(package, ()), (advisory,))])
    assert [one.version for one in wanted] == ["1.4", "1.5"]


def test_hundreds_of_functions_in_one_another_are_no_crash() -> None:
    deep = f"def made(x):\n    return {'lambda: ' * 90}x\n"
    assert difference(deep, deep) == []
    wide = "made = " + "(lambda f=" * 40 + "1" + ": f)" * 40 + "\n"
    assert difference(wide, wide) == []


def test_a_function_that_knows_itself_is_no_crash() -> None:
    code = "var run = (function run(x) {{ var a = run(x - {n}), b = run(x - 2); return a + b; }});\n"
    files = [[Named("p.js", "javascript", "p", False, code.format(n=n).encode())] for n in (1, 3)]
    assert changed(*files)
