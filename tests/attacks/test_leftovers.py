"""What a killed run leaves behind is taken away by the next, and nothing else is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buckler.base.scratch import RUN, sweep

BUCKLER = str(Path(sys.executable).with_name("buckler"))
HOLDER = """
import sys, time
from pathlib import Path
from buckler.base.scratch import scratch
folder = scratch("buckler-etc-", Path(sys.argv[1]))
(folder / "left").write_text("x")
print(folder, flush=True)
time.sleep(600)
"""


def held(where: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(where)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def killed(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.attack("leftovers", "a run is killed; its folders must go with the next, those of a living run stay")
def test_only_what_nobody_owns_is_removed(tmp_path: Path) -> None:
    dead, lost = held(tmp_path)
    alive, used = held(tmp_path)
    killed(dead)
    sweep(tmp_path)
    assert not lost.exists()
    assert not lost.parent.exists()
    assert (used / "left").exists()
    killed(alive)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.attack("leftovers", "a folder named like ours is a link, a file, or has a link or a pipe for its lock")
def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "owner").touch()
    place = tmp_path / "place"
    place.mkdir()
    (place / f"{RUN}link").symlink_to(outside)
    (place / f"{RUN}file").touch()
    for name in ("linked", "pipe", "nothing"):
        (place / f"{RUN}{name}").mkdir()
    (place / f"{RUN}linked" / "owner").symlink_to(outside / "owner")
    (place / f"{RUN}linked" / "more").symlink_to(outside)
    os.mkfifo(place / f"{RUN}pipe" / "owner")
    dead, _ = held(place)
    killed(dead)
    sweep(place)
    assert (outside / "owner").exists()
    assert (place / f"{RUN}link").is_symlink()
    assert (place / f"{RUN}linked").is_dir()
    assert (place / f"{RUN}nothing").is_dir(), "it may be about to get its lock"
    os.utime(place / f"{RUN}nothing", (0, 0))
    sweep(place)
    assert not (place / f"{RUN}nothing").exists()


FORKED = """
import os, sys
from pathlib import Path
from buckler.base import scratch as module
from buckler.base.scratch import passing, scratch, sweep, tidy
where = Path(sys.argv[1])
folder = scratch("buckler-etc-", where)
child = os.fork()
if child == 0:
    tidy()
    sweep(where)
    os._exit(0)
os.waitpid(child, 0)
assert folder.is_dir()
with passing("buckler-diff-", where) as brief:
    assert brief.parent == folder.parent
    assert brief.stat().st_mode & 0o777 == 0o755
assert not brief.exists()
tidy()
assert not folder.exists()
assert not module._RUNS
"""


@pytest.mark.attack("leftovers", "a worker forked from a run ends; the folders of the run must stay")
def test_a_forked_process_takes_nothing_away(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(tmp_path)], check=False, timeout=60, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.attack("leftovers", "`defend` is killed while it works, and `review` is run next")
def test_the_next_run_cleans_up(tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.py").write_text("import sys, os\nos.system('ls ' + sys.argv[1])\n")
    own = {**os.environ, "TMPDIR": str(tmp_path / "temporary"), "BUCKLER_CACHE": str(tmp_path / "cache.sqlite")}
    process = subprocess.Popen(
        [BUCKLER, "defend", str(tmp_path / "p"), "-q", "--env", sys.prefix], env=own, stdout=subprocess.DEVNULL
    )
    while process.poll() is None and not list((tmp_path / "temporary").glob(f"{RUN}*/buckler-*")):
        time.sleep(0.01)
    process.kill()
    process.wait()
    subprocess.run([BUCKLER, "review", str(tmp_path / "p"), "-q"], env=own, check=False, timeout=60)
    assert list((tmp_path / "temporary").glob(f"{RUN}*")) == []


def test_a_folder_that_somebody_else_takes_away_meanwhile_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / f"{RUN}gone"
    gone.mkdir()
    real = os.scandir

    def racing(where: Path) -> list[os.DirEntry[str]]:
        found = list(real(where))
        gone.rmdir()
        return found

    monkeypatch.setattr(os, "scandir", racing)
    sweep(tmp_path)
