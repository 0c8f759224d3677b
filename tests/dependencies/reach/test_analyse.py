"""What a project reaches of its packages: never out of reach where anything could lead there.

Each case is a project of one file, a package with one vulnerable function, and what must be said.
"""

from __future__ import annotations

import io
import marshal
import zipfile

import pytest

from buckler.base.source import SourceFile, language_of
from buckler.dependencies.model import (
    Advisory,
    Affected,
    Component,
    Doubt,
    Package,
    Reach,
    Reachability,
    Symbol,
    Vulnerability,
)
from buckler.dependencies.reach.analyse import Options, analyse, key
from buckler.dependencies.reach.sources import Named, lowered, packed, unpacked
from buckler.dependencies.releases import Releases
from buckler.dependencies.symbols.find import nearer

PARTS = Package("PyPI", "parts", "1.0")
MIDDLE = Package("PyPI", "middle", "2.0")

LIBRARY = {
    "parts/__init__.py": "from parts.core import load, Reader\n",
    "parts/core.py": """
import os
def load(text):
    return Reader(text).read()
def unused(text):
    return danger(text)
def danger(text):
    return eval(text)
class Reader:
    def __init__(self, text): self.text = text
    def read(self): return self._inner()
    def _inner(self): return self.text
    def risky(self): return danger(self.text)
    def __add__(self, other): return other
    @property
    def value(self): return 1
class Quick(Reader):
    def _inner(self): return 2
""",
}


