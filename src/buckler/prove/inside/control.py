"""Stands between the host and the process that holds the project, which it never lets near an answer of its own.

Orders come as lines of JSON on standard input and answers go as lines of JSON to standard output. The project is
loaded in a fork (`warm.py`); nothing of it is ever imported here, no debugger can be attached and the memory cannot
be read, so no code under review can change what this process does. Each order goes to the other process together
with one end of a new pair of sockets, and the first line that comes back through that pair is the answer, whatever
it claims to be: an answer that is late, or sent a second time, has nowhere to go.

The order ``judge`` is carried out here: a fork runs a test file whose `send` asks the other process (`far.py`), so that
what the test looks at, and the verdict, are out of reach of the code that is judged.
"""

from __future__ import annotations

import array
import ctypes
import json
import os
import socket
import struct
import sys
from typing import Any

sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from buckler_harness import far, forks, warm  # type: ignore[import-not-found]  # noqa: E402

del sys.path[0]  # what the project calls `routes` or `server` is its own

SET_DUMPABLE = 4
MOST_ANSWER = 1 << 20


def main() -> None:
    settings = json.loads(sys.argv[1])
    orders = os.fdopen(os.dup(0), "rb")
    answers = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    holder, there = socket.socketpair()
    if os.fork() == 0:
        for descriptor in (orders.fileno(), answers, holder.fileno()):
            os.close(descriptor)
        warm.main(there, settings["path"])
        os._exit(0)
    there.close()
    ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)
    ours = (orders.fileno(), answers, holder.fileno())
    for line in orders:
        order = json.loads(line)
        if order["do"] == "judge":
            answer = far.judged(order, settings["tools"], ask(holder, far.serving(order)), ours)
        else:
            answer = relayed(holder, order)
        forks.write(answers, answer)


def ask(holder: socket.socket, order: dict[str, Any]) -> socket.socket:
    """Send an order; the end at which its answer will come in."""
    here, there = socket.socketpair()
    data = json.dumps(order).encode()
    with there:
        ends = array.array("i", [there.fileno()])
        holder.sendmsg([struct.pack("!Q", len(data))], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, ends)])
        holder.sendall(data)
    return here


def relayed(holder: socket.socket, order: dict[str, Any]) -> bytes:
    """The first line that comes back, as it is; what it says is the host's to check."""
    try:
        with ask(holder, order) as here:
            data = bytearray()
            while b"\n" not in data and len(data) <= MOST_ANSWER:
                chunk = here.recv(1 << 16)
                if not chunk:
                    break
                data += chunk
    except OSError:
        sys.exit(0)  # the other process is gone, and the sandbox with it
    line, found, _ = bytes(data).partition(b"\n")
    if not found:
        sys.exit(0)
    return line


if __name__ == "__main__":
    main()
