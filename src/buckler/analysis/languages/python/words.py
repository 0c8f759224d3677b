"""How Python and its standard library call what the analysis wants to know."""

from __future__ import annotations

from buckler.analysis.languages.words import Words

NORMALIZERS = frozenset({
    "realpath", "abspath", "normpath", "resolve", "absolute", "join", "joinpath", "Path", "PurePath", "fspath", "str",
})  # fmt: skip

WORDS = Words(
    operators={"<>": "!="},
    numeric=frozenset({"int", "float", "bool", "complex", "uuid.UUID", "UUID", "datetime", "date"}),
    open_types=frozenset({"object", "type", "Any", "typing.Any", "callable"}),
    own_modules=frozenset({"typing", "datetime"}),
    built_in=frozenset({"str", "bytes", "list", "dict", "tuple", "set"}),
    makers=("__init__",),
    implicit=frozenset({"__init__", "__new__", "__call__", "__post_init__"}),
    public=frozenset({"__init__", "__call__", "__getitem__", "__new__"}),
    class_makers=frozenset({"__new__"}),
    class_parts=frozenset({"bases", "attrs", "namespace"}),
    class_parameters=frozenset({"cls"}),
    base=frozenset({"super"}),
    called=frozenset({"__call__"}),
    entered=frozenset({"__enter__"}),
    same_text=frozenset(
        {"lower", "upper", "strip", "lstrip", "rstrip", "casefold", "title", "decode", "encode"}
    ),
    forms=NORMALIZERS | {
        "replace", "sub", "subn", "strip", "lstrip", "rstrip", "lower", "upper", "casefold", "unquote", "unquote_plus",
        "quote", "encode", "decode", "expanduser", "expandvars", "normalize", "normcase", "as_posix", "bytes",
        "urljoin",
    },
    endings=frozenset({"endswith"}),
    finders=frozenset({"find", "rfind"}),
    splits=frozenset({"split"}),
    pieces={"split": (0,), "rsplit": (-1, 1), "partition": (0,), "rpartition": (2, -1)},
    every_piece=frozenset({"split", "rsplit"}),
    replaces=frozenset({"replace"}),
    formats=frozenset({"format"}),
    lookups=frozenset({"get"}),
    intersections=frozenset({"intersection"}),
    header_keys=("HTTP_",),
    lengths=frozenset({"len"}),
    every=frozenset({"all"}),
    some=frozenset({"any"}),
    instance_of=frozenset({"isinstance"}),
    type_of=frozenset({"type"}),
    normalizers=NORMALIZERS,
    folder_parts=frozenset({"parent"}),
    folders_parts=frozenset({"parents"}),
    folders=frozenset({"dirname"}),
    shared_folders=frozenset({"commonpath"}),
    joins=("join",),
    origin_parts=frozenset({"netloc", "hostname", "scheme"}),
    host_parts=frozenset({"netloc", "hostname"}),
    host_calls=frozenset({"get_host"}),
    address_joins=frozenset({"urllib.parse.urljoin"}),
    collection_methods={
        "append": "append", "add": "append", "appendleft": "append", "insert": "insert", "extend": "extend",
        "pop": "pop", "popleft": "shift", "remove": "remove", "get": "get", "setdefault": "setdefault",
        "update": "update", "values": "values", "keys": "keys", "items": "items", "copy": "duplicate",
        "clear": "clear", "index": "same", "count": "same", "discard": "same",
    },
    fillers=frozenset({"append", "appendleft", "add", "extend", "insert", "update", "setdefault"}),
)  # fmt: skip
