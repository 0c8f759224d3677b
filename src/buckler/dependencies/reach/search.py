"""From the project's functions to everything they may come to call, nearest and surest first.

Every function and class of the project is where the search begins. What a function uses becomes part of it; a method
does when its class is used and somebody names the method. How sure a way is has three levels, and what is reached at
one is looked at before the next is begun:

    EXACT    names lead there, or the type of the receiver does
    BY_NAME  a method of that name is called of something whose class nobody knows, of a package the caller can know
    GUESSED  a name that is made while the program runs, a string, a method that somebody calls who does not know the
             package

Example::

    search = Search(linked, roots, hints).run()
    search.way(routine)      # [Edge(...), ...] from the project to the function, None if nothing leads there
"""

from __future__ import annotations

import builtins
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from buckler.analysis.ir.ops import Module
from buckler.analysis.program.modules import Class, Routine
from buckler.dependencies.model import Doubt, Package
from buckler.dependencies.reach.linked import Linked, Target
from buckler.dependencies.reach.uses import (
    ABOVE,
    ANY,
    BUILT,
    DECORATED,
    DYNAMIC,
    DYNAMIC_LOAD,
    FUNCTION,
    GLOBALS,
    KEPT,
    LOADS,
    NAMED,
    OF,
    SELF,
    SUBCLASSES,
    TEXTUAL,
    Use,
)  # fmt: skip

EXACT, BY_NAME, GUESSED = range(3)
PASSIVE = frozenset({
    "property", "staticmethod", "classmethod", "abc", "functools", "contextlib", "typing", "dataclasses", "warnings",
    "types", "enum", "asyncio", "collections", "unittest", "typing_extensions",
})  # fmt: skip
"""What a decorator of these makes of a function is called by nobody but its callers."""


@dataclass(slots=True, frozen=True)
class Edge:
    """How something came to be reached: from which function, by which use."""

    node: Routine | Class | None
    """What runs when a module is loaded is a routine too."""
    origin: Routine | None
    use: Use | None
    level: int
    doubt: Doubt | None = None


@dataclass(slots=True, frozen=True)
class Asked:
    """Members whose names are made while the program runs: how they begin, and of which classes they are read."""

    beginning: str
    owners: frozenset[str] | None
    edge: Edge
    home: Package | None

    def covers(self, other: Asked) -> bool:
        wide = self.owners is None or (other.owners is not None and other.owners <= self.owners)
        begins = bool(self.beginning) == bool(other.beginning) and other.beginning.startswith(self.beginning)
        return wide and begins and self.edge.level <= other.edge.level


