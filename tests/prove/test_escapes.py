"""What code under review may try in order to get out of the sandbox, each attempt on every tier that works here."""

import os
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from buckler.prove.sandbox import run as running
from buckler.prove.sandbox.model import Cell, Ended, Limits
from buckler.prove.sandbox.tiers import candidates, works

PYTHON = Path(sys.executable)
WALLS = [walls for walls in candidates() if works(walls)]
SMALL = Limits(
    wall=20, cpu=20, memory=512 << 20, file=4 << 20, disk=16 << 20, processes=40, output=10_000, output_total=2 << 20
)


@pytest.fixture(params=WALLS, ids=lambda walls: walls.tier.name.lower())
def tier(request, monkeypatch):
    monkeypatch.setattr(running, "strongest", lambda: request.param)
    return request.param


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "app.py").write_text("print('hello')\n")
    return tmp_path / "project"


def inside(project, code, limits=SMALL):
    """Run Python code as the project would."""
    return running.run(Cell(PYTHON, project, limits=limits), [str(PYTHON), "-I", "-S", "-c", textwrap.dedent(code)])


def test_at_least_one_tier_works_here():
    assert WALLS


def test_the_project_can_be_run(tier, project):
    ran = running.run(Cell(PYTHON, project), [str(PYTHON), "app.py"])
    assert (ran.out, ran.code) == (b"hello\n", 0)


def test_files_of_the_host_are_not_there(tier, project, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("0815")
    places = [
        str(secret),
        str(Path.home() / ".ssh"),
        str(Path.home() / ".bashrc"),
        "/etc/shadow",
        "/var/lib",
        "/sys/kernel",
        __file__,
    ]
    ran = inside(project, f"import os; print([p for p in {places!r} if os.path.exists(p)])")
    assert ran.out == b"[]\n"


def test_variables_of_the_host_are_not_there(tier, project, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "0815")
    assert (
        b"0815"
        not in inside(project, "import os; print(dict(os.environ)); print(open('/proc/self/environ').read())").out
    )


def test_the_project_itself_is_not_written(tier, project):
    ran = inside(project, "import os; open('app.py', 'w').write('gone'); os.remove('app.py'); print(os.listdir('.'))")
    assert ran.out == b"[]\n"
    assert (project / "app.py").read_text() == "print('hello')\n"


def test_deleting_everything_hurts_nobody(tier, project):
    inside(project, "import shutil; shutil.rmtree('/', ignore_errors=True)")
    assert (project / "app.py").exists()
    assert PYTHON.exists()


@pytest.mark.parametrize(
    "place",
    [
        "/usr/x",
        "/etc/x",
        "/lib/x",
        str(PYTHON.parent / "x"),
        "/.original/x",
        "/.buckler/x",
        "/proc/sys/kernel/core_pattern",
    ],
)
def test_nothing_else_can_be_written(tier, project, place):
    ran = inside(project, f"open({place!r}, 'w').write('x'); print('written')")
    assert ran.out == b""


def test_there_is_no_way_to_the_network(tier, project):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ran = inside(
            project,
            f"""
            import socket
            for address in (("127.0.0.1", {port}), ("192.0.2.1", 80), ("169.254.169.254", 80)):
                try:
                    socket.create_connection(address, timeout=2)
                    print("connected", address)
                except OSError as error:
                    print("no")
        """,
        )
    assert ran.out == b"no\nno\nno\n"


def test_its_own_loopback_works(tier, project):
    ran = inside(
        project,
        """
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        socket.create_connection(server.getsockname()).sendall(b"x")
        print(server.accept()[0].recv(1))
    """,
    )
    assert ran.out == b"b'x'\n"


def test_abstract_sockets_of_the_host_are_out_of_reach(tier, project):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0buckler-test")
        server.listen()
        ran = inside(
            project, "import socket; socket.socket(socket.AF_UNIX).connect('\\0buckler-test'); print('connected')"
        )
    assert b"connected" not in ran.out


def test_processes_are_counted(tier, project):
    """Each child waits, so that a sandbox which did not count would hold 200 of them and no more."""
    ran = inside(project, """
        import os, signal
        made = 0
        for _ in range(200):
            try:
                if os.fork() == 0:
                    signal.pause()
            except OSError:
                break
            made += 1
        print(made, flush=True)
        os._exit(0)
    """)  # fmt: skip
    assert int(ran.out) <= SMALL.processes


def test_what_detaches_itself_is_ended_too(tier, project, tmp_path):
    name = f"sleeper-{tmp_path.name}"
    inside(
        project,
        f"""
        import os
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("sh", ["{name}", "-c", "sleep 60"])
        os._exit(0)
    """,
    )
    time.sleep(0.3)
    assert not [p for p in psutil.process_iter(["cmdline"]) if name in (p.info["cmdline"] or [])]


def test_an_endless_program_is_ended(tier, project, tmp_path):
    """Also one that blocks every signal; and nothing of it is left behind."""
    code = f"import signal  # {tmp_path}\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass"
    ran = inside(project, code, Limits(wall=1))
    assert ran.ended is Ended.WALL
    time.sleep(0.2)
    every = psutil.process_iter(["cmdline", "status"])
    running_ = [p for p in every if p.info["status"] != psutil.STATUS_ZOMBIE and code in (p.info["cmdline"] or [])]
    assert not running_


def test_the_disk_cannot_be_filled(tier, project):
    ran = inside(
        project,
        """
        for number in range(100):
            with open(f"/tmp/{number}", "wb") as file:
                file.write(bytes(3 << 20))
    """,
    )
    assert b"No space left" in ran.err


def test_a_large_file_is_refused(tier, project):
    ran = inside(
        project,
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); open('/tmp/x', 'wb').write(bytes(5 << 20))",
    )
    assert b"File too large" in ran.err


