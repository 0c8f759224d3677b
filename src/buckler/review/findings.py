"""Flows and misuses → findings: severity, words, places, fingerprints."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace

from buckler.analysis.flow.function import RETURNED
from buckler.analysis.flow.solve import RANK, Hit, Misuse, Origin
from buckler.analysis.flow.summary import Reached
from buckler.analysis.flow.trace import Hop, Tracer
from buckler.analysis.program.modules import Program, Routine
from buckler.finding.model import Action, Facts, Finding, Location, Move, Rule, Severity, Source, Step
from buckler.review import answers, wording
from buckler.review.nearby import beside, conditions, restored

ASKED_BEFORE = 8
"""Lines in which the question stands whose answer is fetched."""
NO_FACTS = Facts()
MOST_FIELDS = 2
"""So many fields or globals on the way are a guess, more are of low confidence."""
PASSED_ON = frozenset({"database", "network", "archive"})
"""Origins that seldom keep their meaning through fields of other objects: what is kept is mostly made from them."""
STARTED_BY = frozenset({"cli", "environment"})
"""Origins in the hands of the person who started the program."""


@dataclass(slots=True)
class Sources:
    """File texts by path, with line starts made when first asked for."""

    data: dict[str, bytes]
    starts: dict[str, list[int]] = field(default_factory=dict)

    def lines(self, path: str) -> list[int]:
        known = self.starts.get(path)
        if known is None:
            known = [0] + [m.end() for m in re.finditer(b"\n", self.data.get(path, b""))]
            self.starts[path] = known
        return known

    def text(self, path: str) -> list[str]:
        return self.data.get(path, b"").decode("utf-8", "replace").split("\n")

    def location(self, path: str, start: int, end: int) -> Location:
        """Byte offsets to a location; columns count characters of the decoded line."""
        first, last = self.position(path, start), self.position(path, max(end, start))
        return Location(path, first[0], first[1], last[0], last[1])

    def position(self, path: str, offset: int) -> tuple[int, int]:
        lines = self.lines(path)
        line = bisect_right(lines, offset)
        begin = lines[line - 1]
        text = self.data.get(path, b"")[begin:offset]
        return line, len(text.decode("utf-8", "replace")) + 1

    def code(self, path: str, line: int) -> str:
        lines = self.lines(path)
        if not 0 < line <= len(lines):
            return ""
        end = lines[line] if line < len(lines) else len(self.data.get(path, b""))
        return self.data.get(path, b"")[lines[line - 1] : end][:400].decode("utf-8", "replace").strip()


def place(sources: Sources, program: Program, routine: Routine, operation: int) -> Location:
    span = routine.function.span if operation < 0 else routine.function.spans[operation]
    start = span >> 32
    end = min(span & 0xFFFFFFFF, start + 120) if operation < 0 else span & 0xFFFFFFFF
    return sources.location(routine.module.path, start, end)


def wanted(rule: Rule, hit: Hit, program: Program) -> bool:
    """Whether this origin counts for this rule."""
    kind = hit.origin.kind
    if rule.answers and answers.data_here(hit, program):
        return False
    if kind == "api":
        if rule.shape in ("path", "url-host"):  # a caller who gives the whole path or address means to
            return rule.api == "any" or (rule.api == "part" and hit.latent.part and hit.latent.lead != "")
        return rule.api == "any" or (rule.api == "part" and hit.latent.part)
    return True


def severity(rule: Rule, kind: str) -> Severity:
    """The rule's severity when anybody remote is in control, less when it takes more."""
    rank = RANK.get(kind, 4)
    if rule.severity <= Severity.LOW and kind != "remote":  # little if anybody can do it, and not everybody can
        return Severity.NOTE
    if kind == "network" and rule.shape == "url-host":  # mostly a server somebody chose, sending on
        return min(rule.severity, Severity.MEDIUM)
    if rank <= 1:
        return rule.severity
    if kind == "environment" or (kind == "database" and rule.trusts_store):  # who sets it can do as much without us
        return Severity.NOTE
    return min(Severity(max(Severity.LOW, rule.severity - 1)), Severity.MEDIUM)


def by_design(hit: Hit, rule: Rule, program: Program) -> bool:
    """Doing this with what it is given is what the function is for.

    Either the whole value is a command (code, a template) of the person who started the program, or a public
    function hands a parameter on unchanged and its own name or the parameter's says so (`purpose` of the rule).
    """
    origin = hit.origin
    if not rule.purpose:
        return False
    if origin.kind in STARTED_BY:
        return not hit.latent.part
    if origin.kind != "api" or origin.parameter < 0:
        return False
    function = program.routines[origin.routine].function
    name = function.params[origin.parameter].name.lower()
    verb = function.name.rpartition(".")[2].strip("_").lower()
    mixed_in = hit.latent.part and hit.latent.lead.strip("\0") != ""
    if rule.shape == "option":  # one argument among others: the method runs something, the parameter may be anything
        return re.fullmatch(rule.purpose, name) is not None
    return any(re.fullmatch(rule.purpose, n) for n in ([name] if mixed_in else [name, verb]))


