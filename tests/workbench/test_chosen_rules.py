"""What a choice of rules leaves of a review, by the real engine."""

from pathlib import Path

from buckler.base.config import Config
from buckler.workbench.review import Options, review_paths


def test_a_book_of_fewer_rules_keeps_its_checks(tmp_path: Path) -> None:
    (tmp_path / "door.py").write_text(
        "def opens(request, secret_token):\n    return request.headers['X-Token'] == secret_token\n\n\nKEY = 'AKIAQ3EGRXWJZ5ABCD7K'\n"
    )
    outcome = review_paths([tmp_path], Options(config=Config(disable=("ssrf",))))
    assert {f.rule for f in outcome.review.findings} == {"timing-comparison", "hard-coded-secret"}
