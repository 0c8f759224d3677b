"""Code of a package that acts before anybody calls it, as only hostile packages do.

Four things are looked for, in code that runs at installation or import (`moments`) and in scripts of `package.json`:

    executed    what was downloaded or decoded is run, or written to a file that is started
    sent        credentials or the environment go to another machine
    stays       something is started again later, or goes on after the installation
    command     a shell command does one of these

What a package does inside its own folder is building: running its own `version.py`, fetching its binary into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import CALC, CALL, CONST, IMPORT, METHOD, SLICE, Module, Op, Place
from buckler.finding.model import Facts, Finding, Rule
from buckler.review.checks.constants import evaluate
from buckler.review.checks.model import Check, TextCheck
from buckler.review.checks.names import secret, token
from buckler.review.checks.view import Code, ProgramView, argument
from buckler.review.findings import Sources, make
from buckler.review.wording import message
from buckler.weaknesses.dependencies.install_time_code import commands, scripts
from buckler.weaknesses.dependencies.install_time_code.moments import Moment, acting, running
from buckler.weaknesses.dependencies.install_time_code.names import called, dotted, handed, rows, sinks, text_of
from buckler.weaknesses.dependencies.install_time_code.origins import CALLS, NEAR, Web, environment, parts, variable

RULE = "install-time-code"
MILD = {Moment.INSTALL: 0, Moment.IMPORT: 2}
CODE = frozenset({"code-injection"})
COMMAND = frozenset({"command-injection"})
LOADS = frozenset({"unsafe-reflection"})
ASKS = frozenset({"ssrf"})
NAMES_FILE = frozenset({"path-traversal"})
DECODES = re.compile(
    r"(?:^|\.)(?:\w*(?:decode|decompress|decrypt)\w*|unhexlify|fromhex|a2b_\w+|atob|fromCharCode|chr|unescape|(?:gun|un)zip"
    r"(?:Sync)?|inflate\w*|brotliDecompress\w*)$"
    r"|^marshal\.loads?$"
)
CHARSETS = re.compile(r"(?:rot|hex|base|zip|zlib|bz2|uu|escape)", re.I)
"""Codecs that are no character sets."""
TURNED = re.compile(rb"::\s*-\s*1\s*\]$")
CREDENTIALS = re.compile(
    r"\.ssh\b|\.aws\b|\.npmrc|\.pypirc|\.netrc|\.git-credentials|\.gnupg|\.docker/config|\.kube\b|\.azure\b|id_(?:rsa|dsa|ed25519)"
    r"|gcloud|Login Data|Local State|\bCookies\b|cookies\.sqlite|key4\.db|logins\.json|User Data|leveldb|wallet\.dat"
    r"|_history\b|/etc/(?:passwd|shadow)|Local Extension Settings",
    re.I,
)
WHO = frozenset({
    "socket.gethostname", "socket.getfqdn", "platform.node", "platform.uname", "os.uname", "getpass.getuser", "os.getlogin",
    "os.hostname", "os.userInfo", "os.networkInterfaces", "uuid.getnode",
})  # fmt: skip
"""Who works where: what attackers ask first."""
ASKS_NAMES = frozenset({"socket.gethostbyname", "socket.getaddrinfo", "dns.lookup", "dns.resolve", "dns.resolve4"})
SAYS = frozenset({"write", "end", "send", "sendall", "sendto", "request", "post", "put", "emit"})
HASHES = ("hashlib.", "crypto.createHash")
OWN_FOLDER = frozenset({"__file__", "__dirname", "import.meta", "__path__"})
FILE = re.compile(r"[\w-]+\.\w{1,5}$|[/\\]\w")
INTERPRETERS = re.compile(
    r"(?:^|/)(?:python[\d.]*|node|(?:ba|z|da)?sh|cmd|powershell|pwsh|perl|wscript|cscript|start)(?:\.exe)?$|^\?$", re.I
)
COMES_BACK = re.compile(
    r"Start Menu[\\/]+Programs[\\/]+Startup|\.config/autostart|/etc/cron|/etc/rc\.local|/etc/profile|cron\.d\b|systemd/(?:user|system)"
    r"|Launch(?:Agents|Daemons)|CurrentVersion\\+Run|(?:^|[/\\~])\.(?:bashrc|zshrc|profile|bash_profile|zprofile)$|sitecustomize\.py",
    re.I,
)
WRITES = re.compile(
    r"(?:^|\.)(?:open|write_text|write_bytes|write\w*|appendFile\w*|copy\w*|move|rename\w*|symlink\w*|createWriteStream|SetValueEx"
    r"|urlretrieve)$"
)
DETACHED = {"start_new_session": True, "detached": True}


@dataclass(slots=True)
class Look:
    """What runs together, and what was written to which file on the way."""

    web: Web
    moment: Moment
    hashed: bool
    """Something is held against a hash; then a download is what it was meant to be."""
    foreign: dict[str, str] = field(default_factory=dict)
    """Marks of files with foreign content, each with what brought it."""


def find(view: ProgramView) -> Iterator[Misuse]:
    every = running(view)
    for moment in Moment:
        codes = [code for code, when in every if when is moment]
        if codes:
            yield from _looked(codes, Web(codes), moment)


def _looked(codes: list[Code], web: Web, moment: Moment) -> Iterator[Misuse]:
    look = Look(web, moment, any(_hashes(code) for code in codes))
    places = [(code, number, op) for code in codes for number, op in acting(code, moment) if op[0] in (CALL, METHOD)]
    if not look.hashed:
        for code, _, op in places:
            _note_files(look, code, op)
    for code, number, op in places:
        for asked in (_executed, _sent, _stays):
            said = asked(look, code, op)
            if said:
                what, mild = said
                yield Misuse(RULE, code.name, number, f"{what} {moment.value}", MILD[moment] + mild)
                break


def _hashes(code: Code) -> bool:
    return any(op[0] in (CALL, METHOD) and called(code, op).startswith(HASHES) for op in code.ops)


Said = tuple[str, int] | None
"""What happens, in words, and by how many steps it is less grave."""

# Executed.


def _executed(look: Look, code: Code, op: Op) -> Said:
    name = look.web.called(code, op)
    if name == "os.dup2" and any(_connects(here, made) for here, made in look.web.behind(code, ops.given(op))):
        return f"`{name}` gives another machine what a process here reads and writes", 0
    for sink in sinks(code, name):
        places = handed(op, sink.argument)
        said: Said = None
        if sink.rule in CODE and places:
            said = _code(look, code, places[-1], name)
        elif sink.rule in COMMAND and places:
            said = _command(look, code, places[0], name)
        elif sink.rule in LOADS and places and name.endswith(("__import__", "import_module")):
            said = _because(look, code, places, {"decoded": f"`{name}` loads what decoded text names"})
        if said:
            return said
    return None


def _code(look: Look, code: Code, place: Place, name: str) -> Said:
    text = evaluate(code, place)
    if isinstance(text, str):
        does = commands.of_code(text)
        return (f"`{name}` runs code in a string which {does}", 0) if does else None
    said = {
        "decoded": f"`{name}` runs what was decoded",
        "downloaded": f"`{name}` runs what was downloaded",
        "command": f"`{name}` runs what a command downloaded",
    }
    return _because(look, code, [place], said) or _started(look, code, [place], name)


def _command(look: Look, code: Code, place: Place, name: str) -> Said:
    text = text_of(code, place)
    does = commands.does(text)
    if does:
        return f"`{name}` starts a command which {does}", 0
    if commands.fetches(text) and (taken := _taken(look, code, [place])):
        return f"`{name}` starts a command which sends {taken[0]}", taken[1]
    programs = _programs(code, place)
    said = {
        "decoded": f"`{name}` starts what was decoded",
        "downloaded": f"`{name}` starts what was downloaded",
    }
    return _because(look, code, programs, said, NEAR) or _started(look, code, programs, name)


def _programs(code: Code, place: Place) -> list[Place]:
    """What of a command or an argument list is run: the program, and all that follows an interpreter."""
    op = code.define(place)
    if op is None or op[0] != ops.BUILD:
        head = text_of(code, place).split(" ", 1)[0]
        return [place] if "?" in head or INTERPRETERS.search(head) else []
    items = [item for item in ops.items(op) if isinstance(item, int)]
    head = text_of(code, items[0]) if items else ""
    return items if INTERPRETERS.search(head) else items[:1]


def _because(look: Look, code: Code, places: list[Place], said: dict[str, str], calls: int = CALLS) -> Said:
    if look.moment is Moment.IMPORT:
        calls = NEAR
    for here, op in look.web.behind(code, places, calls):
        if "decoded" in said and _decodes(here, op):
            return said["decoded"], 0
        if "downloaded" in said and _downloads(here, op):
            return said["downloaded"], 0
        if "command" in said and _fetched(here, op):
            return said["command"], 0
    return None


def _decodes(code: Code, op: Op) -> bool:
    """Makes readable what was not: from base64, hex, packed, reversed, or one character after the other."""
    if op[0] == CALC:
        return ops.operator(op) == "^"
    if op[0] == SLICE:  # a text is copied by nobody, but turned round
        return ops.bounds(op) == (None, None) and TURNED.search(_written_as(code, op)) is not None
    if op[0] not in (CALL, METHOD):
        return False
    name = called(code, op)
    last = name.rpartition(".")[2]
    if Web.function(code, name) is not None:
        return False
    if name in ("Buffer.from", "Buffer") or last == "decode":
        given = [evaluate(code, place) for place in ops.operands(op)[1:]]
        odd = any(isinstance(one, str) and CHARSETS.search(one) for one in given[-1:])
        return odd or (last == "decode" and name.startswith(("base64.", "codecs.")) and not _charset(given))
    return DECODES.search(name) is not None and not last.startswith(("raw_decode", "getdecoder"))


def _written_as(code: Code, op: Op) -> bytes:
    span = code.routine.function.spans[code.number(op)]
    return code.view.texts.get(code.routine.module.path, b"")[span >> 32 : span & 0xFFFFFFFF]


def _charset(given: list[object]) -> bool:
    return bool(given[1:]) and isinstance(given[1], str) and not CHARSETS.search(given[1])


def _downloads(code: Code, op: Op) -> bool:
    """Asks another machine for something."""
    if op[0] not in (CALL, METHOD):
        return False
    name = called(code, op)
    return any(sink.rule in ASKS for sink in sinks(code, name)) or any(
        row.source == "network" for row in rows(code, name)
    )


def _fetched(code: Code, op: Op) -> bool:
    """The output of a command that downloads."""
    if op[0] not in (CALL, METHOD):
        return False
    rules = (sink for sink in sinks(code, called(code, op)) if sink.rule in COMMAND)
    return any(commands.fetches(text_of(code, place)) for sink in rules for place in handed(op, sink.argument))


# Written and started.


def _note_files(look: Look, code: Code, op: Op) -> None:
    """Remember a file to which something foreign is written."""
    for path, content in _written(look, code, op):
        if _within_own_folder(look, code, path):
            continue
        why = "" if content else "downloaded"
        for here, made in look.web.behind(code, content):
            if _decodes(here, made):
                why = "decoded"
            elif _downloads(here, made):
                why = "downloaded"
                break
        if why:
            for mark in _marks(look, code, path):
                look.foreign.setdefault(mark, why)


def _written(look: Look, code: Code, op: Op) -> Iterator[tuple[list[Place], list[Place]]]:
    """A path, and what is written there; nothing stands for what a download brings."""
    name = called(code, op)
    last = name.rpartition(".")[2]
    given = ops.given(op)
    if _downloads(code, op) and len(given) > 1 and last in ("urlretrieve", "download"):
        yield given[1:2], []
    elif last in ("write_bytes", "write_text") and op[0] == METHOD:
        yield [ops.callee(op)], given[:1]
    elif last.startswith(("writeFile", "outputFile")):
        yield given[:1], given[1:2]
    elif last == "copyfileobj":
        yield given[1:2], given[:1]
    elif last in ("write", "pipe") and op[0] == METHOD and given:
        target, content = (ops.callee(op), given[0]) if last == "write" else (given[0], ops.callee(op))
        for here, made in look.web.behind(code, [target]):
            if (
                here is code
                and made[0] in (CALL, METHOD)
                and any(s.rule in NAMES_FILE for s in sinks(here, called(here, made)))
            ):
                yield ops.given(made)[:1], [content]


def _within_own_folder(look: Look, code: Code, path: list[Place]) -> bool:
    return any(
        (op[0] == ops.NAME and ops.read_name(op) in OWN_FOLDER)
        or (op[0] == ops.LOAD and ops.attribute(op) in OWN_FOLDER)
        for _, op in look.web.behind(code, path)
    )


def _marks(look: Look, code: Code, places: list[Place]) -> set[str]:
    """What makes two paths the same: a variable, a file's name."""
    marks = {f"{code.name} {place}" for place in places if place >= 0}
    for here, op in look.web.behind(code, places):
        if op[0] == CONST and isinstance(ops.literal(op), str) and FILE.search(ops.literal(op)):
            marks.add(ops.literal(op))
        marks |= {
            f"{here.name} {place}"
            for place in ops.operands(op)
            if place >= 0 and (here.define(place) or (CONST,))[0] != IMPORT
        }
    return marks


