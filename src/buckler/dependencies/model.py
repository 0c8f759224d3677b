"""The nouns of known vulnerabilities: what a project asks for, what is known about it, and where the two meet.

    manifests ─► Requirement ─► Component ─┐
    advisories ─────────► Advisory ────────┴► Vulnerability ─► Finding

A `Requirement` is one line of one manifest or lockfile; a `Component` is one release with every line that brings it in;
a `Vulnerability` is one flaw of one component, however many databases have an advisory about it.

Example::

    Package("PyPI", "jinja2", "2.10").purl        # 'pkg:pypi/jinja2@2.10'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from packageurl import PackageURL

from buckler.dependencies.ecosystems import ecosystem
from buckler.finding.model import Location, Notice, Severity, Source, Step
from buckler.finding.model import Reach as Reach  # noqa: PLC0414 - a noun of both


@dataclass(slots=True, frozen=True, order=True)
class Package:
    """One release of a package; its name is written as its ecosystem writes names that are compared."""

    ecosystem: str
    """As OSV calls it: PyPI, npm, Maven, Go, crates.io, NuGet, RubyGems, Packagist."""
    name: str
    """`group:artifact` in Maven, `@scope/name` in npm, the module path in Go."""
    version: str = ""
    """Empty where nobody says which."""

    @property
    def purl(self) -> str:
        """As the package URL standard writes it."""
        known = ecosystem(self.ecosystem)
        namespace, _, name = self.name.rpartition(known.separator)
        return PackageURL(known.purl, namespace or None, name, self.version or None).to_string()

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


class Scope(StrEnum):
    """What a package is needed for; in this order the first says most."""

    RUNTIME = "runtime"
    OPTIONAL = "optional"
    """Only with an extra or an optional feature."""
    DEVELOPMENT = "development"
    """Tests, linters, documentation."""
    BUILD = "build"


class Origin(StrEnum):
    """Where a package comes from."""

    REGISTRY = "registry"
    REPOSITORY = "repository"
    """A version control address."""
    URL = "url"
    PATH = "path"
    """A folder or file beside the project, or another part of the same workspace."""
    VENDORED = "vendored"
    """A copy in the tree."""
    INSTALLED = "installed"


@dataclass(slots=True, frozen=True)
class Requirement:
    """One line that brings in a package, or asks for it."""

    package: Package
    """Without version where the line gives only a range."""
    location: Location
    code: str
    """The line, stripped."""
    wanted: str = ""
    """The range as it is written, in the ecosystem's own notation."""
    direct: bool = True
    """The project asks for it itself; of a lockfile's entries those that the project's own entry names."""
    scope: Scope = Scope.RUNTIME
    origin: Origin = Origin.REGISTRY
    address: str = ""
    """Where it comes from, if not from the ecosystem's registry; never contacted."""
    requires: tuple[Package, ...] = ()
    """What it brings in itself, as the lockfile resolved it."""
    hashes: tuple[str, ...] = ()
    """`algorithm:hex` of its archives."""
    marker: str = ""
    """The condition under which it counts, as it is written."""
    extras: tuple[str, ...] = ()
    locked: bool = False
    """From a lockfile or an installed environment: this release and no other."""


@dataclass(slots=True, frozen=True)
class Manifest:
    """What one file says."""

    path: str
    format: str
    """Name of its format, that of the module that reads it."""
    requirements: tuple[Requirement, ...] = ()
    problems: tuple[Notice, ...] = ()
    project: Package | None = None
    """What the project itself is called, if the file says."""
    indexes: tuple[str, ...] = ()
    """Registries that the file names beside or instead of the public one; without credentials."""
    guessed: bool = False
    """The file does not say what the project itself asks for; `direct` is what none of its other entries needs."""
    parts: tuple[Package, ...] = ()
    """What the project's own packages are called that a lockfile lists among the others: no dependencies."""
    members: tuple[str, ...] = ()
    """Folders of the tree for which a lockfile counts besides its own: the other parts of its workspace."""


@dataclass(slots=True, frozen=True)
class Component:
    """One release that is part of the project, with every line that brings it in."""

    package: Package
    requirements: tuple[Requirement, ...]
    chain: tuple[Package, ...] = ()
    """The shortest way it comes in: what the project asks for itself first, the package itself last."""

    @property
    def direct(self) -> bool:
        return any(requirement.direct for requirement in self.requirements)

    @property
    def scope(self) -> Scope:
        """The one that says most of all the lines."""
        order = list(Scope)
        return min((requirement.scope for requirement in self.requirements), key=order.index)


@dataclass(slots=True)
class Inventory:
    """Everything a tree is made of."""

    manifests: list[Manifest] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    """By ecosystem, name and version; those without a version are there too."""
    problems: list[Notice] = field(default_factory=list)


class Bound(StrEnum):
    """What happens at a version of a range."""

    INTRODUCED = "introduced"
    FIXED = "fixed"
    LAST_AFFECTED = "last_affected"
    LIMIT = "limit"


@dataclass(slots=True, frozen=True)
class Event:
    bound: Bound
    version: str


