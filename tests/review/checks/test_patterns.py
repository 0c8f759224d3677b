"""Each pattern on code a reviewer would stop at, and on the same code done right.

Expected findings are marked beside the line, as in the rules; lines without a mark must be silent.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.libraries.model import LibraryModels
from buckler.base.source import SourceFile, in_tests
from buckler.review.checks.handlers import PUBLIC
from buckler.review.checks.names import again, secret, split
from buckler.review.rulebook import RuleBook, marks
from buckler.review.run import review_tree
from buckler.weaknesses.registry import rulebook


@cache
def book() -> RuleBook:
    return rulebook()


@cache
def table() -> LibraryModels:
    return load_libraries("python")


def found(folder: Path, code: str, rule: str) -> set[int]:
    path = folder / "shop.py"
    path.write_text(code, encoding="utf-8")
    files = [SourceFile("shop.py", "python", absolute=path)]
    review = review_tree(files, book=book(), tables={"python": table()}, jobs=1)
    return {f.location.line for f in review.findings if f.rule == rule}


def check(folder: Path, rule: str, code: str) -> None:
    assert found(folder, code, rule) == {line for line, rules in marks(code).items() if rule in rules}


PATTERN_RULES = ("missing-authentication", "missing-authorization", "missing-ownership-check", "state-change-on-get", "key-confusion",
                 "unsafe-host-parsing", "timing-comparison", "cleartext-logging", "cleartext-storage", "redos",
                 "insecure-temp-file", "insecure-permissions", "stack-trace-exposure")  # fmt: skip


@pytest.mark.parametrize(
    "sample",
    [s for s in rulebook().samples if s.rule in PATTERN_RULES and s.language == "python"],
    ids=lambda s: s.origin,
)
def test_the_samples_of_pattern_rules(sample: object, tmp_path: Path) -> None:
    check(tmp_path, sample.rule, sample.code)  # type: ignore[attr-defined]


CASES = {
    "a password typed twice is no secret compared": (
        "timing-comparison",
        """
def clean(self, form):
    if form.password1 != form.password2:
        raise ValueError("not the same")
    if form.new_password == form.old_password:
        raise ValueError("choose another")
""",
    ),
    "a query that compares is not a comparison": (
        "timing-comparison",
        """
def find(session, Account, auth_token):
    return session.query(Account).filter(Account.auth_token == auth_token).first()
""",
    ),
    "kinds of tokens of a grammar": (
        "timing-comparison",
        """
class Parser:
    def accept(self, token_type):
        if self.token == token_type:
            return self.next_token()
""",
    ),
    "what kind of token it is": (
        "timing-comparison",
        """
def allowed(request, session):
    if request.access_token.type != session.token_type:
        return session.login()
""",
    ),
    "the administrator's password": (
        "timing-comparison",
        """
def allowed(request, settings):
    name, password = request.auth.split(":", 1)
    return name == settings.admin_name and password == settings.admin_pass  #! timing-comparison
""",
    ),
    "headers hold what logs must not": (
        "cleartext-logging",
        """
import json
import logging

log = logging.getLogger(__name__)

def failed(request):
    log.error("failed: %s", json.dumps(dict(request.headers)))  #! cleartext-logging
    log.error("failed: %s", request.headers.get("User-Agent"))
""",
    ),
    "environment and hidden values": (
        "cleartext-logging",
        """
import logging
import os

def start(user_password):
    logging.info("environment: %r", os.environ)  #! cleartext-logging

def login(user_password):
    logging.info("password is %s", mask(user_password))
    logging.info("password has %d letters", len(user_password))
""",
    ),
    "a fixed name in the shared folder": (
        "insecure-temp-file",
        """
import os
import tempfile

def export(rows, number):
    path = os.path.join(tempfile.gettempdir(), "export-%d.csv" % number)
    with open(path, "w") as file:  #! insecure-temp-file
        file.writelines(rows)

def read():
    return open("/tmp/export.csv").read()

def private(rows):
    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, "export.csv"), "w") as file:
        file.writelines(rows)
""",
    ),
    "a copy does not keep the mode": (
        "insecure-permissions",
        """
