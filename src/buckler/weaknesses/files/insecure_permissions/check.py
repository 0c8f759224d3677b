"""Files and folders left to whatever rights happen to be in force.

os.umask(0); os.makedirs(path, 0o700)      # the folders in between get 0o777
os.fchmod(f.fileno(), 0o600) … shutil.copyfile(tmp, path)   # the copy does not have that mode
open(path, "w") … os.chmod(path, 0o600)    # open to all in between
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALC, CALL, CONST, IMPORT, LOAD, METHOD, NAME, Op, Place
from buckler.review.checks.model import Check
from buckler.review.checks.names import last, secret, split
from buckler.review.checks.view import Code, ProgramView, argument, last_name
from buckler.weaknesses.files.modes import mode_writes

RULE = "insecure-permissions"
OWNER_ONLY = frozenset({"S_IRUSR", "S_IWUSR", "S_IXUSR", "S_IRWXU", "S_IREAD", "S_IWRITE"})
OTHERS = frozenset({"S_IRGRP", "S_IWGRP", "S_IROTH", "S_IWOTH", "S_IRWXG", "S_IRWXO", "S_IXGRP", "S_IXOTH"})
CARE = re.compile(
    rb"chmod|umask|opener\s*=|O_CREAT|mkstemp|NamedTemporaryFile|mode\s*[=:]\s*0o?[0-7]00\b|AtomicFile|"
    rb"atomic_write|set_permissions|os\.open\(|icacls|restrict"
)
KEY_MAKERS = frozenset({
    "private_bytes", "export_key", "dump_privatekey", "exportKey", "save_pkcs1", "write_private_key",
})  # fmt: skip
KEY_FILES = frozenset({"keyfile", "credentials", "netrc", "htpasswd", "id_rsa", "shadow"})


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("umask"):
        yield from cleared_mask(code)
    for code in view.codes("chmod"):
        yield from lost_on_copy(code)
        yield from narrowed_later(code)
        yield from open_to_all(code)
    for code in view.codes("open(", "write_text", "write_bytes", "writeFile"):
        yield from secret_file(code)


def cleared_mask(code: Code) -> Iterator[Misuse]:
    """`umask(0)` takes every protection from what is created after it."""
    for number, op in code.calls("umask"):
        place = argument(op, 0)
        if code.constant(place) == 0 and code.constant(place) is not False and not read_only(code, number):
            yield Misuse(RULE, code.name, number, code.called(op))


def read_only(code: Code, number: int) -> bool:
    """`mask = umask(0); umask(mask)` only asks what the mask is."""
    for op in code.ops[number + 1 :]:
        if op[0] in (CALL, METHOD):
            return code.callee(op) == "umask" and code.constant(argument(op, 0)) is None
    return False


def open_to_all(code: Code) -> Iterator[Misuse]:
    """A mode, made of the names in `stat`, that lets everybody write."""
    for number, op in code.calls("chmod", "fchmod", "lchmod"):
        place = mode(code, op)
        if (
            place is not None
            and not code.is_constant(place)
            and names_in(code, place) & {"S_IWOTH", "S_IRWXO"}
            and not masked(code, place)
        ):
            yield Misuse(RULE, code.name, number, code.called(op) or "chmod")


def masked(code: Code, place: Place) -> bool:
    """Rights are taken away: `mode & ~S_IWOTH`."""
    return any(op[0] == CALC and ops.operator(op) in ("&", "~", "^", "&~") for op in code.inside(place))


def names_in(code: Code, place: Place) -> set[str]:
    return {last_name(o) for o in code.inside(place) if o[0] in (LOAD, NAME, IMPORT)}


def lost_on_copy(code: Code) -> Iterator[Misuse]:
    """A file made private is copied by a function that copies only its content."""
    private = [n for n, op in code.calls("chmod", "fchmod", "chmodSync") if owner_only(code, mode(code, op))]
    if not private:
        return
    for number, op in code.calls("copyfile", "copyfileobj"):
        target = argument(op, 1, "dst", "fdst")
        if target is not None and number > private[0] and not treated(code, target, number):
            yield Misuse(RULE, code.name, number, code.called(op))


def treated(code: Code, target: Place, after: int) -> bool:
    """The copy gets a mode of its own later."""
    words = code.words(target)
    return any(
        n > after and any(code.words(p) == words for p in (argument(op, 0, "path"),) if p is not None)
        for n, op in code.calls("chmod", "chown", "copymode", "copystat", "chmodSync")
    )


def mode(code: Code, op: Op) -> Place | None:
    full = code.called(op)
    own = op[0] == METHOD and not full.startswith("os.") and len(ops.arguments(op)[0]) == 1
    return argument(op, 0 if own else 1, "mode")


def owner_only(code: Code, place: Place | None) -> bool:
    """A mode without rights for group and others, as a number or made of the names in `stat`."""
    if place is None:
        return False
    value = code.settled(place)
    if isinstance(value, int):
        return value & 0o077 == 0 and value & 0o700 != 0 and value & 0o111 == 0
    names = names_in(code, place)
    return bool(names & OWNER_ONLY) and not names & OTHERS and "st_mode" not in names


def narrowed_later(code: Code) -> Iterator[Misuse]:
    """Created with the usual rights, written, and only then made private."""
    if any(word in code.text for word in (b"umask", b"O_CREAT", b"O_EXCL", b"mkstemp", b"opener")):
        return
    later = {
        code.words(p): n
        for n, op in code.calls("chmod", "chmodSync")
        if owner_only(code, mode(code, op))
        for p in (path_of(code, op),)
        if p is not None
    }
    for number, path in creations(code) if later else ():
        words = code.words(path)
        if words and later.get(words, -1) > number and earlier_touch(code, words, number):
            yield Misuse(RULE, code.name, number, "open")


def earlier_touch(code: Code, words: str, number: int) -> bool:
    """Not already there with its rights when it is opened."""
    return not any(
        n < number and any(code.words(p) == words for p in (path_of(code, op),) if p is not None)
        for n, op in code.calls("chmod", "chmodSync", "touch")
    )


def path_of(code: Code, op: Op) -> Place | None:
    full = code.called(op)
    if op[0] == METHOD and not full.startswith("os.") and len(ops.arguments(op)[0]) == 1:
        return ops.callee(op)
    return argument(op, 0, "path")


def creations(code: Code) -> Iterator[tuple[int, Place]]:
    """Calls that create a file, with its path."""
    for number, op in code.calls("open", "writeFileSync", "write_text", "write_bytes"):
        if op[0] == METHOD and ops.member(op) in ("write_text", "write_bytes"):
            yield number, ops.callee(op)
            continue
        place = argument(op, 0, "file")
        if (
            place is not None
            and (code.callee(op) != "open" or mode_writes(code, argument(op, 1, "mode")))
            and code.called(op) != "os.open"
        ):
            yield number, place
        elif op[0] == METHOD and mode_writes(code, argument(op, 0, "mode")):
            yield number, ops.callee(op)


def secret_file(code: Code) -> Iterator[Misuse]:
    """A key or password goes into a new file and nobody cares for its rights."""
    found = list(creations(code))
    if not found or CARE.search(code.text):
        return
    written = writes_key(code) if any(True for _ in code.calls(*KEY_MAKERS)) else -1
    if written >= 0:
        yield Misuse(RULE, code.name, max((n for n, _ in found if n < written), default=found[0][0]), "open")
        return
    for number, path in found:
        if names_key(code, path):
            yield Misuse(RULE, code.name, number, "open")


def writes_key(code: Code) -> int:
    """The operation that writes a private key serialized in this function, or -1."""
    for number, op in code.calls("write", "writelines", "write_bytes", "write_text"):
        place = argument(op, 0, "data")
        for inner in code.inside(place) if place is not None else ():
            if inner[0] in (CALL, METHOD) and code.callee(inner) in KEY_MAKERS:
                return -1 if "public" in code.words(ops.callee(inner)) else number
    return -1


def names_key(code: Code, path: Place) -> bool:
    """The path itself says that a secret lives there."""
    for name in path_names(code, path):
        words = split(name)
        if not words or "public" in words or "pub" in words or "template" in words or "example" in words:
            continue
        bare = [
            w
            for w in words
            if w not in ("path", "file", "filename", "name", "json", "txt", "pem", "fn", "yml", "yaml", "fname", "dir")
        ]
        tail = "_".join(bare)
        if bare and (secret(tail) or bare[-1] in KEY_FILES or bare[-2:] == ["private", "key"]):
            return last(name)[-1] not in ("dir", "folder", "count", "hash")
    return False


def path_names(code: Code, path: Place) -> Iterator[str]:
    yield code.words(path).rsplit(".", 1)[-1]
    for op in code.inside(path):
        if op[0] == CONST and isinstance(ops.literal(op), str) and len(ops.literal(op)) < 60:
            yield ops.literal(op).rsplit("/", 1)[-1]


CHECKS = (Check(find),)
