"""An upgrade as a patch: the smallest release of which nothing is known, and whatever has to move along with it.

All advisories about one package are one upgrade, worked out once. The manifests are edited, lockfiles are written anew
by their own tools, and the changed project is put to the ladder in `upgrade_ladder`.

Example::

    upgrades = Upgrades(tree, known, wishes, releases)
    upgrade = upgrades.of(finding, bench)
    upgrade.judged(upgrade.settling(bench, own).settle(trial))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from buckler.base.errors import InputError
from buckler.dependencies.advisories.database import open_database
from buckler.dependencies.model import Component, Origin, Package, Requirement
from buckler.dependencies.releases import Releases
from buckler.dependencies.symbols.find import parsed
from buckler.dependencies.upgrade.choose import smallest_safe
from buckler.dependencies.upgrade.lockers import locker_for
from buckler.dependencies.upgrade.plan import Lock, Move, Plan, planned
from buckler.finding.evidence import Edit, Patch, Rung, VerifiedPatch
from buckler.finding.model import Finding
from buckler.fix.patch import apply, difference
from buckler.prove.attack import Elsewhere, ProofAttempt, test_name
from buckler.prove.bench import exploited, passed
from buckler.prove.environment.build import EnvironmentOptions
from buckler.prove.environment.index import Archive, hashes_of, offered
from buckler.prove.environment.plain import is_plain
from buckler.prove.environment.quick import program
from buckler.prove.environment.relock import NotLocked, Task, relocked
from buckler.prove.environment.resolve import resolved, unbuilt
from buckler.workbench.data import default_database
from buckler.workbench.known import Known
from buckler.workbench.known_proofs import Settling
from buckler.workbench.manifests import ManifestTree
from buckler.workbench.upgrade_ladder import (
    Bench,
    Change,
    Climbed,
    climb,
    copied,
    installed_in,
    installed_version,
    shown_no_more,
    with_new,
)

PYTHON = "PyPI"


class NoUpgrade(Exception):
    """There is no change to propose; the words say why."""


@dataclass(slots=True, frozen=True)
class Upgrade:
    """One upgrade, judged as far as no single flaw is asked about."""

    change: Change
    patch: Patch
    climbed: Climbed

    def settling(self, bench: Bench, own: Callable[[ProofAttempt], bool]) -> Settling | None:
        """Runs tests with the new release; None where that is not installed. `own` tells one flaw from the others."""
        after = self.climbed.after
        if after is None:
            return None
        return Settling(
            lambda text, headline: with_new(self.change, bench, after, text, headline),
            lambda trial: tuple(shown_no_more(self.change, bench, after, trial)),
            own,
        )

    def judged(self, shown: Sequence[Rung]) -> VerifiedPatch:
        """The patch with its rungs and those of one flaw."""
        rungs = sorted((*self.climbed.rungs, *shown), key=lambda rung: rung.name)
        return VerifiedPatch(self.patch, tuple(rungs))


@dataclass(slots=True)
class Upgrades:
    """The upgrades of one project."""

    tree: ManifestTree
    known: Known
    wishes: EnvironmentOptions
    releases: Releases
    """Sources of releases, for finding out what a flaw is."""
    database: Path | None = None
    done: dict[Package, Upgrade | str] = field(default_factory=dict)
    """By package; why there is none, where there is none."""
    tried: dict[Package, Elsewhere | None] = field(default_factory=dict)
    """How tests are run with other releases."""
    asked: dict[str, list[Archive]] = field(default_factory=dict)
    """What the index offers, by package."""

    def of(self, finding: Finding, bench: Bench) -> Upgrade | str:
        """The upgrade that settles a finding, with everything else that is known of the package; or why there is none."""
        component = self.known.found[finding.fingerprint].vulnerability.component
        if component.package not in self.done:
            try:
                self.done[component.package] = self._upgrade(component, bench)
            except NoUpgrade as reason:
                self.done[component.package] = str(reason)
        return self.done[component.package]

    def is_its_own(self, finding: Finding, trial: ProofAttempt, bench: Bench) -> bool:
        """Whether an attack ends with the release that fixes this flaw, and not with one before that fixes another.

        True where all flaws that are known of the package are fixed at once, or these releases cannot be tried.
        """
        flaws = [found.vulnerability for found in self.known.found.values()]
        flaw = self.known.found[finding.fingerprint].vulnerability
        package = flaw.component.package
        target = first_fixed(package.version, flaw.fixed)
        others = [first_fixed(package.version, one.fixed) for one in flaws if one.component.package == package]
        earlier = max((version for version in others if version and target and version < target), default=None)
        if target is None or trial.proof is None or trial.headline is None or {*others} <= {target}:
            return True
        name = test_name(trial.headline, 0)
        for version, ends in ((target, True), (earlier, False)):
            runs = self._with(flaw.component, str(version), bench) if version is not None else None
            answer = runs(trial.proof.test.text, trial.headline) if runs is not None else None
            if answer is not None and (exploited(answer, name) if ends else passed(answer, name)):
                return False
        return True

    def _with(self, component: Component, version: str, bench: Bench) -> Elsewhere | None:
        """Runs tests with any release of a package; None where it cannot be installed."""
        key = replace(component.package, version=version)
        if key not in self.tried:
            self.tried[key] = self._installed(component, version, bench)
        return self.tried[key]

    def _installed(self, component: Component, version: str, bench: Bench) -> Elsewhere | None:
        data = {file.path: file.data for file in self.tree.files}
        formats = {manifest.path: manifest.format for manifest in self.known.inventory.manifests}
        try:
            moves = self._moves(Move(component, version), formats, bench.environment.version)
            plan = planned(moves, data.__getitem__, formats, self._hashes)
            changed = self._changed(plan, data) if not plan.refused else {}
        except NotLocked:
            return None
        change = Change(plan, data, changed, 0, self.known, self.wishes, self.database)
        if not changed:
            return None
        with copied(bench.root, changed) as copy:
            after = installed_in(copy, self.wishes, bench)
        if parsed(installed_version(after, component.package.name)) != parsed(version):
            return None
        return lambda text, headline: with_new(change, bench, after, text, headline)

    def _upgrade(self, component: Component, bench: Bench) -> Upgrade:
        package = component.package
        if not is_plain(package.name) and package.ecosystem in (PYTHON, "npm"):
            raise NoUpgrade(f"`{package.name}` is no name that a package manager could be given")
        data = {file.path: file.data for file in self.tree.files}
        formats = {manifest.path: manifest.format for manifest in self.known.inventory.manifests}
        version = self._safe(package)
        wanted = f"{package.name} would have to be {version}"
        try:
            moves = self._moves(Move(component, version), formats, bench.environment.version)
            plan = planned(moves, data.__getitem__, formats, self._hashes)
            if plan.refused:
                raise NoUpgrade(f"{wanted}, but {plan.refused}")
            changed = self._changed(plan, data)
        except NotLocked as reason:
            raise NoUpgrade(f"{wanted}, but {reason}") from reason
        releases = len({archive.version for archive in self._offered(package)})
        change = Change(plan, data, changed, releases, self.known, self.wishes, self.database)
        return Upgrade(change, _patch(plan, data, changed), climb(change, bench))

    def _safe(self, package: Package) -> str:
        releases = [archive.version for archive in self._offered(package) if not archive.yanked]
        with open_database(self.database or default_database()) as database:
            version = smallest_safe(package, database, releases)
        if not version:
            raise NoUpgrade(f"no later release of {package.name} without a known vulnerability is known")
        return version

    def _offered(self, package: Package) -> list[Archive]:
        if package.ecosystem != PYTHON or not self.wishes.install:
            return []
        if package.name not in self.asked:
            self.asked[package.name] = offered(package.name, self.wishes.cache)
        return self.asked[package.name]

    def _hashes(self, target: Package) -> Sequence[str]:
        return hashes_of(self._offered(target), target.version)

    def _moves(self, move: Move, formats: Mapping[str, str], python: str) -> list[Move]:
        """The package, and the pins beside it that cannot stay; raises `NotLocked` where nothing fits."""
        lines = [line for line in move.component.requirements if locker_for(formats[line.location.path]) is None]
        if move.component.package.ecosystem != PYTHON or not lines or not self.wishes.install:
            return [move]
        moved: dict[Component, Move] = {move.component: move}
        for path in dict.fromkeys(line.location.path for line in lines):
            for other in self._moved_along(move, path, python):
                known = moved.setdefault(other.component, other)
                if Version(other.version) > Version(known.version):
                    moved[other.component] = other
        return list(moved.values())

    def _moved_along(self, move: Move, path: str, python: str) -> Iterator[Move]:
        """Pins in the same file that cannot stay. Files are asked about one by one: others may be alternatives to them."""
        beside = [(other, line) for other, line in self._beside(path) if other is not move.component]
        stay = unbuilt([pin for _, line in beside if (pin := _as_pin(line))], python, tools())
        free = [(other, line) for other, line in beside if canonicalize_name(other.package.name) not in stay]
        rows = [
            f"{move.component.package.name}=={move.version}",
            *(_as_bound(line, other.package.version) for other, line in free),
        ]
        fitting = resolved(rows, python, tools())
        for other in dict.fromkeys(component for component, _ in free):
            now = fitting.get(canonicalize_name(other.package.name), other.package.version)
            if other.package.version not in ("", now):
                yield Move(other, now)

    def _beside(self, path: str) -> Iterator[tuple[Component, Requirement]]:
        """Everything that a file asks the registry for."""
        for component in self.known.inventory.components:
            for line in component.requirements if component.package.ecosystem == PYTHON else ():
                if line.location.path == path and line.origin is Origin.REGISTRY:
                    yield component, line

    def _changed(self, plan: Plan, data: Mapping[str, bytes]) -> dict[str, bytes]:
        """The manifests and lockfiles that differ afterwards; raises `NotLocked`."""
        files = {path: apply(plan.edits, path, old) for path, old in data.items()}
        for lock in plan.locks:
            self._only_known_addresses(lock)
            files[lock.path] = relocked(files, lock.path, _task(plan, lock))
        return {path: new for path, new in files.items() if new != data[path]}

    def _only_known_addresses(self, lock: Lock) -> None:
        """No address in a project's files is ever contacted, and the tool would contact those it finds there."""
        if not self.wishes.install:
            raise NotLocked(f"{lock.path} is written by its own tool, which asks a registry (--no-install forbids it)")
        for manifest in self.known.inventory.manifests:
            foreign = [line for line in manifest.requirements if line.origin in (Origin.URL, Origin.REPOSITORY)]
            named = manifest.indexes[0] if manifest.indexes else foreign[0].address if foreign else ""
            if named:
                raise NotLocked(f"{manifest.path} names an address of its own ({named}), which is not contacted")


