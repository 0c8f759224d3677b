"""What an operation of a web service takes, read from the description of itself that its framework makes (OpenAPI).

Rows of plain data, one for each text or number that can be sent: where it goes, its name (fields of fields with dots),
its type, whether it is required, and a harmless filler as code.
"""

from __future__ import annotations

from typing import Any

MOST_FIELDS = 40
FILLERS = {"integer": "1", "number": "1.0", "boolean": "True", "array": "[]", "object": "{}", "null": "None"}
FORMATS = {
    "email": "'one@example.com'",
    "date": "'2024-01-31'",
    "date-time": "'2024-01-31T12:00:00'",
    "uuid": "'%s'" % ("1" * 32),
    "uri": "'http://localhost/'",
    "time": "'12:00:00'",
    "ipv4": "'127.0.0.1'",
}
BODIES = {"application/json": "json", "application/x-www-form-urlencoded": "form", "multipart/form-data": "form"}


def operations(application: Any) -> dict[str, Any]:
    """Paths and definitions, or nothing for a framework that does not describe itself."""
    describe = getattr(application, "openapi", None)
    try:
        reply = describe() if callable(describe) else {}
    except Exception:  # a description that cannot be made is none
        return {}
    return reply if isinstance(reply, dict) else {}


def parameters(reply: Any, path: str, method: str) -> list[dict[str, Any]]:
    item = reply.get("paths", {}).get(path, {}).get(method.lower())
    if item is None:
        return []
    definitions = reply.get("components", {}).get("schemas", {})
    out: list[dict[str, Any]] = []
    for parameter in item.get("parameters", ()):
        out += fields(
            parameter.get("schema", {}), parameter["name"], parameter["in"], definitions, parameter.get("required")
        )
    for kind, content in item.get("requestBody", {}).get("content", {}).items():
        if kind in BODIES:
            out += fields(content.get("schema", {}), "", BODIES[kind], definitions, True)
    return out[:MOST_FIELDS]


def fields(
    schema: Any, name: str, where: str, definitions: Any, required: bool, depth: int = 5
) -> list[dict[str, Any]]:
    """The leaves of a schema."""
    schema = resolved(schema, definitions)
    kind = schema.get("type", "string" if name else "object")
    if where == "json" and kind == "object" and schema.get("properties") and depth:
        out: list[dict[str, Any]] = []
        for key, inner in schema["properties"].items():
            needed = bool(required) and key in schema.get("required", ())
            out += fields(inner, "%s.%s" % (name, key) if name else key, where, definitions, needed, depth - 1)
        return out
    if where == "json" and kind == "array" and depth and name:
        return fields(schema.get("items", {}), name + ".0", where, definitions, required, depth - 1)
    if where == "form" and kind == "object" and schema.get("properties"):
        wanted = schema.get("required", ())
        return [
            f
            for key, inner in schema["properties"].items()
            for f in fields(inner, key, where, definitions, key in wanted, 0)
        ]
    file = schema.get("format") == "binary" or "contentMediaType" in schema
    return [
        {
            "in": "file" if file else where,
            "name": name,
            "type": kind,
            "required": bool(required),
            "filler": filler(schema, kind),
        }
    ]


def resolved(schema: Any, definitions: Any) -> Any:
    """Without references, and of several choices the first that is not null."""
    for _ in range(6):
        if "$ref" in schema:
            schema = definitions.get(schema["$ref"].rpartition("/")[2], {})
        for word in ("anyOf", "oneOf", "allOf"):
            rows = [s for s in schema.get(word, ()) if s.get("type") != "null"]
            if rows:
                schema = rows[0]
                break
        else:
            if "$ref" not in schema:
                break
    return schema


def filler(schema: Any, kind: str) -> str:
    if schema.get("enum"):
        return repr(schema["enum"][0])
    if "default" in schema or "const" in schema:
        return repr(schema.get("const", schema.get("default")))
    if kind in ("integer", "number") and schema.get("minimum", schema.get("exclusiveMinimum", 0)) > 0:
        return repr(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
    if kind == "string" and "format" in schema:
        return FORMATS.get(schema["format"], "'one'")
    return FILLERS.get(kind, repr("one" + "e" * max(0, schema.get("minLength", 0) - 3)))
