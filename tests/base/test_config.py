"""Configuration: everything known is read, everything unknown is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from buckler.base.config import Config, find_config, hides, load_config
from buckler.base.errors import ConfigError

EVERYTHING = """
exclude = ["old/"]
include-tests = true
fail-on = "high"
jobs = 2
max-file-size = 1000
baseline = "b.json"
library-dirs = ["k"]
rules-dirs = ["r"]
[rules]
disable = ["weak-hash"]
severity = { ssrf = "low" }
"""


def test_every_key(tmp_path: Path) -> None:
    (tmp_path / "buckler.toml").write_text(EVERYTHING)
    root = tmp_path.resolve()
    assert find_config(tmp_path) == Config(
        exclude=("old/",),
        include_tests=True,
        fail_on="high",
        disable=("weak-hash",),
        severity={"ssrf": "low"},
        library_dirs=(root / "k",),
        rules_dirs=(root / "r",),
        jobs=2,
        max_file_size=1000,
        baseline=root / "b.json",
        origin=tmp_path / "buckler.toml",
        trusted=False,
    )


def test_a_former_key_is_understood(tmp_path: Path) -> None:
    (tmp_path / "buckler.toml").write_text('knowledge-dirs = ["k"]')
    assert find_config(tmp_path).library_dirs == (tmp_path.resolve() / "k",)


def test_pyproject(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool.buckler]\njobs = 4\n")
    assert find_config(tmp_path).jobs == 4
    file.write_text("[tool.other]\n")
    assert find_config(tmp_path) == Config()
    file.write_text("this is not TOML, and not ours")
    assert find_config(tmp_path) == Config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exlude = []", "unknown key 'exlude'; did you mean 'exclude'"),
        ("disable = []", "did you mean 'rules.disable'"),
        ("zzz = 1", "known keys: exclude"),
        ("jobs = true", "'jobs' must be a whole number"),
        ("jobs = -1", "'jobs' must be a whole number"),
        ("exclude = 'x'", "'exclude' must be a list of strings"),
        ("fail-on = 'bad'", "one of note, low"),
        ("include-tests = 1", "true or false"),
        ("rules = 1", "'rules' must be a table"),
        ("[rules.severity]\nx = 'bad'", "'rules.severity.x' must be one of"),
        ("a = ", "not valid TOML"),
        ("baseline = '/etc/passwd'", "outside the reviewed tree"),
        ("rules-dirs = ['../x']", "outside the reviewed tree"),
    ],
)
def test_mistakes_name_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "buckler.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        find_config(tmp_path)
    assert said in str(caught.value)
    assert str(tmp_path / "buckler.toml") in str(caught.value)


def test_a_named_file_may_point_anywhere(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("rules-dirs = ['/srv/rules']")
    config = load_config(file)
    assert config is not None
    assert config.rules_dirs == (Path("/srv/rules"),)
    assert hides(config) == []


def test_what_a_tree_hides_is_said(tmp_path: Path) -> None:
    (tmp_path / "buckler.toml").write_text(EVERYTHING)
    assert hides(find_config(tmp_path)) == [
        "excludes old/",
        "disables weak-hash",
        "regrades ssrf to low",
        "accepts the findings of b.json",
        "skips files above 1000 bytes",
    ]


def test_a_linked_configuration_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("jobs = 7")
    (tmp_path / "buckler.toml").symlink_to(tmp_path / "elsewhere")
    found = find_config(tmp_path)
    assert (found.jobs, found.unread) == (0, "is a link")
