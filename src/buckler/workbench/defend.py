"""The use case behind `buckler defend`: review, prove, fix, prove again.

Each finding is worked on by itself, one after the other, and what came of it is kept by content, so that an interrupted
run goes on where it was. The project is only ever read; what runs, runs on copies in a sandbox.

Example::

    outcome = defend(Path("shop"), Options(), DefendOptions(), progress)
    outcome.remediations[0].grade        # Grade.FIXED
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.progress import Progress, Silent
from buckler.base.scratch import passing
from buckler.base.source import SourceFile
from buckler.base.version import VERSION
from buckler.finding.evidence import (
    RUNGS,
    Assessment,
    Outcome,
    Patch,
    ProofKind,
    Remediation,
    Rung,
    Sandboxed,
    VerifiedPatch,
)
from buckler.finding.model import Finding, Notice, Rule, Severity
from buckler.fix.patch import apply, patches_for
from buckler.fix.site import Declined
from buckler.prove.attack import ProofAttempt, prove, static_rungs, unverified
from buckler.prove.bench import ProofContext, refresh
from buckler.prove.entries.explore import explore
from buckler.prove.entries.surface import Surface
from buckler.prove.environment.build import Environment, EnvironmentOptions, compiled_project
from buckler.prove.environment.fit import fitted
from buckler.prove.ladder.idle import NOTHING, idle
from buckler.prove.ladder.judge import judge
from buckler.prove.ladder.model import Change, Judge, Reviewed
from buckler.prove.sandbox.model import Limits
from buckler.prove.sandbox.run import NoSandbox, strongest_sandbox
from buckler.prove.session import Session
from buckler.review.memory import engine_version
from buckler.review.rulebook import book_of
from buckler.store.cache import Cache, open_cache
from buckler.store.defences import read_defence, write_defence
from buckler.weaknesses.registry import fix_of, proof_of
from buckler.workbench.bundle import sha256, write_bundle
from buckler.workbench.engine import Order, current_ids, read_rules, run_engine
from buckler.workbench.inputs import collect
from buckler.workbench.known_proofs import Flaw, shown
from buckler.workbench.manifests import collect_manifests
from buckler.workbench.reach import Scene, releases_for
from buckler.workbench.review import Options, chosen_rules, known_now, limits_of, review_paths
from buckler.workbench.selection import Limits as ReadLimits
from buckler.workbench.upgrade_ladder import Bench
from buckler.workbench.upgrades import Upgrades
from buckler.workbench.wishes import Wishes

MOST_CANDIDATES = 3
LAYER = "defences"
DECISION = "whether the package is meant is for somebody to decide; nothing is changed"


@dataclass(slots=True, frozen=True)
class DefendOptions:
    """What is to be done beside the review."""

    wishes: EnvironmentOptions
    only: tuple[str, ...] = ()
    """Rules, beginnings of fingerprints, files or `file:line`; empty for everything that is serious."""
    rules: tuple[str, ...] = ()
    """Of those, only what these rules found."""
    least: Severity = Severity.MEDIUM
    max_time: float = 0.0
    """Seconds for the whole run; 0 for no limit."""
    fix: bool = True
    seconds: float = 60.0
    """For one proof."""
    bundles: Path | None = None
    """Where to write the evidence of each finding that was reproduced."""


@dataclass(slots=True)
class Project:
    """A project being defended."""

    root: Path
    files: list[SourceFile]
    findings: list[Finding]
    order: Order
    environment: Environment
    bench: ProofContext
    upgrades: Upgrades | None = None
    """Of what it is made of, where something is known of that."""

    def read(self, path: str) -> bytes:
        """The bytes of a file as they were reviewed."""
        return (self.root / path).read_bytes()

    def again(self, finding: Finding) -> Callable[[Mapping[str, bytes]], Reviewed]:
        """A second review, as the ladder asks for it."""

        def review(changed: Mapping[str, bytes]) -> Reviewed:
            files = [replace(f, data=changed[f.path]) if f.path in changed else f for f in self.files]
            after = run_engine(files, self.order).findings
            return compare(finding, self.findings, after)

        return review


def compare(finding: Finding, before: Sequence[Finding], after: Sequence[Finding]) -> Reviewed:
    """What a change did to the findings: still there, or new; counted by rule and function, because lines move."""

    def key(f: Finding) -> tuple[str, str, str]:
        return f.rule, f.location.path, f.function

    old, now = (Counter(key(f) for f in findings) for findings in (before, after))
    own = key(finding)
    still = [place_of(f) for f in after if key(f) == own] if now[own] >= old[own] else []
    new = [place_of(f) for f in after if now[key(f)] > old[key(f)] and key(f) != own]
    return Reviewed(tuple(still), tuple(new))


def place_of(finding: Finding) -> str:
    return f"{finding.rule} at {finding.location.path}:{finding.location.line}"


def defend(
    path: Path, options: Options, wanted: DefendOptions, progress: Progress | None = None,
    each: Callable[[int, int, Remediation], None] | None = None,
) -> Assessment:  # fmt: skip
    """Do the whole job; raises `UserError` when the path or the environment cannot be used.

    `each` is given the number of a finding, how many there are, and what came of it. Ctrl-C ends the work with what there is.
    """
    if not path.is_dir():
        raise InputError("is no folder", where=str(path), remedy="give the project's folder")
    progress = progress or Silent()
    started_at = time.monotonic()
    out = review_paths([path], options, progress)
    if not out.review.files:
        raise InputError("holds no file to review", where=str(path))
    wanted = named_now(wanted, out.rules)
    serious = package_by_package([f for f in out.review.findings if chosen(f, wanted)])
    every = [*out.review.findings, *(item.finding for item in out.review.hidden)]
    known_words(wanted, every, out.rules, path)
    out.chosen = serious
    if not wanted.only and not wanted.rules:
        out.smaller = len(out.review.findings) - len(serious)
    if not serious or late(started_at, wanted):  # late before an environment is made, which may take longer than all
        return out
    cache = open_cache(options.cache, stamp=VERSION)
    try:
        began = time.monotonic()
        with opened(out.root, options, wanted, serious, cache, progress) as project:
            out.setup = time.monotonic() - began
            project.findings = every_finding(project)
            progress.start(len(serious), "proving and fixing")
            for number, finding in enumerate(serious):
                if late(started_at, wanted):
                    break
                try:
                    defence = remembered(project, finding, wanted, cache)
                except KeyboardInterrupt:
                    out.interrupted = True
                    break
                out.remediations.append(defence)
                if wanted.bundles is not None and defence.proof is not None:
                    keep_evidence(out, project, defence, wanted.bundles)
                if each is not None:
                    each(number + 1, len(serious), defence)
                progress.advance()
            progress.finish()
    except KeyboardInterrupt:
        out.interrupted = True
    except NoSandbox as none:
        out.review.notices.append(Notice("sandbox", "", str(none), partial=True))
        out.remediations = [without_sandbox(f, str(none), path) for f in serious]
    finally:
        cache.close()
    return out


def package_by_package(findings: Sequence[Finding]) -> list[Finding]:
    """The same with the first flaw of each package before the second of any: one upgrade settles them all."""
    seen: Counter[str] = Counter()
    turns: list[int] = []
    for finding in findings:
        package = finding.facts.dependency.purl if finding.facts.dependency is not None else ""
        turns.append(seen[package] if package else 0)
        seen[package] += 1
    return [finding for _, finding in sorted(zip(turns, findings, strict=True), key=lambda pair: pair[0])]


def late(started_at: float, wanted: DefendOptions) -> bool:
    """Whether the time for the whole run is over."""
    return bool(wanted.max_time) and time.monotonic() - started_at > wanted.max_time


def named_now(wanted: DefendOptions, rules: Sequence[Rule]) -> DefendOptions:
    """The same with the ids that the rules have now; raises `ConfigError` for one that there is not."""
    book = book_of(rules)
    return replace(wanted, rules=current_ids(book, wanted.rules), only=tuple(map(book.current, wanted.only)))


def known_words(wanted: DefendOptions, findings: Sequence[Finding], rules: Sequence[Rule], path: Path) -> None:
    """A word that names nothing is an error, not a clean result; raises `InputError`."""
    ids = {rule.id for rule in rules}
    for word in wanted.only:
        place = word.rpartition(":")[0] if word.rpartition(":")[2].isdigit() else word
        if (
            word not in ids
            and not any(named(f, word) for f in findings)
            and not any(p.name == place.rpartition("/")[2] for p in path.rglob("*"))
        ):
            raise InputError(
                f"'{word}' names no finding, rule or file", where=str(path), remedy="'buckler review' lists them"
            )


def chosen(finding: Finding, wanted: DefendOptions) -> bool:
    """Whether a finding is to be worked on; one that is named is, however small."""
    if wanted.rules and finding.rule not in wanted.rules:
        return False
    if wanted.only:
        return any(named(finding, word) for word in wanted.only)
    return finding.severity >= wanted.least


def named(finding: Finding, word: str) -> bool:
    """Whether a word names a finding: its rule, fingerprint, file, file and line, or the advisory it is about."""
    places = (f"/{finding.location.path}", f"/{finding.location.path}:{finding.location.line}")
    return (
        finding.rule == word
        or word in advisories_of(finding)
        or (len(word) >= 4 and finding.fingerprint.startswith(word))
        or any(p.endswith(f"/{word}") for p in places)
    )


def advisories_of(finding: Finding) -> tuple[str, ...]:
    """What a flaw of a dependency is called."""
    facts = finding.facts.dependency
    return (facts.advisory, *facts.aliases) if facts is not None else ()


def every_finding(project: Project) -> list[Finding]:
    """All findings of the project, the small ones included, against which a patch is compared."""
    return run_engine(project.files, project.order).findings


@contextmanager
def opened(
    root: Path,
    options: Options,
    wanted: DefendOptions,
    findings: Sequence[Finding],
    cache: Cache,
    progress: Progress | None = None,
) -> Iterator[Project]:
    """The project with its environment and a warm sandbox; raises `NoSandbox`."""
    progress = progress or Silent()
    strongest_sandbox()
    progress.start(2, "making the environment")
    config = options.config
    inputs = collect([root], limits_of(options))
    order = Order(read_rules(config.rules_dirs), config.library_dirs, cache, config.jobs, Silent())
    ways = ways_of(findings, inputs.files)
    environment = fitted(root, wanted.wishes, ways)
    progress.start(2, "loading the project")
    progress.advance()
    with passing("buckler-compiled-") as folder:
        compiled_project(root, folder / "code", environment.python)
        cell = environment.cell(root, Limits(), (folder / "code",))
        with Session.open(cell) as session:
            bench = started(root, session, environment, ways, wanted)
            progress.finish()
            try:
                upgrades = upgrades_for(root, options, wanted, findings, cache)
                yield Project(root, inputs.files, [], order, environment, bench, upgrades)
            finally:
                bench.session.close()


def upgrades_for(
    root: Path, options: Options, wanted: DefendOptions, findings: Sequence[Finding], cache: Cache
) -> Upgrades | None:
    """What is known of the project's packages, read again where a finding is about one."""
    if not any(finding.facts.dependency for finding in findings):
        return None
    book = chosen_rules(read_rules(options.config.rules_dirs), options)
    tree, known = known_now([root], options, book, cache)
    scene = Scene([root], tree, limits_of(options), cache, options.cache)
    releases = releases_for(scene, options.reach or Wishes())
    assert known is not None, "a finding is about one of them"
    return Upgrades(tree, known, wanted.wishes, releases, options.database)


