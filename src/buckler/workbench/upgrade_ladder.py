"""The ladder for an upgrade: what speaks for and against it, each rung proved, refuted or not verified with its reason.

The changed project must have fewer known flaws and no new ones, resolve and install; what its code and its other
packages use of the package must still be there; the flawed code must have changed, and the project's own tests end as
before. The two releases are compared as files; only tests are run, in the sandbox.

Example::

    climbed = climb(change, bench)
    climbed.rungs, [*shown_no_more(change, bench, climbed.after, trial)]
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from packaging.utils import canonicalize_name

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.counting import counted
from buckler.base.files import files_below, read_in
from buckler.base.scratch import passing
from buckler.dependencies.advisories.database import open_database
from buckler.dependencies.inventory import identity, inventory_of
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.matching import vulnerabilities
from buckler.dependencies.model import Package
from buckler.dependencies.upgrade.names import used
from buckler.dependencies.upgrade.plan import Plan
from buckler.finding.evidence import Outcome, Rung
from buckler.prove.attack import ORDINARY, TIMES, ProofAttempt, test_name
from buckler.prove.bench import Outcomes, ProofContext, exploited, passed, run_test, trouble
from buckler.prove.emit import Headline, test_file
from buckler.prove.environment.api import differences
from buckler.prove.environment.build import Environment, EnvironmentOptions
from buckler.prove.environment.fit import fitted
from buckler.prove.ladder.own_tests import own_tests
from buckler.prove.session import Answer, Session
from buckler.workbench.data import default_database
from buckler.workbench.known import Known
from buckler.workbench.selection import EXCLUDED_FOLDERS

MOST_SHOWN = 10
MOST_LISTED = 50_000
"""Files of an environment that are looked at."""
Installed = tuple[Path, list[str]]
"""The folder in which a package lies, and its modules there."""


@dataclass(slots=True, frozen=True)
class Bench:
    """The project as it is: its Python files, what it runs with, and what its tests are run in."""

    root: Path
    files: Mapping[str, bytes]
    environment: Environment
    context: ProofContext


@dataclass(slots=True, frozen=True)
class Change:
    """What is to be judged."""

    plan: Plan
    old: Mapping[str, bytes]
    """Every manifest, by path."""
    new: Mapping[str, bytes]
    """Those that change."""
    releases: int
    """How many the index offers; 0 where it was not asked."""
    known: Known
    """What is known of the project as it is."""
    wishes: EnvironmentOptions
    database: Path | None = None

    @property
    def name(self) -> str:
        return self.plan.move.component.package.name


@dataclass(slots=True, frozen=True)
class Climbed:
    """What came of it, and the environment with the new release if there is one."""

    rungs: tuple[Rung, ...]
    after: Environment | None = None


def climb(change: Change, bench: Bench) -> Climbed:
    """P0, P1, P4 and U0 to U3; the order is from cheap to dear."""
    rungs = [*read(change)]
    if change.plan.move.target.ecosystem != "PyPI":
        rungs += unverified("only upgrades of Python packages are installed and tried", "U2", "U3", "P4")
        return Climbed(tuple(rungs))
    with copied(bench.root, change.new) as copy:
        after = installed_in(copy, change.wishes, bench)
        rungs.append(installs(change, bench.environment, after))
        if rungs[-1].outcome is not Outcome.PROVED:
            rungs += unverified("not tried, because the new release is not installed", "U2", "U3", "P4")
            return Climbed(tuple(rungs))
        rungs += [compatible(change, bench, after), flaw_changed(change, bench.environment, after)]
        rungs.append(tests_as_before(bench, copy, after))
    return Climbed(tuple(rungs), after)


def installed_in(copy: Path, wishes: EnvironmentOptions, bench: Bench) -> Environment:
    """What a copy of the project with other manifests runs with."""
    paths = [path for path in bench.files if path.endswith(".py")][:MOST_SHOWN]
    return fitted(copy, replace(wishes, python=wishes.python or bench.environment.python), paths)


def read(change: Change) -> Iterator[Rung]:
    """What can be said without installing anything."""
    yield Rung("P0", Outcome.PROVED, f"{counted(len(change.new), 'file')} changed: {', '.join(change.new)}")
    yield nothing_new(change)
    yield smallest(change)
    if change.plan.move.target.ecosystem != "PyPI":
        by = ", ".join(lock.locker.tool for lock in change.plan.locks)
        outcome, words = (Outcome.PROVED, f"resolved by {by}") if by else (Outcome.NOT_VERIFIED, "nobody resolved it")
        yield Rung("U1", outcome, words)


def with_new(change: Change, bench: Bench, after: Environment, text: str, headline: Headline) -> Answer:
    """What a test says with the new release."""
    with opened(change, bench, after) as context:
        return run_test(context, text, headline)


@contextmanager
def opened(change: Change, bench: Bench, after: Environment) -> Iterator[ProofContext]:
    """The changed project with the new release, loaded."""
    with copied(bench.root, change.new) as copy, Session.open(after.cell(copy)) as session:
        session.warm(bench.context.warmth)
        yield replace(bench.context, project=copy, session=session, tests=None)


def shown_no_more(change: Change, bench: Bench, after: Environment, trial: ProofAttempt) -> Iterator[Rung]:
    """P2, P3 and P5: the test that showed the flaw with the old release, with the new one."""
    if trial.proof is None or trial.headline is None:
        return
    with opened(change, bench, after) as context:
        answers = [run_test(context, trial.proof.test.text, trial.headline) for _ in range(TIMES)]
        attack = test_name(trial.headline, 0)
        if any(exploited(answer, attack) for answer in answers):
            yield Rung("P2", Outcome.REFUTED, "the attack still works with the new release")
            return
        if not all(passed(answer, attack) for answer in answers):
            yield Rung("P2", Outcome.NOT_VERIFIED, f"the test could not be run: {trouble(answers[0])}")
            return
        words = f"the test failed with the old release and passes with the new one, in {TIMES} of {TIMES} runs each"
        yield Rung("P2", Outcome.PROVED, words)
        if all(passed(answer, ORDINARY) for answer in answers):
            yield Rung("P3", Outcome.PROVED, "benign input gives the same result")
        else:
            yield Rung("P3", Outcome.REFUTED, f"benign input does not give the same result: {trouble(answers[0])}")
        yield variants(context, trial)


def variants(context: ProofContext, trial: ProofAttempt) -> Rung:
    """P5: everything else that worked with the old release."""
    others = trial.fired[1:]
    if not others or trial.approach is None or trial.oracle is None or trial.benign is None or trial.headline is None:
        return Rung("P5", Outcome.NOT_VERIFIED, "nothing else worked with the old release")
    text = test_file(trial.headline, trial.approach, trial.oracle, trial.benign, others)
    answer = run_test(context, text, trial.headline)
    names = [(attack, test_name(trial.headline, number)) for number, attack in enumerate(others)]
    through = [f"{attack.label}: {attack.value}" for attack, name in names if exploited(answer, name)]
    stopped = [attack for attack, name in names if passed(answer, name)]
    if through:
        return Rung("P5", Outcome.REFUTED, f"{counted(len(through), 'variant')} still get through", tuple(through))
    if not stopped:
        return Rung("P5", Outcome.NOT_VERIFIED, f"the variants could not be run: {trouble(answer)}")
    return Rung("P5", Outcome.PROVED, f"{counted(len(stopped), 'variant')} that worked before are stopped")


def unverified(reason: str, *names: str) -> Iterator[Rung]:
    for name in names:
        yield Rung(name, Outcome.NOT_VERIFIED, reason)


def nothing_new(change: Change) -> Rung:
    """P1: what is known of the changed project, against what was known of it before."""
    files = {**change.old, **change.new}
    inventory = inventory_of([ManifestFile(path, data, files.get) for path, data in files.items()])
    with open_database(change.database or default_database()) as database:
        flaws, _ = vulnerabilities(inventory.components, database)
    before = {(f.vulnerability.component.package.name, f.vulnerability.id) for f in change.known.found.values()}
    now = {(flaw.component.package.name, flaw.id): f"{flaw.id} in {flaw.component.package}" for flaw in flaws}
    new = [words for mark, words in now.items() if mark not in before]
    gone = identity(change.plan.move.component.package)
    left = [f"{flaw.id} in {flaw.component.package}" for flaw in flaws if identity(flaw.component.package) == gone]
    if new or left:
        what = "it brings in what has known vulnerabilities of its own" if new else "the old release is still there"
        return Rung("P1", Outcome.REFUTED, what, tuple((new or left)[:MOST_SHOWN]))
    settled = sorted(name for package, name in before if (package, name) not in now)
    return Rung("P1", Outcome.PROVED, f"{counted(len(settled), 'known flaw')} fewer, none new", tuple(settled))


def smallest(change: Change) -> Rung:
    """U0; the version was chosen so."""
    version, package = change.plan.move.version, change.plan.move.component.package
    of = f"smallest of {counted(change.releases, 'release')}" if change.releases else "smallest that advisories name"
    words = f"{version} is the {of} after {package.version or 'what is asked for'} of which nothing is known"
    moved = tuple(f"{move.component.package} to {move.version}" for move in change.plan.moves[1:])
    return Rung("U0", Outcome.PROVED, words, moved)


@contextmanager
def copied(root: Path, new: Mapping[str, bytes]) -> Iterator[Path]:
    """The project with its changed manifests, without what is installed or built in it."""
    with passing("buckler-upgrade-") as folder:
        copy = folder / root.resolve().name
        shutil.copytree(root, copy, symlinks=True, ignore=lambda _, names: EXCLUDED_FOLDERS & {*names})
        for path, data in new.items():
            (copy / path).write_bytes(data)
        folder.chmod(0o755)
        yield copy


def installed_version(environment: Environment, name: str) -> str:
    """The release of a package that an environment has, empty if it has none; our own tools come after its own."""
    for folder in environment.folders:
        for info in folder.glob("*.dist-info"):
            package, _, version = info.name.removesuffix(".dist-info").partition("-")
            if canonicalize_name(package) == canonicalize_name(name):
                return version
    return ""


def installs(change: Change, before: Environment, after: Environment) -> Rung:
    """U1: everything that could be had before can be had now, and what moved is there in its new version."""
    lost = [text for text in after.missing if text not in before.missing]
    if lost:
        return Rung("U1", Outcome.REFUTED, "not everything can be installed any more", tuple(lost[:MOST_SHOWN]))
    for move in change.plan.moves:
        have = installed_version(after, move.target.name)
        if identity(Package("PyPI", "", have)) != identity(Package("PyPI", "", move.version)):
            return Rung("U1", Outcome.NOT_VERIFIED, f"the environment has {move.target.name} {have or 'not at all'}")
    words = f"{counted(len(after.packages), 'package')} fit together on Python {after.version.rpartition('.')[0]}"
    return Rung("U1", Outcome.PROVED, words)


def folder_of(environment: Environment, name: str) -> Installed | None:
    """Where a package lies in an environment."""
    for folder in environment.folders:
        for info in folder.glob("*.dist-info"):
            if canonicalize_name(info.name.rpartition(".")[0].rpartition("-")[0]) == canonicalize_name(name):
                tops = recorded(info) or laid_out(folder, name)
                return folder, sorted(
                    {top.removesuffix(".py") for top in tops if top.removesuffix(".py").isidentifier()}
                )
    return None


def recorded(info: Path) -> set[str]:
    """What a package says it has put beside that folder."""
    rows = read_in(info.parent, info / "RECORD", 4 << 20).decode("utf-8", "replace").splitlines()
    return {row.partition(",")[0].partition("/")[0] for row in rows if ".dist-info" not in row}


def laid_out(folder: Path, name: str) -> set[str]:
    """The same of one that was laid out from its sources and has no such list: its name, else what nobody else has."""
    there = {entry.name for entry in folder.iterdir() if entry.is_dir() or entry.suffix == ".py"}
    own = {top for top in there if canonicalize_name(top.removesuffix(".py")) == canonicalize_name(name)}
    others = {top for info in folder.glob("*.dist-info") for top in recorded(info)}
    return own or there - others - {"bin"}


def compatible(change: Change, bench: Bench, after: Environment) -> Rung:
    """U2: the names that the project and its other packages use, compared in both releases."""
    for move in change.plan.moves:
        rung = one_compatible(move.target.name, bench, after)
        if rung.outcome is not Outcome.PROVED:
            return rung
    return rung


def one_compatible(name: str, bench: Bench, after: Environment) -> Rung:
    old, new = folder_of(bench.environment, name), folder_of(after, name)
    if old is None or new is None:
        return Rung("U2", Outcome.NOT_VERIFIED, f"one of the two releases of {name} is not installed here")
    asked, others = used(bench.files, old[1]), used(users(new), old[1])
    names = {**others.names, **asked.names}
    if not names:
        return Rung("U2", Outcome.PROVED, f"neither the project nor another of its packages uses a name of {name}")
    calls = {key: (call.positional, sorted(call.keywords)) for key, call in asked.calls.items()}
    found = differences(old[0], new[0], old[1], [*names], sorted(asked.attributes), calls)
    if found is None:
        return Rung("U2", Outcome.NOT_VERIFIED, "the releases could not be compared; install buckler[upgrade]")
    if found:
        places = [f"{item.words}{_place(names, item.name)}" for item in found]
        return Rung("U2", Outcome.REFUTED, places[0], tuple(places[:MOST_SHOWN]))
    words = f"{counted(len(names), 'name')} of {name} that are used here are there, with the same parameters"
    return Rung("U2", Outcome.PROVED, words)


def _place(names: Mapping[str, str], name: str) -> str:
    """Where a name, or the class it belongs to, is used."""
    where = names.get(name) or names.get(name.rpartition(".")[0])
    return f", used in {where}" if where else ""


def users(own: Installed) -> dict[str, bytes]:
    """Files of other packages in an environment that speak of this one: an upgrade may break those, too.

    They say themselves which releases they can live with, so only names that they read from it count.
    """
    folder, modules = own
    words, tops = [module.encode() for module in modules], tuple(f"{module}/" for module in modules)
    found: dict[str, bytes] = {}
    for file in islice(files_below(folder), MOST_LISTED):
        path = file.relative_to(folder).as_posix()
        if file.suffix == ".py" and not path.startswith(tops) and file.stat().st_size <= MAX_FILE_SIZE:
            data = file.read_bytes()
            if any(word in data for word in words):
                found[path] = data
    return found


def flaw_changed(change: Change, before: Environment, after: Environment) -> Rung:
    """U3: what of the package's code is no longer as it was."""
    old, new = folder_of(before, change.name), folder_of(after, change.name)
    if old is None or new is None:
        return Rung("U3", Outcome.NOT_VERIFIED, "one of the two releases is not installed here")
    had = installed_version(before, change.name)
    if had == installed_version(after, change.name):  # what the project asks for could not be had, or fits nothing else
        return Rung(
            "U3", Outcome.NOT_VERIFIED, f"both environments have {change.name} {had}, not the release in question"
        )
    then, now = sources(*old), sources(*new)
    if not then:
        return Rung("U3", Outcome.NOT_VERIFIED, f"{change.name} has no Python code that could be compared")
    changed = [path for path, data in then.items() if now.get(path) != data]
    if not changed:
        return Rung("U3", Outcome.REFUTED, "the code of the two releases is the same")
    return Rung("U3", Outcome.PROVED, f"{counted(len(changed), 'file')} of it changed", tuple(changed[:MOST_SHOWN]))


