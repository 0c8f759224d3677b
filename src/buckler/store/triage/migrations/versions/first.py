"""The first tables: segments, imports and what they covered, streams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "segment",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("alerts", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("identity", sa.Integer, nullable=False),
    )
    op.create_table(
        "piece",
        sa.Column("segment", sa.String(64), sa.ForeignKey("segment.digest"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "import",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("report", sa.String(64), nullable=False),
        sa.Column("project", sa.String(200), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("format", sa.String(100), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("alerts", sa.BigInteger, nullable=False),
        sa.Column("skipped", sa.Text, nullable=False),
        sa.Column("partial", sa.Boolean, nullable=False),
        sa.Column("segment", sa.String(64), sa.ForeignKey("segment.digest")),
        sa.UniqueConstraint("report", "project"),
    )
    op.create_table(
        "covered",
        sa.Column("import", NUMBER, sa.ForeignKey("import.id"), primary_key=True),
        sa.Column("tool", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
    )
    op.create_table(
        "ran",
        sa.Column("import", NUMBER, sa.ForeignKey("import.id"), primary_key=True),
        sa.Column("tool", sa.String(200), primary_key=True),
        sa.Column("rule", sa.String(400), primary_key=True),
    )
    op.create_table(
        "stream",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    for name in ("stream", "ran", "covered", "import", "piece", "segment"):
        op.drop_table(name)
