"""An upgrade as a verified patch: the smallest release of which nothing is known, and what speaks for and against it.

All advisories about one package are one upgrade, worked out once. The manifests are edited, lockfiles are written anew by
their own tools, and the changed project is put to the ladder: it must resolve and install, nothing new may be known of
what it brings in, what the code uses must still be there, and its tests must end as before.

Example::

    upgrades = Upgrades(tree, known, options, wanted)
    judged, refused = upgrades.of(finding, project)
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from packaging.utils import canonicalize_name

from buckler.base.counting import counted
from buckler.base.files import read_in
from buckler.base.scratch import passing
from buckler.dependencies.advisories.database import open_database
from buckler.dependencies.findings import Found
from buckler.dependencies.inventory import identity, inventory_of
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.matching import vulnerabilities
from buckler.dependencies.model import Component, Origin, Package
from buckler.dependencies.upgrade.choose import smallest_safe
from buckler.dependencies.upgrade.names import used
from buckler.dependencies.upgrade.plan import Lock, Plan, planned
from buckler.finding.evidence import Edit, Outcome, Patch, Rung, VerifiedPatch
from buckler.finding.model import Finding
from buckler.fix.patch import apply, difference
from buckler.prove.bench import Outcomes, ProofContext
from buckler.prove.environment.api import differences
from buckler.prove.environment.build import Environment, EnvironmentOptions
from buckler.prove.environment.fit import fitted
from buckler.prove.environment.index import hashes_of, offered
from buckler.prove.environment.plain import is_plain
from buckler.prove.environment.relock import NotLocked, Task, relocked
from buckler.prove.ladder.own_tests import own_tests
from buckler.prove.session import Session
from buckler.workbench.data import default_database
from buckler.workbench.known import Known
from buckler.workbench.manifests import ManifestTree
from buckler.workbench.selection import EXCLUDED_FOLDERS

MOST_SHOWN = 10
Judged = tuple[tuple[VerifiedPatch, ...], str]
"""The upgrade with its rungs, or why there is none."""


@dataclass(slots=True, frozen=True)
class Bench:
    """The project as it is: what it runs with, and what its tests are run in."""

    root: Path
    files: Mapping[str, bytes]
    """Its Python files."""
    environment: Environment
    context: ProofContext


@dataclass(slots=True)
class Upgrades:
    """The upgrades of one project."""

    tree: ManifestTree
    known: Known
    wishes: EnvironmentOptions
    database: Path | None = None
    done: dict[Package, Judged] = field(default_factory=dict)

    def of(self, finding: Finding, bench: Bench) -> Judged:
        """The upgrade that settles a finding, with everything else that is known of the package."""
        found = self.known.found[finding.fingerprint]
        package = found.vulnerability.component.package
        if package not in self.done:
            self.done[package] = self._upgrade(found.vulnerability.component, bench)
        return self.done[package]

    def _upgrade(self, component: Component, bench: Bench) -> Judged:
        package = component.package
        if not is_plain(package.name.replace(":", "/").rpartition("/")[2]):
            return (), f"`{package.name}` is no name that a package manager could be given"
        archives = (
            offered(package.name, self.wishes.cache) if package.ecosystem == "PyPI" and self.wishes.install else []
        )
        releases = [archive.version for archive in archives if not archive.yanked]
        with open_database(self.database or default_database()) as database:
            version = smallest_safe(package, database, releases)
        if not version:
            return (), f"no later release of {package.name} without a known vulnerability is known"
        data = {file.path: file.data for file in self.tree.files}
        formats = {manifest.path: manifest.format for manifest in self.known.inventory.manifests}
        plan = planned(component, version, data.__getitem__, formats, hashes_of(archives, version))
        if plan.refused:
            return (), f"{package.name} would have to be {version}, but {plan.refused}"
        try:
            changed = self._changed(plan, data)
        except NotLocked as reason:
            return (), f"{package.name} would have to be {version}, but {reason}"
        patch = _patch(plan, data, changed)
        rungs = tuple(self._climb(plan, bench, data, changed, releases))
        return (VerifiedPatch(patch, rungs),), ""

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

    def _climb(
        self, plan: Plan, bench: Bench, old: Mapping[str, bytes], new: Mapping[str, bytes], releases: Sequence[str]
    ) -> Iterator[Rung]:
        yield Rung("P0", Outcome.PROVED, f"{counted(len(new), 'file')} changed: {', '.join(new)}")
        yield self._nothing_new(plan, {**old, **new})
        yield _smallest(plan, releases)
        if plan.component.package.ecosystem != "PyPI":
            yield Rung("U1", Outcome.PROVED, f"{', '.join(lock.locker.tool for lock in plan.locks)} resolved it")
            yield from _unverified("only upgrades of Python packages are installed and tried", "U2", "U3", "P4")
            return
        with _copy(bench.root, new) as copy:
            after = fitted(copy, self.wishes, [path for path in bench.files if path.endswith(".py")][:MOST_SHOWN])
            resolved = _installs(plan, bench.environment, after)
            yield resolved
            if resolved.outcome is not Outcome.PROVED:
                yield from _unverified("not tried, because the new release is not installed", "U2", "U3", "P4")
                return
            yield _compatible(plan, bench, after)
            yield _flaw_changed(plan, bench.environment, after)
            yield _tests(bench, copy, after)

    def _nothing_new(self, plan: Plan, files: Mapping[str, bytes]) -> Rung:
        """P1: what is known of the changed project, against what was known of it before."""
        inventory = inventory_of([ManifestFile(path, data, files.get) for path, data in files.items()])
        with open_database(self.database or default_database()) as database:
            flaws, _ = vulnerabilities(inventory.components, database)
        before = {_flaw(found) for found in self.known.found.values()}
        now = {(flaw.component.package.name, flaw.id): flaw for flaw in flaws}
        new = [f"{flaw.id} in {flaw.component.package}" for mark, flaw in now.items() if mark not in before]
        gone = identity(plan.component.package)
        left = [f"{flaw.id} in {flaw.component.package}" for flaw in flaws if identity(flaw.component.package) == gone]
        if new or left:
            what = "it brings in what has known vulnerabilities of its own" if new else "the old release is still there"
            return Rung("P1", Outcome.REFUTED, what, tuple((new or left)[:MOST_SHOWN]))
        settled = sorted(name for name in before if name not in now)
        words = f"{counted(len(settled), 'known flaw')} fewer, none new"
        return Rung("P1", Outcome.PROVED, words, tuple(mark for _, mark in settled))


def _flaw(found: Found) -> tuple[str, str]:
    return found.vulnerability.component.package.name, found.vulnerability.id


def _task(plan: Plan, lock: Lock) -> Task:
    package = plan.component.package
    if not is_plain(package.name, plan.version):
        raise NotLocked(f"`{package.name}` is no name that a package manager could be given")
    steps = lock.locker.direct if plan.edits or plan.component.direct else lock.locker.indirect
    given = {"name": package.name, "version": plan.version}
    folder = lock.path.rpartition("/")[0]
    manifest = f"{folder}/{lock.locker.manifest}" if folder else lock.locker.manifest
    return Task([[word.format(**given) for word in step] for step in steps], manifest, _tools())


def _tools() -> tuple[Path, ...]:
    """The lockers that were installed together with us."""
    with suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin  # noqa: PLC0415 - an extra

        return (Path(find_uv_bin()),)
    return ()


def _patch(plan: Plan, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Patch:
    package = plan.component.package
    written = {lock.path for lock in plan.locks}
    edits = [edit for edit in plan.edits if edit.path not in written]
    edits += [Edit(p, 0, len(old[p]), data.decode("utf-8", "replace")) for p, data in new.items() if p in written]
    diff = "".join(difference(path, old[path], data) for path, data in sorted(new.items()))
    come = "" if plan.component.direct else f" It comes in through {plan.component.chain[0].name}."
    return Patch(
        f"Upgrade {package} to {plan.version}",
        f"Nothing is known of {package.name} {plan.version}.{come}",
        tuple(sorted(edits, key=lambda edit: (edit.path, edit.start))),
        diff,
    )


def _smallest(plan: Plan, releases: Sequence[str]) -> Rung:
    package = plan.component.package
    if not releases:
        words = f"{plan.version} is the smallest version that an advisory calls fixed and of which nothing is known"
        return Rung("U0", Outcome.PROVED, words)
    words = f"{plan.version} is the smallest of {counted(len(set(releases)), 'release')} after {package.version or 'those asked for'} of which nothing is known"  # fmt: skip
    return Rung("U0", Outcome.PROVED, words)


def _unverified(reason: str, *names: str) -> Iterator[Rung]:
    for name in names:
        yield Rung(name, Outcome.NOT_VERIFIED, reason)


@contextmanager
def _copy(root: Path, new: Mapping[str, bytes]) -> Iterator[Path]:
    """The project with its changed manifests, without what is installed or built in it."""
    with passing("buckler-upgrade-") as folder:
        copy = folder / root.resolve().name
        shutil.copytree(root, copy, symlinks=True, ignore=lambda _, names: EXCLUDED_FOLDERS & {*names})
        for path, data in new.items():
            (copy / path).write_bytes(data)
        yield copy


def installed_version(environment: Environment, name: str) -> str:
    """The release of a package that an environment has, empty if it has none."""
    rows = (text.split("==", 1) for text in environment.packages if "==" in text)
    return next((version for row, version in rows if canonicalize_name(row) == canonicalize_name(name)), "")


def _installs(plan: Plan, before: Environment, after: Environment) -> Rung:
    """U1: everything that could be had before can be had now, and the package is there in the new version."""
    lost = [text for text in after.missing if text not in before.missing]
    have = installed_version(after, plan.component.package.name)
    if lost:
        return Rung("U1", Outcome.REFUTED, "not everything can be installed any more", tuple(lost[:MOST_SHOWN]))
    if identity(Package("PyPI", "", have)) != identity(Package("PyPI", "", plan.version)):
        words = f"the environment has {have or 'no release'} of it"
        return Rung("U1", Outcome.NOT_VERIFIED, words)
    python = after.version.rpartition(".")[0]
    return Rung(
        "U1", Outcome.PROVED, f"{counted(len(after.packages), 'package')} installed together on Python {python}"
    )


def _folder_of(environment: Environment, name: str) -> tuple[Path, list[str]] | None:
    """Where a package lies in an environment, and its modules there."""
    for folder in environment.folders:
        for info in folder.glob("*.dist-info"):
            if canonicalize_name(info.name.rpartition(".")[0].rpartition("-")[0]) == canonicalize_name(name):
                rows = read_in(info.parent, info / "RECORD", 4 << 20).decode("utf-8", "replace").splitlines()
                tops = {row.partition(",")[0].partition("/")[0] for row in rows if ".dist-info" not in row}
                modules = sorted({top.removesuffix(".py") for top in tops if top.removesuffix(".py").isidentifier()})
                return folder, modules
    return None


def _compatible(plan: Plan, bench: Bench, after: Environment) -> Rung:
    """U2: the names that the project uses, compared in both releases."""
    name = plan.component.package.name
    old, new = _folder_of(bench.environment, name), _folder_of(after, name)
    if old is None or new is None:
        return Rung("U2", Outcome.NOT_VERIFIED, "one of the two releases is not installed here")
    asked = used(bench.files, old[1])
    if not asked.names:
        return Rung("U2", Outcome.PROVED, f"the project's own code uses no name of {name}")
    found = differences(old[0], new[0], old[1], [*asked.names], sorted(asked.attributes))
    if found is None:
        return Rung("U2", Outcome.NOT_VERIFIED, "the releases could not be compared; install buckler[upgrade]")
    if found:
        first = found[0]
        place = asked.names.get(first.name, "")
        words = f"{first.words}{f', used in {place}' if place else ''}"
        return Rung("U2", Outcome.REFUTED, words, tuple(item.words for item in found[:MOST_SHOWN]))
    return Rung("U2", Outcome.PROVED, f"{counted(len(asked.names), 'name')} that the project uses are there, with the same parameters")  # fmt: skip


def _flaw_changed(plan: Plan, before: Environment, after: Environment) -> Rung:
    """U3: what of the package's code is no longer as it was."""
    name = plan.component.package.name
    old, new = _folder_of(before, name), _folder_of(after, name)
    if old is None or new is None:
        return Rung("U3", Outcome.NOT_VERIFIED, "one of the two releases is not installed here")
    changed = [p for p, data in _sources(*old).items() if _sources(*new).get(p) != data]
    if not changed:
        return Rung("U3", Outcome.REFUTED, "the code of the two releases is the same")
    return Rung("U3", Outcome.PROVED, f"{counted(len(changed), 'file')} of it changed", tuple(changed[:MOST_SHOWN]))