@dataclass(slots=True, frozen=True)
class Symbol:
    """A function or class that an advisory or a difference between releases names as vulnerable."""

    module: str
    """As the language imports it: `yaml.loader`, `lodash`, `golang.org/x/text/language`."""
    name: str
    """Qualified within the module: `FullLoader.construct`; empty for all of the module."""


@dataclass(slots=True, frozen=True)
class Affected:
    """What an advisory says of one package."""

    ecosystem: str
    name: str
    ranges: tuple[tuple[Event, ...], ...] = ()
    """Each in the order of the advisory; only ranges of versions, not of commits."""
    versions: tuple[str, ...] = ()
    symbols: tuple[Symbol, ...] = ()


@dataclass(slots=True, frozen=True)
class Advisory:
    """What one database says of one vulnerability; facts only."""

    id: str
    aliases: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    published: str = ""
    """Day, `YYYY-MM-DD`."""
    modified: str = ""
    withdrawn: str = ""
    """Day on which it was taken back; empty for one that stands."""
    severity: Severity | None = None
    """From the newest CVSS vector it carries, else from the database's own word; None if it says nothing."""
    vectors: tuple[str, ...] = ()
    """CVSS vectors, any version."""
    cwe: tuple[int, ...] = ()
    malicious: bool = False
    """It says that the package itself is hostile, not that it has a flaw."""
    summary: str = ""
    """In the words of the database, for databases that the user imported; the shipped facts have none."""
    links: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Symbols:
    """What is vulnerable in one package, as far as anybody knows."""

    named: tuple[Symbol, ...] = ()
    """What an advisory names, or what little changed in the release that fixes it."""
    others: tuple[Symbol, ...] = ()
    """What else changed: the flaw could be there instead, so that it is only out of reach if these are."""

    @property
    def every(self) -> tuple[Symbol, ...]:
        return (*self.named, *self.others)


class Doubt(StrEnum):
    """Why nobody can say whether a vulnerable function is reached."""

    NO_SYMBOLS = "no-symbols"
    """Neither an advisory nor a difference of releases says which functions are vulnerable."""
    MANY_SYMBOLS = "many-symbols"
    """The release that fixes it changed much else; something of that is reached."""
    NO_SOURCES = "no-sources"
    """There are no sources of a release."""
    NATIVE = "native"
    """A part of the package that is compiled."""
    NAMED_IN_TEXT = "named-in-text"
    """A string or a file of settings names a package, module or command of it."""
    DYNAMIC = "dynamic"
    """A name that is only known when the program runs chooses what is called or imported."""
    BY_NAME = "by-name"
    """A method of this name is called of something whose type is not known."""
    PLUGIN = "plugin"
    """The package registers itself with others by an entry point."""
    OTHER_LANGUAGE = "other-language"
    """Packages of this ecosystem are in a language whose calls nobody here follows."""
    UNREAD = "unread"
    """Code that was not read: broken, too large, or in no language that is analysed."""


@dataclass(slots=True, frozen=True)
class Reason:
    """One reason for `Reach.UNKNOWN`."""

    doubt: Doubt
    name: str = ""
    """Of the package, module, function or command it is about."""
    location: Location | None = None


@dataclass(slots=True, frozen=True)
class Searched:
    """What was looked through for an answer."""

    files: int = 0
    """Of the project."""
    functions: int = 0
    """Of the project and of packages, as far as something leads to them."""
    packages: tuple[Package, ...] = ()
    """Whose sources were followed."""


@dataclass(slots=True, frozen=True)
class Reachability:
    """Whether and how a project gets to what is vulnerable."""

    reach: Reach
    symbols: tuple[Symbol, ...] = ()
    """What was looked for; the one that is reached first."""
    path: tuple[Step, ...] = ()
    """Calls, from a function of the project to the symbol; the files of packages are `name-version/path`."""
    flow: tuple[Step, ...] = ()
    """Untrusted data, from its source to the call in the project that begins such a path."""
    searched: Searched = Searched()
    reasons: tuple[Reason, ...] = ()
    source: Source | None = None
    """Where the data of `flow` comes in."""


FAMOUS = ("CVE-", "GHSA-", "PYSEC-", "GO-", "RUSTSEC-", "MAL-")
"""Beginnings of identifiers, the best known first."""


def fame(name: str) -> tuple[int, int, str]:
    """The order of identifiers of one flaw: the best known first, then the shorter."""
    known = next((at for at, beginning in enumerate(FAMOUS) if name.startswith(beginning)), len(FAMOUS))
    return known, len(name), name


@dataclass(slots=True, frozen=True)
class Vulnerability:
    """One flaw of one component; what several databases say of the same flaw is joined by their aliases."""

    component: Component
    advisories: tuple[Advisory, ...]
    """Those with the best known names first."""
    fixed: tuple[str, ...] = ()
    """Versions in which some advisory says it is fixed, ascending; empty if nobody names one."""
    certain: bool = True
    """False where no version is known and only the range that is asked for was held against the advisory."""

    @property
    def id(self) -> str:
        """The name by which it is known best."""
        return self.names[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Every identifier, the best known first."""
        every = {name for advisory in self.advisories for name in (advisory.id, *advisory.aliases)}
        return tuple(sorted(every, key=fame))

    @property
    def severity(self) -> Severity | None:
        return max((a.severity for a in self.advisories if a.severity is not None), default=None)
