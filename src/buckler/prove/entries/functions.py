"""From a finding to direct calls of the function where the data comes in, with whatever objects that takes.

Used where no request reaches the line: public functions of a library, methods on objects made for the purpose, and
private helpers, which are labelled as not reachable.

Example::

    for reached in function_approaches(session, surface, finding): ...
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from buckler.finding.evidence import Exposure
from buckler.finding.model import Finding, Move, Step
from buckler.prove.answers import DescribedRow, ParameterRow, row_of, rows_of
from buckler.prove.cutting import cut
from buckler.prove.entries import archives
from buckler.prove.entries.archives import ON_DISK
from buckler.prove.entries.arguments import (
    MOCK,
    PLAIN_OBJECT,
    argument,
    call,
    classes,
    imports_for,
    modules,
    without_objects,
)
from buckler.prove.entries.encodings import adapted
from buckler.prove.entries.reach import MARK, Reached, arrived, marks_seen, reach, watched
from buckler.prove.entries.samples import samples
from buckler.prove.entries.shapes import files, kinds_of_shapes
from buckler.prove.entries.starts import starts
from buckler.prove.entries.surface import Surface
from buckler.prove.entries.vocabulary import vocabulary
from buckler.prove.environment.layout import module_of
from buckler.prove.model import EntryDriver, ProofRecipe
from buckler.prove.probe_file import ProbeFile
from buckler.prove.session import Session, asking

NO_ATTRIBUTE = re.compile(r"'([\w.]+)' object has no attribute '(\w+)'")
MOST_REPAIRS = 8
MOST_PARAMETERS = 4
MOST_FLIPS = 3
MOST_OTHERS = 3
MOST_WAYS = 2
UNMADE = "the object was made without its constructor, with mocks for what the code reads"
TAKEN = frozenset({"send", "text", "attempt", "value", "answer"})
"""Names that every test file gives a meaning of its own."""
TEXT_FOR_OBJECT = "'str' object has no attribute"
"""What is said where a text was put in place of a stand-in and an object was meant."""
MOCK_AWAITED = "mock.AsyncMock()"
LAZY = ("__iter__", "__next__")
"""What runs only when somebody goes through the answer."""
STAND_IN = "arguments of unknown types are mocks"


def function_approaches(
    session: Session, project: Path, surface: Surface, finding: Finding, recipe: ProofRecipe
) -> Iterator[Reached]:
    """Calls that carry a mark to the line: of the function where the way begins, then of those nearer to the sink."""
    words = [] if recipe.by_line and not recipe.compares else vocabulary(session, surface, finding)[:MOST_OTHERS]
    for step in starts(project, finding, packed=archives.concerned(finding, recipe)):
        entering = step.names(Move.PARAMETER)
        if not step.function or "<" in step.function:
            continue
        module = module_of(step.location.path, surface.roots)
        signature = described(session, module, step.function)
        if signature is None:
            continue
        signature["lazy"] = not step.function.endswith(LAZY) and sink_function(finding).endswith(LAZY)
        signature["method"] = method_after(session, surface, finding, step)
        names = entering[:1] or takers(signature["parameters"])
        if recipe.by_line:
            known = spoken(words, signature["parameters"])
            yield from by_line(session, finding, recipe, step, module, signature, names[:MOST_PARAMETERS], known)
            continue
        asked = [f"one{text}" for text in signature["ends"]] + [f"{text}one" for text in signature["begins"]]
        called = step.function.removesuffix(".__init__")  # what makes an object is called by the name of its class
        others = [
            *samples(project, called, signature["parameters"]),
            *spoken([*words, *asked], signature["parameters"]),
        ]
        for name in names[:MOST_PARAMETERS]:
            for forms in kinds_of_shapes(finding, recipe.document, signature, name):
                if archives.concerned(finding, recipe):
                    yield from _packed(session, finding, step, module, signature, name)
                else:
                    yield from _carried(session, finding, step, module, signature, name, forms, others)
    if recipe.by_line:
        yield from loaded(session, surface, finding, recipe)
    else:
        yield from attribute_set(session, surface, finding)


def attribute_set(session: Session, surface: Surface, finding: Finding) -> Iterator[Reached]:
    """Where data lies in an attribute before the method of the flaw runs: an object on which it was set directly.

    Who set it, and what was made sure of before, is not asked, so this is no entry point.
    """
    last = next((s for s in reversed(finding.flow) if s.names(Move.ATTRIBUTE)), None)
    made_by = [s for s in finding.flow if s.function.endswith(".__init__")]
    owner, _, method = last.function.rpartition(".") if last else ("", "", "")
    if last is None or not owner or made_by:
        return
    module = module_of(last.location.path, surface.roots)
    signature = described(session, module, last.function)
    if signature is None or not signature.get("owner") or signature["static"] or signature["class"]:
        return
    name = last.names(Move.ATTRIBUTE)[0]
    for arguments in dict.fromkeys((call(signature["parameters"][1:], {}), "")):
        made = f"{owner}({call(signature['owner']['parameters'][1:], {})})"
        for start in (f"subject = {made}", f"subject = object.__new__({owner})"):
            way = approach(last, module, owner.partition(".")[0], signature, f"subject.{method}({arguments})",
                           [start, f"subject.{name} = value"])  # fmt: skip
            assumptions = (*(a for a in way.assumptions if a != UNMADE), f"`{name}` was set on the object directly")
            if found := _seen(session, finding, replace(way, assumptions=assumptions, exposure=Exposure.INTERNAL)):
                yield found
                return


def described(session: Session, module: str, name: str) -> dict[str, Any] | None:
    """What it takes to call a function, as it says itself; each parameter with the modules of the table that are loaded."""
    answer = session.run(asking("signatures", "described", module, name, modules()), 20)
    signature = row_of(answer.value, DescribedRow)
    if signature is None:
        return None
    signature["parameters"] = [
        {**row, "loaded": signature["loaded"]} for row in rows_of(signature["parameters"], ParameterRow)
    ]
    if signature["owner"]:
        signature["owner"]["parameters"] = rows_of(signature["owner"]["parameters"], ParameterRow)
    return signature


def takers(parameters: Iterable[dict[str, Any]]) -> list[str]:
    """Parameters that may take a text: not those that hold a number unless stated otherwise."""
    return [str(p["name"]) for p in parameters if p["name"] not in ("self", "cls") and not p.get("number")]


def spoken(words: Sequence[str], parameters: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Arguments that are words the code at the sink knows, for parameters nothing else is known of."""
    unknown = [str(p["name"]) for p in parameters if not p["default"] and argument(p) in ("'one'", MOCK)]
    return [{name: repr(word)} for name in unknown if name not in ("self", "cls") for word in words]