def _sources(folder: Path, modules: Sequence[str]) -> dict[str, bytes]:
    files = [file for top in modules for file in (folder / top).rglob("*.py")]
    files += [folder / f"{top}.py" for top in modules if (folder / f"{top}.py").is_file()]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def _tests(bench: Bench, copy: Path, after: Environment) -> Rung:
    """P4: the project's own tests, with the old and with the new release."""
    before = own_tests(bench.context)
    if not before.outcomes:
        return Rung("P4", Outcome.NOT_VERIFIED, before.reason or "the project has no tests that can be run here")
    with Session.open(after.cell(copy)) as session:
        session.warm(bench.context.warmth)
        now = own_tests(replace(bench.context, project=copy, session=session, tests=None))
    return _compared(before, now)


def _compared(before: Outcomes, now: Outcomes) -> Rung:
    good = [name for name, outcome in before.outcomes.items() if outcome == "passed"]
    worse = [name for name in good if now.outcomes.get(name) != "passed"]
    if worse:
        words = f"{len(worse)} of its {len(good)} passing tests no longer pass"
        return Rung("P4", Outcome.REFUTED, words, tuple(worse[:MOST_SHOWN]))
    if not good:
        return Rung("P4", Outcome.NOT_VERIFIED, "none of the project's tests passes here, before or after")
    return Rung("P4", Outcome.PROVED, f"{len(good)} of the project's tests pass, as before")
