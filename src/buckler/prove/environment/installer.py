"""The installer: wheels only, in a sandbox that sees its settings and one empty folder; the days of releases.

A newer installer than the machine's own is fetched first, because only that one can be asked for what there was on a
given day.

Example::

    said = install(folder, ("flask",), "3.9.18", Asked(cache))     # empty if all is well
    uploaded("flask", "2.0.0", cache)     # date(2021, 5, 11)
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from buckler.base.scratch import passing
from buckler.prove.environment.kept import FOLDER
from buckler.prove.environment.quick import Order, quickly
from buckler.prove.sandbox.model import Limits, Ran, SandboxSpec
from buckler.prove.sandbox.run import run

SETTINGS = ("/etc/pip.conf", "/etc/xdg/pip", "/etc/ssl", "/etc/pki", "/etc/ca-certificates")
VARIABLES = (
    "PIP_", "UV_", "npm_config_", "NPM_CONFIG_", "NODE_EXTRA_CA_CERTS", "SSL_CERT", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
INSTALLER = "pip==26.3"
MOST_BYTES = 4 << 30
"""Room for all packages of one environment, as they are downloaded and as they are unpacked."""


LAUNCH = """
import sys
from pip._internal.cli.main import main
from pip._vendor.packaging import markers
own, version = markers.default_environment, sys.argv[1]
markers.default_environment = lambda: {
    **own(), "python_version": version.rpartition(".")[0], "python_full_version": version}
sys.exit(main(sys.argv[2:]))
"""
"""The installer asks its own interpreter whether `python_version < "3.11"`; here the project's is meant."""


@dataclass(slots=True, frozen=True)
class Asked:
    """Where the newer installer is kept, and the last day whose releases count."""

    cache: Path
    before: date | None = None


def last_words(said: str) -> str:
    lines = [line for line in said.splitlines() if "ERROR" in line]
    return (lines[-1].removeprefix("ERROR: ") if lines else said.strip()[-200:])[:200]


def install(
    target: Path, wanted: Sequence[str], version: str, asked: Asked, *, alone: bool = False, bounds: Sequence[str] = ()
) -> str:
    """Install wheels into a folder; what the installer says if it fails, empty if it does not.

    `bounds` are ranges of packages that nothing brings in otherwise.
    """
    target.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)
    file = target.parent / "bounds.txt"
    file.write_text("\n".join(bounds))
    order = Order(target, wanted, version, asked.before, alone, file if bounds else None)
    said = quickly(order, settings(), partial(_in_sandbox, target.parent))
    if said is not None:
        return said
    other = [] if version.startswith(f"{sys.version_info[0]}.{sys.version_info[1]}.") else ["--python-version", version]
    newer = newest(asked.cache) if asked.before else None
    dated = ["--uploaded-prior-to", asked.before.isoformat()] if asked.before and newer else []
    besides = [*other, *dated, *(["--no-deps"] if alone else []), *(["--constraint", str(file)] if bounds else [])]
    words = ["install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile", "--only-binary=:all:",
             *besides, "--target", str(target), "--upgrade", "--", *wanted]  # fmt: skip
    ran = _run(target.parent, ["-c", LAUNCH, version, *words], newer)
    return (ran.err.decode("utf-8", "replace") or ran.reason) if ran.reason else ""


def newest(cache: Path) -> Path | None:
    """The folder of the newer installer, fetched once; None where it is not to be had."""
    folder = cache / FOLDER / INSTALLER.replace("==", "-")
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with passing("making-", folder.parent) as made:
            said = install(made / "packages", (INSTALLER,), "{}.{}.0".format(*sys.version_info[:2]), Asked(cache))
            if not said and not folder.exists():
                (made / "packages").rename(folder)
                folder.chmod(0o755)
    return folder if folder.is_dir() else None


UPLOADED = """
import sys
from pip._internal.commands import create_command
command = create_command("index")
options, _ = command.parse_args(["versions", sys.argv[1]])
with command.main_context():
    finder = command._build_package_finder(options, command._build_session(options), ignore_requires_python=True)
    times = [c.link.upload_time for c in finder.find_all_candidates(sys.argv[1]) if str(c.version) == sys.argv[2]]
print("uploaded", min(t for t in times if t).date())
"""


def uploaded(name: str, version: str, cache: Path) -> date | None:
    """The day a release was published, as the index tells; remembered."""
    note = cache / FOLDER / "uploaded" / re.sub(r"[^\w.+-]", "_", f"{name}-{version}")
    if not note.is_file():
        newer = newest(cache)
        if newer is None:
            return None
        note.parent.mkdir(parents=True, exist_ok=True)
        with passing("asking-", note.parent) as folder:
            ran = _run(folder, ["-c", UPLOADED, name, version], newer)
        note.write_text(ran.out.decode("utf-8", "replace"))
    found = re.search(r"^uploaded (\d{4}-\d\d-\d\d)$", note.read_text(), re.M)
    return date.fromisoformat(found[1]) if found else None