@dataclass(slots=True)
class Hints:
    """What is known beside the code."""

    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Names of commands and modules, each with modules or functions that it starts."""
    outside: frozenset[str] = frozenset()
    """Members that packages name whose code is not followed."""
    texts: frozenset[str] = frozenset()
    """Words of files beside the code."""
    plugins: Sequence[str] = ()
    """What packages register by entry points, as dotted names."""
    registering: frozenset[str] = frozenset()
    """First parts of names of packages that may notice that a class inherits from one of theirs."""


class Search:
    def __init__(self, linked: Linked, hints: Hints) -> None:
        self.linked = linked
        self.program = linked.program
        self.hints = hints
        self.found: dict[Routine | Class, Edge] = {}
        self.sites: dict[Routine | Class, list[Edge]] = defaultdict(list)
        """Uses in the project by what of a package they lead to."""
        self.queues: tuple[deque[Edge], ...] = (deque(), deque(), deque())
        self.mentions: dict[str, list[Edge]] = defaultdict(list)
        """Per member the edges that name it of something unknown; one per caller's package and level."""
        self.waiting: dict[str, list[tuple[Routine, int]]] = defaultdict(list)
        """Methods of classes in use by their name, with the level at which the class is."""
        self.virtual: dict[tuple[str, str], Edge] = {}
        """(class, member) of which instances are asked."""
        self.live: dict[str, list[Class]] = defaultdict(list)
        """Classes in use by the name of each class they inherit from."""
        self.asked: dict[str, list[tuple[str, Edge]]] = defaultdict(list)
        self.begun: dict[str | None, list[Asked]] = defaultdict(list)
        """Computed members that were asked for, by the class they can be of; None for any."""
        self.owned: dict[str, list[tuple[str, Routine, int]]] = defaultdict(list)
        """Waiting methods by the class that has them, with their name and level."""
        self.outside: dict[str, Edge] = {}
        """Names beyond all that was read."""
        self.read: set[tuple[Routine, str]] = set()
        """Variables of modules that were read."""
        self.holders: dict[str, list[Routine]] = defaultdict(list)
        """Modules that keep a collection, by the name under which they do."""
        for file in linked.files.values():
            for name in file.held:
                self.holders[name].append(linked.body(file.module))
        self.loading = False
        """Whether somebody loads modules by names made while the program runs."""
        self.built: list[tuple[str, Module, Edge]] = []
        """Beginnings of strings that may be names of modules."""
        self.spelled = hints.texts | {use[1] for file in linked.files.values() for uses in file.uses for use in uses
                                      if use[0] == TEXTUAL}  # fmt: skip
        """Everything that stands somewhere as a string."""
        self.level = EXACT
        self._near: dict[Package | None, frozenset[Package | None]] = closure(linked)

    # ---- running

    def run(self) -> Search:
        """Look at everything the project leads to."""
        for module in self.program.modules.values():
            if self.linked.package(module) is None:
                body = self.linked.body(module)
                self.push(Edge(body, None, None, EXACT))
                for name in self.linked.files[module.name].held:
                    self.hold(body, name, Edge(None, body, None, EXACT))
        for routine in self.program.routines.values():
            if self.linked.package(routine.module) is None:
                self.push(Edge(routine, None, None, EXACT))
        for entry in self.program.classes.values():
            if self.linked.package(entry.module) is None:
                self.push(Edge(entry, None, None, EXACT))
        for level in (EXACT, BY_NAME, GUESSED):
            self.level = level
            if level == GUESSED:
                self.guess()
            self.finish()
        return self

    def finish(self) -> None:
        """Look at everything that is still to be looked at on this level."""
        while self.queues[self.level]:
            self.take(self.queues[self.level].popleft())

    def guess(self) -> None:
        for name in self.hints.outside:
            self.mention(name, Edge(None, None, None, GUESSED, Doubt.NO_SOURCES))
        for dotted in self.hints.plugins:
            for target in self.linked.named_anywhere(dotted):
                self.lead(target, Edge(None, None, None, GUESSED, Doubt.PLUGIN))

    def push(self, edge: Edge) -> None:
        if edge.node is not None and edge.use is not None and self.enters(edge):
            self.sites[edge.node].append(edge)
        if edge.node not in self.found:
            self.queues[edge.level].append(edge)

    def enters(self, edge: Edge) -> bool:
        """Whether an edge leads from the project into a package."""
        inside = edge.origin is not None and self.linked.package(edge.origin.module) is None
        return inside and edge.node is not None and self.linked.package(edge.node.module) is not None

    def take(self, edge: Edge) -> None:
        if edge.node is None or edge.node in self.found:
            return
        self.found[edge.node] = edge
        if isinstance(edge.node, Class):
            self.class_(edge.node, edge)
            return
        if edge.node.function.kind == "module":
            self.loaded(edge.node, edge)
        self.routine(edge.node, edge.level)

    # ---- what is reached

    def loaded(self, body: Routine, edge: Edge) -> None:
        """A module that is loaded: the packages around it are, too."""
        module = body.module
        for star in module.star_imports:
            self.load(star, Edge(None, body, None, edge.level))
        above = module.name.rpartition(".")[0]
        if above in self.program.modules:
            self.reach(self.linked.body(self.program.modules[above]), edge)
        for info in module.classes:
            entry = self.program.of_class[module.name, info.index]
            if self.registers(entry):
                self.push(Edge(entry, body, None, max(edge.level, BY_NAME)))

    def registers(self, entry: Class) -> bool:
        """Whether being defined is enough for a class to be known to somebody."""
        for base in self.program.line(entry.name)[1:]:
            if isinstance(base, Class):
                if "__init_subclass__" in base.methods:
                    return True
            elif "." in base and base.partition(".")[0] in self.hints.registering:
                return True
        return False

    def routine(self, routine: Routine, level: int) -> None:
        function, module = routine.function, routine.module
        if function.kind != "module":
            self.push(Edge(self.linked.body(module), routine, None, level))
        if function.kind in ("module", "class"):
            for inner in module.functions:
                if inner.kind == "class" and inner.parent == function.index:
                    self.push(Edge(self.program.of_function[module.name, inner.index], routine, None, level))
        for use in self.linked.uses(routine):
            if function.kind == "class" and use.kind == FUNCTION:
                continue  # a member of the class: its turn comes with the class
            self.follow(routine, use, level)

    def class_(self, entry: Class, edge: Edge) -> None:
        """A class in use: its methods wait for somebody who names them."""
        self.reach(self.linked.body(entry.module), edge)
        body = self.program.of_function[entry.module.name, entry.info.body]
        self.reach(body, edge)
        for use in self.linked.uses(body):
            if use.kind == FUNCTION:
                self.follow(body, use, edge.level)
        line = self.program.line(entry.name)
        foreign = [base for base in line if not isinstance(base, Class) and base != "object"]
        taken: set[str] = set()
        for base in line:
            if not isinstance(base, Class):
                continue
            self.live[base.name].append(entry)
            for name, method in base.methods.items():
                if name not in taken:
                    taken.add(name)
                    self.method(entry, name, method, edge, foreign)
            for name, asked in list(self.asked.get(base.name, ())):
                self.answer(entry, name, asked)

    def method(self, entry: Class, name: str, method: Routine, edge: Edge, foreign: list[str]) -> None:
        if (name.startswith("__") and name.endswith("__")) or name == "constructor" or called_by(foreign, name):
            self.push(Edge(method, edge.origin, edge.use, edge.level, edge.doubt))
            return
        self.waiting[name].append((method, edge.level))
        for mention in self.mentions.get(name, ()):
            self.by_name(method, mention, edge.level)
        owner = method.owner.name if method.owner is not None else ""
        self.owned[owner].append((name, method, edge.level))
        for asked in (*self.begun[None], *self.begun[owner]):
            if self.may_be(name, asked):
                self.by_beginning(method, asked, edge.level)

    # ---- uses

    def follow(self, routine: Routine, use: Use, level: int) -> None:
        FOLLOW[use.kind](self, routine.module, use, Edge(None, routine, use, level))

    def name(self, module: Module, use: Use, edge: Edge) -> None:
        for target in self.linked.named(module, use.text):
            self.lead(target, edge)

    def made(self, module: Module, use: Use, edge: Edge) -> None:
        for made in self.linked.named(module, use.text):
            for target in self.linked.of(made, use.name):
                self.lead(target, edge)

    def function(self, module: Module, use: Use, edge: Edge) -> None:
        self.reach(self.program.of_function[module.name, int(use.text)], edge)

    def decorated(self, module: Module, use: Use, edge: Edge) -> None:
        if use.name.partition(".")[0].lstrip("=") not in PASSIVE and not self.passive(module, use.name):
            self.function(module, use, edge)

    def passive(self, module: Module, decorator: str) -> bool:
        """A decorator of the standard library, or one that only makes another function of what it gets."""
        made = decorator.endswith("()")
        found = self.linked.named(module, decorator.removesuffix("()"))
        return bool(found) and all(self.quiet(target, made) for target in found)

    def quiet(self, target: Target, made: bool) -> bool:
        thing = target.thing
        if target.what == "outside":
            return target.name.partition(".")[0] in PASSIVE
        if target.what == "class" and isinstance(thing, Class):
            thing = self.program.method(thing.name, "__call__" if made else "__init__")
        if not isinstance(thing, Routine) or target.what not in ("class", "routine"):
            return False
        known = self.linked.files[thing.module.name].passive
        if not made or target.what == "class":
            return thing.function.index in known
        inner = [f.index for f in thing.module.functions if f.parent == thing.function.index and f.kind == "function"]
        return thing.function.index in known and known.issuperset(inner)

    def reach(self, node: Routine | Class, edge: Edge, level: int = EXACT, doubt: Doubt | None = None) -> None:
        self.push(Edge(node, edge.origin, edge.use, max(edge.level, level), doubt or edge.doubt))

    def lead(self, target: Target, edge: Edge) -> None:
        thing = target.thing
        if target.what == "member" and isinstance(thing, Class):
            self.reach(thing, edge)
            method = self.program.method(thing.name, target.name)
            if method is not None:
                self.reach(method, edge)
            else:
                self.mention(target.name, edge)
        elif target.what == "any":
            self.mention(target.name, edge)
        elif target.what == "held" and isinstance(thing, Routine):
            self.hold(thing, target.name, edge)
        elif target.what == "outside":
            self.outside.setdefault(target.name, edge)
        elif thing is not None:
            self.reach(thing, edge)

    def ask(self, class_name: str, member: str, edge: Edge, above: bool) -> None:
        """A member of an instance of a class: its own, an inherited, or one of a class below."""
        key = (class_name, member)
        entry = self.program.classes.get(class_name)
        if entry is None:
            self.mention(member, edge)
            return
        if above:
            for live in [entry, *self.live.get(class_name, ())]:
                line = self.program.line(live.name)
                after = line[line.index(entry) + 1 :] if entry in line else []
                for base in after:
                    if isinstance(base, Class) and member in base.methods:
                        self.reach(base.methods[member], edge)
            return
        if key in self.virtual:
            return
        self.virtual[key] = edge
        self.asked[class_name].append((member, edge))
        self.answer(entry, member, edge)
        for live in list(self.live.get(class_name, ())):
            self.answer(live, member, edge)
        if self.program.method(class_name, member) is None:
            self.mention(member, edge)

    def answer(self, live: Class, member: str, edge: Edge) -> None:
        method = self.program.method(live.name, member)
        if method is not None:
            self.reach(method, edge)

    def hold(self, body: Routine, name: str, edge: Edge) -> None:
        """A collection that a module keeps under a name: whoever reads it gets what it holds."""
        if (body, name) in self.read:
            return
        self.read.add((body, name))
        self.reach(body, edge)
        for use in self.linked.held(body.module, name):
            self.follow(body, use, edge.level)

    # ---- by name

    def mention(self, name: str, edge: Edge) -> None:
        for body in self.holders.get(name, ()):
            self.hold(body, name, edge)
        package = None if edge.origin is None else self.linked.package(edge.origin.module)
        known = self.mentions[name]
        if any(other.level <= edge.level and self.home(other) == package and other.origin for other in known):
            return
        known.append(edge)
        for method, level in self.waiting.get(name, ()):
            self.by_name(method, edge, level)

    def home(self, edge: Edge) -> Package | None:
        return None if edge.origin is None else self.linked.package(edge.origin.module)

    def by_name(self, method: Routine, mention: Edge, level: int) -> None:
        """A method whose class is in use and whose name somebody calls."""
        far = mention.origin is None or self.linked.package(method.module) not in self._near[self.home(mention)]
        sure = GUESSED if far else BY_NAME
        doubt = mention.doubt or Doubt.BY_NAME
        self.push(Edge(method, mention.origin, mention.use, max(mention.level, level, sure), doubt))

    def keep(self, module: Module, use: Use, edge: Edge) -> None:
        """A function that is a member of something."""
        routine, name = self.program.of_function[module.name, int(use.text)], use.name
        self.waiting[name].append((routine, edge.level))
        for mention in self.mentions.get(name, ()):
            self.by_name(routine, mention, edge.level)

    def begin(self, module: Module, use: Use, edge: Edge) -> None:
        """Members whose name is made while the program runs."""
        asked = Asked(use.text, self.owners(module, use.name, edge), edge, self.home(edge))
        if any(other.home == asked.home and other.covers(asked) for other in self.begun[None]):
            return
        if asked.owners is None:
            self.begun[None].append(asked)
            for name, methods in list(self.waiting.items()):
                if self.may_be(name, asked):
                    for method, level in methods:
                        self.by_beginning(method, asked, level)
            return
        for owner in sorted(asked.owners):
            if not any(other.home == asked.home and other.covers(asked) for other in self.begun[owner]):
                self.begun[owner].append(asked)
                for name, method, level in list(self.owned[owner]):
                    if self.may_be(name, asked):
                        self.by_beginning(method, asked, level)

    def may_be(self, name: str, asked: Asked) -> bool:
        """Whether a name may be the one that is made; one that nobody writes out comes from nowhere."""
        return name.startswith(asked.beginning) if asked.beginning or asked.owners is not None else name in self.spelled

    def owners(self, module: Module, whose: str, edge: Edge) -> frozenset[str] | None:
        """The classes whose members can be meant, as far as it is known of what they are read; None if it is not."""
        what, _, text = whose.partition(":")
        if what == "self":
            return self.related(f"{module.name}.{text}")
        out: set[str] = set()
        for target in self.linked.named(module, text) if what else (Target("any"),):
            thing = target.thing
            if target.what == "class" and isinstance(thing, Class):
                out |= self.related(thing.name)
            elif target.what == "module" and isinstance(thing, Routine) and what == "name":
                self.whole(thing.module, edge)
            elif target.what != "outside":
                return None
        return frozenset(out)

    def related(self, name: str) -> frozenset[str]:
        """A class, what it inherits from, and what inherits from it with all that goes in there."""
        entry = self.program.classes.get(name)
        todo = [entry] if entry is not None else []
        below: set[str] = set()
        while todo:
            current = todo.pop()
            if current.name not in below:
                below.add(current.name)
                todo += current.subclasses
        lines = (self.program.line(one) for one in below)
        return frozenset(base.name for line in lines for base in line if isinstance(base, Class))

    def by_beginning(self, method: Routine, asked: Asked, level: int) -> None:
        if self.linked.package(method.module) in self._near[asked.home]:
            edge, sure = asked.edge, BY_NAME if asked.beginning.strip("_") else GUESSED
            self.push(Edge(method, edge.origin, edge.use, max(edge.level, level, sure), Doubt.DYNAMIC))

    # ---- modules

    def load(self, dotted: str, edge: Edge) -> None:
        """The module of this name, or the one that has it."""
        while dotted:
            module = self.linked.module(dotted)
            if module is not None:
                self.reach(self.linked.body(module), edge)
                return
            if "." not in dotted.lstrip("/"):
                self.outside.setdefault(dotted, edge)
                return
            dotted = dotted.rpartition(".")[0]

    def load_any(self, module: Module, use: Use, edge: Edge) -> None:
        """A module whose name is made while the program runs: any of this package that begins so."""
        self.loading = True
        if use.text:
            self.load_beginning(use.text, module, edge)
        for beginning, home, built in self.built:
            self.load_beginning(beginning, home, built)
        self.built.clear()

    def build(self, module: Module, use: Use, edge: Edge) -> None:
        if self.loading:
            self.load_beginning(use.text, module, edge)
        else:
            self.built.append((use.text, module, edge))

    def load_beginning(self, beginning: str, module: Module, edge: Edge) -> None:
        own = self.linked.package(module)
        for name, other in self.program.modules.items():
            if name.startswith(beginning) and self.linked.package(other) == own:
                self.whole(other, edge)

    def whole(self, module: Module, edge: Edge) -> None:
        """A module that is loaded by a name made at run time, and so are the names that are read of it."""
        self.reach(self.linked.body(module), edge, GUESSED, Doubt.DYNAMIC)
        for info in module.classes:
            self.reach(self.program.of_class[module.name, info.index], edge, GUESSED, Doubt.DYNAMIC)
        for function in module.functions:
            if function.kind == "function" and function.parent <= 0:
                self.reach(self.program.of_function[module.name, function.index], edge, GUESSED, Doubt.DYNAMIC)

    def load_names(self, module: Module, _: Use, edge: Edge) -> None:
        self.whole(module, edge)

    def subclasses(self, module: Module, use: Use, edge: Edge) -> None:
        for target in self.linked.named(module, use.text) if use.text else ():
            todo = [target.thing] if isinstance(target.thing, Class) else []
            while todo:
                for below in todo.pop().subclasses:
                    if below not in self.found:
                        self.reach(below, edge, BY_NAME, Doubt.DYNAMIC)
                        todo.append(below)

    def textual(self, _: Module, use: Use, edge: Edge) -> None:
        """A string that is the name of something."""
        text = use.text
        dotted = text.replace(":", ".")
        if "." in dotted and dotted.partition(".")[0] in self.linked.tops:
            for target in self.linked.named_anywhere(dotted):
                if target.what in ("routine", "class", "module", "member"):
                    self.lead(target, Edge(None, edge.origin, edge.use, max(edge.level, BY_NAME), Doubt.NAMED_IN_TEXT))
                if target.what == "module" and isinstance(target.thing, Routine):
                    self.whole(target.thing.module, edge)
        for started in self.hints.words.get(text, ()) if self.home(edge) is None else ():
            for target in self.linked.named_anywhere(started):
                self.lead(target, Edge(None, edge.origin, edge.use, GUESSED, Doubt.NAMED_IN_TEXT))

    def start(self, word: str) -> None:
        """A file beside the code names a command, module or function."""
        dotted = word.replace(":", ".").rstrip(".")
        names = [*self.hints.words.get(word, ())]
        if "." in dotted and dotted.partition(".")[0] in self.linked.tops:
            names.append(dotted)
        for name in names:
            for target in self.linked.named_anywhere(name):
                if target.what in ("routine", "class", "module", "member"):
                    self.lead(target, Edge(None, None, None, GUESSED, Doubt.NAMED_IN_TEXT))

    # ---- answers

    def way(self, node: Routine | Class) -> list[Edge] | None:
        """The edges from the project to something, None if nothing leads there."""
        if node not in self.found:
            return None
        out: list[Edge] = []
        current: Routine | Class | None = node
        while current is not None and len(out) < 200:
            edge = self.found[current]
            out.append(edge)
            current = edge.origin
        out.reverse()
        return out


