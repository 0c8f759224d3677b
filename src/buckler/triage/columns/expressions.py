"""What is computed on columns, written once for every engine.

Each function takes tables and gives a table, as an Ibis expression. `./do docs` writes them as SQL for DuckDB into
`duckdb/`, which is what runs out of the box and needs no Ibis; a test holds the files to these functions, and another
one runs the functions on Spark and compares.

The three identities, of version `schema.IDENTITY`:

==============  =====================================================================================================
occurrence      everything the alert says, and its time: the alert itself
finding         what is wrong where: by kind, so that moved lines, new versions and other words change nothing
problem         what one fix would settle: a package to upgrade, a place in code, a host's service, a secret
==============  =====================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ibis

from buckler.triage.columns.schema import ALERTS, FACTS, RAW

SEPARATOR = "\x1f"
Table = Any
"""Ibis has no types that a strict checker could follow."""
LEVELS = {"critical": 5, "high": 4, "medium": 3, "low": 2, "note": 1}


def text(*columns: Table) -> Table:
    """Values as one text; what is missing is empty."""
    parts = [column.cast("string").fill_null("") for column in columns]
    return ibis.literal(SEPARATOR).join(parts)


def identified(alerts: Table, weaknesses: Table, names: Table) -> Table:
    """Alerts with their identities.

    `weaknesses` gives the class of a CWE number, `names` the first name of a published flaw by any of its names.
    """
    rows = alerts.mutate(
        first_cwe=first(alerts.cwe),
        first_id=first(alerts.ids),
        bare=alerts.package.fill_null("").re_replace("[@?#].*$", ""),
    )
    rows = attach(rows, weaknesses, by={"number": "first_cwe"})
    rows = attach(rows, names, by={"other": "first_id"})
    number = ibis.literal("CWE-").concat(rows.first_cwe.cast("string"))
    said = (rows.first_name, rows.first_id, rows.weakness_class, number, rows.rule, rows.title, rows.message)
    rows = rows.mutate(weakness=ibis.coalesce(*(value.nullif("") for value in said)).fill_null(""))
    rows = rows.mutate(subject=subject(rows), place=place(rows))
    rows = rows.mutate(problem=key(rows.subject), finding=key(rows.subject, rows.place))
    return without(rows, "first_cwe", "first_id", "bare", "first_name", "weakness_class", "subject", "place")


def without(table: Table, *names: str) -> Table:
    """All other columns, in their order: `drop` writes names in any order, and what is generated must not change."""
    return table.select(*(name for name in table.columns if name not in names))


def key(*columns: Table) -> Table:
    """Sixteen hexadecimal digits: of a million, two are alike once in thirty million times."""
    return text(*columns).hexdigest("md5").substr(0, 16)


def by_kind(rows: Table, cases: Mapping[str, Table], otherwise: Table) -> Table:
    return ibis.cases(*((rows.kind == kind, value) for kind, value in cases.items()), else_=otherwise)


def context(rows: Table) -> Table:
    """What stands at the place, so that it is known again when lines move or words change."""
    code = rows.code.fill_null("").replace(" ", "").replace("\t", "").replace("\n", "")
    words = rows.message.fill_null("").re_replace(r"[0-9]+|'[^']*'|\"[^\"]*\"|`[^`]*`", "")
    return ibis.coalesce(code.nullif(""), rows.fingerprint.nullif(""), words)


def subject(rows: Table) -> Table:
    """What one fix would settle."""
    return by_kind(
        rows,
        {
            "package": text(rows.kind, rows.bare),
            "code": text(rows.kind, rows.weakness, rows.path, rows.symbol.nullif("").fill_null(context(rows))),
            "secret": text(
                rows.kind,
                rows.path,
                rows.fingerprint.nullif("").fill_null(rows.code.nullif("")).fill_null(rows.line.cast("string")),
            ),
            "configuration": text(rows.kind, rows.rule, rows.path, rows.host, rows.image),
            "web": text(rows.kind, rows.weakness, rows.host, rows.port),
            "host": text(rows.kind, rows.host, rows.port, rows.service),
            "runtime": text(rows.kind, rows.rule, rows.host.nullif("").fill_null(rows.image)),
        },
        text(rows.kind, rows.weakness, rows.path, rows.host),
    )


def place(rows: Table) -> Table:
    """Where in what one fix would settle the finding is."""
    page = rows.url.fill_null("").re_replace(r"[?#].*$", "")
    return by_kind(
        rows,
        {
            "package": text(rows.weakness, rows.path, rows.image),
            "code": text(context(rows)),
            "secret": text(rows.rule),
            "configuration": text(rows.symbol.nullif("").fill_null(context(rows))),
            "web": text(page, rows.parameter),
            "host": text(rows.weakness),
            "runtime": text(rows.peer, rows.user, rows.process),
        },
        text(rows.rule, context(rows)),
    )


def first(values: Table) -> Table:
    """The first of a list, nothing of an empty one; some engines fail where there is no such element."""
    return ibis.cases((values.length() > 0, values[0]))


def attach(left: Table, right: Table, *keys: str, by: Mapping[str, str] | None = None) -> Table:
    """A left join that adds the other columns of `right`; `by` gives the key on the left for one on the right."""
    pairs = {key: key for key in keys} | dict(by or {})
    other = right.rename({f"key_{theirs}": theirs for theirs in pairs})
    joined = left.left_join(other, [left[mine] == other[f"key_{theirs}"] for theirs, mine in pairs.items()])
    return without(joined, *(f"key_{theirs}" for theirs in pairs))


def seen(alerts: Table, imports: Table, decided: Table) -> Table:
    """Findings by tool and scope: what each tool said of each, first and last, and what was decided about it."""
    brought = imports.select("import", "report", "tool", "project", "scope")
    rows = without(alerts, "scope").join(brought, ["report", "tool"])
    rows = attach(rows, decided, "finding", "tool", "project")
    rows = rows.mutate(level=level(rows.severity), grade_level=grade(rows.grade), reach_level=reach(rows.reach))
    return rows.group_by("project", "kind", "problem", "finding", "tool", "scope").aggregate(
        first=rows["import"].min(),
        last=rows["import"].max(),
        alerts=rows.count(),
        level=rows.level.max(),
        score=rows.score.max(),
        grade_level=rows.grade_level.max(),
        reach_level=rows.reach_level.max(),
        unreached=(rows.reach == "not reachable").fill_null(False).all(),
        weakness=rows.weakness.max(),
        rule=rows.rule.max(),
        fixable=(rows.fixed.fill_null("") != "").any(),
        host=rows.host.max(),
        service=rows.service.max(),
        image=rows.image.max(),
        settled=rows.status.isin(("suppressed", "false positive", "fixed")).all(),
        decision=rows.decision.max(),
    )


def level(words: Table) -> Table:
    return ibis.cases(*((words == word, number) for word, number in LEVELS.items()), else_=0)


GRADES = {"fixed": 4, "reproduced": 3, "traced": 2, "matched": 1}
REACHES = {"reachable with untrusted data": 2, "reachable": 1}


def grade(words: Table) -> Table:
    return ibis.cases(*((words == word, number) for word, number in GRADES.items()), else_=0)


def reach(words: Table) -> Table:
    return ibis.cases(*((words == word, number) for word, number in REACHES.items()), else_=0)


def lived(findings: Table, imports: Table, ran: Table) -> Table:
    """Findings with their state.

    `open` if the newest import of the tool, project and scope has it; `closed` only if a later one ran the very rule
    there; `not seen` if a later one did not say so.
    """
    newest = imports.group_by("tool", "project", "scope").aggregate(newest=imports["import"].max())
    checked = (
        attach(ran, without(imports, "at"), "import", "tool")
        .group_by("tool", "project", "scope", "rule")
        .aggregate(checked=lambda t: t["import"].max())
    )
    rows = attach(findings, newest, "tool", "project", "scope")
    rows = attach(rows, checked, "tool", "project", "scope", "rule")
    state = ibis.cases(
        (rows.decision.notnull(), "decided"),
        (rows.settled, "settled"),
        (rows["last"] >= rows.newest, "open"),
        (rows.checked > rows["last"], "closed"),
        else_="not seen",
    )
    return without(rows.mutate(state=state), "newest", "checked")


POINTS = {
    "severity": "how bad it is if true: the score of CVSS times 4, or 8 for each of five levels",
    "exploited": "known to be exploited (CISA KEV)",
    "likelihood": "the probability of attacks within 30 days (EPSS), times 20",
    "practice": "exploit code is public, or attacks were seen (CISA SSVC)",
    "reach": "whether the code gets there, with untrusted data or at all",
    "evidence": "how far it is proved",
    "runtime": "alerts at run time are about the same host, service or image",
    "fix": "a version that fixes it is out",
    "new": "the last import brought it",
    "precision": "how often this rule was right before",
}
"""The terms of the score, in points; their sum, and what other tools add, is the rank within a decision."""


def weighed(
    findings: Table, exploited: Table, likelihood: Table, points: Table, verdicts: Table, imports: Table
) -> Table:
    """Open findings with each term of their score."""
    rows = findings.filter(findings.state == "open")
    for facts in (exploited, likelihood, points):
        rows = attach(rows, facts, by={"name": "weakness"})
    rows = attach(rows, verdicts, "tool", "rule")
    alive = findings.filter((findings.kind == "runtime") & (findings.state == "open") & (findings.level >= 3))
    attacked = [alive.select(value=alive[name]).distinct() for name in ("host", "service", "image")]
    for number, (name, values) in enumerate(zip(("host", "service", "image"), attacked, strict=True)):
        values = values.filter(values.value != "").mutate(**{f"at{number}": True})
        rows = attach(rows, values, by={"value": name})
    touched = (rows.kind != "runtime") & (rows.at0.notnull() | rows.at1.notnull() | rows.at2.notnull())
    rows = rows.mutate(touched=touched).cross_join(imports.aggregate(newest=imports["import"].max()))
    rows = rows.mutate(**terms(rows))
    total = sum((rows[f"p_{name}"] for name in POINTS), ibis.literal(0.0))
    rows = rows.mutate(points=total, decision=decision(rows))
    return without(rows, "newest", "settled", "state")


def terms(rows: Table) -> dict[str, Table]:
    """Points for each thing that is known of a finding."""
    poc = ibis.cases((rows.exploitation == "active", 25.0), (rows.exploitation == "poc", 8.0), else_=0.0)
    known = {
        "severity": ibis.ifelse(rows.score >= 0, rows.score * 4, rows.level * 8.0),
        "exploited": ibis.ifelse(rows.since.notnull(), 30.0, 0.0)
        + ibis.ifelse(rows.ransomware.fill_null(False), 5.0, 0.0),
        "likelihood": rows.epss.fill_null(0.0) * 20,
        "practice": poc
        + ibis.ifelse(rows.automatable.fill_null(False), 4.0, 0.0)
        + ibis.ifelse((rows.impact == "total").fill_null(False), 3.0, 0.0),
        "reach": ibis.cases(
            (rows.reach_level == 2, 15.0), (rows.reach_level == 1, 10.0), (rows.unreached, -30.0), else_=0.0
        ),
        "evidence": ibis.cases(
            (rows.grade_level >= 3, 40.0), (rows.grade_level == 2, 12.0), (rows.grade_level == 1, 3.0), else_=0.0
        ),
        "runtime": ibis.ifelse(rows.touched, 10.0, 0.0),
        "fix": ibis.ifelse(rows.fixable, 3.0, 0.0),
        "new": ibis.ifelse(rows["first"] == rows.newest, 2.0, 0.0),
        "precision": (rows.precision.fill_null(0.5) - 0.5) * 20,
    }
    return {f"p_{name}": value.cast("float64") for name, value in known.items()}


AGREEMENT = 4.0
"""Points for each further tool that says the same, two at most."""


def ranked(findings: Table) -> Table:
    """Problems, the first to act on first: the worst of its findings, by decision and points, stands for a problem."""
    order = ibis.cases((findings.decision == "act", 0), (findings.decision == "attend", 1), else_=2) * 2
    rows = findings.mutate(order=order + ibis.ifelse(findings.grade_level >= 3, 0, 1))
    rows = rows.mutate(weight=rows.points - rows.order * 1000)
    problems = rows.group_by("project", "kind", "problem").aggregate(
        order=rows.order.min(),
        weight=rows.weight.max(),
        findings=rows.finding.nunique(),
        alerts=rows.alerts.sum(),
        tools=rows.tool.nunique(),
        first=rows["first"].min(),
    )
    agreed = ibis.least(problems.tools - 1, 2) * AGREEMENT
    problems = without(problems.mutate(points=problems.weight + problems.order * 1000 + agreed), "weight")
    return problems.order_by("order", ibis.desc("points"), "project", "problem")


def worst(findings: Table, shown: Table) -> Table:
    """The finding that stands for each of some problems, with its terms."""
    rows = findings.semi_join(shown, ["project", "problem"])
    order = ibis.cases((rows.decision == "act", 0), (rows.decision == "attend", 1), else_=2)
    number = ibis.row_number().over(
        ibis.window(group_by=["project", "problem"], order_by=[order, ibis.desc(rows.points), rows.finding, rows.tool])
    )
    return without(rows.mutate(number=number).filter(lambda t: t.number == 0), "number")


def decision(rows: Table) -> Table:
    """Act now, attend to it in this cycle, or track it: few words, so that nobody must learn a number."""
    attacked = rows.since.notnull() | (rows.exploitation == "active").fill_null(False)
    return ibis.cases(
        (rows.grade_level >= 3, "act"),
        (attacked & ~rows.unreached, "act"),
        ((rows.level >= 5) & (rows.reach_level >= 1), "act"),
        (rows.touched & (rows.level >= 4) & ~rows.unreached, "act"),
        ((rows.level >= 4) & ~rows.unreached, "attend"),
        ((rows.level >= 3) & (rows.reach_level >= 1), "attend"),
        ((rows.level >= 3) & (rows.grade_level >= 2), "attend"),
        ((rows.epss >= 0.1).fill_null(False), "attend"),
        else_="track",
    )


def table(name: str) -> Table:
    return ibis.table({"alerts": ALERTS, "raw": RAW, **FACTS}[name], name=name)


def identify() -> Table:
    return identified(table("raw"), table("weaknesses"), table("names"))


def states() -> Table:
    return lived(seen(table("alerts"), table("imports"), table("decided")), table("imports"), table("ran"))


def weigh() -> Table:
    """From the table `findings`, which `states` gave: it is used four times, and made once."""
    findings = ibis.table(states().schema(), name="findings")
    return weighed(findings, *map(table, ("exploited", "likelihood", "points", "verdicts", "imports")))


def queue() -> Table:
    return ranked(ibis.table(weigh().schema(), name="weighed"))


def top() -> Table:
    return worst(ibis.table(weigh().schema(), name="weighed"), ibis.table(queue().schema(), name="shown"))


QUERIES: Mapping[str, Callable[[], Table]] = {
    "identify": identify, "states": states, "weigh": weigh, "queue": queue, "top": top,
}  # fmt: skip
"""What is written as SQL, by file name."""
