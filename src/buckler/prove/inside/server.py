"""A warm interpreter inside the sandbox: loads the project once, then runs every attempt in a fork of itself.

Orders come as lines of JSON on standard input, answers go as lines of JSON to what was standard output; everything the
project prints goes to a file that is capped by the sandbox. Three orders:

``warm``   run statements here, so every later fork has the project loaded
``run``    run statements in a fork; they may call `report(value)`
``test``   write files and run pytest on one of them in a fork

A fork says which watched lines ran, whether a mark was in reach of them, and what the audit hook saw of it.
"""

import gc
import io
import json
import os
import resource
import select
import signal
import site
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import watch  # noqa: E402

MOST_ANSWER = 1 << 20
MOST_OUTPUT = 1 << 14


def main():
    orders = os.fdopen(os.dup(0), "rb")
    answers = os.dup(1)
    site.setquit()  # the interpreter starts without its own packages, and so without these
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    for line in orders:
        order = json.loads(line)
        try:
            answer = DO[order["do"]](order, (orders.fileno(), answers))
        except BaseException as error:
            answer = {"error": described(error)}
        write(answers, answer)


def write(descriptor, answer):
    data = json.dumps(answer, default=str).encode()
    if len(data) > MOST_ANSWER:
        data = json.dumps({"error": {"type": "TooMuch", "text": "the answer is too long", "where": []}}).encode()
    view = memoryview(data + b"\n")
    while view:
        view = view[os.write(descriptor, view) :]


def warm(order, _):
    """Load the project into this process; time is limited by an alarm."""

    def late(*_):
        raise TimeoutError("loading took too long")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(int(order["seconds"]))
    began = time.monotonic()
    try:
        exec(compile(order["code"], "<warm>", "exec"), {"__name__": "warm"})
        if order.get("pytest"):
            load_pytest()
        gc.collect()
        gc.freeze()  # what is loaded is never garbage; collecting in the forks passes over it
        return {"seconds": time.monotonic() - began}
    except BaseException as error:
        return {"error": described(error), "seconds": time.monotonic() - began}
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def load_pytest():
    """Load pytest and the plugins that are installed, so that no fork has to."""
    import importlib
    import importlib.metadata

    import pytest  # noqa: F401

    points = importlib.metadata.entry_points()
    for plugin in points.select(group="pytest11") if hasattr(points, "select") else points.get("pytest11", ()):
        try:
            loaded = plugin.load()
            names = getattr(loaded, "pytest_plugins", ())
            for name in [names] if isinstance(names, str) else names:
                importlib.import_module(name)
        except Exception:  # the tests can do without a plugin that cannot be loaded
            BROKEN.append(plugin.name)


BROKEN = []


def forked(order, ours, work):
    """Run `work` in a fork and pass on what it reports, or how it ended."""
    reading, writing = os.pipe()
    new = [name for name in order.get("files", ()) if not os.path.exists(name)]
    printed = "/tmp/printed"
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()
        for descriptor in (*ours, reading):
            os.close(descriptor)
        out = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), "utf-8", "replace", line_buffering=True)
        sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", closefd=False), "utf-8", "replace", line_buffering=True)
        code = 0
        try:
            most = resource.getrlimit(resource.RLIMIT_CPU)[1]
            seconds = min(int(order["seconds"]) + 1, most)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, min(seconds + 1, most)))
            answer = work(order)
        except BaseException as error:
            answer = {"error": described(error)}
            code = 1
        try:
            write(writing, answer)
        finally:
            os._exit(code)
    os.close(writing)
    answer, ended = collect(child, reading, began + order["seconds"])
    for name in order.get("files", ()):
        if name in new:
            discard(name)
    answer["ended"] = ended
    answer["seconds"] = time.monotonic() - began
    answer["printed"] = head(printed)
    return answer


def collect(child, reading, until):
    """Read the fork's answer until the fork is over or time is up; what it left behind is ended with it."""
    data = bytearray()
    status = None
    ended = ""
    while True:
        left = until - time.monotonic()
        if left <= 0 or len(data) > MOST_ANSWER:
            ended = "time" if left <= 0 else "answer"
            break
        ready = select.select([reading], [], [], 0 if status is not None else min(left, 0.02))[0]
        if ready:
            chunk = os.read(reading, 1 << 16)
            data += chunk
            if chunk:
                continue
            if status is None:
                _, status = os.waitpid(child, 0) if data else (0, wait_until(child, until))
            break
        if status is not None:
            break
        done, code = os.waitpid(child, os.WNOHANG)
        status = code if done else None
    os.close(reading)
    kill(child)
    if status is None:
        _, status = os.waitpid(child, 0)
    if not ended:
        ended = "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit %d" % os.WEXITSTATUS(status)
    try:
        return json.loads(bytes(data)), ended
    except ValueError:
        return {}, ended


def wait_until(child, until):
    """The fork's status, or None if it goes on without an answer until time is up."""
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.01)
    return None


def kill(child):
    for number in (-child, child):
        try:
            os.kill(number, signal.SIGKILL)
        except OSError:
            pass


def discard(name):
    """A test of ours is gone when the project's own tests are run."""
    try:
        os.remove(name)
    except OSError:
        pass


def head(name):
    try:
        with open(name, "rb") as file:
            return file.read(MOST_OUTPUT).decode("utf-8", "replace")
    except OSError:
        return ""


def described(error):
    """An exception in plain data: its type, its words, the lines of the project it passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    where = ["%s:%s %s" % (f.filename, f.lineno, f.name) for f in frames if not f.filename.startswith("/.buckler")]
    return {"type": type(error).__name__, "text": str(error)[:500], "where": where[-8:]}


def run(order):
    reported = []
    space = {"__name__": "attempt", "report": reported.append}
    seen = watch.start(order.get("watch", {}), order.get("marks", []))
    answer = {}
    try:
        exec(compile(order["code"], "<attempt>", "exec"), space)
    except BaseException as error:
        answer["error"] = described(error)
    watch.stop()
    answer.update(value=reported[-1] if reported else None, seen=seen.told())
    return answer


def test(order):
    import pytest

    import outcomes

    for name, text in order["files"].items():
        if os.path.dirname(name):
            os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    plugin = outcomes.Outcomes(order.get("watch", {}), order.get("marks", []))
    without = [word for name in BROKEN for word in ("-p", "no:" + name)]
    code = pytest.main([*order["arguments"], *without], plugins=[plugin])
    return {"code": int(code), "tests": plugin.tests, "errors": plugin.errors}


DO = {
    "warm": warm,
    "run": lambda order, ours: forked(order, ours, run),
    "test": lambda order, ours: forked(order, ours, test),
}

if __name__ == "__main__":
    main()
