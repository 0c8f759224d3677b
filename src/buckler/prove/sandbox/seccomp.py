"""A filter of system calls: what escapes and kernel exploits start from is refused, everything else passes.

The program is classic BPF as `seccomp(2)` takes it, an array of 8-byte instructions (`struct sock_filter`). Numbers are
those of the kernel's tables for x86_64 and aarch64. Refused calls answer "operation not permitted"; `clone3`, whose
flags a filter cannot read, answers "not implemented", upon which every C library uses `clone`.

Example::

    program = bpf_program("x86_64")   # None for an unknown machine: the tier says so
"""

from __future__ import annotations

import errno
import struct

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
CLONE_NEW = 0x7E020000 | 0x80
"""Every CLONE_NEW* flag: user, mount, process, network, IPC, UTS, cgroup and time namespaces."""

AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435  # the same everywhere, as is every call younger than 5.1
X32 = 0x40000000

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
    "mount_setattr": (442, 442), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
}  # fmt: skip


def bpf_program(machine: str) -> bytes | None:
    """The filter for a machine as `platform.machine()` names it, or None if its numbers are not known here."""
    if machine not in AUDIT_ARCHITECTURE:
        return None
    column = 0 if machine == "x86_64" else 1
    refuse = _step(RETURN, REFUSE | errno.EPERM)
    steps = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, AUDIT_ARCHITECTURE[machine], 1, 0),
        refuse,  # another machine's calls, such as those of 32-bit programs
        _step(LOAD, NUMBER),
    ]
    if machine == "x86_64":
        steps += [_step(ANY_BIT, X32, 0, 1), refuse]
    for numbers in REFUSED.values():
        steps += [_step(EQUAL, numbers[column], 0, 1), refuse]
    steps += [
        _step(EQUAL, CLONE3, 0, 1),
        _step(RETURN, REFUSE | errno.ENOSYS),
        _step(EQUAL, CLONE[machine], 0, 3),
        _step(LOAD, FIRST_ARGUMENT),
        _step(ANY_BIT, CLONE_NEW, 0, 1),
        refuse,
        _step(RETURN, ALLOW),
    ]
    return b"".join(steps)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