def ways_of(findings: Sequence[Finding], files: Sequence[SourceFile] = ()) -> list[str]:
    """The files where untrusted data comes in, then those where it does harm; where no code is among them, the project's
    own, as the flaw of a package may lie behind any of it."""
    first = [f.flow[0].location.path if f.flow else f.location.path for f in findings]
    found = list(dict.fromkeys([*first, *(f.location.path for f in findings)]))
    own = () if any(path.endswith(".py") for path in found) else (f.path for f in files if f.path.endswith(".py"))
    return list(dict.fromkeys([*found, *own]))[:8]


def started(
    root: Path, session: Session, environment: Environment, ways: Sequence[str], wanted: DefendOptions
) -> ProofContext:
    """Find the applications and load the project; a project that takes its sandbox down gets a fresh one, cold."""
    surface = explore(session, root, [path for path in ways if path.endswith(".py")])
    warmth = surface.warmth
    if session.over or session.warm(warmth).ended == "gone":
        session.close()
        session = Session.open(session.cell)
        surface, warmth = Surface((), {"": "the project ended the sandbox while it was loaded"}), ""
        session.warm("")
    versions = dict(text.split("==", 1) for text in environment.packages if "==" in text)
    return ProofContext(root, session, surface, proof_of, versions, wanted.seconds, warmth)


