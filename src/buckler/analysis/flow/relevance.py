"""Which functions can matter at all.

A function is worth a look of its own when it names something a library model has an opinion about, or something in the
program that is worth a look: a function it may call, a field or global it fills that such a function reads. All
by last names, so it errs on the side of looking. Everything else is analysed only if somebody asks for its summary;
in real projects that spares about half the work.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from functools import cache

from buckler.analysis.flow import cells
from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.summary import Summary
from buckler.analysis.languages.registry import WORDS
from buckler.analysis.libraries.model import LibraryModels
from buckler.analysis.program.modules import Class, Program, Routine

TEST = re.compile(
    r"(^|/)(tests?|testing)/|(^|/)test_[^/]*$|_tests?\.\w+$|(^|/)(conftest|tests)\.py$|\.(test|spec)\.\w+$"
)


def telling(program: Program, libraries: Mapping[str, LibraryModels]) -> dict[str, frozenset[str]]:
    """Per module the last names that lead to a sink, a misuse or a registration there."""
    imported = {m.name: {i.split(".")[0] for i in m.imported} for m in program.modules.values()}
    imports = set().union(*imported.values()) if imported else set()
    wide: dict[str, Telling] = {}
    careless: dict[str, Telling] = {}
    for language, tables in libraries.items():
        present = reachable(tables, imports)
        wide[language] = sorted_out(names_of(tables), present)
        careless[language] = sorted_out(misused(tables), present)
    out: dict[str, frozenset[str]] = {}
    for module in program.modules.values():
        # nothing untrusted begins in a test: only calls wrong in themselves count
        everywhere, packages = (careless if TEST.search(module.path) else wide)[module.language]
        out[module.name] = frozenset(everywhere.union(*(packages.get(p, ()) for p in imported[module.name])))
    return out


Telling = tuple[set[str], dict[str, set[str]]]
"""Last names that count in every module, and those that count where a package is imported."""


def sorted_out(names: Iterable[tuple[str, str]], present: set[str]) -> Telling:
    everywhere: set[str] = set()
    by_package: dict[str, set[str]] = defaultdict(set)
    for name, last in names:
        parts = name.split(".")
        if len(parts) == 1 or parts[0] in WORDS.built_in or name.startswith("~"):
            everywhere.add(last)
        elif any(p[:1].isupper() for p in parts[1:-1]):
            if parts[0] in present:
                everywhere.add(last)
        else:
            by_package[parts[0]].add(last)
    return everywhere, by_package


def misused(tables: LibraryModels) -> Iterable[tuple[str, str]]:
    """Names of what is a flaw without any data flow, each with the member a program would mention."""
    for name, rows in tables.callables.items():
        if any(r.misuse for r in rows):
            yield ("~" if any(r.loose for r in rows) else "") + name, name.rpartition(".")[2]
    for name, value in tables.values.items():
        if value.misuse:
            yield name, name.rpartition(".")[2]
    for alias, name in tables.aliases.items():
        if any(r.misuse for r in tables.callables.get(name, ())):
            yield alias, alias.rpartition(".")[2]


def careless(tables: LibraryModels) -> Telling:
    """Names that make a function of a test worth reading at all, in files that mention their package."""
    everywhere: set[str] = set()
    packages: dict[str, set[str]] = defaultdict(set)
    for name, last in misused(tables):
        package = top(name)
        if package in WORDS.built_in or package == name or name.startswith("~"):
            everywhere.add(last)
        else:
            packages[package].add(last)
    return everywhere, packages


def reachable(tables: LibraryModels, packages: set[str]) -> set[str]:
    """Packages whose objects a program meets through those it imports: aliases, results, bases."""
    links: dict[str, set[str]] = defaultdict(set)
    for alias, name in tables.aliases.items():
        links[top(alias)].add(top(name))
    for name, rows in tables.callables.items():
        links[top(name)].update(top(t) for r in rows for t in (r.returns, r.items) if t)
        for row in rows:
            if row.route is not None:
                links[top(name)].update(top(t) for _, t in row.route.types)
    for name, value in tables.values.items():
        links[top(name)].update(top(t) for t in (value.type, value.items) if t)
    for name, kind in tables.types.items():
        links[top(name)].update(top(b) for b in (*kind.bases, kind.items, kind.attributes) if b)
    out: set[str] = set()
    todo = list(packages)
    while todo:
        package = todo.pop()
        if package not in out:
            out.add(package)
            todo += links.get(package, ())
    return out


def top(name: str) -> str:
    return name.partition(".")[0]


def names_of(tables: LibraryModels) -> Iterable[tuple[str, str]]:
    """Names that matter, each with the member a program would mention; loose rows count anywhere."""
    for name, rows in tables.callables.items():
        if any(r.sinks or r.misuse or r.route for r in rows):
            yield name, name.rpartition(".")[2]
        if any(r.loose for r in rows):
            yield "~" + name, name.rpartition(".")[2]
    for name, value in tables.values.items():
        if value.misuse:
            yield name, name.rpartition(".")[2]
    for name, conventions in tables.parameters.items():
        if any(f"{c.type}.__call__" in tables.callables for c in conventions):
            yield "~" + name, name
    for name in tables.assigns:
        owner = name.partition("[")[0]
        yield "~" + name, owner.rpartition(".")[2]
    for alias, name in tables.aliases.items():
        if name in tables.callables:
            yield alias, alias.rpartition(".")[2]


class Worklist:
    """Functions still to be looked at, grown by what the analysis finds.

    It starts with the functions that name something a library model has an opinion about. When one of them turns out
    to pass a parameter on to a sink, whoever mentions its name is looked at; when a field or global matters,
    whoever writes it.
    """

    def __init__(self, program: Program, libraries: Mapping[str, LibraryModels]) -> None:
        self.program = program
        self.users: dict[str, list[Routine]] = defaultdict(list)
        self.writers: dict[str, list[Routine]] = defaultdict(list)
        self.queue: deque[Routine] = deque()
        self.chosen: set[str] = set()
        self.demanded: set[Cell] = set()
        self.fillers: dict[Cell, list[Routine]] = defaultdict(list)
        """Per cell, functions that put a parameter into it."""
        self.edges: dict[Cell, list[Cell]] = defaultdict(list)
        """Per cell, cells that flow into it."""
        self.spread: set[str] = set()
        self.tests: dict[str, bool] = {}
        self.aliases = aliases(program)
        self.renamed: set[tuple[str, str]] = set()
        """(name, what it holds) pairs of variables and fields that were seen to hold functions."""
        names = self.names = telling(program, libraries)

        @cache
        def outward(language: str, method: str) -> bool:
            return any(re.search(r.name, method) for r in libraries[language].results)

        for routine in program.routines.values():
            function = routine.function
            for name in function.mentions:
                self.users[name].append(routine)
            for name in function.stores:
                self.writers[name].append(routine)
            for place in function.captured:
                self.writers[function.locals[place]].append(routine)
            mine = names[routine.module.name]
            named = function.locals if function.kind == "module" else ()
            if function.kind == "method" and outward(routine.module.language, function.name.rpartition(".")[2]):
                self.add(routine)
            if not (mine.isdisjoint(function.mentions) and mine.isdisjoint(function.stores) and mine.isdisjoint(named)):
                self.add(routine)
        bodies = [r for r in self.queue if r.function.kind in ("module", "class")]
        self.queue = deque(bodies + [r for r in self.queue if r.function.kind not in ("module", "class")])

    def add(self, routine: Routine) -> None:
        if routine.name not in self.chosen:
            self.chosen.add(routine.name)
            self.queue.append(routine)

    def rename(self, held: Iterable[tuple[Cell, str]]) -> None:
        """Whoever names a variable that holds a function, or a list or map of functions, may call that function."""
        for cell, ref in held:
            alias, last = cells.last(cell), ref.rsplit(".", 1)[-1]
            if alias == last or (alias, ref) in self.renamed:
                continue
            self.renamed.add((alias, ref))
            self.aliases[ref].add(alias)
            known = ref in self.program.routines
            for routine in self.users.get(alias, ()):
                if ref in self.spread if known else last in self.names[routine.module.name]:
                    self.add_outside(routine)

    def learn(self, routine: Routine, summary: Summary) -> None:
        """Look at whatever the summary makes interesting."""
        for latent in summary.latents:
            if latent.label[0] == "param":
                self.callers(routine)
            elif latent.label[0] == "cell":
                self.demand(Cell(latent.label[1]))
        for write in summary.writes:
            if write.label[0] == "param":
                self.fillers[write.cell].append(routine)
                if write.cell in self.demanded:
                    self.callers(routine)
            elif write.label[0] == "cell":
                self.edges[write.cell].append(Cell(write.label[1]))
                if write.cell in self.demanded:
                    self.demand(Cell(write.label[1]))

    def callers(self, routine: Routine) -> None:
        if routine.name in self.spread:
            return
        self.spread.add(routine.name)
        for name in called_as(routine, self.aliases):
            for other in self.users.get(name, ()):
                self.add_outside(other)
        if routine.function.parent > 0:
            self.add(self.program.of_function[routine.module.name, routine.function.parent])

    def add_outside(self, routine: Routine) -> None:
        """Nothing untrusted begins in a test: what it calls, keeps or hands on need not be followed upwards."""
        if routine.name in self.chosen:
            return
        path = routine.module.path
        known = self.tests.get(path)
        if known is None:
            known = self.tests[path] = TEST.search(path) is not None
        if not known:
            self.add(routine)

    def demand(self, cell: Cell) -> None:
        todo = [cell]
        while todo:
            cell = todo.pop()
            if cell in self.demanded:
                continue
            self.demanded.add(cell)
            for routine in self.writers.get(cells.last(cell), ()):
                self.add_outside(routine)
            for routine in self.fillers.get(cell, ()):
                self.callers(routine)
            todo += self.edges.get(cell, ())


def aliases(program: Program) -> dict[str, set[str]]:
    """Other names that imports and exports give to functions and classes."""
    out: dict[str, set[str]] = defaultdict(set)
    for module in program.modules.values():
        for alias, (home, member) in module.imports.items():
            entity = program.entity(f"{home}.{member}" if member else home)
            if isinstance(entity, Routine | Class) and not entity.name.endswith(f".{alias}"):
                out[entity.name].add(alias)
    return out


def called_as(routine: Routine, others: Mapping[str, set[str]]) -> list[str]:
    """Names by which somebody may call this function."""
    short = routine.function.name.rsplit(".", 1)[-1]
    if routine.owner is not None and short in WORDS.implicit:
        owner = routine.owner
        known = others.get(owner.name, ())
        return [owner.info.name.rsplit(".", 1)[-1], *(c.info.name for c in owner.subclasses), *known]
    return [short, *others.get(routine.name, ())]