def _started(look: Look, code: Code, places: list[Place], name: str) -> Said:
    if not look.foreign:
        return None
    why = next((look.foreign[mark] for mark in _marks(look, code, places) if mark in look.foreign), "")
    return (f"`{name}` starts a file that was {why}", 0) if why else None


# Sent.


def _sent(look: Look, code: Code, op: Op) -> Said:
    name = called(code, op)
    if not (_downloads(code, op) or name in ASKS_NAMES or _says(code, op)):
        return None
    places = parts(code, op)[1:]
    taken = _taken(look, code, places)
    return (f"`{name.removeprefix('.')}` sends {taken[0]}", taken[1]) if taken else None


def _connects(code: Code, op: Op) -> bool:
    """Makes a thing that connects to other machines."""
    name = called(code, op) if op[0] in (CALL, METHOD) else ""
    return any(sink.rule in ASKS for sink in sinks(code, f"{name}.connect"))


def _says(code: Code, op: Op) -> bool:
    """A method of a connection."""
    if op[0] != METHOD or ops.member(op) not in SAYS:
        return False
    made, kind = code.define(ops.callee(op)), dotted(code, ops.callee(op))
    opens = any(sink.rule in ASKS for sink in sinks(code, f"{kind}.connect")) if kind else False
    return opens or (made is not None and _downloads(code, made))


