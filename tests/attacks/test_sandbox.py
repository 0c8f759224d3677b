"""What code under review may try in order to get out of the sandbox, each attempt on every tier that works here.

The same file is run from a checkout and from an installed wheel, as root and as an unprivileged user.
"""

import ctypes
import os
import platform
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from buckler.base import programs
from buckler.prove.environment.build import version_of
from buckler.prove.sandbox import groups
from buckler.prove.sandbox import run as running
from buckler.prove.sandbox.model import Ended, Limits, SandboxSpec
from buckler.prove.sandbox.seccomp import KEYCTL, bpf_program
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


def attack(attempt):
    return pytest.mark.attack("sandbox", attempt, tiers="every")


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "app.py").write_text("print('hello')\n")
    return tmp_path / "project"


def inside(project, code, limits=SMALL):
    """Run Python code as the project would."""
    return running.run(
        SandboxSpec(PYTHON, project, limits=limits), [str(PYTHON), "-I", "-S", "-c", textwrap.dedent(code)]
    )


def test_at_least_one_tier_works_here():
    assert WALLS


def test_the_project_can_be_run(tier, project):
    ran = running.run(SandboxSpec(PYTHON, project), [str(PYTHON), "app.py"])
    assert (ran.out, ran.code) == (b"hello\n", 0)


@attack("read files of the host")
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


@attack("read the caller's environment")
def test_variables_of_the_host_are_not_there(tier, project, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "0815")
    assert (
        b"0815"
        not in inside(project, "import os; print(dict(os.environ)); print(open('/proc/self/environ').read())").out
    )


@attack("change the reviewed tree")
def test_the_project_itself_is_not_written(tier, project):
    ran = inside(project, "import os; open('app.py', 'w').write('gone'); os.remove('app.py'); print(os.listdir('.'))")
    assert ran.out == b"[]\n"
    assert (project / "app.py").read_text() == "print('hello')\n"


@attack("delete everything that can be reached")
def test_deleting_everything_hurts_nobody(tier, project):
    inside(project, "import shutil; shutil.rmtree('/', ignore_errors=True)")
    assert (project / "app.py").exists()
    assert PYTHON.exists()


@attack("write into what is mounted")
@pytest.mark.parametrize(
    "place",
    [
        "/usr/x",
        "/etc/x",
        "/lib/x",
        str(PYTHON.parent / "x"),
        "/.original/x",
        "/.buckler/x",
        "/.buckler/buckler_harness/x",
        "/proc/sys/kernel/core_pattern",
    ],
)
def test_nothing_else_can_be_written(tier, project, place):
    ran = inside(project, f"open({place!r}, 'w').write('x'); print('written')")
    assert ran.out == b""


@attack("connect to the host, the network and the metadata service")
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


@attack("connect to an abstract socket of the host")
def test_abstract_sockets_of_the_host_are_out_of_reach(tier, project):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0buckler-test")
        server.listen()
        ran = inside(
            project, "import socket; socket.socket(socket.AF_UNIX).connect('\\0buckler-test'); print('connected')"
        )
    assert b"connected" not in ran.out


@attack("fork without end")
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


@attack("outlive the sandbox as a daemon")
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


@attack("run without end, with every signal blocked")
def test_an_endless_program_is_ended(tier, project, tmp_path):
    """Also one that blocks every signal; and nothing of it is left behind."""
    code = f"import signal  # {tmp_path}\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass"
    ran = inside(project, code, Limits(wall=1))
    assert ran.ended is Ended.WALL
    time.sleep(0.2)
    every = psutil.process_iter(["cmdline", "status"])
    running_ = [p for p in every if p.info["status"] != psutil.STATUS_ZOMBIE and code in (p.info["cmdline"] or [])]
    assert not running_


WRITE_EVERYWHERE = """
    import os
    written = 0
    for top, folders, _ in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(top, name) not in ("/proc", "/sys", "/usr")]
        for number in range(100):
            try:
                with open(f"{top}/filler-{number}", "wb") as file:
                    file.write(bytes(1 << 20))
            except OSError:
                break
            written += 1
    print(written)
"""


@attack("fill the disk through many files, in every folder that can be written")
def test_the_disk_cannot_be_filled(tier, project):
    ran = inside(project, WRITE_EVERYWHERE)
    assert 0 < int(ran.out) <= SMALL.disk >> 20, ran


HIDDEN_MEMORY = {
    "files in memory": "import os\nfor n in range(400):\n    os.write(os.memfd_create(str(n)), bytes(4 << 20))",
    "System V segments": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
for n in range(400):
    place = libc.shmat(libc.shmget(0, 4 << 20, 0o1600), None, 0)
    if place in (None, ctypes.c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), "refused")
    ctypes.memset(place, 1, 4 << 20)
""",
    "shared pages": "import mmap\nkept = [mmap.mmap(-1, 100 << 20) for n in range(20)]\nfor m in kept: m.write(bytes(100 << 20))",
    "many processes": """
import os, time
for n in range(20):
    if os.fork() == 0:
        kept = bytearray(os.urandom(1 << 20) * 300)
        time.sleep(30)
