"""What a finding weighs, and in what order findings are told."""

from __future__ import annotations

import doctest
from textwrap import dedent

import pytest

from buckler.analysis.libraries.load import load_libraries
from buckler.base.source import SourceFile
from buckler.finding.model import Finding
from buckler.review import nearby, ranking
from buckler.review.run import review_tree
from buckler.weaknesses.registry import rulebook

BOOK, TABLES = rulebook(), {"python": load_libraries("python")}


def reviewed(text: str, path: str = "app.py") -> list[Finding]:
    files = [SourceFile(path, "python", data=dedent(text).encode())]
    return review_tree(files, book=BOOK, tables=TABLES, jobs=1).findings


def told_of(files: dict[str, str]) -> list[Finding]:
    kinds = {"py": "python", "js": "javascript"}
    sources = [SourceFile(p, kinds[p.rpartition(".")[2]], data=t.encode()) for p, t in files.items()]
    tables = {**TABLES, "javascript": load_libraries("javascript")}
    return review_tree(sources, book=BOOK, tables=tables, jobs=1).findings


def weights(text: str) -> list[tuple[str, str]]:
    return [(f.rule, f.severity.name.lower()) for f in reviewed(text)]


@pytest.mark.parametrize(("name", "severity"), [("password", "medium"), ("etag", "note"), ("assign", "low")])
def test_a_weak_hash_matters_where_something_secret_is_near(name: str, severity: str) -> None:
    assert weights(f"import hashlib\ndef {name}(text):\n    return hashlib.md5(text)\n") == [("weak-hash", severity)]


@pytest.mark.parametrize(("name", "severity"), [("reset_token", "medium"), ("jitter", "note"), ("colour", "note")])
def test_random_numbers_matter_where_something_secret_is_near(name: str, severity: str) -> None:
    assert weights(f"import random\ndef {name}():\n    return random.random()\n") == [("weak-random", severity)]


@pytest.mark.parametrize(("head", "severity"), [
    ("if not verify:", "note"),
    ("if use_tls:", "high"),
    ("if verify:\n            return None\n        else:", "note"),
])  # fmt: skip
def test_a_switch_that_somebody_asked_for_is_a_note(head: str, severity: str) -> None:
    text = f"""
    import ssl
    def connect(verify, use_tls):
        context = ssl.create_default_context()
        {head}
            context.check_hostname = False
    """
    assert weights(text) == [("tls-verification-off", severity)]


def test_what_a_function_repeats_comes_later() -> None:
    found = reviewed("""
    import os
    from flask import request
    def one():
        os.system("a " + request.args["a"])
        os.system("b " + request.args["b"])
    def two():
        os.system("c " + request.args["c"])
    """)
    assert [f.location.line for f in found] == [5, 8, 6]


def test_an_environment_variable_belongs_to_who_started_the_program() -> None:
    text = "import os, subprocess\ndef edit(name):\n    subprocess.call(os.environ['EDITOR'] + ' x', shell=True)\n"
    assert weights(text) == [("command-injection", "note")]


def test_the_quoted_line_of_a_secret_stops_at_its_value() -> None:
    (found,) = reviewed("""
    def login(page):
        page = connect(page=page, password="t7Kq-92vXw!m", other="x")
    """)
    assert "t7Kq-92v" not in found.code
    assert found.code.startswith("page = connect(page=page, password=")
    assert "`password`" in found.message


@pytest.mark.parametrize("line", [
    '_TOKEN = rb"[!#$%&*+.^_`|~0-9A-Za-z]+"',
    'RATES = {"change_password": "5/m/user", "reset_password": "20/m/ip"}',
])  # fmt: skip
def test_sets_of_characters_and_limits_are_no_secrets(line: str) -> None:
    assert reviewed(line + "\n") == []


def test_examples_of_reading_the_lines_around() -> None:
    assert doctest.testmod(nearby).failed == 0
    assert doctest.testmod(ranking).failed == 0


def test_a_lookahead_forbids_what_the_attack_needs() -> None:
    pattern = r"^\s*((?:--.*?\n\s*)|(?:/\*((?!\*/)[\s\S])*\*/)\s*)*select"
    assert weights(f"import re\ndef ok(sql):\n    return re.match(r'{pattern}', sql)\n") == []
    slow = r"^(?!/\*)(\w+\s?)*$"
    assert weights(f"import re\ndef ok(text):\n    return re.match(r'{slow}', text)\n") == [("redos", "medium")]