def by_line(
    session: Session, finding: Finding, recipe: ProofRecipe, step: Step, module: str, signature: dict[str, Any],
    names: Sequence[str], known: Sequence[dict[str, str]] = (),
) -> list[Reached]:  # fmt: skip
    """Calls under which the line runs, those that end well first; the last of them sends nothing."""
    given: list[list[dict[str, str]]] = [
        [{name: shape} for shape in ("value", "value.encode()", *files(signature, name))] for name in names
    ]
    given += [[{name: "value", **other} for other in known if name not in other] for name in names if known]
    found: list[Reached] = []
    given.append([{}])
    for forms in given:
        ways = [way for form in forms for way in calls(step, module, signature, form)]
        if reached := _at_line(session, finding, recipe, ways):
            found.append(reached)
            if reached.answer.error is None:
                break
    return sorted(found, key=lambda reached: reached.answer.error is not None)


def _at_line(session: Session, finding: Finding, recipe: ProofRecipe, plain: Iterable[EntryDriver]) -> Reached | None:
    """The first call under which the line runs, best one that ends well; texts are tried in place of stand-ins."""
    found: Reached | None = None
    for one in plain:
        for way in dict.fromkeys((replace(one, send=one.send.replace(MOCK, "'one'")), one)):
            way, answer = repaired(session, way, MARK.format(1), watched(finding))
            if arrived(answer, finding, recipe):
                reached = Reached(way, answer, MARK.format(1), exact=True)
                if answer.error is None:
                    return reached
                if found is None or TEXT_FOR_OBJECT in str((found.answer.error or {}).get("text", "")):
                    found = reached
    return found


def loaded(session: Session, surface: Surface, finding: Finding, recipe: ProofRecipe) -> Iterator[Reached]:
    """What stands at the top of a file runs when the file is loaded."""
    if finding.function:
        return
    module = module_of(finding.location.path, surface.roots)
    approach = EntryDriver(f"`{module}`, when it is loaded", exposure(module, ""), ("import runpy",),
                        f'return runpy.run_module("{module}")', text='"loaded"')  # fmt: skip
    answer = reach(session, approach, MARK.format(1), watched(finding))
    if arrived(answer, finding, recipe):
        yield Reached(approach, answer, MARK.format(1), exact=True)