def test_memory_is_limited(tier, project):
    assert b"MemoryError" in inside(project, "x = bytearray(1 << 30)").err


def test_a_gigabyte_of_output_is_cut(tier, project):
    ran = inside(project, "import sys\nwhile True: sys.stdout.write('x' * 65536)")
    assert ran.ended is Ended.OUTPUT
    assert len(ran.out) == SMALL.output


def test_processes_of_the_host_cannot_be_seen_or_signalled(tier, project):
    with subprocess.Popen(["sleep", "30"]) as victim:
        ran = inside(project, f"""
            import os, signal
            for number in ({victim.pid}, {os.getpid()}):
                try:
                    os.kill(number, signal.SIGKILL)
                except OSError:
                    print("no")
            print(sum(name.isdigit() for name in os.listdir("/proc")) < 10)
        """)  # fmt: skip
        assert victim.poll() is None
        victim.kill()
    assert ran.out == b"no\nno\nTrue\n"


def test_the_first_process_leads_to_no_other_root(tier, project):
    """Whatever the first process of the namespace is, its root is the one inside."""
    ran = inside(
        project,
        "import os; print([n for n in ('/proc/1/root/boot', '/proc/1/root/var', '/proc/1/cwd/boot') if os.path.exists(n)])",
    )
    assert ran.out == b"[]\n"


@pytest.mark.parametrize("attempt", [
    "ctypes.CDLL(None, use_errno=True).unshare(0x10000000)",
    "ctypes.CDLL(None, use_errno=True).mount(b'none', b'/tmp', b'tmpfs', 0, None)",
    "ctypes.CDLL(None, use_errno=True).ptrace(16, 1, 0, 0)",
    "ctypes.CDLL(None, use_errno=True).chroot(b'/tmp')",
    "ctypes.CDLL(None, use_errno=True).setuid(0) if __import__('os').getuid() else -1",
])  # fmt: skip
def test_rights_cannot_be_won_back(tier, project, attempt):
    if not tier.filtered and "unshare(" in attempt:
        pytest.skip("this tier does not filter system calls, which its description says")
    assert inside(project, f"import ctypes; print({attempt})").out == b"-1\n"


def test_set_user_id_programs_do_not_help(tier, project):
    ran = inside(
        project, "print([l for l in open('/proc/self/status') if l.startswith(('NoNewPrivs', 'CapEff', 'CapBnd'))])"
    )
    assert b"NoNewPrivs:\\t1" in ran.out
    assert b"CapEff:\\t0000000000000000" in ran.out
    assert b"CapBnd:\\t0000000000000000" in ran.out


def test_the_command_line_of_the_test_is_all_that_is_passed_on(tier, project):
    ran = inside(project, "import os; print(sorted(os.listdir('/proc/self/fd')))")
    assert len(eval(ran.out)) <= 5  # standard streams, the listing itself, and the filter's


def test_a_link_in_the_project_does_not_bring_its_target_in(tier, project, tmp_path):
    (tmp_path / "secret").write_text("0815")
    (project / "link").symlink_to(tmp_path / "secret")
    (project / "folder").symlink_to(tmp_path)
    ran = inside(project, "import os; print(os.path.exists('link'), os.path.exists('folder/secret'))")
    assert ran.out == b"False False\n"


def test_without_any_tier_nothing_runs(monkeypatch, project):
    monkeypatch.setattr(running, "strongest", lambda: None)
    with pytest.raises(running.NoSandbox, match="install bubblewrap"):
        running.run(Cell(PYTHON, project), ["true"])