FIELD = """
from flask import request
class {one}:
    def __init__(self, name):
        self.name = name
    def show(self):
        return open("/srv/" + self.name)
class {two}:
    def take(self):
        {left} = request.args["name"]
"""


@pytest.mark.parametrize(("left", "severity"), [("self.name", "high"), ("Page.name", "medium")])
def test_a_field_filled_from_elsewhere_is_a_guess(left: str, severity: str) -> None:
    text = FIELD.format(one="Page", two="Page" if left == "self.name" else "Other", left=left)
    if left == "self.name":
        text = text.replace("class Page:\n    def take", "    def take")
    found = [f for f in reviewed(text) if f.source is not None and f.source.kind == "remote"]
    assert [(f.rule, f.severity.name.lower(), f.approximations) for f in found] == [
        ("path-traversal", severity, ("fields",))
    ]


@pytest.mark.parametrize(("name", "parameter", "severity"), [
    ("evaluate", "text", "note"),  # the whole of it, and the function's name says so
    ("total", "expression", "note"),
    ("total", "fields", "medium"),
])  # fmt: skip
def test_evaluating_what_one_is_given_to_evaluate_is_by_design(name: str, parameter: str, severity: str) -> None:
    text = f"def {name}({parameter}):\n    return eval({parameter})\n"
    assert weights(text) == [("code-injection", severity)]
    assert ("by-design" in reviewed(text)[0].approximations) is (severity == "note")


def test_a_name_put_into_a_command_is_no_purpose() -> None:
    text = """
    import subprocess
    def run(name):
        subprocess.run("ping " + name, shell=True)
    """
    assert weights(text) == [("command-injection", "medium")]


def test_a_protocol_leaves_no_choice_of_hash() -> None:
    text = """
    import base64, hashlib
    def accept_key(sec_key):
        digest = hashlib.sha1(sec_key + WS_GUID).digest()
        return base64.b64encode(digest)
    def signature(secret, text):
        return hashlib.sha1(secret + text).digest()
    """
    assert weights(text) == [("weak-hash", "medium"), ("weak-hash", "note")]


def test_a_check_switched_off_and_on_again() -> None:
    text = """
    import contextlib, ssl
    @contextlib.contextmanager
    def relaxed(context):
        before = context.check_hostname
        context.check_hostname = False
        try:
            yield
        finally:
            context.check_hostname = before
    def careless():
        context = ssl.create_default_context()
        context.check_hostname = False
    """
    assert [(f.location.line, f.severity.name) for f in reviewed(text) if f.severity > 1] == [(13, "HIGH")]


def test_code_brought_along_comes_after_ones_own() -> None:
    code = b"import os\nfrom flask import request\ndef view():\n    os.system(request.args['c'])\n"
    files = [SourceFile(p, "python", data=code) for p in ("a/_vendor/lib.py", "b/own.py")]
    found = review_tree(files, book=BOOK, tables=TABLES, jobs=1).findings
    assert [f.location.path for f in found] == ["b/own.py", "a/_vendor/lib.py"]
    assert found[1].severity < found[0].severity
    assert found[1].approximations == ("vendored",)


def test_another_question_comes_before_the_same_one_again() -> None:
    found = reviewed("""
    import os
    from flask import request
    def start():
        name = request.args["a"]
        one(name)
        two(name)
    def one(x):
        os.system("a " + x)
    def two(x):
        os.system("b " + x)
    def three():
        os.system("c " + request.args["c"])
    """)
    assert [f.location.line for f in found] == [9, 13, 11]


@pytest.mark.parametrize(("kind", "severity"), [("application/json", "low"), ("text/html", "high")])
def test_a_base_class_says_what_its_answers_are(kind: str, severity: str) -> None:
    text = f"""
    from tornado.web import RequestHandler
    class Base(RequestHandler):
        def prepare(self):
            self.set_header("Content-Type", "{kind}")
    class Show(Base):
        def get(self):
            self.write(self.get_argument("name"))
    """
    assert weights(text) == [("xss", severity)]


def test_a_hash_looked_up_in_a_table_is_its_users_choice() -> None:
    text = """
    import hashlib
    BY_NAME = {"md5": hashlib.md5, "sha1": hashlib.sha1, "sha256": hashlib.sha256}
    def digest(name, password):
        return BY_NAME[name](password)
    def old(password):
        return hashlib.md5(password)
    """
    assert [(f.location.line, f.severity.name) for f in reviewed(text)] == [(7, "MEDIUM")]


