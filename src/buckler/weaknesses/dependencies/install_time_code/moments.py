"""Which code of a package runs before anybody calls it: when it is installed, or when it is first imported.

At installation: `setup.py` as a whole (its command classes too), and the JavaScript files that scripts of a
`package.json` start. At import: bodies of modules, less what only runs when the file is started by itself. Functions
that such code calls belong to it.

Example::

    [(code.name, moment) for code, moment in running(view)]     # [("setup", Moment.INSTALL), ("setup.Steal.run", …)]
"""

from __future__ import annotations

import enum
import posixpath
import re
from collections.abc import Iterable, Iterator

from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALL, CLASS, FUNC, METHOD, Op
from buckler.analysis.program.modules import Class, Routine
from buckler.base.source import in_tests, is_manifest
from buckler.review.checks.view import Code, ProgramView
from buckler.weaknesses.dependencies.install_time_code import scripts
from buckler.weaknesses.dependencies.install_time_code.names import called, dotted

SETUP = "setup.py"
STARTUP = frozenset({"sitecustomize.py", "usercustomize.py"})
"""Python imports them whenever it starts."""
NEVER_SHIPPED = re.compile(r"(?:^|/)(?:docs?|examples?|samples?|benchmarks?|demos?|ci|tools|scripts)/")
ALONE = re.compile(rb"^if\b[ (]*(?:__name__|require\.main)\b[^\n]*\n(?:[ \t}][^\n]*\n|\r?\n)*", re.M)
"""What a file does only when it is started by itself."""
TELLING = re.compile(
    rb"\b(?:eval|exec\w*|system|popen|spawn\w*|Popen|subprocess|Function|child_process|startfile|builtins|__import__|import_module"
    rb"|urlopen|urlretrieve|requests|httpx?s?|socket|fetch|axios|winreg|[Ss]tartup|autostart|cron\w*|systemd|Launch\w+"
    rb"|\w*profile|\w+rc|\w+customize)\b"
)
"""Words without one of which nothing that happens at import can be found."""
MAKERS = frozenset({"__init__", "__new__", "constructor"})
MOST = 4_000
"""Functions that are looked into."""


class Moment(enum.Enum):
    """When code runs."""

    INSTALL = "when the package is installed"
    IMPORT = "when the package is imported"


def running(view: ProgramView) -> list[tuple[Code, Moment]]:
    """Every function that runs by itself, with the earlier moment where there are two."""
    found: dict[str, tuple[Code, Moment]] = {}
    for moment, first in ((Moment.INSTALL, _at_install(view)), (Moment.IMPORT, _at_import(view))):
        todo = list(first)
        while todo and len(found) < MOST:
            routine = todo.pop()
            if routine.name not in found:
                code = view.code(routine)
                found[routine.name] = (code, moment)
                todo += _called(code, moment)
    return list(found.values())


def acting(code: Code, moment: Moment) -> Iterator[tuple[int, Op]]:
    """The operations of a function, less what only happens when its file is started by itself."""
    left_out: list[tuple[int, int]] = []
    if moment is Moment.IMPORT and code.routine.function.kind == "module":
        text = code.view.texts.get(code.routine.module.path, b"")
        left_out = [found.span() for found in ALONE.finditer(text)]
    spans = code.routine.function.spans
    for number, op in enumerate(code.ops):
        start = spans[number] >> 32
        if not any(first <= start < last for first, last in left_out):
            yield number, op


def _at_install(view: ProgramView) -> Iterator[Routine]:
    started = set(_started(view))
    for name, routines in view.by_module().items():
        path = view.program.modules[name].path
        if path in started or (posixpath.basename(path) == SETUP and not in_tests(path)):
            yield from routines


def _started(view: ProgramView) -> Iterator[str]:
    for path, data in view.texts.items():
        if is_manifest(path) and not in_tests(path):
            for script in scripts.scripts(data).values():
                yield from scripts.started(script, path)


def _at_import(view: ProgramView) -> Iterator[Routine]:
    entries = {file for path, data in view.texts.items() if is_manifest(path) for file in scripts.main(data, path)}
    packages = {posixpath.dirname(m.path) for m in view.program.modules.values() if m.package}
    roots = {posixpath.dirname(path) for path in view.texts if posixpath.basename(path) in ("setup.py", "package.json")}
    for name, routines in view.by_module().items():
        module = view.program.modules[name]
        folder = posixpath.dirname(module.path)
        if is_manifest(module.path) or in_tests(module.path) or NEVER_SHIPPED.search(module.path):
            continue
        if module.language == "javascript":
            imported = module.path in entries or folder not in roots
        else:
            imported = folder in packages or folder in roots or posixpath.basename(module.path) in STARTUP
        if (imported or not folder) and TELLING.search(view.texts.get(module.path, b"")):
            yield from (r for r in routines if r.function.kind == "module")


def _called(code: Code, moment: Moment) -> Iterable[Routine]:
    """Functions of the program that this one calls, hands over to be called, or holds."""
    program, module = code.view.program, code.routine.module
    for _, op in acting(code, moment):
        if op[0] == FUNC and (code.routine.function.kind not in ("module", "class") or _unnamed(code, op)):
            yield from filter(None, [program.of_function.get((module.name, ops.index(op)))])
        elif op[0] == CLASS:
            body = program.of_class.get((module.name, ops.index(op)))
            if body is not None:
                yield program.of_function[module.name, body.info.body]
        elif op[0] in (CALL, METHOD):
            for name in (called(code, op), *(dotted(code, place) for place in ops.operands(op)[1:])):
                yield from _meant(code, name, moment)


def _unnamed(code: Code, op: Op) -> bool:
    inner = code.view.program.of_function.get((code.routine.module.name, ops.index(op)))
    return inner is not None and "<" in inner.function.name


def _meant(code: Code, name: str, moment: Moment) -> Iterable[Routine]:
    if not name or name.startswith("."):
        return
    entity = code.view.program.entity(name)
    if entity is None and "." not in name:
        entity = code.view.program.entity(f"{code.routine.module.name}.{name}")
    if isinstance(entity, Routine):
        yield entity
    elif isinstance(entity, Class):
        wanted = entity.methods.items()
        yield from (method for called_as, method in wanted if moment is Moment.INSTALL or called_as in MAKERS)