import os
import shutil

def save(text, path):
    with open(path + ".new", "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    shutil.copyfile(path + ".new", path)  #! insecure-permissions

def save_right(text, path):
    with open(path + ".new", "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
    shutil.copy(path + ".new", path)
""",
    ),
    "open first, narrow later": (
        "insecure-permissions",
        """
import os

def store(path, key):
    with open(path, "w") as file:  #! insecure-permissions
        file.write(key)
    os.chmod(path, 0o600)

def mask_now():
    mask = os.umask(0)
    os.umask(mask)
    return mask

def folders(path, mode):
    old = os.umask(0)  #! insecure-permissions
    os.makedirs(path, mode)
    os.umask(old)
""",
    ),
    "a pattern in a class, used elsewhere": (
        "redos",
        """
import re

class Reader:
    BLANKS = re.compile(r"\\s*\\t+\\s*(\\S)")
    WORD = re.compile(r"\\w+")

    def first(self, line):
        return self.BLANKS.match(line) or self.WORD.match(line)  #! redos

    def first_of_short(self, line):
        return self.BLANKS.match(line) if len(line) < 80 else None
""",
    ),
    "patterns put together": (
        "redos",
        """
import re

OPENING = "|".join(map(re.escape, ("(", "<")))
CLOSING = "|".join(map(re.escape, (")", ">", ".")))

def trimmed(word):
    return re.match("^(?:%s)*(.*?)(?:%s)*$" % (OPENING, CLOSING), word)  #! redos
""",
    ),
    "starting anew is how every search goes": (
        "redos",
        """
import re

URL = re.compile(r"url\\((.+)\\)")

def address(value):
    return URL.search(value)
""",
    ),
    "keys of a message set attributes": (
        "mass-assignment",
        """
def update_from_json(instance, json_data):
    for key, value in json_data.items():
        if hasattr(instance, key):
            setattr(instance, key, value)  #! mass-assignment

def update_some_from_json(instance, json_data):
    for key, value in json_data.items():
        if key.startswith("_"):
            raise ValueError(key)
        setattr(instance, key, value)

class Options:
    def __init__(self, **options):
        for key, value in options.items():
            setattr(self, key, value)
""",
    ),
    "a path of names is followed and set": (
        "mass-assignment",
        """
def put(target, path, value):
    *parents, last = path.split(".")
    for name in parents:
        target = getattr(target, name)
    setattr(target, last, value)  #! mass-assignment
""",
    ),
    "a peer names what is called": (
        "unsafe-reflection",
        """
class Peer:
    def handle_compare(self, left, right, operator="__eq__"):
        return getattr(type(left), operator)(left, right)  #! unsafe-reflection

    def handle_known(self, left, right, operator="__eq__"):
        if operator not in ("__eq__", "__lt__"):
            raise ValueError(operator)
        return getattr(type(left), operator)(left, right)
""",
    ),
    "one level of operators": (
        "nosql-injection",
        """
def clean(spec):
    def refuse(part):
        if any(key[0] == "$" for key in part.keys()):
            raise ValueError("no operators")
    refuse(spec)
    for value in spec.values():
        if isinstance(value, dict):
            refuse(value)  #! nosql-injection
    return spec

def clean_all(spec):
    for key, value in spec.items():
        if key[0] == "$":
            raise ValueError("no operators")
        if isinstance(value, dict):
            clean_all(value)
""",
    ),
    "a layout from the settings": (
        "format-string-injection",
        """
async def announce(self, stream, name):
    message = await self.config.guild(stream.guild).live_message()
    await self.send(message.format(stream=stream))  #! format-string-injection
    await self.send(message.format(name=str(name)))
    await self.send("{0.name} is live".format(stream))
""",
    ),
    "all digits of a number": (
        "unbounded-resource",
        """
from decimal import Decimal

def whole(text):
    number = Decimal(str(text))  #! unbounded-resource
    return int(number)

def whole_if_short(text):
    number = Decimal(str(text))
    if abs(number.adjusted()) > 200:
        return text
    return int(number)
""",
    ),
    "a big upload read back": (
        "unbounded-resource",
        """
def picture(data):
    with open(data.temporary_file_path(), "rb") as file:
        return file.read()  #! unbounded-resource
""",
    ),
    "code for everybody": (
        "missing-authentication",
        """
from fastapi import APIRouter, Depends
from shop.users import get_current_user

router = APIRouter()

@router.get("/orders")
async def orders(user=Depends(get_current_user)):
    return user.orders

@router.get("/invoices")
async def invoices(user=Depends(get_current_user)):
    return user.invoices

@router.get("/letters")
async def letters(user=Depends(get_current_user)):
    return user.letters

@router.post("/formula")
async def formula(text: str):  #! missing-authentication
    return {"result": eval(text)}
""",
    ),
    "the class that asks nothing": (
        "missing-ownership-check",
        """
from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import DeleteView, ListView
from shop.models import Card

class CardList(LoginRequiredMixin, ListView):
    def get_queryset(self):
        return Card.objects.filter(user=self.request.user)

class CardDelete(LoginRequiredMixin, DeleteView):
    def get_queryset(self):
        return Card.objects.filter(pk=self.kwargs["pk"])  #! missing-ownership-check

class CardHide(LoginRequiredMixin, DeleteView):
    def dispatch(self, request, *args, **kwargs):
        if not Card.objects.filter(pk=kwargs["pk"], user=request.user).exists():
            raise PermissionError
        return super().dispatch(request, *args, **kwargs)

    def get_queryset(self):
        return Card.objects.filter(pk=self.kwargs["pk"])
""",
    ),
    "a table that is never joined": (
        "missing-ownership-check",
        """
def person(number, project):
    return (Person.query.filter(Person.id == number)
            .filter(Project.id == project.id).one())  #! missing-ownership-check

def person_of(number, project):
    return (Person.query.filter(Person.id == number)
            .filter(Person.project_id == project.id).one())
""",
    ),
    "asked in one way, granted in another": (
        "missing-authorization",
        """
def save(request, shelf, user):
    sent = request.form.to_dict()
    if not user.role_edit() and sent.get("public") == "on":
        return "not allowed"
    shelf.public = 1 if sent.get("public") else 0  #! missing-authorization
    return "saved"
""",
    ),
}


@pytest.mark.parametrize("title", CASES)
def test_patterns(title: str, tmp_path: Path) -> None:
    rule, code = CASES[title]
    check(tmp_path, rule, code)


def test_patterns_of_javascript(tmp_path: Path) -> None:
    code = """
const NAME = /^([a-z]+)+$/;

function named(text) {
  return NAME.test(text);  //! redos
}

function trimmed(text) {
  return text.replace(/[ \\t]+$/, "");  //! redos
}

function spaced(text) {
  return text.replace(/[ \\t]+/g, " ");
}

module.exports = { named, trimmed, spaced };
"""
    path = tmp_path / "shop.js"
    path.write_text(code, encoding="utf-8")
    tables = {"javascript": load_libraries("javascript")}
    review = review_tree([SourceFile("shop.js", "javascript", absolute=path)], book=book(), tables=tables, jobs=1)
    assert {f.location.line for f in review.findings if f.rule == "redos"} == set(marks(code))


def test_names() -> None:
    assert split("adminPass_2") == ("admin", "pass", "2")
    assert [secret(n) for n in ("self.api_key", "password_field", "X-Api-Key", "key")] == [True, False, True, False]
    assert again("password_confirm") and not again("password")


@pytest.mark.parametrize(
    ("path", "test"),
    [("shop/tests/test_cart.py", True), ("shop/conftest.py", True), ("shop/cart.test.ts", True),
     ("shop/testimony.py", False), ("shop/latest.py", False)],
)  # fmt: skip
def test_test_code_is_known_by_its_path(path: str, test: bool) -> None:
    assert in_tests(path) is test


@pytest.mark.parametrize("name", ["handler4", "ajax_select"])
def test_no_list_of_words_fits_one_program(name: str) -> None:
    """Words that name many programs' things are knowledge; those of one benchmark are its answers."""
    assert PUBLIC.search(name) is None