def of_hit(hit: Hit, rule: Rule, tracer: Tracer, sources: Sources) -> Finding:
    program = tracer.engine.program
    routine = program.routines[hit.place[0]]
    rule = rule.in_language(routine.module.language)
    location = place(sources, program, routine, hit.place[1])
    hops, tags = tracer.way(hit)
    steps = steps_of(hops, hit.origin, tracer, sources)
    source = source_of(hit.origin, program)
    reached = reached_by(hit)
    message = wording.message(rule, wording.source_words(source), f"`{sink_shown(reached)}`")
    attacker = rule.attacker
    if reached.program:
        message = wording.chooses_program(wording.source_words(source), reached.name)
        attacker = wording.CHOOSES_PROGRAM
    if (shown := in_template(reached, sources)) is not None:
        steps = (*steps, shown)
    level = score_severity(hit, rule, tags, tracer, sources)
    if reached.name == RETURNED:  # only the method's name says that its result is a statement
        tags.append("by-convention")
        level = min(level, Severity.LOW)
    if rule.answers and answers.data_by_class(hit, program):
        tags.append("content-type")
        level = min(level, Severity.LOW)
    if by_design(hit, rule, program) or means_to(hit):
        tags.append("by-design")
        level = Severity.NOTE
    finding = make(rule, location, message, level, routine, sources, Facts(reached.name))
    return replace(finding, attacker=attacker, flow=steps, source=source, approximations=tuple(dict.fromkeys(tags)))


def means_to(hit: Hit) -> bool:
    """Whoever calls and gives the whole program means it to be started."""
    return hit.origin.kind == "api" and reached_by(hit).program and not hit.latent.lead.strip("\0")


def own_object(hit: Hit, tracer: Tracer) -> bool:
    """A caller hands over an object of a class of this program, which is made of what the program put there."""
    if hit.origin.kind != "api" or hit.origin.parameter < 0:
        return False
    engine = tracer.engine
    kind = engine.prepared(engine.program.routines[hit.origin.routine]).types[hit.origin.parameter]
    return bool(kind) and engine.program.class_(kind) is not None


def of_its_own(hit: Hit, rule: Rule, program: Program, sources: Sources) -> bool:
    """The lines that fetch the value ask for names the program itself gave: tables and columns in a catalogue."""
    if hit.origin.kind != "database" or hit.origin.operation < 0:
        return False
    at = place(sources, program, program.routines[hit.origin.routine], hit.origin.operation)
    asked = sources.text(at.path)[max(0, at.line - ASKED_BEFORE) : at.end_line + 1]
    return re.search(rule.internal_names, " ".join(asked), re.I) is not None


def score_severity(hit: Hit, rule: Rule, tags: list[str], tracer: Tracer, sources: Sources) -> Severity:
    """The severity by who is in control, less for fields and guesses on the way, and for what was chosen at home."""
    program, kind = tracer.engine.program, hit.origin.kind
    level = severity(rule, kind)
    if kind == "cli" and rule.purpose:  # who types it can run it
        return Severity.NOTE
    cells = fields_passed(hit)
    if cells > MOST_FIELDS or (cells and (tags or kind in STARTED_BY)):
        guessed = cells and (tags or kind in STARTED_BY)
        level = Severity.NOTE if guessed else lower_confidence(level)  # by guesses too: nothing to go after
    elif cells == MOST_FIELDS:
        level = min(level, Severity.MEDIUM) if at_home(hit, program) else lower_confidence(level)
    elif kind == "api" and rule.formed_by_libraries and "unknown-call" in tags:
        return Severity.NOTE
    elif ("unknown-call" in tags or (cells and not at_home(hit, program))) and level > Severity.MEDIUM:
        level = Severity(level - 1)
    if cells:
        tags.append("fields")
        if level <= Severity.LOW and (rule.severity <= Severity.LOW or rule.trusts_store):
            return Severity.NOTE
        if kind in PASSED_ON and (cells == MOST_FIELDS or not at_home(hit, program)):
            level = Severity.NOTE if rule.shape == "path" else lower_confidence(level)
    chosen = (
        rule.shape == "path" and cells
    )  # whoever made the object chose it; an address it was made with may be anybody's
    if kind == "api" and (chosen or (rule.shape in ("path", "option") and own_object(hit, tracer))):
        return Severity.NOTE
    if rule.answers and kind == "network" and not hit.latent.part:  # a piece of a page, fetched from one's server
        return Severity.NOTE
    if rule.internal_names and of_its_own(hit, rule, program, sources):
        tags.append("own-names")
        return Severity.NOTE
    return level


def lower_confidence(level: Severity) -> Severity:
    return Severity.LOW if level > Severity.LOW else Severity.NOTE


def fields_passed(hit: Hit) -> int:
    """How many fields and globals carry the data; they are followed for a class, not for an object."""
    count, through = 0, hit.through
    while through is not None:
        count, through = count + 1, through.before
    return count


