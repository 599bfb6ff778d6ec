"""`rightscheck signals`: every carrier that is read, with its specification and what it can say."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from rightscheck.errors import UsageError
from rightscheck.signals import all_signals


def signals_command(
    fmt: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="text or json.")] = "text",
) -> int:
    """List the signals that are read."""
    signals = all_signals()
    if fmt == "json":
        sys.stdout.write(json.dumps([asdict(signal) for signal in signals], indent=2) + "\n")
        return 0
    if fmt != "text":
        raise UsageError(f"unknown format `{fmt}`", hint="formats: json, text")
    width = max(len(signal.id) for signal in signals)
    for signal in signals:
        sys.stdout.write(
            f"{signal.id:{width}}  {signal.title}; {signal.specification} {signal.version} "
            f"({signal.status}); in: {', '.join(signal.carriers)}; says: {', '.join(signal.says)}\n"
        )
    return 0