def sink_function(finding: Finding) -> str:
    return finding.flow[-1].function if finding.flow else finding.function


def method_after(session: Session, surface: Surface, finding: Finding, step: Step) -> dict[str, Any] | None:
    """Where data goes in through the constructor: the method of the same class that uses it, with its parameters."""
    owner, _, name = step.function.rpartition(".")
    names = [s.function for s in finding.flow if s.function.startswith(owner + ".") and s.function != step.function]
    names = names or [sink_function(finding)]
    if name != "__init__" or not names[-1].startswith(owner + "."):
        return None
    module = module_of(step.location.path, surface.roots)
    signature = described(session, module, names[-1])
    return {**signature, "name": names[-1].rpartition(".")[2]} if signature is not None else None


def constructed(step: Step, module: str, signature: dict[str, Any], given: dict[str, str]) -> EntryDriver:
    """The object made with the value, then the call of the method that uses it."""
    owner = step.function.rpartition(".")[0]
    method = signature["method"]
    after = method["name"] if method.get("property") else f"{method['name']}({call(method['parameters'][1:], {})})"
    code = f"{owner}({call(signature['parameters'][1:], given)}).{after}"
    signature = {**method, "parameters": signature["parameters"]}
    return approach(
        replace(step, function=f"{owner}.{method['name']}"), module, owner.partition(".")[0], signature, code, []
    )


def _carried(
    session: Session, finding: Finding, step: Step, module: str, signature: dict[str, Any], name: str,
    forms: Sequence[str], others: Sequence[dict[str, str]],
) -> Iterator[Reached]:  # fmt: skip
    flips = [{str(p["name"]): str(not p["flag"])} for p in signature["parameters"] if p.get("flag") is not None]
    plain: dict[str, str] = {}
    known = [other for o in others if (other := {k: v for k, v in o.items() if k != name})]
    tries = [(form, plain, "{}") for form in forms]
    tries += [(form, other, "{}") for other in known for form in forms[:4]]
    tries += [(forms[0], flip, "{}") for flip in flips[:MOST_FLIPS]]
    tries += [(form, plain, encoding) for encoding in asked_for(signature) for form in forms[:2]]
    for shape, flip, encoding in tries:
        for way in calls(step, module, signature, {name: shape, **flip}):
            call_ = replace(way, encoding=encoding)
            if (found := _seen(session, finding, call_)) is None:
                continue
            if found.answer.error is None:
                yield found
                return
            rest = [other for other in known if other != flip][:MOST_OTHERS]
            again = [c for other in rest for c in calls(step, module, signature, {name: shape, **other})]
            more = [reached for c in again if (reached := _seen(session, finding, c)) is not None]
            ranked = sorted([found, *more], key=lambda reached: reached.answer.error is not None)
            yield from ranked[:MOST_WAYS]
            return


def asked_for(signature: dict[str, Any]) -> list[str]:
    """Expressions around the value for what the code asks of a text before it goes on with it."""
    texts = [*((repr(t), "begins") for t in signature["begins"]), *((repr(t), "ends") for t in signature["ends"])]
    return [f"{text} + {{}}" if where == "begins" else f"{{}} + {text}" for text, where in texts if "{" not in text]


def _seen(session: Session, finding: Finding, plain: EntryDriver) -> Reached | None:
    """A call that carries the mark to the line, best one that ends well.

    A text in place of a stand-in is better, and so is a real object, which would show an effect.
    """
    found: Reached | None = None
    real = (plain.send.replace(MOCK, "'one'"), plain.send)
    listed = plain.send.replace(f"({MOCK}", f"([{MOCK}]")  # a stand-in gives nothing to go through
    for send in dict.fromkeys((*real, without_objects(plain.send), listed)):
        if send not in real and found is not None:
            break
        reached = carries(session, finding, replace(plain, send=send, imports=both(imports_for(send), plain.imports)))
        if reached is not None and reached.answer.error is None:
            return reached
        found = found or reached
    return found


def both(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))


def carries(session: Session, finding: Finding, way: EntryDriver) -> Reached | None:
    """What was seen of a mark sent along a call, the value wrapped as the code wants it; None if nothing was."""
    mark, lines = MARK.format(1), watched(finding)
    way, answer = repaired(session, way, mark, lines)
    seen = marks_seen(answer, finding, 1)
    if not seen:
        return None
    if not seen[0][1] and (better := adapted(session, way, mark, lines, finding)):
        return Reached(*better, mark, exact=True)
    return Reached(way, answer, mark, seen[0][1])


