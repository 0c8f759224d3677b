"""Django projects: which settings to load, with a database in memory, and what their URL configuration answers to.

Settings are named by `manage.py` and its kin, or are the module that sets `ROOT_URLCONF`. A package that brings views
but no settings gets settings made for the test.

Example::

    application = django_application(session, Path("notes"), ("src",), ())
    application.setup      # 'os.environ["DJANGO_SETTINGS_MODULE"] = "notes.settings" …'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.files import read_in
from buckler.prove.answers import RouteRow, rows_of, shaped
from buckler.prove.cutting import body, cut
from buckler.prove.entries.surface import LARGEST, MOST_FILES, TESTS, Application, route_of
from buckler.prove.environment.layout import module_of
from buckler.prove.probe_file import PROBES, ProbeFile
from buckler.prove.session import Session, asking

NAMED = re.compile(r"DJANGO_SETTINGS_MODULE[\"']?\s*[,=:\]]+\s*[\"']?([\w.]+)")
NAMING = ("manage.py", "*/manage.py", "*/wsgi.py", "*/*/wsgi.py", "pytest.ini", "setup.cfg", "pyproject.toml", "tox.ini",
          "conftest.py", "tests/conftest.py", "runtests.py", "*/asgi.py")  # fmt: skip
MOST_SETTINGS = 4
PROBE = ProbeFile.load(PROBES / "django_site.py")
CONTRIB = ("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
           "django.contrib.messages")  # fmt: skip


@dataclass(slots=True, frozen=True)
class Variant:
    """One way to set Django up."""

    way: str
    """The function of the probe."""
    values: dict[str, str]
    module: str
    assumption: str

    @property
    def setup(self) -> str:
        return body(PROBE, self.way, self.values)

    @property
    def imports(self) -> list[str]:
        return cut(PROBE, [self.way], present=self.values).imports

    @property
    def own(self) -> bool:
        """Whether the project has settings."""
        return "SETTINGS" in self.values

    @property
    def warmth(self) -> str:
        return "\n".join([*self.imports, *cut(PROBE, ["loaded"]).imports, self.setup, body(PROBE, "loaded")])


def django_application(
    session: Session, project: Path, folders: Sequence[str], flawed: Sequence[str]
) -> Application | None:
    """The first set-up under which the URL configuration can be loaded; `flawed` are the files of findings."""
    if not any(b"django" in read_in(project, path, MAX_FILE_SIZE) for path in [*flawed, "manage.py"]):
        return None
    for variant in variants(project, folders, flawed):
        answer = session.run("\n".join([*variant.imports, variant.setup, asking("routes", "site")]), 60)
        found, plugin = shaped(answer.value, tuple[list[Any], bool]) or ([], False)
        if rows := rows_of(found, RouteRow):
            return _application(variant, rows, plugin=plugin)
    return None


def variants(project: Path, folders: Sequence[str], flawed: Sequence[str]) -> Iterator[Variant]:
    for name in settings_modules(project, folders):
        memory = "the database is SQLite in memory, made"
        for way, words in (
            ("own", f"{memory} by Django's own migrations"),
            ("without_migrations", f"{memory} from the models"),
            ("as_it_is", "the settings of the project are used as they are"),
        ):
            yield Variant(way, {"SETTINGS": repr(name)}, name, words)
    for path in urls_of(project, flawed):
        package = module_of(path, folders).rpartition(".")[0]
        if package:
            apps = [*CONTRIB, package] if package not in CONTRIB else list(CONTRIB)
            words = f"settings were made for the test, with the URL configuration of {package}"
            yield Variant("made", {"URLS": repr(f"{package}.urls"), "APPS": repr(apps)}, package, words)


def settings_modules(project: Path, folders: Sequence[str]) -> list[str]:
    """Names of settings, those that the project's own programs name first."""
    out = []
    for pattern in NAMING:
        for file in sorted(project.glob(pattern))[:4]:
            out += NAMED.findall(read_in(project, file, LARGEST).decode("utf-8", "replace"))
    for file in sorted(project.rglob("*settings*.py"), key=lambda p: (len(p.parts), str(p)))[:MOST_FILES]:
        if re.search(rb"^ROOT_URLCONF\s*=", read_in(project, file, LARGEST), re.M):
            out.append(module_of(file.relative_to(project).as_posix(), folders))
    return list(dict.fromkeys(out))[:MOST_SETTINGS]


def urls_of(project: Path, flawed: Sequence[str]) -> list[str]:
    """URL configurations, those nearest to a finding first; only where there are few settings to choose from."""
    near = {"/".join(path.split("/")[:n]) for path in flawed for n in range(1, path.count("/") + 1)}
    found = [p.relative_to(project).as_posix() for p in sorted(project.rglob("urls.py"))[:MOST_FILES]]
    chosen = [path for path in found if path.rpartition("/")[0] in near and not TESTS.search(path)]
    return sorted(chosen, key=lambda path: -path.count("/"))[:MOST_SETTINGS]


def _application(variant: Variant, rows: list[dict[str, Any]], *, plugin: bool) -> Application:
    """Where the project tests with pytest-django, that plugin sets everything up and the test only says what it needs."""
    found = tuple(map(route_of, rows))
    if plugin and variant.own:
        mark = "pytestmark = pytest.mark.django_db"
        return Application("django", variant.module, "", found, ("import pytest",), mark, variant.warmth)
    return Application("django", variant.module, "", found, tuple(variant.imports), variant.setup, variant.warmth,
                       (variant.assumption,))  # fmt: skip
