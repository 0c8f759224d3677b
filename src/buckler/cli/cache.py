"""`buckler cache`: where it is, and a fresh start."""

from __future__ import annotations

from pathlib import Path

import click

from buckler.base.errors import ConfigError
from buckler.cli.exits import Exit
from buckler.store.cache import clear_cache, default_path

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group("cache")
def cache() -> None:
    """Show or clear the cache of earlier reviews."""


@cache.command("path")
def path() -> Exit:
    """Print where the cache is."""
    click.echo(default_path() or "off")
    return Exit.CLEAN


@cache.command("clear")
@click.option("--cache", "file", type=FILE, help="Cache file.  [default: in the user's cache folder]")
def clear(file: Path | None) -> Exit:
    """Delete the cache."""
    chosen = file or default_path()
    try:
        cleared = chosen is not None and clear_cache(chosen)
    except OSError as error:
        raise ConfigError(f"cannot delete the cache: {error.strerror}", where=str(chosen)) from error
    click.echo(f"deleted {chosen}" if cleared else "there is no cache of ours to delete")
    return Exit.CLEAN