time.sleep(30)
""",
}


@attack("take memory that no limit of a single process counts")
@pytest.mark.parametrize("way", HIDDEN_MEMORY)
def test_memory_nobody_counts_is_refused_or_ends_the_sandbox(tier, project, way):
    code = HIDDEN_MEMORY[way] + "\nprint('taken')"
    ran = running.run(SandboxSpec(PYTHON, project, limits=SMALL), [str(PYTHON), "-I", "-S", "-c", code])
    assert b"taken" not in ran.out, ran
    assert ran.ended is Ended.MEMORY or ran.code != 0, ran


@attack("read a secret from the caller's session keyring")
def test_the_keyring_of_the_caller_is_closed(tier, project):
    libc = ctypes.CDLL(None, use_errno=True)
    add = {"x86_64": 248, "aarch64": 217}[platform.machine()]
    if libc.syscall(add, b"user", b"buckler-attack", b"0815", 4, -3) < 0:  # -3 is the session keyring
        pytest.skip("this kernel has no keyrings")
    call = KEYCTL[platform.machine()]
    code = f"""
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.syscall({call}, 10, -3, b"user", b"buckler-attack", 0)
    room = ctypes.create_string_buffer(16)
    print(found, libc.syscall({call}, 11, found, room, 16), room.value)
    print([line for line in open("/proc/keys") if "buckler-attack" in line])
    """
    ran = inside(project, code)
    assert ran.out.splitlines()[0] == b"-1 -1 b''", ran
    assert ran.out.splitlines()[1:] in ([], [b"[]"])


@attack("connect to the host of a virtual machine, or by another family of sockets")
@pytest.mark.parametrize("family", [40, 17, 38, 29, 31, 44], ids=["vsock", "packet", "alg", "can", "bluetooth", "xdp"])
def test_sockets_are_those_of_the_sandbox(tier, project, family):
    ran = inside(
        project,
        f"import socket\ntry:\n    socket.socket({family}, socket.SOCK_DGRAM)\n    print('open')\nexcept OSError as e: print(e.errno)",
    )
    assert ran.out == b"97\n", ran


@attack("write into a file system that the host has mounted below a folder to read")
def test_what_is_mounted_below_a_folder_is_read_only_too(tier, project, tmp_path):
    below = tmp_path / "read" / "below"
    below.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "none", below], capture_output=True, check=False).returncode:
        pytest.skip("only root can mount something to try this with")
    try:
        below.chmod(0o777)
        code = f"open('{below}/x', 'w'); print('written')"
        cell = SandboxSpec(PYTHON, project, reads=(tmp_path / "read",), limits=SMALL)
        assert running.run(cell, [str(PYTHON), "-I", "-S", "-c", code]).out == b""
    finally:
        subprocess.run(["umount", below], check=True)


@attack("talk to a process of the host through a socket or pipe in the project's folder")
def test_sockets_and_pipes_in_the_project_lead_nowhere(tier, project, monkeypatch):
    monkeypatch.chdir(project)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("server.sock")
        Path("server.sock").chmod(0o777)
        Path("pipe").chmod(0o666)
        server.listen()
        ran = inside(project, """
            import os, socket
            for top, _, names in os.walk("/", followlinks=False):
                for name in names:
                    if name in ("server.sock", "pipe"):
                        place = os.path.join(top, name)
                        try:
                            socket.socket(socket.AF_UNIX).connect(place)
                            print("connected")
                        except OSError:
                            pass
                        try:
                            os.write(os.open(place, os.O_WRONLY | os.O_NONBLOCK), b"x")
                            print("written")
                        except OSError as error:
                            if error.errno == 6:
                                print("a pipe without a reader")
        """)  # fmt: skip
    assert ran.out == b"", ran


@attack("see the home folder of whoever keeps an interpreter in ~/bin")
def test_an_interpreter_in_the_home_folder_shows_nothing_else_of_it(tier, project, tmp_path):
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    (home / "lib").mkdir()
    real = PYTHON.resolve()
    (home / "bin" / "python3").write_bytes(real.read_bytes())
    (home / "bin" / "python3").chmod(0o755)
    for place in real.parent.parent.joinpath("lib").glob("libpython3*"):
        (home / "lib" / place.name).write_bytes(place.read_bytes())
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (home / "lib" / version).symlink_to(Path(os.__file__).parent)
    (home / "secret").write_text("0815")
    (home / "lib" / "secret").write_text("0815")
    code = f"import os; print([p for p in ('{home}/secret', '{home}/lib/secret') if os.path.exists(p)])"
    cell = SandboxSpec(home / "bin" / "python3", project, limits=SMALL)
    ran = running.run(cell, [str(PYTHON.resolve()), "-I", "-S", "-c", code])
    assert b"0815" not in ran.out
    assert ran.out in (b"[]\n", b""), ran


@attack("have an interpreter that comes with the project run on the host")
def test_an_interpreter_of_the_project_is_asked_in_the_sandbox(tier, tmp_path):
    program = tmp_path / "env" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/canary\necho 3.11.1\n")
    program.chmod(0o755)
    version_of.cache_clear()
    assert version_of(program) == "3.11.1"  # what it says is only what it says
    assert not (tmp_path / "canary").exists()


@attack("have a program of the project started through an empty or relative entry of PATH")
def test_programs_are_not_looked_for_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bwrap-of-the-tree").write_text("#!/bin/sh\n")
    (tmp_path / "bwrap-of-the-tree").chmod(0o755)
    for path in ("", ".", ":/usr/bin", "/usr/bin:", str(tmp_path)):
        monkeypatch.setenv("PATH", path)
        assert programs.program("bwrap-of-the-tree") is None
        assert tmp_path not in list(programs.folders())


@attack("type into the terminal from which Buckler was started")
def test_the_terminal_cannot_be_typed_into(tier, project):
    ran = inside(project, """
        import fcntl, os
        try:
            fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, b"x")
            print("typed")
        except OSError:
            print("no")
    """)  # fmt: skip
    assert ran.out == b"no\n"


def test_each_safeguard_is_named_with_what_it_rests_on(tier, monkeypatch):
    held = {row.name: row for row in tier.safeguards()}
    assert held["users"].holds is (os.geteuid() != 0)
    assert held["memory"].holds is (groups.place() is not None)
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    unknown = {row.name: row for row in tier.safeguards()}["system calls"]
    assert not unknown.holds
    assert "riscv64" in unknown.how


def test_a_filter_is_made_for_every_machine_whose_numbers_are_known():
    assert bpf_program("riscv64") is None
    assert all(len(bpf_program(machine) or b"") % 8 == 0 for machine in KEYCTL)


@attack("fill the disk through one file")
def test_a_large_file_is_refused(tier, project):
    ran = inside(
        project,
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); open('/tmp/x', 'wb').write(bytes(5 << 20))",
    )
    assert b"File too large" in ran.err


@attack("take memory in one process")
def test_memory_is_limited(tier, project):
    assert b"MemoryError" in inside(project, "x = bytearray(1 << 30)").err


@attack("print without end")
def test_a_gigabyte_of_output_is_cut(tier, project):
    ran = inside(project, "import sys\nwhile True: sys.stdout.write('x' * 65536)")
    assert ran.ended is Ended.OUTPUT
    assert len(ran.out) == SMALL.output


@attack("see and signal processes of the host")
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


@attack("leave through /proc/1/root")
def test_the_first_process_leads_to_no_other_root(tier, project):
    """Whatever the first process of the namespace is, its root is the one inside."""
    ran = inside(
        project,
        "import os; print([n for n in ('/proc/1/root/boot', '/proc/1/root/etc/shadow', '/proc/1/cwd/boot') if os.path.exists(n)])",
    )
    assert ran.out == b"[]\n"


@attack("win rights back by a system call")
@pytest.mark.parametrize("attempt", [
    "ctypes.CDLL(None, use_errno=True).unshare(0x10000000)",
    "ctypes.CDLL(None, use_errno=True).mount(b'none', b'/tmp', b'tmpfs', 0, None)",
    "ctypes.CDLL(None, use_errno=True).ptrace(16, 1, 0, 0)",
    "ctypes.CDLL(None, use_errno=True).chroot(b'/tmp')",
    "ctypes.CDLL(None, use_errno=True).setuid(0) if __import__('os').getuid() else -1",
])  # fmt: skip
def test_rights_cannot_be_won_back(tier, project, attempt):
    assert inside(project, f"import ctypes; print({attempt})").out == b"-1\n"


@attack("win rights back through a set-user-ID program")
def test_set_user_id_programs_do_not_help(tier, project):
    ran = inside(
        project, "print([l for l in open('/proc/self/status') if l.startswith(('NoNewPrivs', 'CapEff', 'CapBnd'))])"
    )
    assert b"NoNewPrivs:\\t1" in ran.out
    assert b"CapEff:\\t0000000000000000" in ran.out
    assert b"CapBnd:\\t0000000000000000" in ran.out


@attack("use a descriptor left open")
def test_the_command_line_of_the_test_is_all_that_is_passed_on(tier, project):
    ran = inside(project, "import os; print(sorted(os.listdir('/proc/self/fd')))")
    assert len(eval(ran.out)) <= 5  # standard streams, the listing itself, and the filter's


@attack("bring a file of the host in through a link in the project")
def test_a_link_in_the_project_does_not_bring_its_target_in(tier, project, tmp_path):
    (tmp_path / "secret").write_text("0815")
    (project / "link").symlink_to(tmp_path / "secret")
    (project / "folder").symlink_to(tmp_path)
    ran = inside(project, "import os; print(os.path.exists('link'), os.path.exists('folder/secret'))")
    assert ran.out == b"False False\n"


@attack("run where there is no sandbox")
def test_without_any_tier_nothing_runs(monkeypatch, project):
    monkeypatch.setattr(running, "strongest", lambda: None)
    with pytest.raises(running.NoSandbox, match="install bubblewrap"):
        running.run(SandboxSpec(PYTHON, project), ["true"])
