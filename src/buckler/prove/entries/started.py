"""Programs that listen: the file run as a program, or the function that starts the server, up to where it would listen.

Nothing listens in a test. The address is noted in the place of that, and the program ends there as it does where an
address is taken already.

Example::

    for reached in started_approaches(session, surface, finding): ...
    # send: 'with noted("app.py"):\n    return runpy.run_module("shop.app", run_name="__main__")'
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from buckler.finding.evidence import Exposure
from buckler.finding.model import Finding
from buckler.prove.cutting import cut
from buckler.prove.entries.reach import MARK, Reached, arrived, reach, watched
from buckler.prove.entries.surface import Surface
from buckler.prove.environment.layout import module_of
from buckler.prove.model import EntryDriver, ProofRecipe
from buckler.prove.probe_file import PROBES, ProbeFile, top_names
from buckler.prove.session import Session

STARTS = re.compile(r"\b(run|serve\w*|listen|bind|run_app|make_server|\w*Server|create_server)\(")
LISTENING = PROBES / "listening.py"


def notes_addresses(approach: EntryDriver) -> bool:
    """Whether a program is started here, up to where it would listen."""
    return "LISTENING" in top_names(approach.setup)


def started_approaches(session: Session, surface: Surface, finding: Finding, recipe: ProofRecipe) -> Iterator[Reached]:
    """The first way to start the program under which the line runs."""
    module = module_of(finding.location.path, surface.roots)
    function = finding.function if "." not in finding.function else ""
    ways = [
        (
            f"`{module}`, started as a program",
            "import runpy",
            f'return runpy.run_module("{module}", run_name="__main__")',
        )
    ]
    if function:
        ways.insert(
            0, (f"`{module}.{function}`, called directly", f"from {module} import {function}", f"return {function}()")
        )
    for words, needed, call in ways:
        body = f'with noted("{module.rpartition(".")[2]}.py"):\n{textwrap.indent(call, "    ")}'
        noted = cut(ProbeFile.load(LISTENING), [], more=["noted"])
        approach = EntryDriver(words, Exposure.REMOTE, (*noted.imports, needed), body, noted.code, text='"ended"',
                            assumptions=("nothing listens: the program ends where it would",))  # fmt: skip
        answer = reach(session, approach, MARK.format(1), watched(finding))
        if arrived(answer, finding, recipe):
            yield Reached(approach, answer, MARK.format(1), exact=True)
            return