def test_a_mark_of_a_file_format_is_no_secret() -> None:
    text = """
    import hmac
    PACK_SIGNATURE, WEBHOOK_TOKEN = b"PACK", load()
    def read(signature, headers):
        if signature != PACK_SIGNATURE:
            raise ValueError
    def check(token, headers):
        if token != WEBHOOK_TOKEN:
            raise PermissionError
    """
    assert [f.location.line for f in reviewed(text) if f.rule == "timing-comparison"] == [8]


def test_data_through_one_field_is_hearsay_after_the_first_few() -> None:
    uses = "\n".join(f"    def use{n}(self):\n        return open('/srv/{n}/' + self.name)" for n in range(8))
    text = f"""
from flask import request
class Page:
{uses}
    def take(self):
        self.name = request.args["name"]
"""
    found = [f.severity.name for f in reviewed(text) if f.rule == "path-traversal"]
    assert found == ["HIGH"] * 3 + ["NOTE"] * 5


def test_the_text_of_a_program_is_no_option() -> None:
    text = """
    import subprocess
    def check(interpreter, text):
        subprocess.run([interpreter, "-c", text])
        subprocess.run([interpreter, text])
        subprocess.run(["sh", "-c", "echo " + text])  # but a shell's is a command
    """
    found = sorted((f.location.line, f.rule) for f in reviewed(text))
    assert [line for line, rule in found if rule == "argument-injection"] == [5]
    assert (6, "command-injection") in found


def test_two_things_a_caller_gives_are_put_together() -> None:
    """A folder and a name, both from the caller: the name may leave the folder."""
    text = """
    def save(folder, item, data):
        with open(folder + item.key, "wb") as out:
            out.write(data)
    """
    assert [(f.rule, f.location.line) for f in reviewed(text)] == [("path-traversal", 3)]


@pytest.mark.parametrize(("query", "severity"), [
    ("SELECT name FROM sqlite_master", "note"),  # names of tables, which the program gave itself
    ("SELECT name FROM people", "high"),
])  # fmt: skip
def test_names_from_the_catalogue_are_ones_own(query: str, severity: str) -> None:
    text = f"""
    import sqlite3
    def tables(path):
        db = sqlite3.connect(path)
        for row in db.execute("{query}").fetchall():
            db.execute("SELECT * FROM " + row[0])
    """
    found = [(f.rule, f.severity.name.lower()) for f in reviewed(text) if f.source and f.source.kind == "database"]
    assert [rule for rule, _ in found] == ["sql-injection"]
    assert (found[0][1] == "note") is (severity == "note")


@pytest.mark.parametrize(("function", "severity"), [
    ("def parse_header(text):", "medium"),
    ("def parse(text):", "medium"),
    ("def git_version(text):", "note"),
    ("def _fold(text):", "note"),
    ("def _fold_header(text):", "medium"),
])  # fmt: skip
def test_a_slow_expression_matters_where_strangers_write(function: str, severity: str) -> None:
    text = f"import re\n{function}\n    return re.sub(r'\\s+$', '', text)\n"
    assert weights(text) == [("redos", severity)]


def test_an_exponential_expression_matters_everywhere() -> None:
    text = "import re\ndef _version(text):\n    return re.match(r'^(\\w+\\s?)*$', text)\n"
    assert weights(text) == [("redos", "medium")]


@pytest.mark.parametrize(("line", "severity"), [("hash_alg(data)", "note"), ("hashlib.md5(data)", "medium")])
def test_a_hash_that_was_handed_over_is_its_givers_choice(line: str, severity: str) -> None:
    text = f"import hashlib\ndef sign(data, hash_alg=hashlib.md5):\n    return {line}\ndef own(d):\n    return sign(d, hashlib.md5)\n"
    assert [s for r, s in weights(text) if r == "weak-hash"] in ([severity], [])


def test_what_an_object_was_made_with_is_its_makers_choice() -> None:
    kept = """
    import os
    class Cache:
        def __init__(self, folder):
            self.folder = folder
        def load(self):
            return open(self.folder + "/index")
    """
    assert {s for r, s in weights(kept) if r == "path-traversal"} <= {"note"}
    given = """
    class Cache:
        def load(self, name):
            return open("/srv/cache/" + name)
    """
    assert weights(given) == [("path-traversal", "medium")]


@pytest.mark.parametrize(("annotation", "severity"), [(": Mode", "note"), (": str", "medium"), ("", "medium")])
def test_an_object_of_ones_own_class_is_no_text(annotation: str, severity: str) -> None:
    text = f"""
    class Mode:
        def key(self):
            return "-".join(self.parts)
    def read(mode{annotation}):
        return open("/srv/cache/" + mode.key())
    """
    assert weights(text) == [("path-traversal", severity)]


