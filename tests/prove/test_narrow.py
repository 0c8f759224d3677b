"""Of a large change, what matters: the lines without which the flaw is back, and none of the others."""

from collections.abc import Callable, Mapping
from typing import cast

from buckler.prove.ladder.narrow import narrowed

OLD = {
    "shop/files.py": b"import os\n\ndef read(name):\n    path = os.path.join('/srv', name)\n    return open(path).read()\n",
    "shop/version.py": b"VERSION = '1.0'\n",
}
NEW = {
    "shop/files.py": b"import os\n\nLIMIT = 10\n\ndef read(name):\n    name = checked(name)\n    path = os.path.join('/srv', name)\n"
    b"    return open(path).read()\n\n\ndef checked(name):\n    return os.path.basename(name)\n",
    "shop/version.py": b"VERSION = '1.1'\n",
    "shop/news.py": b"TEXT = 'one more page'\n" * 60,
}  # fmt: skip


def running(files: Mapping[str, bytes]) -> bool:
    """The function is run on memory: it stops the attack when it would open nothing outside the folder."""
    space: dict[str, object] = {}
    opened: list[str] = []

    class Text:
        def read(self) -> str:
            return "text"

    def noting(path: str) -> Text:
        opened.append(path)
        return Text()

    space["open"] = noting
    try:
        exec(files.get("shop/files.py", OLD["shop/files.py"]), space)
        read = cast("Callable[[str], str]", space["read"])
        return bool(read("../secret") == "text") and opened == ["/srv/secret"]
    except (NameError, SyntaxError):
        return False


def test_only_what_stops_the_attack_is_left() -> None:
    core = narrowed(OLD, NEW, {"shop/files.py"}, running)
    assert core is not None
    assert set(core) == {"shop/files.py"}
    assert b"name = checked(name)" in core["shop/files.py"]
    assert b"def checked" in core["shop/files.py"]
    assert b"LIMIT" not in core["shop/files.py"]


def test_a_change_elsewhere_is_found_when_it_is_what_counts() -> None:
    def stops(files: Mapping[str, bytes]) -> bool:
        return b"1.1" in files.get("shop/version.py", b"")

    assert narrowed(OLD, NEW, {"shop/files.py"}, stops) == {"shop/version.py": NEW["shop/version.py"]}


def test_a_change_that_is_not_enough_as_a_whole_has_no_such_part() -> None:
    useless = {**NEW, "shop/files.py": OLD["shop/files.py"]}
    assert narrowed(OLD, useless, {"shop/files.py"}, running) is None