def _taken(look: Look, code: Code, places: list[Place]) -> Said:
    """What of this machine is in a value."""
    best: Said = None
    for here, op in look.web.behind(code, places):
        if op[0] == CONST and isinstance(ops.literal(op), str) and CREDENTIALS.search(ops.literal(op)):
            return "files with credentials", 0
        if op[0] in (ops.LOAD, ops.NAME) and environment(here, op[1]):
            return "the environment", 0
        if _secret_variable(here, op):
            best = "a secret of the environment", 1
        elif best is None and op[0] in (CALL, METHOD) and called(here, op) in WHO and look.moment is Moment.INSTALL:
            best = "who works on which machine", 2
    return best


def _secret_variable(code: Code, op: Op) -> bool:
    asked = variable(code, op)
    if (
        asked is None
        and op[0] in (CALL, METHOD)
        and any(r.source == "environment" for r in rows(code, called(code, op)))
    ):
        asked = ops.first(op)
    name = evaluate(code, asked) if isinstance(asked, int) else asked
    return isinstance(name, str) and (secret(name) or token(name))


# Stays.


def _stays(look: Look, code: Code, op: Op) -> Said:
    name = called(code, op)
    if WRITES.search(name) and not _only_read(code, op, name):
        for _, made in look.web.behind(code, ops.operands(op)):
            if made[0] == CONST and isinstance(ops.literal(made), str) and COMES_BACK.search(ops.literal(made)):
                return f"`{name.removeprefix('.')}` writes where programs are started from", 0
    if (
        look.moment is Moment.INSTALL
        and any(sink.rule in COMMAND for sink in sinks(code, name))
        and _detached(code, op)
    ):
        return f"`{name}` starts a process that goes on", 2
    return None


