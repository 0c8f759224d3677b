"""Builds the root folder of the `unshare` tier, then runs the first program in it.

A program of its own, started in new namespaces by Buckler's interpreter, so it needs nothing but the standard library.
Its one argument is JSON: `mounts` (rows of kind, target, source and size as in `mounts.py`), `network` (whether the
host's is used), `command`, `environment`. What the host has mounted below a folder to read is made read-only as well.
"""

import ctypes
import fcntl
import json
import os
import re
import socket
import struct
import sys

READ_ONLY, NO_SETUID, NO_DEVICES, NO_EXEC, REMOUNT = 1, 2, 4, 8, 32
NO_TIMES, NO_FOLDER_TIMES, BIND, WITH_ALL_BELOW, RELATIVE_TIMES = 1024, 2048, 4096, 16384, 1 << 21
LOCKED = {"nosuid": NO_SETUID, "nodev": NO_DEVICES, "noexec": NO_EXEC, "noatime": NO_TIMES,
          "nodiratime": NO_FOLDER_TIMES, "relatime": RELATIVE_TIMES}  # fmt: skip
"""Options of a mount that a user namespace must not drop."""
DETACH = 2
PLACES = ("/mnt", "/media", "/srv", "/opt", "/home")
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}
KERNEL = ("sys", "sysrq-trigger", "irq", "bus")
"""What of `/proc` may change the machine."""
SET_FLAGS, UP = 0x8914, 0x41
SMALL = 1 << 20

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    order = json.loads(sys.argv[1])
    rows = order["mounts"]
    root = place_for({row["source"] for row in rows})
    mount("none", root, "tmpfs", NO_SETUID | NO_DEVICES, f"size={SMALL},mode=755")
    for row in rows:
        MAKE[row["kind"]](root + row["target"], row["source"], row["size"])
    if not order["network"]:
        raise_loopback()
    os.chdir(root)
    os.mkdir(".old")
    check(libc.pivot_root(b".", b".old"), "pivot_root")
    check(libc.umount2(b"/.old", DETACH), "umount")
    os.rmdir("/.old")
    for place in ("/", "/dev"):
        mount("none", place, None, BIND | REMOUNT | READ_ONLY | NO_SETUID | (NO_DEVICES if place == "/" else 0))
    os.chdir("/")
    os.execve(order["command"][0], order["command"], order["environment"])


def place_for(sources: set[str]) -> str:
    """A folder that a file system can be put over without covering what is to be shown."""
    return next(p for p in PLACES if os.path.isdir(p) and not any(s == p or s.startswith(p + "/") for s in sources))


def mount(source: str, target: str, kind: "str | None", flags: int, options: str = "") -> None:
    given = (source.encode(), os.fsencode(target), kind.encode() if kind else None, flags, options.encode() or None)
    check(libc.mount(*given), f"mount {target}")


def check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def read(target: str, source: str, size: int) -> None:
    write(target, source, size)
    seal(target)


def seal(target: str) -> None:
    """Make a place read-only, with all that is mounted below it."""
    for place, options in below(target):
        kept = 0
        for name in options:
            kept |= LOCKED.get(name, 0)
        mount("none", place, None, BIND | REMOUNT | READ_ONLY | kept | NO_SETUID | NO_DEVICES)


def write(target: str, source: str, size: int) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        touch(target)
    mount(source, target, None, BIND | WITH_ALL_BELOW)


def below(target: str) -> "list[tuple[str, list[str]]]":
    """The mounts at a place and below it, with their options."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        rows = [line.split(" ")[4:6] for line in file]
    found = [(plain(place), options.split(",")) for place, options in rows]
    return [(place, options) for place, options in found if place == target or place.startswith(target + "/")]


def plain(place: str) -> str:
    """A path without the kernel's way of writing blanks and the like, a backslash with three octal digits."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), place)


def memory(target: str, source: str, size: int) -> None:
    os.makedirs(target, exist_ok=True)
    mount("none", target, "tmpfs", NO_SETUID | NO_DEVICES, f"size={size},nr_inodes={size >> 12}")


def cover(target: str, source: str, size: int) -> None:
    mount(source, target, None, BIND)
    seal(target)


def folder(target: str, source: str, size: int) -> None:
    os.makedirs(target, exist_ok=True)


def link(target: str, source: str, size: int) -> None:
    os.symlink(source, target)


def proc(target: str, source: str, size: int) -> None:
    os.makedirs(target, exist_ok=True)
    mount("proc", target, "proc", NO_SETUID | NO_DEVICES | NO_EXEC)
    for name in KERNEL:
        if os.path.exists(f"{target}/{name}"):
            read(f"{target}/{name}", f"{target}/{name}", 0)


def dev(target: str, source: str, size: int) -> None:
    os.makedirs(target, exist_ok=True)
    mount("none", target, "tmpfs", NO_SETUID, f"size={SMALL},mode=755")
    os.mkdir(f"{target}/shm")
    for name in DEVICES:
        touch(f"{target}/{name}")
        mount(f"/dev/{name}", f"{target}/{name}", None, BIND)
    for name, text in LINKS.items():
        os.symlink(text, f"{target}/{name}")


def touch(target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))


def raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, SET_FLAGS, struct.pack("16sh", b"lo", UP))


MAKE = {"read": read, "write": write, "memory": memory, "cover": cover, "folder": folder, "link": link,
        "proc": proc, "dev": dev}  # fmt: skip

if __name__ == "__main__":
    main()
