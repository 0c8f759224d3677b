"""What the analysis looks up: rules as bits, what the library models say of a name, which class owns a field.

Answers depend on the program, the rules and the tables alone, never on how far the analysis has come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from buckler.analysis.flow.rules import RuleBits
from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import STORE
from buckler.analysis.languages.templates import Templates
from buckler.analysis.libraries.model import Callable as Row
from buckler.analysis.libraries.model import LibraryModels, Type
from buckler.analysis.program.modules import Class, Program

MAX_LABELS = 48

Validator = Callable[[str, str], frozenset[str]]
"""(pattern, mode) → rules for which a text accepted by the pattern is harmless."""


class Lookup:
    def __init__(self, program: Program, libraries: Mapping[str, LibraryModels], rules: RuleBits, validator: Validator):
        self.program = program
        self.libraries = libraries
        self.rules = rules
        self.width = rules.width
        self.all = (1 << rules.width) - 1
        self.repeat = sum(1 << (rules.width * i) for i in range(MAX_LABELS + 2))
        self.bit = {name: 1 << i for i, name in enumerate(rules.names)}
        self.judges = rules.judges
        self.text = rules.text
        self.inbound = self.all & ~rules.secret
        self.validator = validator
        self.templates = Templates()
        """Page templates beside the code; whoever reads them puts them here."""
        self.own_sources = own_sources(program, libraries)
        """Attributes of the program's own classes that the library models describe: a framework reviewed itself."""
        self._masks: dict[tuple[str, ...], int] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._rows: dict[tuple[str, str], tuple[Row, ...]] = {}
        self._stores: dict[str, frozenset[str]] = {}
        self._bases: dict[tuple[str, str], list[str]] = {}
        self._written: dict[str, frozenset[str]] = {
            m.name: frozenset(m.globals_written) for m in program.modules.values()
        }

    # ---- rules

    def mask(self, names: tuple[str, ...]) -> int:
        """Bits of rules by id or group (`text`, `*`)."""
        known = self._masks.get(names)
        if known is None:
            known = 0
            for name in names:
                known |= self.all if name == "*" else self.text if name == "text" else self.bit.get(name, 0)
            self._masks[names] = known
        return known

    def source_mask(self, kind: str) -> int:
        return self.rules.secret if kind == "secret" else self.inbound

    # ---- library models

    def name(self, language: str, dotted: str) -> str:
        """The name the library models use: aliases followed, whole or by prefix."""
        key = (language, dotted)
        known = self._names.get(key)
        if known is None:
            known = self._names[key] = self._alias(self.libraries[language].aliases, dotted)
        return known

    @staticmethod
    def _alias(aliases: Mapping[str, str], dotted: str) -> str:
        for _ in range(4):
            head, tail = dotted, ""
            while head and head not in aliases:
                head, _, last = head.rpartition(".")
                tail = f".{last}{tail}"
            if not head:
                return dotted
            dotted = aliases[head] + tail
        return dotted

    def rows(self, language: str, dotted: str) -> tuple[Row, ...]:
        """Rows of a callable, its own or inherited by an external type."""
        key = (language, dotted)
        known = self._rows.get(key)
        if known is None:
            known = self._rows[key] = self._find_rows(language, self.name(language, dotted))
        return known

    def _find_rows(self, language: str, dotted: str) -> tuple[Row, ...]:
        table = self.libraries[language].callables
        found = table.get(dotted)
        if found is not None:
            return found
        owner, _, last = dotted.rpartition(".")
        if owner:
            for base in self.bases(language, owner)[1:]:
                found = table.get(f"{base}.{last}")
                if found is not None:
                    return found
        return ()

    def bases(self, language: str, name: str) -> list[str]:
        """An external type and the types the library models say it inherits from."""
        known = self._bases.get((language, name))
        if known is None:
            known = self._bases[language, name] = self._find_bases(language, name)
        return known

    def _find_bases(self, language: str, name: str) -> list[str]:
        types: Mapping[str, Type] = self.libraries[language].types
        out = [self.name(language, name)]
        for current in out:
            row = types.get(current)
            for base in row.bases if row else ():
                base = self.name(language, base)
                if base not in out:
                    out.append(base)
        return out

    def inner_type(self, language: str, name: str, which: str) -> str:
        """Type of any item or attribute (`items`, `attributes`) of an instance, as far as a library model says one."""
        types: Mapping[str, Type] = self.libraries[language].types
        described = (types[base] for base in self.bases(language, name) if base in types)
        return next((inner for row in described if (inner := getattr(row, which))), "")

    def keeps(self, language: str, name: str) -> bool:
        """Whether what is set on an instance of an external type is read from any other."""
        types: Mapping[str, Type] = self.libraries[language].types
        return any(base in types and types[base].keeps for base in self.bases(language, name))

    # ---- classes and modules

    def field_owner(self, class_name: str, attribute: str) -> str:
        """The class whose cell stands for an attribute: the topmost project class that writes it."""
        owner = class_name
        for entry in self.program.line(class_name):
            if isinstance(entry, Class) and attribute in self.stores(entry):
                owner = entry.name
        return owner

    def stores(self, entry: Class) -> frozenset[str]:
        """Attributes that a class's own code writes on itself."""
        known = self._stores.get(entry.name)
        if known is None:
            names = set(entry.info.fields)
            body = self.program.of_function[entry.module.name, entry.info.body].function
            names |= set(body.locals)
            for method in entry.methods.values():
                for block in method.function.blocks:
                    names |= {ir.attribute(op) for op in block.ops if op[0] == STORE and ir.base(op) == 0}
            known = self._stores[entry.name] = frozenset(names)
        return known

    def reassigned(self, module: str, name: str) -> bool:
        return name in self._written.get(module, ())


def own_sources(program: Program, libraries: Mapping[str, LibraryModels]) -> dict[tuple[str, str], str]:
    out: dict[tuple[str, str], str] = {}
    for tables in libraries.values():
        names = {name: name for name in tables.values}
        for alias, name in tables.aliases.items():
            names.update({f"{alias}.{n.rpartition('.')[2]}": n for n in tables.values if n.rpartition(".")[0] == name})
        for name, row in names.items():
            owner, _, attribute = name.rpartition(".")
            entry = program.entity(owner) if owner and tables.values[row].source else None
            if isinstance(entry, Class):
                out[entry.name, attribute] = row
    return out