def at_home(hit: Hit, program: Program) -> bool:
    """The field is filled and read in one class, the variable in one file."""
    if hit.through is None:
        return True
    writer, reader = program.routines[hit.through.routine], program.routines[hit.routine]
    if writer.owner is None or reader.owner is None:
        return writer.owner is reader.owner and writer.module is reader.module
    return writer.owner is reader.owner or writer.owner in program.line(reader.owner.name)


def of_misuse(misuse: Misuse, rule: Rule, program: Program, sources: Sources) -> Finding:
    routine = program.routines[misuse.routine]
    location = place(sources, program, routine, misuse.operation)
    sink = wording.growth_words(misuse.note, misuse.growth) if misuse.growth else wording.sink_words(misuse.note)
    message = wording.message(rule, "what arrives here", sink)
    level = rule.severity if rule.kind != "taint" else Severity(rule.severity - 1)
    if level == Severity.LOW and rule.kind == "taint":  # nobody is known to bring the data, and it would not do much
        level = Severity.NOTE
    level = Severity(max(Severity.NOTE, in_context(rule, level, routine, sources, location) - misuse.mild))
    if rule.context_words and handed_over(misuse, sources.code(location.path, location.line)):
        level = Severity.NOTE
    return make(rule, location, message, level, routine, sources, Facts(misuse.note, misuse.growth))


def handed_over(misuse: Misuse, code: str) -> bool:
    """`algorithm(data)`: which one it is was chosen elsewhere, from a table or by a caller.

    >>> handed_over(Misuse("weak-hash", "m.f", 3, "hashlib.md5"), "hash_alg(key)")
    True
    """
    name = misuse.note.rpartition(".")[2]
    return name.isidentifier() and name.lower() not in code.lower()


def in_context(rule: Rule, level: Severity, routine: Routine, sources: Sources, location: Location) -> Severity:
    """What the words around a place say, for the rules that ask."""
    if not (rule.context_words or rule.opt_in_words or rule.harmless):
        return level
    lines = sources.text(location.path)
    said = f"{routine.function.name}: {beside(lines, location.line)}"
    if rule.harmless and re.search(rule.harmless, f"{location.path} {said}", re.I):
        return Severity.NOTE
    asked = rule.opt_in_words and re.search(rule.opt_in_words, conditions(lines, location.line), re.I)
    if asked or (rule.opt_in_words and restored(lines, location.line)):
        return Severity.NOTE
    untold = rule.context_words and not re.search(rule.context_words, said, re.I)
    return min(level, rule.default_severity) if untold else level


def make(
    rule: Rule,
    location: Location,
    message: str,
    level: Severity,
    routine: Routine | None,
    sources: Sources,
    facts: Facts = NO_FACTS,
) -> Finding:
    code = sources.code(location.path, location.line)
    function = routine.function.name if routine else ""
    language = routine.module.language if routine else ""
    rule = rule.in_language(language)
    return Finding(rule.id, rule.title, level, rule.cwe, location, message, rule.attacker,
                   rule.fix, code, function, "", facts=facts, language=language)  # fmt: skip


def source_of(origin: Origin, program: Program) -> Source:
    """Where the data enters, as the finding says it."""
    if origin.operation >= 0:
        return Source(origin.kind, origin.name)
    caller = program.routines[origin.routine].function.name if origin.kind == "api" else ""
    return Source(origin.kind, origin.name, parameter=True, function=caller)


def in_template(reached: Reached, sources: Sources) -> Step | None:
    """The last step of a way that ends in a page template."""
    if reached.shown is None:
        return None
    line, column, end = reached.shown
    place = Location(reached.name, line, column, line, end)
    return Step(place, (Action(Move.SHOWN),), sources.code(reached.name, line))


def sink_shown(reached: Reached) -> str:
    return reached.name if reached.shown else wording.short(reached.name)


def steps_of(hops: list[Hop], origin: Origin, tracer: Tracer, sources: Sources) -> tuple[Step, ...]:
    """Hops as lines a reader can follow; hops on one line are told once."""
    program = tracer.engine.program
    out: list[Step] = []
    if origin.operation >= 0 and not any(h.routine == origin.routine and h.operation == origin.operation for h in hops):
        hops = [
            Hop(origin.routine, origin.operation, Action(Move.SOURCE)),
            *hops,
        ]  # inside a function whose result it is
    for hop in hops:
        routine = program.routines[hop.routine]
        location = place(sources, program, routine, hop.operation)
        action = hop.action
        if hop.operation == origin.operation >= 0 and hop.routine == origin.routine:
            action = Action(Move.SOURCE, origin.name)
        before = out[-1] if out else None
        if before is not None and (before.location.path, before.location.line) == (location.path, location.line):
            if action not in before.actions:
                before = replace(before, actions=(*before.actions, action))
            out[-1] = replace(before, location=location, function=routine.function.name)
        else:
            code = sources.code(location.path, location.line)
            out.append(Step(location, (action,), code, routine.function.name))
    return tuple(out)


def reached_by(hit: Hit) -> Reached:
    """The sink, from the end of the way."""
    latent = hit.latent
    while latent.inner is not None:
        latent = latent.inner
    return latent.reached
