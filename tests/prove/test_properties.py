"""Properties and settings: each is seen in a small program and not seen in its harmless twin.

The twin does the same job soundly. The finding is moved to its line marked `# here`, as if the review had been wrong about
it, and must not be proved there, although the line runs.
"""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from buckler.finding.evidence import Outcome, Patch, ProofKind, Rung, VerifiedPatch
from buckler.prove.attack import prove
from buckler.prove.environment.build import EnvironmentOptions, build
from buckler.prove.session import Session
from buckler.workbench.defend import DefendOptions, started
from buckler.workbench.review import Options, review_paths

PAIRS = {
    "weak-hash": (
        "from hashlib import md5\n\n\ndef signature(text):\n    return md5(text.encode()).hexdigest()\n",
        "import hashlib\n\n\ndef signature(text):\n    return hashlib.sha256(text.encode()).hexdigest()  # here\n",
    ),
    "weak-hash, said not to matter": (
        "import hashlib\n\n\nclass Store:\n    def token(self, text):\n        return hashlib.new('md5', text.encode()).digest()\n",
        "import hashlib\n\n\nclass Store:\n    def token(self, text):\n        return hashlib.md5(text.encode(), usedforsecurity=False).digest()  # here\n",
    ),
    "weak-hash, keyed": (
        "import hmac\n\n\ndef sign(key, text):\n    return hmac.new(key.encode(), text.encode(), 'md5').hexdigest()\n",
        "import hmac\n\n\ndef sign(key, text):\n    return hmac.new(key.encode(), text.encode(), 'sha256').hexdigest()  # here\n",
    ),
    "weak-random": (
        "import random\n\n\ndef new_password():\n    password = ''.join(random.choice('abc') for _ in range(9))\n    return password\n",
        "import random\n\n\ndef new_password():\n    password = ''.join(random.SystemRandom().choice('abc') for _ in range(9))  # here\n    return password\n",
    ),
    "hard-coded-secret": (
        "API_TOKEN = 'q8ZrT2mVx0bL5nWc7Yd1'\n",
        "import os\n\nAPI_TOKEN = os.environ.get('API_TOKEN', '')  # here\n",
    ),
    "tls-verification-off": (
        "import ssl\nimport urllib.request as r\n\n\ndef fetch():\n    context = ssl._create_unverified_context()\n    return r.urlopen('https://bank.example.org/', context=context, timeout=5).read()\n",
        "import ssl\nimport urllib.request as r\n\n\ndef fetch():\n    context = ssl.create_default_context()  # here\n    return r.urlopen('https://bank.example.org/', context=context, timeout=5).read()\n",
    ),
    "tls-verification-off, prepared": (
        "import ssl\n\n\ndef prepare():\n    context = ssl.create_default_context()\n    context.check_hostname = False\n    return context\n",
        "import ssl\n\n\ndef prepare():\n    context = ssl.create_default_context()\n    context.check_hostname = True  # here\n    return context\n",
    ),
    "timing-comparison": (
        "def allowed(headers, secret):\n    return headers.get('X-Token') == secret\n",
        "import hmac\n\n\ndef allowed(headers, secret):\n    return hmac.compare_digest(str(headers.get('X-Token')), str(secret))  # here\n",
    ),
    "insecure-temp-file": (
        "import tempfile\n\n\ndef draft(text):\n    path = tempfile.mktemp()\n    with open(path, 'w') as file:\n        file.write(text)\n",
        "import tempfile\n\n\ndef draft(text):\n    _, path = tempfile.mkstemp()  # here\n    with open(path, 'w') as file:\n        file.write(text)\n",
    ),
    "insecure-permissions": (
        "import os\n\n\ndef publish(path):\n    os.chmod(path, 0o777)\n",
        "import os\n\n\ndef publish(path):\n    os.chmod(path, 0o755)  # here\n",
    ),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """All of them as one project with a warm sandbox, and the findings in it by rule and file."""
    root = tmp_path_factory.mktemp("properties")
    for number, (bad, good) in enumerate(PAIRS.values()):
        (root / f"bad_{number}.py").write_text(bad)
        (root / f"good_{number}.py").write_text(good)
    findings = review_paths([root], Options(cache=None)).review.findings
    wishes = EnvironmentOptions(root / "cache", given=Path(sys.prefix))
    environment = build(root, wishes)
    with Session.open(environment.cell(root)) as session:
        yield started(root, session, environment, [], DefendOptions(wishes)), findings


def found(findings, name, number):
    rule = name.partition(",")[0]
    return next(f for f in findings if f.rule == rule and f.location.path == f"bad_{number}.py")


@pytest.mark.parametrize(("number", "name"), list(enumerate(PAIRS)), ids=PAIRS)
def test_what_is_wrong_is_seen(bench, number, name):
    trial = prove(bench[0], found(bench[1], name, number))
    assert trial.proof is not None, trial.rungs
    compile(trial.proof.test.text, "test.py", "exec")
    assert "test_the_watch_tells_good_from_bad" in trial.proof.test.text
    if trial.proof.shown is not ProofKind.EXPLOIT:
        assert "EXPLOITED" not in trial.proof.test.text


@pytest.mark.parametrize(("number", "name"), list(enumerate(PAIRS)), ids=PAIRS)
def test_the_harmless_twin_is_not(bench, number, name):
    finding = found(bench[1], name, number)
    lines = PAIRS[name][1].splitlines()
    at = next(n for n, line in enumerate(lines, 1) if "# here" in line)
    place = replace(finding.location, path=f"good_{number}.py", line=at, end_line=at, column=len(lines[at - 1]) - 8)
    trial = prove(bench[0], replace(finding, location=place, code=lines[at - 1].strip()))
    assert trial.proof is None
    reason = next(r.reason for r in trial.rungs if r.name == "F4")
    assert "none had an effect" in reason or "no observable effect is known for this form" in reason


def judged(shown, **outcomes):
    rungs = tuple(Rung(name, outcome, "") for name, outcome in outcomes.items())
    return VerifiedPatch(Patch("", "", ()), rungs, shown)


def test_a_property_may_have_nothing_to_vary_but_then_the_review_must_be_content():
    good = dict.fromkeys(("P0", "P1", "P2", "P3", "P7"), Outcome.PROVED)
    assert judged(ProofKind.PROPERTY, **good, P5=Outcome.NOT_VERIFIED).holds
    assert judged(ProofKind.CONFIGURATION, **good).holds
    assert not judged(ProofKind.EXPLOIT, **good, P5=Outcome.NOT_VERIFIED).holds
    assert not judged(ProofKind.PROPERTY, **good, P5=Outcome.REFUTED).holds
    assert not judged(ProofKind.PROPERTY, **{**good, "P1": Outcome.NOT_VERIFIED}, P6=Outcome.PROVED).holds
    assert not judged(ProofKind.PROPERTY, **{**good, "P7": Outcome.REFUTED}).holds