def asked_of(above: bool) -> Follow:
    def follow(search: Search, module: Module, use: Use, edge: Edge) -> None:
        search.ask(f"{module.name}.{use.text}", use.name, edge, above)

    return follow


Follow = Callable[[Search, Module, Use, Edge], None]
FOLLOW: dict[int, Follow] = {
    NAMED: Search.name,
    OF: Search.made,
    SELF: asked_of(False),
    ABOVE: asked_of(True),
    ANY: lambda search, _, use, edge: search.mention(use.text, edge),
    FUNCTION: Search.function,
    KEPT: Search.keep,
    DECORATED: Search.decorated,
    LOADS: lambda search, _, use, edge: search.load(f"{use.text}.{use.name}" if use.name else use.text, edge),
    TEXTUAL: Search.textual,
    DYNAMIC: Search.begin,
    DYNAMIC_LOAD: Search.load_any,
    GLOBALS: Search.load_names,
    SUBCLASSES: Search.subclasses,
    BUILT: Search.build,
}
"""By the kind of a use."""


def called_by(foreign: Iterable[str], name: str) -> bool:
    """Whether a base class that was not read may call a method of this name."""
    for base in foreign:
        known = getattr(builtins, base, None)
        if known is not None:
            if name in dir(known):
                return True
        elif base.partition(".")[0] not in PASSIVE:
            return True
    return False


def closure(linked: Linked) -> dict[Package | None, frozenset[Package | None]]:
    """Per package those whose things it can know by what it imports, itself among them."""
    direct: dict[Package | None, set[Package | None]] = defaultdict(set)
    for module in linked.program.modules.values():
        home = linked.package(module)
        for name in module.imported:
            found = linked.module(name)
            while found is None and "." in name:
                name = name.rpartition(".")[0]
                found = linked.module(name)
            if found is not None:
                direct[home].add(linked.package(found))
    out: dict[Package | None, frozenset[Package | None]] = {}
    for start in {None, *linked.packages.values()}:
        seen: set[Package | None] = {start}
        todo = [start]
        while todo:
            fresh = direct.get(todo.pop(), set()) - seen
            seen |= fresh
            todo += fresh
        out[start] = frozenset(seen)
    return out
