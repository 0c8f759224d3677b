"""The first program inside a sandbox: copies the project, sets the caps, gives up every right, runs the command.

Runs under the interpreter of the project, so it needs nothing but the standard library. Its one argument is JSON:
`command`, `project` (where the original and the files that replace some of it are mounted), `target` (where its copy
goes), `user` (the number to become, or null when the sandbox already runs as nobody in particular), `memory` (further
folders to be written), `home` (the home folder and what it is a link to), `writes` (a folder of the host to be written,
or empty), `limits`, `filter` (of system calls, in base64, or null) and `keyctl` (the number of that call, or null).
"""

import base64
import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import sys

NO_NEW_PRIVILEGES = 38
SET_FILTER, FILTER_MODE = 22, 2
DIE_WITH_PARENT = 1
DROP_CAPABILITY = 24
LAST_CAPABILITY = 63
JOIN_SESSION_KEYRING = 1


class Filter(ctypes.Structure):
    """`struct sock_fprog`"""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def main() -> None:
    order = json.loads(sys.argv[1])
    user = order["user"]
    libc = ctypes.CDLL(None, use_errno=True)
    if order["keyctl"] is not None:
        libc.syscall(order["keyctl"], JOIN_SESSION_KEYRING, None)  # an empty one, in place of the caller's
    for folder in order["project"]:
        shutil.copytree(folder, order["target"], symlinks=True, dirs_exist_ok=True,
                        ignore_dangling_symlinks=True, copy_function=copy)  # fmt: skip
        os.chdir(order["target"])
    for number in range(LAST_CAPABILITY + 1):  # nothing started from here on gets any of them
        libc.prctl(DROP_CAPABILITY, number, 0, 0, 0)
    os.makedirs(order["home"][1], 0o700, exist_ok=True)
    if user is not None:
        for place in (*order["memory"], order["home"][1]):
            os.chown(place, user, user)
        give(order["target"], user)
        give(order["writes"], user)
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    with contextlib.suppress(PermissionError):  # if it leads a session of its own already
        os.setsid()  # no terminal to type into
    libc.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)  # the change of user has made the kernel forget it
    caps(order["limits"])
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if order["filter"] is not None:
        install(libc, base64.b64decode(order["filter"]))
    os.execvp(order["command"][0], order["command"])


def install(libc: ctypes.CDLL, steps: bytes) -> None:
    """From here on the kernel answers for every system call that is in the filter; without it nothing is run."""
    if libc.prctl(SET_FILTER, FILTER_MODE, ctypes.byref(Filter(len(steps) // 8, steps)), 0, 0):
        sys.exit("system calls cannot be filtered: " + os.strerror(ctypes.get_errno()))


def copy(source: str, target: str) -> str:
    """Copy what can be read; a pipe or device, which cannot, is left out."""
    try:
        if os.path.isfile(source) or os.path.islink(source):
            shutil.copy2(source, target, follow_symlinks=False)
    except PermissionError:
        pass
    return target


def give(top: str, user: int) -> None:
    if not os.path.isdir(top):
        return
    os.chown(top, user, user)
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            os.chown(os.path.join(folder, name), user, user, follow_symlinks=False)


def caps(limits: "dict[str, int]") -> None:
    wanted = (
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in wanted:
        hard = resource.getrlimit(what)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, least))


main()
