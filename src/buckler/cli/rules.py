"""`buckler rules` and `buckler explain-rule`: what is looked for, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from buckler.cli.exits import ABOUT_RULES, Exit
from buckler.cli.options import FOLDER, Verb
from buckler.cli.screen import PatientConsole
from buckler.finding.model import Rule
from buckler.report.plain import visible
from buckler.report.words import amount, cwe_id, cwe_link, severity_word
from buckler.review.samples import Tried
from buckler.workbench.engine import current_ids, read_rules
from buckler.workbench.samples import check_own, own_folders


@click.command("rules", cls=Verb, epilog=ABOUT_RULES)
@click.option("--format", "shape", type=click.Choice(["terminal", "json"]), default="terminal")
@click.option("--rules", "folders", multiple=True, type=FOLDER, help="More rules. Repeatable.")
@click.option("--libraries", multiple=True, type=FOLDER, help="More library models, for --check. Repeatable.")
@click.option(
    "--check", "checked", type=FOLDER, help="Try every sample of the rules and library models in this folder."
)
def rules(shape: str, folders: tuple[Path, ...], libraries: tuple[Path, ...], checked: Path | None) -> Exit:
    """List all rules, or check your own."""
    if checked is not None:
        own_rules, own_libraries = own_folders(checked)
        return _check([*folders, *own_rules], [*libraries, *own_libraries])
    known = sorted(read_rules(folders).rules.values(), key=lambda rule: (rule.family, rule.id))
    if shape == "json":
        click.echo(json.dumps([_row(rule) for rule in known], indent=2))
        return Exit.CLEAN
    table = Table("rule", "severity", "CWE", "title", box=None, header_style="bold")
    for rule in known:
        numbers = " ".join(map(str, rule.cwe))
        table.add_row(*map(Text, (rule.id, severity_word(rule.severity), numbers, rule.title)))
    console = PatientConsole()
    console.print(table)
    console.print(Text(f"{len(known)} rules; 'buckler explain-rule ID' says more about one", style="dim"))
    return Exit.CLEAN


def _check(folders: list[Path], libraries: list[Path]) -> Exit:
    """A line for each sample that shows something else than it says."""
    outcome = check_own(folders, libraries)
    wrong = [sample for sample in outcome if not sample.right]
    for sample in wrong:
        click.echo(visible("\n".join(_told(sample))))
    click.echo(f"{amount(len(outcome), 'sample')}: {len(outcome) - len(wrong)} as marked, {len(wrong)} not")
    return Exit.FINDINGS if wrong or not outcome else Exit.CLEAN


def _told(sample: Tried) -> Iterator[str]:
    """Where, what was expected, and what was found."""
    for places, words in ((sample.missing, "expected {}, not found"), (sample.unexpected, "found {}, not expected")):
        for line, rule in sorted(places):
            yield f"{sample.origin}: line {line} of the sample: {words.format(rule)}"


def _row(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "family": rule.family,
        "severity": severity_word(rule.severity),
        "cwe": list(rule.cwe),
        "kind": rule.kind,
    }


@click.command("explain-rule")
@click.argument("name", metavar="ID")
@click.option("--rules", "folders", multiple=True, type=FOLDER, help="More rules. Repeatable.")
def explain_rule(name: str, folders: tuple[Path, ...]) -> Exit:
    """Explain one rule: the flaw, what an attacker gains, the fix, samples."""
    book = read_rules(folders)
    (name,) = current_ids(book, [name])
    samples = [s for s in book.samples if s.rule == name]
    page = _page(book.rules[name])
    for good, title in ((False, "Bad"), (True, "Good")):
        chosen = next((s for s in samples if s.good is good), None)
        if chosen:
            page += f"\n\n## {title}\n\n```{chosen.language}\n{chosen.code}```"
    PatientConsole(width=min(100, PatientConsole().width)).print(Markdown(page, hyperlinks=False))
    return Exit.CLEAN


def _page(rule: Rule) -> str:
    weaknesses = ", ".join(f"{cwe_id(number)} ({cwe_link(number)})" for number in rule.cwe)
    links = "\n".join(f"- {address}" for address in rule.references)
    return (
        f"# {rule.title}\n\n`{rule.id}` · {severity_word(rule.severity)} · {weaknesses}\n\n{rule.prose}\n\n"
        f"**What an attacker can do.** {rule.attacker}\n\n**Fix.** {rule.fix}\n\n{links}"
    )
