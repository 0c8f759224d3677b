"""A filter of system calls: what escapes, kernel exploits and hidden memory start from is refused, the rest passes.

The program is classic BPF as `seccomp(2)` takes it, an array of 8-byte instructions (`struct sock_filter`). Numbers are
those of the kernel's tables for x86_64 and aarch64. Refused calls answer "operation not permitted"; calls for which
every program has a second way (`clone3`, `memfd_create`, System V memory) answer "not implemented". Sockets are those
of the sandbox's own network and its own processes, nothing else: a virtual socket (`AF_VSOCK`) would reach the host of
a virtual machine.

Example::

    bpf_program("x86_64")   # None for an unknown machine: the report says so
"""

from __future__ import annotations

import errno
import socket
import struct

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
"""Offsets in `struct seccomp_data`; arguments are eight bytes each."""
CLONE_NEW = 0x7E020000 | 0x80
"""Every CLONE_NEW* flag: user, mount, process, network, IPC, UTS, cgroup and time namespaces."""

AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
"""Netlink is how the C library asks which addresses there are."""
TERMINAL_INPUT = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX: typing into the terminal one was started from."""

CLONE, SOCKET, IOCTL = (56, 220), (41, 198), (16, 29)
REFUSED = {
    # name: (x86_64, aarch64)
    "ptrace": (101, 117), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142),
    "sethostname": (170, 161), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "acct": (163, 89), "quotactl": (179, 60), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "pidfd_getfd": (438, 438), "mount_setattr": (442, 442), "open_tree_attr": (467, 467), "kcmp": (312, 272),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "syslog": (103, 116),
    "fanotify_init": (300, 262), "vhangup": (153, 58), "setdomainname": (171, 162), "quotactl_fd": (443, 443),
}  # fmt: skip
ABSENT = {
    # memory that no limit of a process or a file system counts
    "clone3": (435, 435), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    "shmget": (29, 194), "shmat": (30, 196), "msgget": (68, 186),
}  # fmt: skip
KEYCTL = {machine: REFUSED["keyctl"][column] for column, machine in enumerate(AUDIT_ARCHITECTURE)}


def bpf_program(machine: str) -> bytes | None:
    """The filter for a machine as `platform.machine()` names it, or None if its numbers are not known here."""
    if machine not in AUDIT_ARCHITECTURE:
        return None
    column = list(AUDIT_ARCHITECTURE).index(machine)
    steps = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, AUDIT_ARCHITECTURE[machine], 1, 0),
        _answer(errno.EPERM),  # another machine's calls, such as those of 32-bit programs
        _step(LOAD, NUMBER),
    ]
    if machine == "x86_64":
        steps += [_step(ANY_BIT, X32, 0, 1), _answer(errno.EPERM)]
    for calls, number in ((REFUSED, errno.EPERM), (ABSENT, errno.ENOSYS)):
        for numbers in calls.values():
            steps += [_step(EQUAL, numbers[column], 0, 1), _answer(number)]
    steps += _when(CLONE[column], 0, [_step(ANY_BIT, CLONE_NEW, 0, 1), _answer(errno.EPERM), _step(RETURN, ALLOW)])
    kept = [word for family in FAMILIES for word in (_step(EQUAL, family, 0, 1), _step(RETURN, ALLOW))]
    steps += _when(SOCKET[column], 0, [*kept, _answer(errno.EAFNOSUPPORT)])
    typed = [word for code in TERMINAL_INPUT for word in (_step(EQUAL, code, 0, 1), _answer(errno.EPERM))]
    steps += _when(IOCTL[column], 1, [*typed, _step(RETURN, ALLOW)])
    return b"".join([*steps, _step(RETURN, ALLOW)])


def _when(call: int, argument: int, steps: list[bytes]) -> list[bytes]:
    """Steps about the lower half of one argument of one call; each way through them must end in an answer."""
    return [_step(EQUAL, call, 0, len(steps) + 1), _step(LOAD, ARGUMENTS + 8 * argument), *steps]


def _answer(number: int) -> bytes:
    return _step(RETURN, REFUSE | number)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
