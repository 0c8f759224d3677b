"""Runs migrations on the connection that `store.open_store` has open."""

from __future__ import annotations

from alembic import context

from buckler.store.triage.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