def sources(folder: Path, modules: Sequence[str]) -> dict[str, bytes]:
    files = [file for top in modules for file in (folder / top).rglob("*.py")]
    files += [folder / f"{top}.py" for top in modules if (folder / f"{top}.py").is_file()]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def tests_as_before(bench: Bench, copy: Path, after: Environment) -> Rung:
    """P4: the project's own tests, with the old and with the new release."""
    before = own_tests(bench.context)
    if not before.outcomes:
        return Rung("P4", Outcome.NOT_VERIFIED, before.reason or "the project has no tests that can be run here")
    with Session.open(after.cell(copy)) as session:
        session.warm(bench.context.warmth)
        now = own_tests(replace(bench.context, project=copy, session=session, tests=None))
    return compared(before, now)


def compared(before: Outcomes, now: Outcomes) -> Rung:
    good = [name for name, outcome in before.outcomes.items() if outcome == "passed"]
    worse = [name for name in good if now.outcomes.get(name) != "passed"]
    if worse:
        words = f"{len(worse)} of its {len(good)} passing tests no longer pass"
        return Rung("P4", Outcome.REFUTED, words, tuple(worse[:MOST_SHOWN]))
    if not good:
        return Rung("P4", Outcome.NOT_VERIFIED, "none of the project's tests passes here, before or after")
    return Rung("P4", Outcome.PROVED, f"{len(good)} of the project's tests pass, as before")