def _packed(
    session: Session, finding: Finding, step: Step, module: str, signature: dict[str, Any], name: str
) -> Iterator[Reached]:
    """The call with an archive; a member of it carries the mark as its name."""
    mark = MARK.format(1)
    for plain in calls(step, module, signature, {name: "value"}):
        for approach in archives.packed(plain, finding, signature["names"]):
            approach, answer = repaired(session, approach, mark, watched(finding))
            if seen := marks_seen(answer, finding, 1):
                yield Reached(approach, answer, mark, seen[0][1])
                return


def calls(step: Step, module: str, signature: dict[str, Any], given: dict[str, str]) -> Iterator[EntryDriver]:
    """The call with the value in place; for a method on an object made in several ways."""
    owner = signature.get("owner")
    rows = signature["parameters"]
    top = step.function.partition(".")[0]
    if step.function.endswith(".__init__") and signature.get("method"):
        yield constructed(step, module, signature, given)
        return
    if owner is None or signature["static"]:
        yield approach(step, module, top, signature, f"{step.function}({call(rows, given)})", [])
        return
    rows = rows[1:]
    name = step.function.rpartition(".")[0]
    method = step.function.rpartition(".")[2]
    call_ = method if signature.get("property") else f"{method}({call(rows, given)})"
    if signature["class"]:
        yield approach(step, module, top, signature, f"{name}.{call_}", [])
        return
    made = call(owner["parameters"][1:], {})
    if not owner["abstract"]:
        yield approach(step, module, top, signature, f"{name}({made}).{call_}", [])
    yield approach(step, module, top, signature, f"subject.{call_}", [f"subject = object.__new__({name})"])


def approach(
    step: Step, module: str, top: str, signature: dict[str, Any], code: str, before: Sequence[str]
) -> EntryDriver:
    assumptions = [*([UNMADE] if before else []), *([STAND_IN] if MOCK in code else [])]
    if signature.get("async"):
        code = f"asyncio.run({code})"
    elif signature.get("generator") or signature.get("lazy"):
        code = f"list({code})"
    lines = [*before, f"return {code}"]
    bound = f"from {module} import {top}"
    if top in TAKEN:
        other = f"{module.rpartition('.')[2]}_{top}"
        bound = f"{bound} as {other}"
        lines = [re.sub(rf"\b{top}\b(?=[.(\)])", other, line) for line in lines]
    words = f"`{module}.{step.function}`, called directly"
    kept = cut(ProbeFile.load(ON_DISK), [], more=["saved"] if "saved(" in code else [])
    imports = (
        *kept.imports,
        *imports_for("\n".join(lines)),
        *classes(signature["parameters"], code),
        bound,
    )
    return EntryDriver(
        words, exposure(module, step.function), imports, "\n".join(lines), kept.code, assumptions=tuple(assumptions)
    )


def exposure(module: str, function: str) -> Exposure:
    """Private names are no entry points."""
    parts = [*module.split("."), *function.split(".")]
    private = any(part.startswith("_") and not part.startswith("__") for part in parts)
    return Exposure.INTERNAL if private else Exposure.API


def repaired(
    session: Session, approach: EntryDriver, mark: str, lines: dict[str, list[int]]
) -> tuple[EntryDriver, Any]:
    """Give an object made for the purpose the attributes that turn out to be missing."""
    answer = reach(session, approach, mark, lines)
    for _ in range(MOST_REPAIRS):
        said = str((answer.error or {}).get("text", ""))
        missing = NO_ATTRIBUTE.search(said)
        send = given_attribute(approach.send, missing[1], missing[2]) if missing else approach.send
        if "MagicMock can't be used in 'await'" in said:
            send = send.replace(MOCK, MOCK_AWAITED)
        if send == approach.send:
            break
        imports = tuple(dict.fromkeys([*imports_for(send), *approach.imports]))
        approach = replace(approach, send=send, imports=imports)
        answer = reach(session, approach, mark, lines)
    return approach, answer


def given_attribute(send: str, kind: str, name: str) -> str:
    """The statements with a stand-in for an attribute; as they were if none of the objects in them is meant."""
    if kind == PLAIN_OBJECT and f" {name}=" not in send:
        return re.sub(rf"({PLAIN_OBJECT}\(\w+=\w+)", rf"\1, {name}={MOCK}", send, count=1)
    if "subject = object.__new__" not in send or f"subject.{name} = " in send:
        return send
    first, rest = send.split("\n", 1)
    return f"{first}\nsubject.{name} = {MOCK}\n{rest}"
