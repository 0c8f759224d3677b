"""Which vulnerable functions of its packages a project can reach, and how.

Example::

    found = analyse(files, inventory.components, vulnerabilities, Releases(installed=(venv,)), Options(cache=cache))
    found[key(vulnerability)].reach         # Reach.REACHABLE
    found[key(vulnerability)].path          # Steps from a function of the project to the vulnerable one
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from buckler.analysis.ir.ops import Module
from buckler.analysis.languages.registry import LANGUAGES
from buckler.analysis.program.modules import Class, Routine
from buckler.base.progress import Progress, Silent
from buckler.base.source import SourceFile
from buckler.dependencies.model import (
    Component,
    Doubt,
    Package,
    Reach,
    Reachability,
    Reason,
    Searched,
    Symbol,
    Symbols,
    Vulnerability,
)
from buckler.dependencies.reach.linked import STANDARD, Linked
from buckler.dependencies.reach.outline import Outline, between, outline
from buckler.dependencies.reach.search import BY_NAME, GUESSED, Edge, Hints, Search
from buckler.dependencies.reach.sources import SPOKEN, Cache, NoCache, Reading, folder_of, named_files, whole
from buckler.dependencies.reach.steps import Texts, steps_of
from buckler.dependencies.reach.untrusted import Site, flows
from buckler.dependencies.reach.uses import NAMED, Use
from buckler.dependencies.releases import Releases

WORD = re.compile(rb"[A-Za-z_@][\w@/.:-]*")
MAX_TEXT = 400_000
Key = tuple[Package, str]


Sought = Callable[[Vulnerability], Symbols]


def named_by_advisories(vulnerability: Vulnerability) -> Symbols:
    """Only what the advisories themselves name."""
    package = vulnerability.component.package
    affected = (a for advisory in vulnerability.advisories for a in advisory.affected if a.name == package.name)
    return Symbols(tuple(dict.fromkeys(symbol for a in affected for symbol in a.symbols)))


@dataclass(slots=True, frozen=True)
class Options:
    symbols: Sought = named_by_advisories
    """Says what is vulnerable; `dependencies.symbols` has better than the default."""
    cache: Cache = field(default_factory=NoCache)
    manifests: frozenset[str] = frozenset()
    """Paths of files that name every package and so start none."""
    unread: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Code of the project that nobody reads and that could use a package, by ecosystem."""
    progress: Progress = field(default_factory=Silent)


def key(vulnerability: Vulnerability) -> Key:
    return vulnerability.component.package, vulnerability.id


def analyse(files: Sequence[SourceFile], components: Sequence[Component], vulnerabilities: Sequence[Vulnerability],
            releases: Releases, options: Options) -> dict[Key, Reachability]:  # fmt: skip
    """The answer for each vulnerability."""
    out: dict[Key, Reachability] = {}
    for ecosystem, language in SPOKEN.items():
        mine = [v for v in vulnerabilities if v.component.package.ecosystem == ecosystem]
        if mine:
            own = [f for f in files if f.language == language]
            texts = [f for f in files if f.language not in LANGUAGES and f.path not in options.manifests]
            packages = [c.package for c in components if c.package.ecosystem == ecosystem]
            out |= World(own, texts, packages, mine, releases, options).answers()
    for vulnerability in vulnerabilities:
        foreign = Reason(Doubt.OTHER_LANGUAGE, vulnerability.component.package.ecosystem)
        out.setdefault(key(vulnerability), Reachability(Reach.UNKNOWN, reasons=(foreign,)))
    return out