def remembered(project: Project, finding: Finding, wanted: DefendOptions, cache: Cache) -> Remediation:
    """What is known of this finding, or what comes of working on it now."""
    latest = latest_key(files_behind(project.files, project.root, finding), finding)
    key = key_of(project, latest, wanted)
    known = cache.get_many(LAYER, [key]).get(key)
    defence = read_defence(known, finding) if known is not None else None
    if defence is None:
        defence = work_on(project, finding, wanted)
        row = write_defence(defence)
        cache.put_many(LAYER, {key: row, latest: row})
    return defence


def files_behind(files: Sequence[SourceFile], root: Path, finding: Finding) -> Sequence[SourceFile]:
    """What an outcome depends on: the code and, of a flaw in a dependency, the manifests."""
    if finding.facts.dependency is None:
        return files
    return [*files, *collect_manifests([root], ReadLimits()).sources]


def latest_key(files: Sequence[SourceFile], finding: Finding) -> bytes:
    """Our own code, the project's files, the finding: what an explanation may rely on without running anything."""
    digest = hashlib.blake2b(engine_version() + tool_version(), digest_size=20)
    if finding.facts.dependency is not None:  # what is known of it may change when nothing of the project does
        digest.update(repr((finding.facts.dependency.fixed, finding.facts.dependency.aliases)).encode())
    digest.update(finding.fingerprint.encode())
    for file in files:
        digest.update(file.path.encode("utf-8", "surrogateescape"))
        digest.update(hashlib.blake2b(file.read(), digest_size=16).digest())
    return digest.digest()


