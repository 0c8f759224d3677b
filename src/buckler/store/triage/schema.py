"""The tables of the store, the same for SQLite and PostgreSQL. A change needs a migration (`migrations/versions`)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only what is called INTEGER."""

segments = Table(
    "segment",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("alerts", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("identity", Integer, nullable=False),
)
"""Alerts as a file of columns, in pieces; never changed."""

pieces = Table(
    "piece",
    metadata,
    Column("segment", String(64), ForeignKey("segment.digest"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

imports = Table(
    "import",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("report", String(64), nullable=False),
    Column("project", String(200), nullable=False),
    Column("path", Text, nullable=False),
    Column("format", String(100), nullable=False),
    Column("at", Double, nullable=False),
    Column("alerts", BigInteger, nullable=False),
    Column("skipped", Text, nullable=False),
    Column("partial", Boolean, nullable=False),
    Column("segment", String(64), ForeignKey("segment.digest")),
    UniqueConstraint("report", "project"),
)
"""One report that was taken in for a project; `report` is the digest of its bytes, `skipped` JSON."""

covered = Table(
    "covered",
    metadata,
    Column("import", NUMBER, ForeignKey("import.id"), primary_key=True),
    Column("tool", String(200), primary_key=True),
    Column("version", String(200), nullable=False),
    Column("scope", Text, nullable=False),
)
"""What each tool of a report looked at."""

ran = Table(
    "ran",
    metadata,
    Column("import", NUMBER, ForeignKey("import.id"), primary_key=True),
    Column("tool", String(200), primary_key=True),
    Column("rule", String(400), primary_key=True),
)
"""Rules of which a report says that they ran."""

streams = Table(
    "stream",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
)
"""How far a stream was read, and what was learned so far."""