class World:
    """The project and its packages of one ecosystem."""

    def __init__(self, own: Sequence[SourceFile], texts: Sequence[SourceFile], packages: Sequence[Package],
                 wanted: Sequence[Vulnerability], releases: Releases, options: Options) -> None:  # fmt: skip
        self.wanted = wanted
        self.own = own
        self.ecosystem = wanted[0].component.package.ecosystem
        self.entries: dict[Key, dict[Site, str]] = {}
        """Calls of the project that begin a way to what is reached for sure."""
        self.options = options
        self.releases = releases
        self.reading = Reading(options.cache)
        self.outlines: dict[Package, Outline] = {}
        self.missing: list[Package] = []
        vulnerable = [v.component.package for v in wanted]
        for package in dict.fromkeys((*packages, *vulnerable)):
            release = releases.find(package)
            if release is None or not release.files:
                self.missing.append(package)
            else:
                self.outlines[package] = outline(release, options.cache)
        self.offered = {top for known in self.outlines.values() for top in known.offers} | STANDARD
        near = between(self.outlines, (p for p in vulnerable if p in self.outlines))
        self.followed = [package for package in self.outlines if package in near]
        files = self.reading.project(own)
        self.files = len(files)
        paths: dict[str, Package] = {}
        options.progress.start(len(self.followed) + len(wanted), "following calls into packages")
        for package in self.followed:
            options.progress.advance()
            release = releases.find(package)
            for file in self.reading.release(release) if release is not None else ():
                paths[file.module.path] = package
                files.append(file)
        self.texts = Texts({f.path: f for f in own}, {folder_of(p): p for p in self.followed}, releases)
        self.linked = Linked(files, paths)
        words = words_of(texts)
        self.search = Search(self.linked, self.hints(words)).run()
        for word in sorted(words):
            self.search.start(word)
        self.search.finish()

    def hints(self, texts: frozenset[str]) -> Hints:
        words: dict[str, list[str]] = {}
        plugins: list[str] = []
        for package in self.followed:
            known = self.outlines[package]
            for command, function in known.commands.items():
                words.setdefault(command, []).append(function)
            for top in known.offers:
                words.setdefault(top, []).append(top)
            plugins += known.plugins
        others = [known.members for package, known in self.outlines.items() if package not in self.followed]
        unknown = {name for name in self.imported() if name not in self.offered}
        noticing = {top for known in self.outlines.values() if known.registers for top in known.offers}
        return Hints(words, frozenset().union(*others), texts, plugins, frozenset(unknown | noticing))

    def imported(self) -> set[str]:
        """First parts of everything that is imported by what is followed."""
        return {name.partition(".")[0] for module in self.linked.program.modules.values() for name in module.imported}

    # ---- answers

    def answers(self) -> dict[Key, Reachability]:
        functions = sum(isinstance(node, Routine) for node in self.search.found)
        searched = Searched(self.files, functions, tuple(sorted(self.followed)))
        found: dict[Key, Reachability] = {}
        for vulnerability in self.wanted:
            found[key(vulnerability)] = self.answer(vulnerability, searched)
            self.options.progress.advance()
        self.options.progress.finish()
        return self.with_flows(found)

    def with_flows(self, answers: dict[Key, Reachability]) -> dict[Key, Reachability]:
        """What is reached for sure, with the way of untrusted data to a call that begins the way there."""
        calls = {site: name for sites in self.entries.values() for site, name in sites.items()}
        if not calls:
            return answers
        found = flows([whole(file) for file in named_files(self.own)], calls, self.texts)
        for name, sites in self.entries.items():
            first = next((found[site] for site in sites if site in found), None)
            if first is not None:
                answers[name] = replace(answers[name], reach=Reach.UNTRUSTED, flow=first[0], source=first[1])
        return answers

    def begins(self, ways: Iterable[Sequence[Edge]]) -> dict[Site, str]:
        """The project's calls from which these ways go on, each with the name it calls."""
        out: dict[Site, str] = {}
        for way in ways:
            first = next((edge for edge in way if self.search.enters(edge)), None)
            for edge in self.search.sites.get(first.node, ()) if first is not None and first.node is not None else ():
                if edge.origin is not None and edge.use is not None:
                    out[edge.origin.module.path, edge.use.span] = called(edge.origin.module, edge.use)
        return out

    def answer(self, vulnerability: Vulnerability, searched: Searched) -> Reachability:
        package = vulnerability.component.package
        if package in self.missing:
            return Reachability(Reach.UNKNOWN, searched=searched, reasons=(Reason(Doubt.NO_SOURCES, package.name),))
        sought = self.options.symbols(vulnerability)
        nodes = [*self.nodes(package, sought.every)]
        if not nodes:
            return self.without_symbols(package, sought, searched)
        ways = [(way, symbol) for node, symbol in nodes if (way := self.search.way(node)) is not None]
        if not ways:
            return self.unreached(sought, searched)
        named = set(sought.named)
        way, symbol = min(ways, key=lambda w: (w[0][-1].level == GUESSED, w[1] not in named, w[0][-1].level, len(w[0])))
        reasons = tuple(doubts(way, self.texts))
        if symbol not in named:
            reasons = (Reason(Doubt.MANY_SYMBOLS, package.name), *reasons)
        certain = sum(other[-1].level < GUESSED for other, _ in ways)
        sure = way[-1].level < GUESSED and (symbol in named or 2 * certain >= len(nodes))
        if sure:
            self.entries[key(vulnerability)] = self.begins(w for w, s in ways if s in named or s == symbol)
        symbols = (symbol, *(other for other in sought.every if other != symbol))
        return Reachability(Reach.REACHABLE if sure else Reach.UNKNOWN, symbols, steps_of(way, self.texts), (),
                            searched, reasons)  # fmt: skip

    def nodes(self, package: Package, symbols: Iterable[Symbol]) -> Iterator[tuple[Routine | Class, Symbol]]:
        """What the symbols are in the program."""
        for symbol in symbols:
            found = self.linked.program.entity(f"{symbol.module}.{symbol.name}" if symbol.name else symbol.module)
            node = self.linked.body(found) if isinstance(found, Module) else found
            if node is not None and self.linked.package(node.module) == package:
                yield node, symbol

    def without_symbols(self, package: Package, sought: Symbols, searched: Searched) -> Reachability:
        """Nobody says what is vulnerable: only a package that nothing loads is out of reach."""
        ways = [
            self.search.way(node)
            for node in self.search.found
            if isinstance(node, Routine)
            and node.function.kind == "module"
            and self.linked.package(node.module) == package
        ]
        if not ways:
            return self.unreached(sought, searched)
        way = min((w for w in ways if w is not None), key=len)
        return Reachability(Reach.UNKNOWN, sought.every, steps_of(way, self.texts), (), searched,
                            (Reason(Doubt.NO_SYMBOLS, package.name),))  # fmt: skip

    def unreached(self, sought: Symbols, searched: Searched) -> Reachability:
        """Nothing leads there, if everything was there to be looked at."""
        unread = (*self.options.unread.get(self.ecosystem, ()), *self.reading.unread)
        reasons = (
            *(Reason(Doubt.NO_SOURCES, missing.name) for missing in self.missing),
            *(Reason(Doubt.UNREAD, name) for name in unread),
        )
        reach = Reach.UNKNOWN if reasons else Reach.NOT_REACHABLE
        return Reachability(reach, sought.every, (), (), searched, reasons)


