"""The tables are data written by many hands, so the loader's errors are half of its use."""

from __future__ import annotations

from pathlib import Path

import pytest

from buckler.analysis.libraries import grammar
from buckler.analysis.libraries.load import LibraryError, find_libraries, load_libraries
from buckler.analysis.libraries.model import Argument, Condition, Element, LibraryModels, Wanted
from buckler.review.rulebook import book_of
from buckler.workbench.engine import rule_named
from review_sample import rule

ROW = """package = "pal"

[[callable]]
name = ["pal.run", "pal.Pal.run"]
returns = "*.Done"
flow = ["0,text -> result", "* -> self"]
facts = ["normalised"]
evaluate = "text.*"
loose = true
sinks = [{ arg = "0,text", element = "1..", rule = "command-injection", when = { shell = [true, "@absent"] } }]
guards = [{ arg = "0", accepts = "return", clears = ["ssrf"], needs = ["normalised"] }]
route = { handler = "1,view", parameters = "remote", types = { 0 = "pal.Request" } }
example = '''
import pal
'''

[[value]]
name = "pal.version"
clears = ["ssrf"]
example = "import pal"

[[type]]
name = "pal.View"
handlers = ["get|post"]
response = "html"
example = '''
import pal
'''

[[assign]]
name = "DEBUG"
module = "settings"
misuse = [{ rule = "debug-enabled", when = { value = true } }]
example = "DEBUG = True"
example_file = "site/settings.py"

[[parameter]]
name = "request"
when_imports = "pal"
type = "pal.Request"

[[alias]]
name = ["pal.api.run"]
is = "pal.run"
"""


def knowledge_of(tmp_path: Path, text: str) -> LibraryModels:
    (tmp_path / "pal.toml").write_text(text, encoding="utf-8")
    return load_libraries("python", [tmp_path])


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(LibraryError) as error:
        knowledge_of(tmp_path, text)
    return str(error.value)


def test_a_row_is_shared_by_all_its_names(tmp_path: Path) -> None:
    known = knowledge_of(tmp_path, ROW)
    (row,) = known.callables["pal.Pal.run"]
    assert row.returns == "pal.Pal.run.Done"
    assert row.evaluate == "text.run"
    assert row.flow[0].origin == Argument(positions=(0,), names=("text",))
    assert row.flow[1].origin.every and row.flow[1].target.receiver
    (sink,) = row.sinks
    assert sink.element == Element("items", 1, None)
    assert sink.when == (Condition(Argument(names=("shell",)), (Wanted("equals", True), Wanted("absent"))),)
    assert row.guards[0].accepts == "return"
    assert row.route is not None
    assert row.route.handler == "argument"
    assert row.route.argument == Argument(positions=(1,), names=("view",))
    assert row.route.types == (("0", "pal.Request"),)
    assert [loose.name for loose in known.loose["run"] if "pal" in loose.name] == ["pal.run", "pal.Pal.run"]


def test_the_other_tables(tmp_path: Path) -> None:
    known = knowledge_of(tmp_path, ROW)
    assert known.values["pal.version"].clears == ("ssrf",)
    route = known.types["pal.View"].route
    assert route is not None and (route.handler, route.response) == ("class", "html")
    assert known.assigns["DEBUG"][-1].module == "settings"
    assert known.aliases["pal.api.run"] == "pal.run"
    assert any(row.type == "pal.Request" for row in known.parameters["request"])
    samples = [example for example in known.examples if "/pal.toml" in example.origin]
    assert samples[0].origin.endswith("/pal.toml:3")
    assert samples[-1].file == "site/settings.py"


def test_the_digest_follows_the_text(tmp_path: Path) -> None:
    first = knowledge_of(tmp_path, ROW).digest
    assert first == knowledge_of(tmp_path, ROW).digest
    assert first != knowledge_of(tmp_path, ROW + "\n").digest


