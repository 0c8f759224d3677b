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
from buckler.prove.entries.surface import LARGEST, MOST_FILES, TESTS, Application, route_of
from buckler.prove.environment.layout import module_of
from buckler.prove.session import Session

NAMED = re.compile(r"DJANGO_SETTINGS_MODULE[\"']?\s*[,=:\]]+\s*[\"']?([\w.]+)")
NAMING = ("manage.py", "*/manage.py", "*/wsgi.py", "*/*/wsgi.py", "pytest.ini", "setup.cfg", "pyproject.toml", "tox.ini",
          "conftest.py", "tests/conftest.py", "runtests.py", "*/asgi.py")  # fmt: skip
MOST_SETTINGS = 4
IMPORTS = ("import os", "import django", "from django.apps import apps", "from django.conf import settings",
           "from django.core.management import call_command", "import sys", "import types",
           "from importlib import import_module", "from django.urls import include, re_path")  # fmt: skip
OWN = """\
os.environ["DJANGO_SETTINGS_MODULE"] = "{settings}"
settings.DATABASES = {{
    name: {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}} for name in {{"default", *settings.DATABASES}}
}}
settings.ALLOWED_HOSTS = ["testserver"]
django.setup()
call_command("migrate", run_syncdb=True, verbosity=0)
"""
WITHOUT_MIGRATIONS = "settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}\n"
PLAIN = """\
os.environ["DJANGO_SETTINGS_MODULE"] = "{settings}"
settings.ALLOWED_HOSTS = ["testserver"]
django.setup()
"""
MADE = """\
if not settings.configured:
    settings.configure(
        SECRET_KEY="for the tests",
        ALLOWED_HOSTS=["testserver"],
        ROOT_URLCONF="urls_for_the_tests",
        INSTALLED_APPS={apps},
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[{{
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {{"context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]}},
        }}],
        DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    )
django.setup()
urls = sys.modules["urls_for_the_tests"] = types.ModuleType("urls_for_the_tests")
urls.urlpatterns = [re_path("^admin/", import_module("django.contrib.admin").site.urls), re_path("", include("{urls}"))]
call_command("migrate", run_syncdb=True, verbosity=0)
"""
LOADED = "import_module('django.urls').get_resolver().url_patterns"
"""Loads the views, so that no attempt has to and their heads are not seen to run."""
CONTRIB = ("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
           "django.contrib.messages")  # fmt: skip
ASK = """
import importlib.util
from buckler_harness import routes
report([list(routes.django()), importlib.util.find_spec("pytest_django") is not None])
"""


@dataclass(slots=True, frozen=True)
class Variant:
    """One way to set Django up."""

    setup: str
    module: str
    assumption: str


def django_application(
    session: Session, project: Path, folders: Sequence[str], flawed: Sequence[str]
) -> Application | None:
    """The first set-up under which the URL configuration can be loaded; `flawed` are the files of findings."""
    if not any(b"django" in read_in(project, path, MAX_FILE_SIZE) for path in [*flawed, "manage.py"]):
        return None
    for variant in variants(project, folders, flawed):
        answer = session.run("\n".join([*IMPORTS, variant.setup, ASK]), 60)
        found, plugin = shaped(answer.value, tuple[list[Any], bool]) or ([], False)
        if rows := rows_of(found, RouteRow):
            return _application(variant, rows, plugin=plugin)
    return None


def variants(project: Path, folders: Sequence[str], flawed: Sequence[str]) -> Iterator[Variant]:
    for name in settings_modules(project, folders):
        memory = "the database is SQLite in memory, made by Django's own migrations"
        yield Variant(OWN.format(settings=name), name, memory)
        without = OWN.replace(
            "call_command(", WITHOUT_MIGRATIONS.replace("{", "{{").replace("}", "}}") + "call_command("
        )
        yield Variant(without.format(settings=name), name, "the database is SQLite in memory, made from the models")
        yield Variant(PLAIN.format(settings=name), name, "the settings of the project are used as they are")
    for path in urls_of(project, flawed):
        package = module_of(path, folders).rpartition(".")[0]
        if package:
            apps = [*CONTRIB, package] if package not in CONTRIB else list(CONTRIB)
            words = f"settings were made for the test, with the URL configuration of {package}"
            yield Variant(MADE.format(urls=f"{package}.urls", apps=repr(apps)), package, words)


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
    warmth = "\n".join([*IMPORTS, variant.setup, LOADED])
    if plugin and variant.setup.startswith("os.environ"):
        mark = "pytestmark = pytest.mark.django_db"
        return Application("django", variant.module, "", found, ("import pytest",), mark, warmth)
    used = tuple(line for line in IMPORTS if re.search(rf"\b{line.rpartition(' ')[2]}\b", variant.setup))
    return Application("django", variant.module, "", found, used, variant.setup, warmth, (variant.assumption,))
