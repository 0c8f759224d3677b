"""setup.cfg and setup.py, environments of conda, installed packages and wheels."""

from __future__ import annotations

import io
import zipfile

from buckler.dependencies.model import Origin, Scope
from dependencies.trees import component, inventory, lines, manifest, packages


def test_setup_cfg() -> None:
    text = """\
[metadata]
name = shop
version = attr: shop.VERSION
[options]
install_requires =
    flask>=2  # the web
    six; python_version < "3"
    not a name
setup_requires = wheel
[options.extras_require]
test = pytest; coverage
dump = file: extra.txt
"""
    found = manifest("setup.cfg", text)
    assert [(str(r.package), r.scope, r.location.line) for r in found.requirements] == [
        ("flask", Scope.RUNTIME, 6),
        ("six", Scope.RUNTIME, 7),
        ("wheel", Scope.BUILD, 9),
        ("pytest", Scope.DEVELOPMENT, 11),
        ("coverage", Scope.DEVELOPMENT, 11),
    ]
    assert str(found.project) == "shop"
    assert [p.text for p in found.problems] == ["line 8: `not a name` is not a requirement; left out"]


def test_setup_py_is_read_and_not_run() -> None:
    text = """\
import os
os.abort()
BASE = [
    "flask>=2",
]
EXTRA = {"test": ["pytest"], "fast": read("fast.txt")}
setup(
    name="shop",
    version="1.0",
    install_requires=BASE + ["six"],
    tests_require=open("test.txt").read().split(),
    extras_require=EXTRA,
)
"""
    found = manifest("setup.py", text)
    assert [(str(r.package), r.scope, r.location.line) for r in found.requirements] == [
        ("flask", Scope.RUNTIME, 4),
        ("six", Scope.RUNTIME, 10),
        ("pytest", Scope.DEVELOPMENT, 6),
    ]
    assert str(found.project) == "shop 1.0"
    assert [p.text for p in found.problems] == [
        "line 11: `tests_require` is computed when the file runs; not read",
        "line 6: `extras_require` is computed when the file runs; not read",
    ]


def test_setup_py_with_unpacked_options() -> None:
    text = 'options = dict(install_requires=["flask"], name="shop")\nsetuptools.setup(**options)\n'
    assert packages(manifest("setup.py", text)) == ["flask"]


def test_an_environment_of_conda() -> None:
    text = """\
channels: [defaults, "https://me:secret@example.org/conda"]
dependencies:
  - python=3.11
  - numpy=1.20.3=py38h_0
  - conda-forge::scipy>=1.6,<2
  - pandas==2.0
  - pip:
    - flask==2.0
    - -r more.txt
"""
    found = manifest("environment.yml", text)
    assert [(r.package.purl, r.wanted, r.location.line) for r in found.requirements] == [
        ("pkg:conda/python", "=3.11", 3),
        ("pkg:conda/numpy@1.20.3", "=1.20.3=py38h_0", 4),
        ("pkg:conda/scipy", ">=1.6,<2", 5),
        ("pkg:conda/pandas@2.0", "==2.0", 6),
        ("pkg:pypi/flask@2.0", "==2.0", 8),
    ]
    assert found.indexes == ("https://example.org/conda",)


def test_an_installed_environment() -> None:
    place = ".venv/lib/python3.11/site-packages"
    found = inventory({
        "pyproject.toml": '[project]\ndependencies = ["flask>=2"]\n',
        f"{place}/flask-2.0.dist-info/METADATA": "Name: Flask\nVersion: 2.0\nRequires-Dist: Jinja2>=3\n"
                                                 "Requires-Dist: odd; extra == 'x'\n\nRequires-Dist: text\n",
        f"{place}/flask-2.0.dist-info/REQUESTED": "",
        f"{place}/jinja2-3.0.dist-info/METADATA": "Name: Jinja2\nVersion: 3.0\n",
        f"{place}/pip/_vendor/six.dist-info/METADATA": "Name: six\nVersion: 1.16\n",
        f"{place}/odd/requirements.txt": "none==1.0\n",
    })  # fmt: skip
    assert [str(c.package) for c in found.components] == ["flask 2.0", "jinja2 3.0", "six 1.16"]
    assert [str(p) for p in component(found, "jinja2").chain] == ["flask 2.0", "jinja2 3.0"]
    assert lines(component(found, "flask")) == [(f"{place}/flask-2.0.dist-info/METADATA", 1), ("pyproject.toml", 2)]
    assert component(found, "six").requirements[0].origin is Origin.VENDORED


def test_metadata_of_the_project_itself() -> None:
    text = "Name: shop\nVersion: 1.0\nRequires-Dist: flask>=2\nRequires-Dist: pytest; extra == 'test'\n\nText\n"
    found = manifest("shop-1.0.dist-info/METADATA", text)
    assert [(str(r.package), r.scope, r.location.line) for r in found.requirements] == [
        ("flask", Scope.RUNTIME, 3),
        ("pytest", Scope.OPTIONAL, 4),
    ]
    assert str(found.project) == "shop 1.0"


def test_an_egg_says_what_it_needs_in_another_file() -> None:
    others = {"shop.egg-info/requires.txt": "flask>=2\n\n[test]\npytest\n"}
    (only,) = manifest("shop.egg-info/PKG-INFO", "Name: shop\nVersion: 1.0\n", others).requirements
    assert (str(only.package), only.location.path) == ("flask", "shop.egg-info/requires.txt")


def test_a_wheel_in_the_tree() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as wheel:
        wheel.writestr("flask-2.0.dist-info/METADATA", "Name: flask\nVersion: 2.0\nRequires-Dist: jinja2\n")
    found = manifest("wheels/flask-2.0-py3-none-any.whl", archive.getvalue())
    assert packages(found) == ["flask 2.0"]
    assert [str(p) for p in found.requirements[0].requires] == ["jinja2"]
    assert found.requirements[0].origin is Origin.VENDORED
    broken = manifest("wheels/flask-2.0-py3-none-any.whl", archive.getvalue()[:40])
    assert [p.text for p in broken.problems] == ["the file is not a wheel that can be read; nothing of it was read"]


def test_a_lockfile_of_conda() -> None:
    text = """\
package:
  - name: numpy
    version: 1.20.3
    manager: conda
    dependencies: {python: '>=3.8'}
    hash: {sha256: aa}
  - name: python
    version: 3.11.0
    manager: conda
  - name: Flask
    version: '2.0'
    manager: pip
    category: dev
"""
    found = manifest("conda-lock.yml", text)
    assert [(r.package.purl, r.scope, r.direct, r.location.line) for r in found.requirements] == [
        ("pkg:conda/numpy@1.20.3", Scope.RUNTIME, True, 2),
        ("pkg:conda/python@3.11.0", Scope.RUNTIME, False, 7),
        ("pkg:pypi/flask@2.0", Scope.DEVELOPMENT, True, 10),
    ]
    assert found.requirements[0].hashes == ("sha256:aa",)
