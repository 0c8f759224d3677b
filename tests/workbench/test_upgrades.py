"""From a known flaw to a verified upgrade: shown through the project's own route with the old release, gone with the new."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from advisories_sample import advisory, database
from buckler.finding.evidence import Assessment, Outcome, Remediation
from buckler.finding.model import Grade
from buckler.prove.environment.build import EnvironmentOptions
from buckler.workbench.defend import DefendOptions, defend
from buckler.workbench.review import Options
from buckler.workbench.wishes import Wishes

NAME = "buckler_sample_cart"
FLAWED = "def spin(text):\n    return eval(text)\n"
SUMS = "import re\n\ndef {}(text):\n    return eval(text) if re.fullmatch(r'[0-9+*() -]+', text) else text\n"
FIXED, RENAMED = SUMS.format("spin"), SUMS.format("turn")
NESTED = "def spin(text):\n    return [spin(text[1:])] if text.startswith('[') else text\n"
COUNTED = "def spin(text):\n    return [text.count('['), text.lstrip('[')] if text.startswith('[') else text\n"
APP = """
import buckler_sample_cart
from flask import Flask, request

app = Flask(__name__)


@app.route("/spin")
def spin():
    return {"spun": buckler_sample_cart.spin(request.args["text"])}
"""
TEST = """
from app import app


def test_spin():
    assert app.test_client().get("/spin?text=7").json == {"spun": 7}
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of releases: with the flaw, without it, with another interface, with another flaw and without that."""
    folder = tmp_path_factory.mktemp("wheels")
    for version, code in (("1.0", FLAWED), ("1.1", FIXED), ("2.0", RENAMED), ("3.0", NESTED), ("3.1", COUNTED)):
        info = f"{NAME}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{NAME}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{NAME}/__init__.py", code)
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(
                f"{info}/RECORD", f"{NAME}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
            )
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache") / "cache.sqlite"


@pytest.fixture(autouse=True)
def index(monkeypatch: pytest.MonkeyPatch, wheels: Path) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))


def project(folder: Path, requirements: str) -> Path:
    (folder / "shop").mkdir()
    (folder / "shop" / "app.py").write_text(APP)
    (folder / "shop" / "test_app.py").write_text(TEST)
    (folder / "shop" / "requirements.txt").write_text(requirements)
    return folder / "shop"


def defended(folder: Path, known: Path, kept: Path) -> Assessment:
    options = Options(cache=kept, database=known, reach=Wishes(fetch=True))
    wanted = DefendOptions(EnvironmentOptions(kept.parent), rules=("known-vulnerability",))
    return defend(folder, options, wanted)


def checks(done: Remediation) -> dict[str, Outcome]:
    return {rung.name: rung.outcome for rung in (*done.rungs, *done.patches[0].rungs)}


def test_the_flaw_is_shown_and_the_smallest_upgrade_stops_it(tmp_path: Path, kept: Path) -> None:
    known = database(tmp_path, advisory("PYSEC-2030-1", "buckler-sample-cart", "1.1"))
    shop = project(tmp_path, f"flask==3.1.2\n{NAME}==1.0  # the cart\n")
    (done,) = defended(shop, known, kept).remediations
    assert done.grade is Grade.FIXED, [f"{r.name} {r.outcome}: {r.reason}" for r in done.patches[0].rungs]
    assert done.fix is not None
    assert "+buckler_sample_cart==1.1  # the cart" in done.fix.patch.diff
    assert done.proof is not None
    assert "GET /spin" in done.proof.entry
    proved = {name for name, outcome in checks(done).items() if outcome is Outcome.PROVED}
    assert {"F2", "F4", "F5", "P0", "P1", "P2", "P3", "P4", "U0", "U1", "U2", "U3"} <= proved
    assert (shop / "requirements.txt").read_text().endswith("==1.0  # the cart\n"), "the tree is only read"


def test_an_upgrade_that_takes_away_what_is_used_is_refuted(tmp_path: Path, kept: Path) -> None:
    known = database(tmp_path, advisory("PYSEC-2030-2", "buckler-sample-cart", "2.0"))
    shop = project(tmp_path, f"flask==3.1.2\n{NAME}==1.0\n")
    (done,) = defended(shop, known, kept).remediations
    outcomes = checks(done)
    assert outcomes["U2"] is Outcome.REFUTED
    assert outcomes["P4"] is Outcome.REFUTED
    assert done.fix is None
    reason = next(rung.reason for rung in done.patches[0].rungs if rung.name == "U2")
    assert reason == "`buckler_sample_cart.spin` is gone, used in app.py:10"


def test_where_nothing_is_safe_that_is_said(tmp_path: Path, kept: Path) -> None:
    known = database(tmp_path, advisory("PYSEC-2030-3", "buckler-sample-cart"))
    shop = project(tmp_path, f"flask==3.1.2\n{NAME}==1.0\n")
    (done,) = defended(shop, known, kept).remediations
    assert not done.patches
    assert done.refused == "no later release of buckler-sample-cart without a known vulnerability is known"


def test_what_the_fix_looks_for_is_sent_many_times_over(tmp_path: Path, kept: Path) -> None:
    known = database(tmp_path, advisory("PYSEC-2030-4", "buckler-sample-cart", "3.1"))
    shop = project(tmp_path, f"flask==3.1.2\n{NAME}==3.0\n")
    (done,) = defended(shop, known, kept).remediations
    assert done.grade is Grade.FIXED, [
        f"{r.name} {r.outcome}: {r.reason}" for r in (*done.rungs, *done.patches[0].rungs)
    ]
    assert done.proof is not None
    assert done.proof.effect == "the stack was full before the input was read"
    assert "'[' * 3000" in done.proof.attack


def test_an_attack_shows_the_flaw_whose_fix_ends_it(tmp_path: Path, kept: Path) -> None:
    """Both are settled by one upgrade; the attack ends with the release that fixes the first, before the second is fixed."""
    flaws = [
        advisory(f"PYSEC-2030-{number}", "buckler-sample-cart", fixed) for number, fixed in ((5, "1.1"), (6, "3.1"))
    ]
    shop = project(tmp_path, f"flask==3.1.2\n{NAME}==1.0\n")
    done = {one.finding.title[-12:]: one for one in defended(shop, database(tmp_path, *flaws), kept).remediations}
    assert done["PYSEC-2030-5"].proof is not None
    assert done["PYSEC-2030-6"].proof is None
    reason = next(rung.reason for rung in done["PYSEC-2030-6"].rungs if rung.name == "F4")
    assert reason.startswith("an attack works, but it is not the fix of this flaw that ends it")
