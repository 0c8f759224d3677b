"""By which bare names the files of a project are imported, as its manifests say."""

from __future__ import annotations

import json

import pytest

from buckler.analysis.ir.codec import decode, encode
from buckler.analysis.ir.ops import Module
from buckler.analysis.languages.registry import front_end
from buckler.analysis.languages.shared import lower
from buckler.analysis.program.modules import Program


def manifest(said: object, path: str = "packages/db/package.json") -> Module:
    source = said if isinstance(said, bytes) else json.dumps(said).encode()
    return lower(front_end("javascript"), path, path.removesuffix(".json").replace("/", "."), False, source)


@pytest.mark.parametrize(
    ("said", "home"),
    [
        ({}, "/packages.db"),
        ({"main": "./lib/db.js"}, "/packages.db.lib.db"),
        ({"main": "dist/db.js"}, "/packages.db.src.db"),
        ({"module": "esm/db.mjs"}, "/packages.db.esm.db"),
        ({"exports": "./db.js"}, "/packages.db.db"),
        ({"exports": {"require": "./db.cjs"}}, "/packages.db.db"),
        ({"exports": {".": {"import": "./db.mjs"}, "./x": "./x.js"}}, "/packages.db.db"),
        ({"main": 1, "exports": [1]}, "/packages.db"),
    ],
)
def test_the_name_of_a_package_means_its_main_file(said: dict[str, object], home: str) -> None:
    module = manifest({"name": "@shop/db", **said})
    assert module.imports == {"@shop/db": (home, "")}
    assert decode(encode(module)).imports == module.imports


def test_other_names_of_a_package_are_its_imports() -> None:
    module = manifest(
        {"imports": {"#pool": "./pool.js", "#env": {"node": "./env.js"}, "#all/*": "./all/*.js", "#no": 1}}
    )
    assert module.imports == {"#pool": ("/packages.db.pool", ""), "#env": ("/packages.db.env", "")}


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[1]",
        b'{"name": 1}',
        b'{"name": "./x"}',
        b'{"imports": [1]}',
        b"\xff\xfe",
        b"1" * 5000,
    ],
)
def test_what_cannot_be_read_declares_nothing(said: bytes) -> None:
    assert manifest(said).imports == {}


def test_a_declared_name_is_local_and_another_is_a_package() -> None:
    def file(path: str, code: str) -> Module:
        name = path.removesuffix(".js").replace("/", ".").removesuffix(".index")
        return lower(front_end("javascript"), path, name, False, code.encode())

    program = Program(
        [
            file("packages/db/index.js", "exports.run = () => 1"),
            file("lib/fs.js", "exports.readFile = () => 1"),
            file("fs.js", "exports.readFile = () => 1"),
            file("app.js", 'const fs = require("fs"); const db = require("@shop/db"); const own = require("./fs")'),
            manifest({"name": "@shop/db"}),
        ]
    )
    assert program.entity("fs.readFile") is None
    assert program.canonical("@shop/db.run") == "packages.db.run"
    assert program.canonical("/fs.readFile") == "fs~2.readFile"
    assert program.modules["app"].imports["own"] == ("fs~2", "")
