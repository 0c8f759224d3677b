"""The use case behind `buckler rules --check`: every sample of a user's own rules and library models is tried.

Example::

    outcome = check_own([Path("our-rules")], [Path("our-libraries")])
    [wrong.origin for wrong in outcome if not wrong.right]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from buckler.analysis.languages.registry import LANGUAGES
from buckler.analysis.libraries.load import LibraryError, load_libraries
from buckler.analysis.libraries.model import LibraryModels
from buckler.base.errors import InputError
from buckler.review.rulebook import RuleBook
from buckler.review.samples import Tried, tried, tried_example
from buckler.workbench.engine import read_rules, rule_named


def own_folders(folder: Path) -> tuple[list[Path], list[Path]]:
    """Folders of rules and of library models in a folder that is one of them, or holds `rules/` and `libraries/`."""
    rules, libraries = folder / "rules", folder / "libraries"
    if rules.is_dir() or libraries.is_dir():
        return [rules] if rules.is_dir() else [], [libraries] if libraries.is_dir() else []
    divided = [folder, *(folder / language for language in LANGUAGES)]
    tables = any(any(place.glob("*.toml")) for place in divided)
    pages = any(page for page in folder.rglob("*.md") if page.read_text("utf-8", "replace").startswith("+++"))
    if not (tables or pages):
        raise InputError(
            "holds neither rules nor library models",
            where=str(folder),
            remedy="a rule is <family>/<id>.md, a library model <language>/<name>.toml",
        )
    return [folder] if pages else [], [folder] if tables else []


def check_own(rules: Sequence[Path], libraries: Sequence[Path]) -> list[Tried]:
    """Every sample of these folders with what came of it; raises `InputError` for what cannot be read."""
    book = read_rules(rules)
    models = {language: _models(language, libraries, book) for language in LANGUAGES}
    return [*_of_rules(book, models, rules), *_of_libraries(book, models.values())]


def _models(language: str, folders: Sequence[Path], book: RuleBook) -> LibraryModels:
    try:
        return load_libraries(language, folders, rule_named(book))
    except LibraryError as error:
        raise InputError(str(error)) from error


def _of_rules(book: RuleBook, models: dict[str, LibraryModels], folders: Sequence[Path]) -> Iterator[Tried]:
    own = [f"{folder.as_posix().rstrip('/')}/" for folder in folders]
    for sample in book.samples:
        if sample.language in models and sample.origin.startswith(tuple(own)):
            yield tried(sample, book, models)


def _of_libraries(book: RuleBook, models: Iterable[LibraryModels]) -> Iterator[Tried]:
    """A folder that is not divided by language is read for each of them; an example is in one."""
    outcome: dict[str, Tried] = {}
    for known in models:
        built_in = len(load_libraries(known.language).examples)
        for example in known.examples[built_in:]:
            if example.origin not in outcome or not outcome[example.origin].right:
                outcome[example.origin] = tried_example(example, book, known)
    yield from outcome.values()
