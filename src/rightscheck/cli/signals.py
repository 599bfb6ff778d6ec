"""`rightscheck signals`: every carrier that is read, with its specification and what it can say."""

from __future__ import annotations

import sys
from dataclasses import asdict

from rightscheck.cli.text_or_json import Format, is_json, write_json
from rightscheck.signals import all_signals


def signals_command(
    fmt: Format = "text",
) -> int:
    """List the signals that are read."""
    signals = all_signals()
    if is_json(fmt):
        return write_json([asdict(signal) for signal in signals])
    width = max(len(signal.id) for signal in signals)
    for signal in signals:
        sys.stdout.write(
            f"{signal.id:{width}}  {signal.title}; {signal.specification} {signal.version} "
            f"({signal.status}); in: {', '.join(signal.carriers)}; says: {', '.join(signal.says)}\n"
        )
    return 0