def test_methods_of_a_family_ask_one_question() -> None:
    found = reviewed("""
    class Text:
        def write(self, docname):
            return open("/srv/" + docname)
    class Pages:
        def write(self, docname):
            return open("/srv/" + docname)
        def read(self, theme):
            return open("/srv/" + theme)
    """)
    assert [f.location.line for f in found] == [4, 9, 7]


def test_an_address_an_object_was_made_with_may_still_pass_as_an_option() -> None:
    text = """
    import subprocess
    class Repo:
        def __init__(self, url):
            self.url = url
        def obtain(self):
            subprocess.run(["hg", "clone", self.url, "copy"])
    """
    assert weights(text) == [("argument-injection", "medium")]


def test_of_several_origins_at_one_place_the_heaviest_is_told() -> None:
    """Who types a command line could run the command anyway; whoever calls the function may pass on what a stranger sent."""
    text = """
    import os
    import sys
    def show(text):
        os.system("show " + text)
    def main():
        show(sys.argv[1])
    """
    (found,) = reviewed(text)
    assert found.source is not None
    assert (found.source.kind, found.severity.name) == ("api", "MEDIUM")


def test_whoever_gives_the_whole_program_means_it() -> None:
    text = "import subprocess\ndef look(python):\n    subprocess.run([python, '-V'])\n"
    assert weights(text) == [("command-injection", "note")]


def test_a_program_chosen_by_a_stranger_is_said_to_be_chosen() -> None:
    text = "import subprocess\nfrom flask import request\ndef go():\n    subprocess.run([request.args['p'], '-V'])\n"
    (found,) = reviewed(text)
    assert "chooses the program" in found.message and "`;`" not in found.attacker


def test_a_way_begins_at_the_source_it_names() -> None:
    text = """
    from flask import request
    class Shop:
        @property
        def address(self):
            return request.args["shop"]
        def take(self):
            open("/srv/" + self.address)
    """
    (found,) = [f for f in reviewed(text) if f.rule == "path-traversal"]
    assert "request.args" in found.flow[0].code


@pytest.mark.parametrize(("base", "told"), [("os.getcwd()", []), ("BASE", [("path-traversal", "medium")])])
def test_a_path_seen_from_where_the_program_started_is_what_somebody_gave(base: str, told: object) -> None:
    assert weights(f"import os\nBASE = '/srv'\ndef read(name):\n    open(os.path.join({base}, name))\n") == told


@pytest.mark.parametrize(("key", "told"), [("self.salt", []), ("self.key", [("timing-comparison", "medium")])])
def test_a_digest_with_a_salt_is_no_secret(key: str, told: object) -> None:
    text = f"""
    import hmac
    class Host:
        def matches(self, name):
            found = hmac.new({key}, name, 'sha1').digest()
            return found == self.known
    """
    assert weights(text) == told


@pytest.mark.parametrize(("module", "told"), [("pack/_inner.py", 0), ("pack/inner.py", 1)])
def test_a_module_of_the_packages_own_has_no_callers_outside(module: str, told: int) -> None:
    files = {"pack/__init__.py": "", module: "def read(name):\n    return open('/srv/' + name)\n"}
    assert len(told_of(files)) == told


def test_a_function_handed_on_by_the_package_has_callers() -> None:
    inner = "def read(name):\n    return open('/srv/' + name)\n"
    assert told_of({"pack/__init__.py": "from pack._inner import read\n", "pack/_inner.py": inner})


def test_a_script_that_names_its_release_was_brought_along() -> None:
    script = "/* trim.js - 2.3.9\n * @license MIT */\nfunction trim(text) { return text.replace(/\\W+$/, ''); }\n"
    files = {"web/trim.js": script, "web/own.js": script.partition("*/")[2], "app.py": "x = 1\n"}
    assert {f.location.path: f.severity.name for f in told_of(files)} == {"web/trim.js": "NOTE", "web/own.js": "MEDIUM"}


@pytest.mark.parametrize("comment", ["", "  # by design", "  # intentional, reviewed", "  # on purpose"])
def test_what_a_comment_says_lowers_nothing(comment: str) -> None:
    """Whoever hides a flaw writes the comment beside it; only a suppression with a reason, which is told, counts."""
    text = f"import os\nfrom flask import request\ndef view():\n    os.system(request.args['c']){comment}\n"
    assert weights(text) == [("command-injection", "critical")]