def wheel(package: Package, files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in {**files, f"{package.name}-{package.version}.dist-info/RECORD": ""}.items():
            archive.writestr(name, text)
    return out.getvalue()


def vulnerability(package: Package, *names: str) -> Vulnerability:
    symbols = tuple(Symbol(*name.split(":")) for name in names)
    advisory = Advisory("EX-1", affected=(Affected(package.ecosystem, package.name, symbols=symbols),))
    return Vulnerability(Component(package, ()), (advisory,))


def ask(code: str, *names: str, library: dict[str, str] = LIBRARY, middle: dict[str, str] | None = None,
        **texts: str) -> Reachability:  # fmt: skip
    archives = {PARTS: wheel(PARTS, library)} | ({MIDDLE: wheel(MIDDLE, middle)} if middle else {})
    files = [SourceFile("app/main.py", "python", data=code.encode())]
    files += [SourceFile(name, language_of(name), data=text.encode()) for name, text in texts.items()]
    wanted = vulnerability(PARTS, *names)
    components = [Component(package, ()) for package in archives]
    found = analyse(files, components, [wanted], Releases(fetch=archives.get), Options())
    return found[key(wanted)]


REACHED = {
    "called": ("import parts\nparts.core.danger('x')", "danger"),
    "imported by name": ("from parts.core import danger as d\ndef f(x): return d(x)", "danger"),
    "through another function": ("from parts.core import unused\nunused('x')", "danger"),
    "handed on": ("from parts.core import danger\nlist(map(danger, []))", "danger"),
    "in a table": ("from parts import core\nTABLE = {'d': core.danger}", "danger"),
    "a default": ("from parts import core\ndef f(by=core.danger): by(1)", "danger"),
    "a method": ("from parts import load\nload('x')", "Reader._inner"),
    "of an instance": ("from parts import Reader\nr = Reader('x')\nr.risky()", "Reader.risky"),
    "of something unknown": ("from parts import Reader\ndef f(r): r.risky()\nf(Reader('x'))", "Reader.risky"),
    "by an operator": ("from parts import Reader\nReader('x') + 1", "Reader.__add__"),
    "a property": ("from parts import Reader\ndef f(r): return r.value\nf(Reader(1))", "Reader.value"),
    "inherited": ("from parts import core\nclass Own(core.Reader):\n  pass\nOwn('x').read()", "Reader._inner"),
    "overridden": ("from parts import core\ncore.Quick('x').read()", "Quick._inner"),
    "by getattr": ("import parts.core\ngetattr(parts.core, 'danger')('x')", "danger"),
    "imported by a string": ("import importlib\nimportlib.import_module('parts.core').danger(1)", "danger"),
    "in a string of settings": ("STEPS = ['parts.core.danger']", "danger"),
    "of a variable": ("import parts\nreader = parts.Reader('x')\ndef f(): reader.risky()", "Reader.risky"),
    "in a lambda": ("from parts.core import danger\nf = lambda x: danger(x)", "danger"),
    "by a star": ("from parts.core import *\ndanger('x')", "danger"),
    "the class": ("from parts import load\nload('x')", "Reader"),
}


@pytest.mark.parametrize("name", REACHED)
def test_reached(name: str) -> None:
    code, symbol = REACHED[name]
    found = ask(code, f"parts.core:{symbol}")
    assert found.reach is Reach.REACHABLE, found.reasons
    assert found.path[-1].function == symbol
    assert found.path[0].location.path == "app/main.py"


NOT_REACHED = {
    "never imported": ("import json", "danger"),
    "only its neighbour": ("from parts import load\nload('x')", "danger"),
    "a method nobody names": ("from parts import load\nload('x')", "Reader.risky"),
    "a class nobody makes": ("from parts import load\nload('x')", "Quick._inner"),
}


@pytest.mark.parametrize("name", NOT_REACHED)
def test_not_reached(name: str) -> None:
    code, symbol = NOT_REACHED[name]
    found = ask(code, f"parts.core:{symbol}")
    assert found.reach is Reach.NOT_REACHABLE
    assert found.searched.files == 1


UNKNOWN = {
    "a name made at run time": (
        "from parts import Reader\ndef f(what): return getattr(Reader('x'), what)()", "Reader.risky", Doubt.DYNAMIC
    ),
    "a name from a table, of something unknown": (
        "from parts import Reader\nNAMES = ['risky']\ndef f(r): return getattr(r, NAMES[0])()\nf(Reader('x'))",
        "Reader.risky", Doubt.DYNAMIC
    ),
    "a command": ("import subprocess\nsubprocess.run(['parts', '-x'])", "danger", Doubt.NAMED_IN_TEXT),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown(name: str) -> None:
    code, symbol, doubt = UNKNOWN[name]
    library = LIBRARY | {"parts/__init__.py": "from parts.core import load, Reader, danger\ndanger(1)\n"}
    found = ask(code, f"parts.core:{symbol}", library=library if symbol == "danger" else LIBRARY)
    assert found.reach is Reach.UNKNOWN
    assert doubt in {reason.doubt for reason in found.reasons}


def test_across_packages() -> None:
    middle = {"middle.py": "from parts.core import danger\ndef go(x): return danger(x)\ndef other(x): return x\n"}
    found = ask("import middle\nmiddle.go(1)", "parts.core:danger", middle=middle)
    assert found.reach is Reach.REACHABLE
    assert [step.location.path for step in found.path] == [
        "app/main.py",
        "middle-2.0/middle.py",
        "parts-1.0/parts/core.py",
    ]
    assert ask("import middle\nmiddle.other(1)", "parts.core:danger", middle=middle).reach is Reach.NOT_REACHABLE


def test_registries() -> None:
    """A function that a decorator of the package takes in is called by whoever reads the registry."""
    library = {
        "parts/__init__.py": "from parts import core\n",
        "parts/core.py": """
import functools
KNOWN = []
def register(f): KNOWN.append(f); return f
@register
def danger(text): return eval(text)
@functools.lru_cache
def quiet(text): return eval(text)
""",
    }
    assert ask("import parts", "parts.core:danger", library=library).reach is Reach.REACHABLE
    assert ask("import parts", "parts.core:quiet", library=library).reach is Reach.NOT_REACHABLE


def test_subclasses_that_a_base_class_collects() -> None:
    library = {
        "parts/__init__.py": "from parts import core\n",
        "parts/core.py": """
class Plugin:
    def __init_subclass__(cls, **kw): ALL.append(cls)
    def run(self): return 1
class Danger(Plugin):
    def run(self): return eval('1')
def everything(): return [p().run() for p in ALL]
""",
    }
    assert (
        ask("import parts\nparts.core.everything()", "parts.core:Danger.run", library=library).reach is Reach.REACHABLE
    )


def test_without_symbols_only_what_is_not_loaded_is_out_of_reach() -> None:
    found = ask("import parts")
    assert (found.reach, found.reasons[0].doubt) == (Reach.UNKNOWN, Doubt.NO_SYMBOLS)
    assert ask("import json").reach is Reach.NOT_REACHABLE


def test_a_missing_release_is_no_evidence() -> None:
    wanted = vulnerability(PARTS, "parts.core:danger")
    files = [SourceFile("a.py", "python", data=b"import json")]
    found = analyse(files, [Component(PARTS, ())], [wanted], Releases(), Options())[key(wanted)]
    assert (found.reach, found.reasons[0].doubt) == (Reach.UNKNOWN, Doubt.NO_SOURCES)


def test_a_command_in_a_file_beside_the_code() -> None:
    library = LIBRARY | {"parts/__main__.py": "from parts.core import danger\ndanger(1)\n",
                         "parts-1.0.dist-info/entry_points.txt": "[console_scripts]\npartsctl = parts.core:danger\n"}  # fmt: skip
    found = ask("import json", "parts.core:danger", library=library, Procfile="web: partsctl serve")
    assert (found.reach, found.reasons[0].doubt) == (Reach.UNKNOWN, Doubt.NAMED_IN_TEXT)


def test_names_of_which_only_the_beginning_is_known() -> None:
    """`getattr(self, "read_" + kind)` may call every method that begins so, and no other."""
    library = {
        "parts/__init__.py": """
class Visitor:
    def visit(self, node): return getattr(self, "visit_" + node.kind)(node)
    def visit_call(self, node): return eval(node)
    def other(self, node): return eval(node)
"""
    }
    code = "import parts\nparts.Visitor().visit(1)"
    assert ask(code, "parts:Visitor.visit_call", library=library).reach is Reach.REACHABLE
    assert ask(code, "parts:Visitor.other", library=library).reach is Reach.NOT_REACHABLE


TABLES = {
    "parts/__init__.py": "from parts.tables import *\ndef pick(name): return BY_NAME[name]\ndef other(): return 1\n",
    "parts/tables.py": "def danger(x): return eval(x)\nBY_NAME = {'d': danger}\n",
}


def test_what_a_table_of_a_package_holds_is_reached_by_who_reads_the_table() -> None:
    """Even through a star import, or as a member of something nobody knows."""
    for code in ("import parts\nparts.pick('d')", "import parts.tables\ndef f(t): return t.BY_NAME\nf(parts.tables)"):
        assert ask(code, "parts.tables:danger", library=TABLES).reach is Reach.REACHABLE
    assert ask("import parts\nparts.other()", "parts.tables:danger", library=TABLES).reach is Reach.NOT_REACHABLE


def test_a_table_that_another_module_hands_on() -> None:
    library = TABLES | {
        "parts/__init__.py": "from parts.given import GIVEN\ndef pick(name): return GIVEN.copy()[name]\n",
        "parts/given.py": "from parts.tables import BY_NAME as GIVEN\n",
    }
    found = ask("import parts\nparts.pick('d')", "parts.tables:danger", library=library)
    assert found.reach is Reach.REACHABLE


def test_a_table_of_decorated_functions() -> None:
    library = {
        "parts/__init__.py": """
def marked(f):
    f.mark = True
    return f
@marked
def danger(x): return eval(x)
TABLE = {'d': danger}
def pick(name): return TABLE[name]
"""
    }
    assert ask("import parts\nparts.pick('d')", "parts:danger", library=library).reach is Reach.REACHABLE


def test_a_method_of_a_class_makes_instances_of_it() -> None:
    library = {
        "parts/__init__.py": """
class Locale:
    @classmethod
    def parse(cls, text): return cls(text)
    def __init__(self, text): self.text = text
    @property
    def data(self): return eval(self.text)
def shown(text): return Locale.parse(text).data
class Narrow(Locale):
    @property
    def data(self): return exec(self.text)
"""
    }
    assert ask("import parts\nparts.shown('x')", "parts:Locale.data", library=library).reach is Reach.REACHABLE
    code = "from parts import Narrow\nNarrow.parse('x').data"
    assert ask(code, "parts:Narrow.data", library=library).reach is Reach.REACHABLE


def test_a_class_that_a_function_makes() -> None:
    """Its body runs with the function, and what stands there leads on."""
    library = {
        "parts/__init__.py": """
def made(text):
    class Inner:
        name = property(lambda self: danger(text))
        kept = helper(text)
        def __init__(self): self.text = text
    return Inner()
def helper(text): return eval(text)
def danger(text): return eval(text)
"""
    }
    for name in ("danger", "helper", "made.Inner.__init__"):
        found = ask("import parts\nparts.made('x').name", f"parts:{name}", library=library)
        assert found.reach is Reach.REACHABLE, name


def test_tables_of_a_class_are_reached_with_the_class() -> None:
    library = {
        "parts/__init__.py": """
class Handler:
    def _danger(self): return eval('1')
    table = {1: _danger}
    def run(self, n): return self.table[n](self)
"""
    }
    assert (
        ask("import parts\nparts.Handler().run(1)", "parts:Handler._danger", library=library).reach is Reach.REACHABLE
    )
    assert ask("import parts", "parts:Handler._danger", library=library).reach is Reach.NOT_REACHABLE


def test_modules_whose_name_is_made_from_that_of_the_package() -> None:
    library = {
        "parts/__init__.py": """
import importlib
def load(name): return importlib.import_module(name)
def plugin(kind): return load(f"{__name__}.plugins.{kind}").run()
""",
        "parts/plugins/__init__.py": "",
        "parts/plugins/danger.py": "def run(): return eval('1')\n",
        "parts/far.py": "def run(): return eval('1')\n",
    }
    code = "import parts\nparts.plugin(input())"
    assert ask(code, "parts.plugins.danger:run", library=library).reach is Reach.UNKNOWN
    assert ask(code, "parts.far:run", library=library).reach is Reach.NOT_REACHABLE


def test_decorators_that_keep_nothing() -> None:
    library = {
        "parts/__init__.py": """
import functools
def quiet(f):
    @functools.wraps(f)
    def inner(*args): return f(*args)
    return inner
def loud(name):
    def take(f):
        KNOWN[name] = f
        return f
    return take
KNOWN = {}
class cached:
    def __init__(self, f): self.f = f
    def __get__(self, obj, kind): return self.f(obj)
class Thing:
    @cached
    def danger(self): return eval('1')
@quiet
def silent(): return eval('1')
@loud("x")
def known(): return eval('1')
"""
    }
    reached = {
        name: ask("import parts", f"parts:{name}", library=library).reach
        for name in ("Thing.danger", "silent", "known")
    }
    assert list(reached.values()) == [Reach.NOT_REACHABLE, Reach.NOT_REACHABLE, Reach.REACHABLE]


FLASK = "from flask import request, Flask\nimport parts\napp = Flask(__name__)\n"


def test_untrusted_data_that_gets_there_is_told_step_by_step() -> None:
    found = ask(FLASK + "@app.route('/')\ndef view():\n    text = request.args['t']\n    return parts.load(text)\n",
                "parts.core:Reader._inner")  # fmt: skip
    assert found.reach is Reach.UNTRUSTED
    assert [step.location.line for step in found.flow] == [6, 7]
    found = ask(FLASK + "@app.route('/')\ndef view():\n    return parts.load('constant')\n", "parts.core:Reader._inner")
    assert (found.reach, found.flow) == (Reach.REACHABLE, ())


def test_untrusted_data_given_to_a_method() -> None:
    code = FLASK + "@app.route('/')\ndef view():\n    r = parts.Reader('x')\n    return r.risky(request.args['t'])\n"
    assert ask(code, "parts.core:Reader.risky").reach is Reach.UNTRUSTED


def test_a_name_that_is_begun_in_code_is_kept_as_plain_text() -> None:
    """What the cache keeps are builtins, whatever a text knows of itself while a file is read."""
    code = b"class Reader:\n    def read(self, kind):\n        return getattr(self, 'read_' + kind)()\n"
    row = packed(lowered(Named("shop/reader.py", "python", "shop.reader", False, code)))
    assert unpacked(marshal.loads(marshal.dumps(row))).module.name == "shop.reader"


def test_the_release_just_before_the_fixed_one_is_compared() -> None:
    assert nearer("4.0.2", "4.1.10") == "4.1.9"
    assert nearer("4.0.3", "4.0.4") == "", "it is the one at hand"
    assert nearer("1.1", "2.0") == "", "nobody knows what came before"
    assert nearer("1.1", "odd") == ""
