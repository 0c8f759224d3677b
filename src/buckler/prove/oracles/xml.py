"""Documents whose entities reach files or grow without end."""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext
from buckler.prove.oracles.files import HELPERS

READ = '''

@pytest.fixture
def opened(secret):
    """Asks the kernel whether the file was opened, because parsers that are no Python code do not tell."""
    libc = ctypes.CDLL(None)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(watch, os.fsencode(secret), 0x20)

    def asked():
        try:
            return bool(os.read(watch, 4096))
        except OSError:
            return False

    yield asked
    os.close(watch)
'''
READ_ATTACK = """
answer = attempt(VALUE)
shown = text(answer)
touched = [path for path in used if path.startswith(str(secret.parent))]
assert not touched, f"EXPLOITED: a file outside the folder was used: {touched[0]}"
assert "0815-4711" not in shown, "EXPLOITED: the content of a file outside the folder came back"
assert not opened(), "EXPLOITED: a file that the document names was opened"
"""


def entity_attacks(situation: SinkContext) -> list[Attack]:
    end = ".encode()" if situation.approach.kind == "bytes" else ""
    plain = '<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]><r>&x;</r>'
    rows = [
        (plain, "an entity that names a file"),
        (plain.replace("{secret.as_uri()}", "{secret}"), "an entity that names a path"),
        (f"<?xml version='1.0'?>{plain}", "the same with a declaration"),
        (plain.replace("<r>&x;</r>", "<r><a>&x;</a></r>"), "the entity further inside"),
        ('<!DOCTYPE r [<!ENTITY % x SYSTEM "{secret.as_uri()}"> %x;]><r/>', "an entity of the document type"),
        ('<!DOCTYPE r SYSTEM "{secret.as_uri()}"><r/>', "an external document type"),
        (
            '<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="{secret.as_uri()}"/></r>',
            "an inclusion",
        ),
    ]
    return [Attack(f"f{text!r}{end}", label) for text, label in rows]


def documents(situation: SinkContext) -> list[Attack]:
    end = ".encode()" if situation.approach.kind == "bytes" else ""
    return [
        Attack("'<r>report</r>'" + end, "a plain document"),
        Attack("'<r><a>report</a></r>'" + end, "a nested document"),
    ]


BOMB_ATTACK = """
answer = attempt(VALUE)
assert len(text(answer)) < 100_000, "EXPLOITED: a document of a few hundred bytes grew past a hundred thousand"
"""


def bombs(_: SinkContext) -> list[Attack]:
    levels = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcd", "bcde", strict=True))
    start = f'<!DOCTYPE r [<!ENTITY a "0123456789ABCDEF">{levels}]>'
    rows = [
        (f"{start}<r>&e;</r>", "entities made of entities"),
        (f"<?xml version='1.0'?>{start}<r><a>&e;</a></r>", "the same further inside"),
        (f"{start}<r>report &e; report</r>", "the same among words"),
        (f"{start}<r>{'&d;' * 10}</r>", "many entities one after the other"),
    ]
    return [Attack(repr(text), label) for text, label in rows]


ENTITY = Oracle("entity", ProofKind.EXPLOIT, "an entity of the document brought in a file of the server",
                ("import ctypes", "import os", "import sys", "import pytest"), HELPERS.replace("SUFFIX", ".txt") + READ,
                ("secret", "used", "opened"), READ_ATTACK,
                entity_attacks, documents, domain="<r>[a-z]{1,8}</r>")  # fmt: skip
BOMB = Oracle("bomb", ProofKind.EXPLOIT, "a small document grew to a large one", (), "", (), BOMB_ATTACK, bombs, documents,
              domain="<r>[a-z]{1,8}</r>")  # fmt: skip
