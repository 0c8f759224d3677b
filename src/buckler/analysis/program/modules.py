"""The program as a whole: which dotted name means which module, class or function.

>>> program = Program([module])
>>> program.entity("package.module.Class.method")
Function(...)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from buckler.analysis.ir.ops import ClassInfo, Function, Module
from buckler.analysis.languages.shared import LOCAL
from buckler.base.languages import LANGUAGES
from buckler.base.source import is_manifest

MAX_HOPS = 12
WHOLE = "*"
"""Binding of a module that says what the module itself means when it is used as a value."""
MAX_BASES = 24
MAX_OVERRIDES = 6
MAX_SUBCLASSES = 400


@dataclass(slots=True, eq=False)
class Routine:
    """A function with its home; `name` is unique in the program."""

    name: str
    module: Module
    function: Function
    owner: Class | None = None


@dataclass(slots=True, eq=False)
class Class:
    name: str
    module: Module
    info: ClassInfo
    bases: list[str] = field(default_factory=list)
    """Resolved dotted names: of project classes or of external types."""
    methods: dict[str, Routine] = field(default_factory=dict)
    subclasses: list[Class] = field(default_factory=list)


Entity = Routine | Class | Module


class Program:
    """Names of everything, linked; built once per review from the lowered modules."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules: dict[str, Module] = {}
        self.routines: dict[str, Routine] = {}
        self.classes: dict[str, Class] = {}
        self.of_function: dict[tuple[str, int], Routine] = {}
        self.of_class: dict[tuple[str, int], Class] = {}
        self.by_method: dict[str, list[Routine]] = defaultdict(list)
        self._by_suffix: dict[str, list[Module]] = defaultdict(list)
        """Modules by every shorter name that still ends theirs, as they are imported."""
        self._by_path: dict[str, Module] = {}
        """Modules of languages that import files by their path, as they are imported."""
        self._declared: dict[str, Module] = {}
        """Modules by the bare names that a manifest of the project gives them."""
        self.asked: set[object] = set()
        """Names that were asked about, for whoever wants to know what an answer depended on."""
        self._known: dict[str, Entity | str | None] = {}
        self._stars: set[str] = set()
        """Names that were looked for through star imports since the last question; modules may take in each other."""
        self._lines: dict[str, list[Class | str]] = {}
        self._overrides: dict[tuple[str, str], list[Routine]] = {}
        every = list(modules)
        packages = {name for module in every for name in module.imported if not name.startswith(LOCAL)}
        for module in every:
            self._add(module, packages)
        for module in every:
            if LANGUAGES[module.language].imports_by_path:
                self._link_imports(module)
            if is_manifest(module.path):
                self._declare(module)
        self._link_classes()

    # ---- making

    def _add(self, module: Module, packages: Collection[str]) -> None:
        """`packages` are the names that are imported otherwise than as a file of the project."""
        base = module.name
        number = 2
        by_path = LANGUAGES[module.language].imports_by_path and not is_manifest(module.path)
        mark = LOCAL if by_path else ""
        while module.name in self.modules or (by_path and module.name in packages):
            module.name = f"{base}~{number}"
            number += 1
        self.modules[module.name] = module
        if by_path:
            self._by_path.setdefault(mark + base, module)
        suffix = base.partition(".")[2] if not is_manifest(module.path) else ""
        while suffix:
            self._by_suffix[mark + suffix].append(module)
            suffix = suffix.partition(".")[2]
        last = {f.name: f.index for f in module.functions}
        for info in module.classes:
            name = f"{module.name}.{info.name}"
            if name in self.classes:
                name = f"{name}#{info.index}"
            self.classes[name] = self.of_class[module.name, info.index] = Class(name, module, info)
        for f in module.functions:
            name = f"{module.name}.{f.name}" if f.name else module.name
            if f.kind == "class":
                name += ".<body>"
            if last[f.name] != f.index and f.kind != "class":
                name += f"#{f.index}"
            owner = self.of_class[module.name, f.owner] if f.owner >= 0 else None
            routine = Routine(name, module, f, owner)
            self.routines[name] = self.of_function[module.name, f.index] = routine
            if owner is not None and f.kind == "method":
                short = f.name.rsplit(".", 1)[-1]
                owner.methods[short] = routine
                self.by_method[short].append(routine)

    def _link_imports(self, module: Module) -> None:
        """Give imported files the names that they have in this program."""
        module.imports = {local: (self._home(home), member) for local, (home, member) in module.imports.items()}
        module.star_imports = [self._home(home) for home in module.star_imports]

    def _declare(self, manifest: Module) -> None:
        """Let the bare names that a manifest gives mean its files; a name is given once."""
        for name, (home, _) in manifest.imports.items():
            if home in self.modules:
                self._declared.setdefault(name, self.modules[home])

    def _imported(self, dotted: str) -> Module | None:
        """The module of this name, as it is imported."""
        if dotted.startswith(LOCAL):
            return self._by_path.get(dotted) or self._shortened(dotted)
        return self.modules.get(dotted) or self._shortened(dotted) or self._declared.get(dotted)

    def _link_classes(self) -> None:
        for entry in self.classes.values():
            for text in entry.info.bases:
                base = self.in_module(entry.module, text)
                entry.bases.append(base)
                found = self.classes.get(base)
                if found is not None:
                    found.subclasses.append(entry)

    # ---- asking

    def in_module(self, module: Module, text: str) -> str:
        """The full dotted name of what `text` (dotted, as written) means at the module's top level."""
        if text.startswith(LOCAL):
            return self.canonical(text)
        head, _, rest = text.partition(".")
        self.asked.add(module.name)
        bound = module.imports.get(head)
        if bound is not None:
            target = f"{bound[0]}.{bound[1]}" if bound[1] else bound[0]
            return self.canonical(f"{target}.{rest}" if rest else target)
        own = f"{module.name}.{text}"
        self.asked.add(own)
        if own in self.classes or own in self.routines or not module.star_imports:
            return own if own in self.classes or own in self.routines else text
        for star in module.star_imports:
            candidate = self.canonical(f"{star}.{text}")
            if self.entity(candidate) is not None:
                return candidate
        return text if len(module.star_imports) != 1 else f"{module.star_imports[0]}.{text}"

    def routine(self, name: str) -> Routine | None:
        self.asked.add(name)
        return self.routines.get(name)

    def class_(self, name: str) -> Class | None:
        self.asked.add(name)
        return self.classes.get(name)

    def module(self, name: str) -> Module | None:
        self.asked.add(name)
        return self.modules.get(name)

    def has_global(self, module: Module, name: str) -> bool:
        """Whether a module's body or one of its functions gives a value to this name."""
        self.asked.add((module.name, name))
        return name in module.functions[0].locals or name in module.globals_written

    def named(self, method: str) -> list[Routine]:
        """Every method of this name."""
        self.asked.add((method,))
        return self.by_method.get(method, [])

    def located(self, home: str) -> str:
        """The name that an imported module has in this program; the same for a package."""
        self.asked.add(home)
        return self._home(home)

    def _home(self, home: str) -> str:
        found = self._imported(home) if home.startswith(LOCAL) else None
        return found.name if found is not None else home

    def canonical(self, dotted: str) -> str:
        """Follow re-exports: `package.Thing` becomes `package.module.Thing` when the package imports it."""
        self.asked.add(dotted)
        found = self.meaning(dotted)
        if found is None:
            return dotted
        return found if isinstance(found, str) else found.name

    def entity(self, dotted: str) -> Entity | None:
        self.asked.add(dotted)
        found = self.meaning(dotted)
        return None if isinstance(found, str) else found

    def meaning(self, dotted: str) -> Entity | str | None:
        """What a name stands for: something of the program, a longer name outside of it, or nothing."""
        try:
            return self._known[dotted]
        except KeyError:
            self._stars.clear()
            found = self._known[dotted] = self._find(dotted, MAX_HOPS)
            return found

    def _find(self, dotted: str, hops: int) -> Entity | str | None:
        direct: Entity | None = self.routines.get(dotted) or self.classes.get(dotted)
        if dotted in self.modules:
            return self._whole(self.modules[dotted], hops) or self.modules[dotted]
        if direct is not None:
            return direct
        head, _, tail = dotted.rpartition(".")
        rest = [tail]
        while head:
            module = self._imported(head)
            if module is not None:
                found = self._member(module, rest, hops)
                whole = self._whole(module, hops) if found is None else None
                return found if whole is None else self._find(".".join([whole.name, *rest]), hops - 1)
            head, _, tail = head.rpartition(".")
            rest.insert(0, tail)
        module = self._imported(dotted)
        return module and (self._whole(module, hops) or module)

    def _whole(self, module: Module, hops: int) -> Routine | Class | Module | None:
        """The function or class a module stands for as a value, where its language has such a thing."""
        bound = module.imports.get(WHOLE)
        if bound is None or hops <= 0:
            return None
        found = self._find(".".join(filter(None, bound)), hops - 1)
        return None if found is module or isinstance(found, str) else found

    def _shortened(self, dotted: str) -> Module | None:
        """A module imported by a shorter name than its path from the root, when only one fits."""
        found = self._by_suffix.get(dotted, ())
        return found[0] if len(found) == 1 else None

    def _member(self, module: Module, rest: list[str], hops: int) -> Entity | str | None:
        own = f"{module.name}.{'.'.join(rest)}"
        if own in self.routines or own in self.classes:
            return self.routines.get(own) or self.classes[own]
        if hops <= 0:
            return None
        bound = module.imports.get(rest[0])
        if bound is not None:
            target = ".".join([bound[0], *([bound[1]] if bound[1] else []), *rest[1:]])
            if target == own:
                return None
            return self._find(target, hops - 1) or target
        for star in module.star_imports:
            name = f"{star}.{'.'.join(rest)}"
            if name in self._stars or self._imported(star) is None:
                continue
            self._stars.add(name)
            found = self._find(name, hops - 1)
            if found is not None and not isinstance(found, str):
                return found
        cls = self.classes.get(f"{module.name}.{rest[0]}")
        if cls is not None and len(rest) == 2:
            return self.method(cls.name, rest[1])
        return None

    def line(self, name: str) -> list[Class | str]:
        """The class, then its bases in lookup order; external types stay names."""
        self.asked.add(name)
        known = self._lines.get(name)
        if known is not None:
            return known
        out: list[Class | str] = []
        seen: set[str] = set()
        todo = [name]
        while todo and len(out) < MAX_BASES:
            current = todo.pop(0)
            if current in seen:
                continue
            seen.add(current)
            found = self.classes.get(current)
            out.append(found if found is not None else current)
            if found is not None:
                todo = found.bases + todo if len(found.bases) == 1 else todo + found.bases
        self._lines[name] = out
        return out

    def method(self, class_name: str, name: str) -> Routine | None:
        for entry in self.line(class_name):
            if isinstance(entry, Class) and name in entry.methods:
                return entry.methods[name]
        return None

    def overrides(self, class_name: str, name: str) -> list[Routine]:
        """Implementations in subclasses of a project class, nearest first."""
        self.asked.add((class_name, name, "<"))
        known = self._overrides.get((class_name, name))
        if known is None:
            known = self._overrides[class_name, name] = self._find_overrides(class_name, name, MAX_OVERRIDES)
        return known

    def _find_overrides(self, class_name: str, name: str, limit: int) -> list[Routine]:
        found: list[Routine] = []
        start = self.classes.get(class_name)
        todo = list(start.subclasses) if start else []
        seen: set[str] = set()
        while todo and len(found) < limit and len(seen) < MAX_SUBCLASSES:
            current = todo.pop(0)
            if current.name in seen:
                continue
            seen.add(current.name)
            if name in current.methods:
                found.append(current.methods[name])
            todo += current.subclasses
        return found


def module_name(path: str, packages: frozenset[str]) -> tuple[str, bool]:
    """Dotted name of a file, and whether it is its package.

    `packages` holds the folders that have an `__init__` file. The name starts at the topmost folder of an
    unbroken chain of packages; outside packages it is the path from the root, less a leading `src`.
    """
    *above, file = path.split("/")
    parts = [*above, file.rsplit(".", 1)[0]]
    is_package = parts[-1] in ("__init__", "index")
    folders = parts[:-1]
    start = len(folders)
    while start > 0 and "/".join(folders[:start]) in packages:
        start -= 1
    if start == len(folders):
        start = 1 if folders and folders[0] == "src" else 0
    names = folders[start:] + ([] if is_package else [parts[-1]])
    return ".".join(names) or parts[-1], is_package and bool(names)
