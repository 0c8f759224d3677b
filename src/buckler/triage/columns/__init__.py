"""Bulk work on alerts as columns: `expressions` says what, once for every engine; `engine` runs it."""
