"""What a choice of rules leaves of a review, by the real engine."""

from pathlib import Path

import pytest

from buckler.base.config import Config
from buckler.base.errors import InputError
from buckler.workbench.review import Options, review_paths


def test_a_book_of_fewer_rules_keeps_its_checks(tmp_path: Path) -> None:
    (tmp_path / "door.py").write_text(
        "def opens(request, secret_token):\n    return request.headers['X-Token'] == secret_token\n\n\nKEY = 'AKIAQ3EGRXWJZ5ABCD7K'\n"
    )
    outcome = review_paths([tmp_path], Options(config=Config(disable=("ssrf",))))
    assert {f.rule for f in outcome.review.findings} == {"timing-comparison", "hard-coded-secret"}


def test_a_library_model_may_speak_of_a_rule_that_is_switched_off_but_of_none_that_nobody_has(tmp_path: Path) -> None:
    (tmp_path / "door.py").write_text("import pal\n")
    (tmp_path / "own").mkdir()
    table = tmp_path / "own" / "pal.toml"
    options = Options(config=Config(disable=("ssrf",), library_dirs=(table.parent,)))
    table.write_text('package = "pal"\n[[value]]\nname = "pal.x"\nclears = ["ssrf"]\nexample = "import pal"\n')
    assert review_paths([tmp_path], options).review.findings == []
    table.write_text(table.read_text().replace("ssrf", "ssfr"))
    with pytest.raises(InputError, match=r"own/pal.toml:4: .*there is no rule 'ssfr'; did you mean 'ssrf'"):
        review_paths([tmp_path], options)