FETCHED = """
import hashlib, io, pathlib, sys, tarfile, zipfile
from pip._internal.commands import create_command
from pip._vendor.packaging.specifiers import SpecifierSet
name, wanted, version, before, target = sys.argv[1:]
command = create_command("index")
options, _ = command.parse_args(["versions", name])
with command.main_context():
    session = command._build_session(options)
    finder = command._build_package_finder(options, session, ignore_requires_python=True)
    links = [
        c for c in finder.find_all_candidates(name)
        if not c.link.is_wheel and not c.link.is_yanked and SpecifierSet(wanted).contains(c.version)
        and SpecifierSet(c.link.requires_python or "").contains(version)
        and (not before or c.link.upload_time and str(c.link.upload_time.date()) < before)
    ]
    link = max(links, key=lambda c: c.version).link
    data = session.get(link.url_without_fragment, headers={"Accept-Encoding": "identity"}).content
if not link.hash or hashlib.new(link.hash_name, data).hexdigest() != link.hash:
    sys.exit("the index tells another hash")
if link.filename.endswith(".zip"):
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = [(m.filename, m.file_size, lambda m=m: archive.read(m)) for m in archive.infolist() if not m.is_dir()]
else:
    archive = tarfile.open(fileobj=io.BytesIO(data))
    members = [(m.name, m.size, lambda m=m: archive.extractfile(m).read()) for m in archive.getmembers() if m.isfile()]
for path, size, read in members[:20000]:
    parts = pathlib.PurePosixPath(path).parts
    if size <= 4_000_000 and not {"..", "/"} & set(parts):
        file = pathlib.Path(target, *parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(read())
"""
"""Plain files of the newest source distribution that fits; it is copied out, nothing of it is run."""


def fetched(writes: Path, name: str, wanted: str, version: str, asked: Asked) -> Path | None:
    """The folder of a source distribution, fetched and unpacked in the sandbox; None if there is none."""
    newer = newest(asked.cache)
    if newer is None:
        return None
    writes.chmod(0o755)
    target = writes / "unpacked"
    before = asked.before.isoformat() if asked.before else ""
    ran = _run(writes, ["-c", FETCHED, name, wanted, version, before, str(target)], newer)
    roots = (
        [p for p in target.iterdir() if p.is_dir() and not p.is_symlink()] if target.is_dir() and not ran.reason else []
    )
    return roots[0] if len(roots) == 1 else None


def asked(writes: Path, program: str, words: Sequence[str], newer: Path, given: bytes = b"") -> Ran:
    """What a program of ours says that asks the index by the installer's own means; `writes` is an empty folder."""
    return _run(writes, ["-c", program, *words], newer, given)


def _run(writes: Path, words: Sequence[str], newer: Path | None, given: bytes = b"") -> Ran:
    """The machine's own interpreter, with the newer installer if there is one."""
    return _in_sandbox(writes, [str(Path(sys.executable).absolute()), *words], (), {}, (newer,) if newer else (), given)


def _in_sandbox(
    writes: Path,
    command: Sequence[str],
    visible: Sequence[Path],
    more: Mapping[str, str],
    modules: Sequence[Path] = (),
    given: bytes = b"",
) -> Ran:
    """Run a command that asks the index and writes into one folder; `visible` is seen besides the settings."""
    downloads = writes / "downloads"
    downloads.mkdir(exist_ok=True)
    room = {"PIP_CACHE_DIR": str(downloads), "TMPDIR": str(downloads)}
    cell = SandboxSpec(Path(sys.executable).absolute(), None, (*settings(), *visible), tuple(modules),
                environment={**variables(), **room, **more}, network=True, writes=writes,
                limits=Limits(wall=600, cpu=600, file=2 << 30, output_total=MOST_BYTES))  # fmt: skip
    return run(cell, command, given)


def variables() -> dict[str, str]:
    """What the user's environment says of registries and certificates."""
    return {name: value for name, value in os.environ.items() if name.startswith(VARIABLES)}


def settings() -> tuple[Path, ...]:
    """Files and folders that the user's package managers read, to be seen in their sandbox as well."""
    return tuple(Path(name) for name in (*SETTINGS, *_named_by_variables()) if Path(name).exists())


def _named_by_variables() -> Iterator[str]:
    for name, value in os.environ.items():
        if name.startswith(VARIABLES) and value.startswith("/"):
            yield value
