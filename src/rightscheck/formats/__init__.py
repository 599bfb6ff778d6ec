"""One file per output format: `render(report)` yields text, `suffix` is the file ending it fits.

Formats are found by their file names; another one needs no other change.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module

from rightscheck.errors import UsageError
from rightscheck.report import Report

Render = Callable[[Report], Iterator[str]]


def names() -> tuple[str, ...]:
    """The names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def renderer(name: str) -> Render:
    """The renderer of that format.

    Raises:
        UsageError: there is no such format.
    """
    if name not in names():
        raise UsageError(f"unknown format `{name}`", hint=f"formats: {', '.join(names())}")
    render: Render = import_module(f"rightscheck.formats.{name}").render
    return render
