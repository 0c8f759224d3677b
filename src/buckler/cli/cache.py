"""`buckler cache`: where it is, how much it holds, and a fresh start."""

from __future__ import annotations

from pathlib import Path

import click
from rich.filesize import decimal

from buckler.base.errors import ConfigError
from buckler.cli.exits import Exit
from buckler.prove.environment import kept
from buckler.store.cache import clear_cache, default_path

FILE = click.Path(dir_okay=False, path_type=Path)
CHOSEN = click.option("--cache", "file", type=FILE, help="Cache file.  [default: in the user's cache folder]")


@click.group("cache")
def cache() -> None:
    """Show or clear the cache of earlier reviews."""


@cache.command("path")
def path() -> Exit:
    """Print where the cache is."""
    click.echo(default_path() or "off")
    return Exit.CLEAN


@cache.command("show")
@CHOSEN
def show(file: Path | None) -> Exit:
    """Print how much room the cache and the environments beside it take."""
    chosen = default_path(file)
    if chosen is None:
        click.echo("off")
        return Exit.CLEAN
    files = [file for end in ("", "-wal", "-shm") if (file := Path(f"{chosen}{end}")).is_file()]
    click.echo(f"{decimal(sum(file.stat().st_size for file in files)):>10}  {chosen}")
    click.echo(f"{decimal(kept.room(chosen.parent)):>10}  {chosen.parent / kept.FOLDER}")
    return Exit.CLEAN


@cache.command("clear")
@CHOSEN
@click.option("--environments", is_flag=True, help="The environments too, which take minutes to make again.")
def clear(file: Path | None, environments: bool) -> Exit:
    """Delete the cache."""
    chosen = default_path(file)
    try:
        cleared = chosen is not None and clear_cache(chosen)
        if environments and chosen is not None:
            click.echo(f"deleted {kept.clear(chosen.parent)} environments")
    except OSError as error:
        raise ConfigError(f"cannot delete the cache: {error.strerror}", where=str(chosen)) from error
    click.echo(f"deleted {chosen}" if cleared else "there is no cache of ours to delete")
    return Exit.CLEAN