def words_of(texts: Iterable[SourceFile]) -> frozenset[str]:
    """What files beside the code name: commands, modules, members."""
    out: set[bytes] = set()
    for file in texts:
        with suppress(OSError):
            out.update(WORD.findall(file.read()[:MAX_TEXT]))
    return frozenset(word.decode("utf-8", "replace") for word in out)


def called(module: Module, use: Use) -> str:
    """What a use calls, by the name it is imported under; `?.name` for a member of something."""
    if use.kind != NAMED:
        return f"?.{use.name or use.text}"
    if use.text.startswith("="):
        return use.text[1:]
    head, _, rest = use.text.partition(".")
    bound = module.imports.get(head)
    return ".".join(filter(None, (*bound, rest))) if bound is not None else f"?.{use.text.rpartition('.')[2]}"


def doubts(way: Sequence[Edge], texts: Texts) -> Iterator[Reason]:
    """What is not sure about a way, in its order."""
    for edge in way:
        if edge.level >= BY_NAME and edge.doubt is not None:
            yield Reason(edge.doubt, edge.node.name if edge.node is not None else "", texts.location(edge))


def shares(answers: Mapping[Key, Reachability]) -> dict[Reach, int]:
    """How often each answer was given."""
    out = dict.fromkeys(Reach, 0)
    for answer in answers.values():
        out[answer.reach] += 1
    return out