def first_fixed(own: str, fixed: Iterable[str]) -> Version | None:
    """The smallest of these versions that comes after one's own."""
    mine = parsed(own)
    return min((v for v in map(parsed, fixed) if v is not None and (mine is None or v > mine)), default=None)


def _as_bound(line: Requirement, known: str) -> str:
    """A requirement as the resolver is to see it: what is pinned, here or elsewhere, moves up only if it has to."""
    extras = f"[{','.join(line.extras)}]" if line.extras else ""
    version = line.package.version or known
    pinned = bool(line.package.version) and line.wanted.lstrip().startswith("=")
    bounds = [line.wanted.strip() if not pinned else "", f">={version}" if version else ""]
    return f"{line.package.name}{extras}{','.join(filter(None, bounds))}"


def _as_pin(line: Requirement) -> str:
    """The very release that is pinned; empty where none is."""
    version = line.package.version
    return f"{line.package.name}=={version}" if version and line.wanted.lstrip().startswith("=") else ""


def _task(plan: Plan, lock: Lock) -> Task:
    move = lock.move
    if not is_plain(move.target.name, move.version):
        raise NotLocked(f"`{move.target.name}` is no name that a package manager could be given")
    steps = lock.locker.direct if plan.edits or move.component.direct else lock.locker.indirect
    given = {"name": move.target.name, "version": move.version}
    folder = lock.path.rpartition("/")[0]
    manifest = f"{folder}/{lock.locker.manifest}" if folder else lock.locker.manifest
    return Task([[word.format(**given) for word in step] for step in steps], manifest, tools())


def tools() -> tuple[Path, ...]:
    """The package managers that were installed together with us."""
    uv = program()
    return (uv,) if uv is not None else ()


def _patch(plan: Plan, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Patch:
    first, *others = plan.moves
    written = {lock.path for lock in plan.locks}
    edits = [edit for edit in plan.edits if edit.path not in written]
    edits += [Edit(p, 0, len(old[p]), _text(p, data)) for p, data in new.items() if p in written]
    said = f"Nothing is known of {first.target}."
    if not first.component.direct:
        said += f" It comes in through {first.component.chain[0].name}."
    if others:
        said += f" {', '.join(f'{m.component.package} has to be {m.version}' for m in others)} for the two to fit."
    title = ", ".join(f"{m.component.package} to {m.version}" for m in plan.moves)
    diff = "".join(difference(path, old[path], data) for path, data in sorted(new.items()))
    return Patch(f"Upgrade {title}", said, tuple(sorted(edits, key=lambda edit: (edit.path, edit.start))), diff)


def _text(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", where=path) from error
