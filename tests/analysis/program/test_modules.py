"""What names mean across the modules of a program."""

from __future__ import annotations

from buckler.analysis.languages.registry import front_end
from buckler.analysis.languages.shared import lower
from buckler.analysis.program.modules import Program


def program(**files: str) -> Program:
    return Program(lower(front_end("python"), f"{n}.py", n, False, text.encode()) for n, text in files.items())


def test_modules_that_take_in_everything_of_each_other() -> None:
    """Each way through twenty such modules would be a way too many."""
    names = [f"part{number}" for number in range(20)]
    every = "\n".join(f"from {name} import *" for name in names)
    found = program(
        **dict.fromkeys(names, every), last="def f(): pass", first="from part0 import *\nfrom last import *"
    )
    assert found.entity("first.nothing") is None
    assert found.entity("first.f") is found.routines["last.f"]


def test_modules_that_take_in_everything_of_what_is_not_there() -> None:
    every = "\n".join(f"from part.sub{number} import *" for number in range(12))
    assert program(part=every, first="from part import *").entity("first.nothing") is None
