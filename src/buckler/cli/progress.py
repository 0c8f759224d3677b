"""Progress on a terminal, and silence anywhere else.

Example::

    with shown_progress(quiet=False) as progress:
        review_paths(paths, options, progress)
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from buckler.base.progress import Progress, Silent


@contextmanager
def shown_progress(*, quiet: bool) -> Iterator[Progress]:
    """A bar on stderr if a person is looking; only then is what draws it loaded."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    with import_module("buckler.cli.bar").bars() as bar:
        yield bar