def key_of(project: Project, latest: bytes, wanted: DefendOptions) -> bytes:
    """The same with everything else an outcome depends on: the environment, the sandbox, whether a fix was wanted."""
    rest = f"{project.environment.digest} {project.bench.session.tier} {wanted.fix}"
    return hashlib.blake2b(latest + rest.encode(), digest_size=20).digest()


def keep_evidence(out: Assessment, project: Project, defence: Remediation, into: Path) -> None:
    """Write the evidence of one finding; what cannot be written as text is said."""
    try:
        out.bundles.append(bundled(project, defence, into))
    except UnicodeEncodeError:
        text = "no evidence was written, because the name of a file is no UTF-8"
        out.review.notices.append(Notice("evidence", defence.finding.location.path, text, partial=False))


def bundled(project: Project, defence: Remediation, into: Path) -> Path:
    """The evidence of one finding, written down."""
    reviewed = files_behind(project.files, project.root, defence.finding)
    digests = {file.path: sha256(file.read()) for file in reviewed}
    paths = {edit.path for edit in defence.fix.patch.edits} if defence.fix else set()
    return write_bundle(
        into, defence, digests, {path: project.read(path) for path in sorted(paths)}, project.bench.warmth
    )


@functools.cache
def tool_version() -> bytes:
    """Changes whenever a file of ours that proves or fixes does."""
    root = Path(__file__).resolve().parents[1]
    files = [
        p
        for folder in ("prove", "fix", "weaknesses", "dependencies", "workbench")
        for p in sorted((root / folder).rglob("*"))
        if p.suffix in (".py", ".toml")
    ]
    return hashlib.blake2b(b"".join(hashlib.blake2b(p.read_bytes()).digest() for p in files), digest_size=16).digest()


def work_on(project: Project, finding: Finding, wanted: DefendOptions) -> Remediation:
    """One finding: prove it, write candidates, put each to the ladder."""
    began, cpu = time.monotonic(), project.bench.session.cpu
    refresh(project.bench)
    project.bench.session.restore()
    if finding.facts.dependency is not None:
        return upgraded(project, finding, wanted)
    trial = prove(project.bench, finding)
    proved = time.monotonic() - began
    judged, refused = fixed(project, finding, trial) if wanted.fix else ((), "")
    environment = project.environment
    return Remediation(
        finding, trial.rungs, trial.proof, judged, refused,
        sandboxed(project.bench.session, environment) if finding.language == "python" else None,
        time.monotonic() - began, proved, project.bench.session.cpu - cpu,
    )  # fmt: skip