def _only_read(code: Code, op: Op, name: str) -> bool:
    if name.rpartition(".")[2] != "open":
        return False
    mode = evaluate(code, argument(op, 0 if op[0] == METHOD and name.startswith("pathlib.") else 1, "mode"))
    return not (isinstance(mode, str) and set(mode) & set("wax+"))


def _detached(code: Code, op: Op) -> bool:
    named = {name: evaluate(code, place) for name, place in ops.arguments(op)[1]}
    for place in ops.given(op):
        value = evaluate(code, place)
        named |= value if isinstance(value, dict) else {}
        made = code.define(place)
        if made is not None and made[0] == ops.BUILD and ops.kind(made) == "map":
            pairs = (item for item in ops.items(made) if len(item) == 2)
            named |= {str(evaluate(code, key)): evaluate(code, held) for key, held in pairs}
    return any(named.get(key) is wanted for key, wanted in DETACHED.items())


# Scripts.


def started(module: Module, rule: Rule, sources: Sources) -> Iterator[Finding]:
    """Scripts of a `package.json` that do harm by themselves."""
    data = sources.data.get(module.path, b"")
    if not module.path.endswith("package.json"):
        return
    for name, command in scripts.scripts(data).items():
        does = commands.does(command)
        if does:
            location = sources.location(module.path, *scripts.line_of(data, name))
            said = message(rule, "", f"the script `{name}` is a command which {does} {Moment.INSTALL.value}")
            yield make(rule, location, said, rule.severity, None, sources, Facts(name))


CHECKS = (Check(find, across=True),)
TEXT_CHECKS = (TextCheck(RULE, started),)
