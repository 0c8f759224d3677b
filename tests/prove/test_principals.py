"""A page that lets strangers in where its siblings ask who is there: shown with two visitors, and mended as they do it.

The sibling itself, were the review wrong about it, must not be shown to let anybody in.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from buckler.base.config import Config
from buckler.finding.model import Grade
from buckler.prove.attack import prove
from buckler.prove.environment.build import EnvironmentOptions
from buckler.store.cache import open_cache
from buckler.workbench.defend import DefendOptions, opened
from buckler.workbench.review import Options
from buckler.workbench.single import choose, work

APPS = Path(__file__).parent / "apps"
CACHE = Path(__file__).parents[2] / ".venv" / "environments-for-tests"
PAGES = {
    "strangers_flask": ("shop.py", "def delete():", "def add():", "+@login_required"),
    "strangers_fastapi": ("api.py", "def remove(name: str):", "def add(", "user=Depends(current_user)"),
    "strangers_django": ("views.py", "def remove(request):", "def rename(request):", "+@login_required"),
}


def line_of(root, file, text):
    return next(n for n, line in enumerate((root / file).read_text().splitlines(), 1) if line.startswith(text))


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_let_in_until_the_page_asks_like_its_siblings(name, tmp_path):
    file, flawed, asking, change = PAGES[name]
    root = APPS / name
    options = Options(config=Config(), cache=tmp_path / "cache.sqlite")
    wanted = DefendOptions(EnvironmentOptions(CACHE))
    chosen = choose(root, options, f"{file}:{line_of(root, file, flawed)}")
    assert chosen.finding.rule == "missing-authentication"

    defence = work(chosen, wanted)
    assert defence.grade is Grade.FIXED, [(r.name, r.outcome, r.reason) for j in defence.patches for r in j.rungs]
    assert change in defence.fix.patch.diff
    assert "def unauthenticated(value):" in defence.proof.test.text

    place = replace(chosen.finding.location, line=line_of(root, file, asking), end_line=line_of(root, file, asking))
    twin = replace(chosen.finding, location=place, function=asking.partition("(")[0].removeprefix("def "))
    cache = open_cache(None, stamp="")
    with opened(root, options, wanted, [twin], cache) as project:
        assert prove(project.bench, twin).proof is None