def upgraded(project: Project, finding: Finding, wanted: DefendOptions) -> Remediation:
    """A flaw of a dependency: shown through the project's entry point, its upgrade put to the ladder."""
    began, cpu = time.monotonic(), project.bench.session.cpu
    upgrades = project.upgrades
    assert upgrades is not None
    if finding.fingerprint not in upgrades.known.found:
        return Remediation(finding, static_rungs(finding), refused=DECISION)
    files = {file.path: file.read() for file in project.files if file.language == "python"}
    bench = Bench(project.root, files, project.environment, project.bench)
    upgrade = upgrades.of(finding, bench)
    refresh(project.bench)
    own = functools.partial(upgrades.is_its_own, finding, bench=bench)
    settling = None if isinstance(upgrade, str) else upgrade.settling(bench, own)
    flaw = Flaw(
        finding, upgrades.known.found[finding.fingerprint], upgrades.releases, project.order.cache, project.files,
        project.environment.folders,
    )  # fmt: skip
    trial, after = shown(flaw, project.bench, settling)
    proved = time.monotonic() - began
    judged = (upgrade.judged(after),) if wanted.fix and not isinstance(upgrade, str) else ()
    refused = upgrade if isinstance(upgrade, str) else ""
    return Remediation(
        finding, trial.rungs, trial.proof, judged, refused, sandboxed(project.bench.session, project.environment),
        time.monotonic() - began, proved, project.bench.session.cpu - cpu,
    )  # fmt: skip


def sandboxed(session: Session, environment: Environment) -> Sandboxed:
    """Where this session's evidence is made."""
    safeguards = strongest_sandbox().safeguards()
    return Sandboxed(str(session.tier), environment.version, environment.packages, environment.missing, safeguards)


def fixed(project: Project, finding: Finding, trial: ProofAttempt) -> tuple[tuple[VerifiedPatch, ...], str]:
    """Candidates with their rungs, the best first, or why there is none."""
    try:
        candidates = patches_for(finding, project.read, fix_of(finding.rule))[:MOST_CANDIDATES]
    except Declined as declined:
        return (), str(declined)
    out: list[VerifiedPatch] = []
    for patch in candidates:
        refresh(project.bench)
        out.append(VerifiedPatch(patch, judged_by_ladder(project, finding, trial, patch), shown_by(trial)))
        if out[-1].holds:
            break
    return tuple(sorted(out, key=lambda j: (not j.holds, -sum(r.outcome is Outcome.PROVED for r in j.rungs)))), ""


def shown_by(trial: ProofAttempt) -> ProofKind:
    """What the test shows; without a test nothing holds anyway."""
    return trial.proof.shown if trial.proof else ProofKind.EXPLOIT


def judged_by_ladder(project: Project, finding: Finding, trial: ProofAttempt, patch: Patch) -> tuple[Rung, ...]:
    old = {path: project.read(path) for path in dict.fromkeys(edit.path for edit in patch.edits)}
    new = {path: apply(patch.edits, path, data) for path, data in old.items()}
    return judged_change(project, finding, trial, Change(old, new))


def judged_change(
    project: Project, finding: Finding, trial: ProofAttempt, change: Change, *, foreign: bool = False
) -> tuple[Rung, ...]:
    """Any change to the project, put to the ladder; of a foreign one, written by somebody else, the part that counts."""
    if idle(change):
        rest = (unverified(name, f"not tried, because {NOTHING}") for name in RUNGS if "P0" < name < "P8")
        return (Rung("P0", Outcome.REFUTED, NOTHING), *rest)
    elsewhere = [
        place_of(f) for f in project.findings if f.rule == finding.rule and f.fingerprint != finding.fingerprint
    ]
    return judge(Judge(project.bench, finding, trial, change, project.again(finding), elsewhere, foreign))


def without_sandbox(finding: Finding, reason: str, root: Path) -> Remediation:
    """Nothing may run: the finding keeps its grade and says why, and patches are shown unproved."""
    rungs = (*static_rungs(finding), unverified("F4", reason))
    try:
        patches = patches_for(finding, lambda path: (root / path).read_bytes(), fix_of(finding.rule))
    except Declined as declined:
        return Remediation(finding, rungs, refused=str(declined))
    return Remediation(finding, rungs, patches=tuple(VerifiedPatch(p, (unverified("P2", reason),)) for p in patches))
