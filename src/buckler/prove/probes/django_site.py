"""How a test sets Django up: with the project's settings and a database in memory, or with settings made for the test.

Each function is the beginning of a test file.
"""

from __future__ import annotations

import os
import sys
import types
from importlib import import_module

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.urls import include, re_path

SETTINGS = "shop.settings"
APPS: list[str] = []
URLS = "shop.urls"


def own() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    settings.DATABASES = {
        name: {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"} for name in {"default", *settings.DATABASES}
    }
    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def without_migrations() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    settings.DATABASES = {
        name: {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"} for name in {"default", *settings.DATABASES}
    }
    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()
    settings.MIGRATION_MODULES = {app.label: None for app in apps.get_app_configs()}
    call_command("migrate", run_syncdb=True, verbosity=0)


def as_it_is() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    settings.ALLOWED_HOSTS = ["testserver"]
    django.setup()


def made() -> None:
    if not settings.configured:
        settings.configure(
            SECRET_KEY="for the tests",
            ALLOWED_HOSTS=["testserver"],
            ROOT_URLCONF="urls_for_the_tests",
            INSTALLED_APPS=APPS,
            MIDDLEWARE=[
                "django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware",
            ],
            TEMPLATES=[{
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]},
            }],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            STATIC_URL="/static/",
            DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        )  # fmt: skip
    django.setup()
    urls = sys.modules["urls_for_the_tests"] = types.ModuleType("urls_for_the_tests")
    urls.urlpatterns = [re_path("^admin/", import_module("django.contrib.admin").site.urls), re_path("", include(URLS))]  # type: ignore[attr-defined]
    call_command("migrate", run_syncdb=True, verbosity=0)


def loaded() -> None:
    """Loads the views, so that no attempt has to and their heads are not seen to run."""
    import_module("django.urls").get_resolver().url_patterns  # noqa: B018