def test_a_users_folder_may_replace_a_value(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    for folder, type_ in ((mine, "a.A"), (other, "b.B")):
        (folder / "python").mkdir(parents=True)
        (folder / "python" / "x.toml").write_text(
            f'package = "x"\n[[value]]\nname = "x.y"\ntype = "{type_}"\n', encoding="utf-8"
        )
    assert load_libraries("python", [mine, other]).values["x.y"].type == "b.B"


HEAD = 'package = "x"\n\n'


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('[[callable]]\nname = "x.y"\n', 1, "'package' is missing"),
        (HEAD + "[[callabel]]\n", 3, "unknown table 'callabel'"),
        (HEAD + "[[callable]]\nname = \n", 4, "not valid TOML"),
        (HEAD + '[[callable]]\nflow = ["0 -> result"]\n', 3, "has no 'name'"),
        (
            HEAD + '[[callable]]\nname = "x.y"\n[[callable]]\nname = "x.z"\nsink = []\n',
            7,
            "unknown key 'sink'",
        ),
        (HEAD + '[[callable]]\nname = "x.y"\nflow = ["0 result"]\n', 5, "needs an arrow"),
        (HEAD + '[[callable]]\nname = "x.y"\nvalue = "0-1"\n', 5, "argument '0-1' is not understood"),
        (
            HEAD + '[[callable]]\nname = "x.y"\nwhen = { a = "@maybe" }\n',
            5,
            "condition test '@maybe' is unknown",
        ),
        (HEAD + '[[callable]]\nname = "x.y"\nwhen = { a = "@re:(" }\n', 5, "is broken"),
        (HEAD + '[[callable]]\nname = "x.y"\nwhen = { a = "@below:x" }\n', 5, "needs a number"),
        (HEAD + '[[callable]]\nname = "x.y"\nsource = "space"\n', 5, "'space' is not one of"),
        (HEAD + '[[callable]]\nname = "x.y"\nsource = "remote"\n', 5, "needs an 'example'"),
        (HEAD + '[[callable]]\nname = "x.y"\nsource = "remote"\nexample = "above"\n', 6, "'above' needs"),
        (HEAD + '[[callable]]\nname = "x.y"\nsinks = [{ rule = "ssrf" }]\n', 5, "lacks 'arg'"),
        (HEAD + '[[callable]]\nname = "x.y"\nsinks = [{ arg = "0", rule = "SSRF" }]\n', 5, "not a rule id"),
        (
            HEAD + '[[callable]]\nname = "x.y"\nsinks = [{ arg = "0", rule = "ssrf", el = "0" }]\n',
            5,
            "unknown key 'el'",
        ),
        (HEAD + '[[callable]]\nname = "x.y"\nloose = 1\n', 5, "must be true or false"),
        (HEAD + '[[value]]\nname = "x.y"\n[[value]]\nname = "x.y"\n', 6, "already described"),
        (HEAD + '[[assign]]\nname = "x.y[a"\n', 4, "not a dotted name"),
        (HEAD + '[[alias]]\nname = "x.y"\n', 4, "needs both"),
    ],
)
def test_mistakes_name_file_and_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    message = complaint(tmp_path, text)
    assert message.startswith(f"{tmp_path.name}/pal.toml:{line}: "), message
    assert what in message


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            '[[callable]]\nname = "x.y"\nsinks = [\n  { rule = "ssrf", arg = "0" },\n  { rule = "srf", arg = "1" },\n]\n',
            7,
        ),
        ('[[callable]]\nname = "x.y"\nclears = ["text", "*", "srf"]\n', 5),
        ('[[callable]]\nname = "x.y"\nguards = [{ arg = "0", accepts = true, clears = ["srf"] }]\n', 5),
        ('[[assign]]\nname = "x.y"\nmisuse = [{ when = { rule = "any" }, rule = "srf" }]\n', 5),
        ('[[result]]\nname = "page"\nrule = "srf"\n', 5),
    ],
)
def test_a_rule_that_nobody_has_is_said_with_its_place(tmp_path: Path, row: str, line: int) -> None:
    (tmp_path / "x.toml").write_text(HEAD + row)
    named = rule_named(book_of([rule("ssrf", 918)]))
    with pytest.raises(LibraryError, match=rf"x.toml:{line}: .*there is no rule 'srf'; did you mean 'ssrf'"):
        load_libraries("python", [tmp_path], lambda name: named(name) if name == "srf" else name)


def test_a_former_id_means_the_rule_it_has_become(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(HEAD + '[[value]]\nname = "x.y"\nclears = ["old"]\nexample = "x"\n')
    known = load_libraries("python", [tmp_path], lambda name: "new" if name == "old" else name)
    assert known.values["x.y"].clears == ("new",)


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(LibraryError, match="known are .*python"):
        load_libraries("cobol")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("0", Argument(positions=(0,))),
        ("0,url", Argument(positions=(0,), names=("url",))),
        ("1..", Argument(start=1)),
        ("*", Argument(every=True)),
        ("**", Argument(keywords=True)),
        ("self", Argument(receiver=True)),
        ("result", Argument(result=True)),
        ("1,options.tls.verify", Argument(positions=(1,), names=("options",), path=("tls", "verify"))),
    ],
)
def test_arguments(text: str, meaning: Argument) -> None:
    assert grammar.argument(text) == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("0", Element("items", 0, 1)),
        ("1..", Element("items", 1, None)),
        ("1..3", Element("items", 1, 3)),
        ("*", Element("items")),
        ("keys", Element("keys")),
    ],
)
def test_elements(text: str, meaning: Element) -> None:
    assert grammar.element(text) == meaning


def test_conditions_accept_alternatives() -> None:
    (condition,) = grammar.conditions({"1,Loader": ["@absent", "@type:yaml.Loader", "@none", 3, "@below:2048"]})
    assert condition.argument == Argument(positions=(1,), names=("Loader",))
    assert condition.wanted == (
        Wanted("absent"),
        Wanted("type", "yaml.Loader"),
        Wanted("equals", None),
        Wanted("equals", 3),
        Wanted("below", 2048),
    )


def test_tables_that_are_found_say_what_tables_that_are_loaded_say(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('package = "mine"\n[[value]]\nname = "mine.Secret"\ntype = "str"\n')
    found, loaded = find_libraries("python", [tmp_path]), load_libraries("python", [tmp_path])
    assert found.digest == loaded.digest != load_libraries("python").digest
    assert found.values == loaded.values
    assert found.values["mine.Secret"].type == "str"
    (tmp_path / "mine.toml").write_text("package = 1\n")
    broken = find_libraries("python", [tmp_path])
    with pytest.raises(LibraryError, match="mine.toml:1"):
        _ = broken.callables


def test_a_folder_without_models_is_an_error_that_names_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "libraries").mkdir()
    (tmp_path / "libraries/own.toml").write_text(ROW)
    with pytest.raises(LibraryError, match="no library models in this folder; give .*libraries"):
        load_libraries("python", [tmp_path])
