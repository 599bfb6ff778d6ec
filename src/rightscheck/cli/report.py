"""`rightscheck report`: a JSON report that was kept, in another format and with the same exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rightscheck.errors import UsageError
from rightscheck.formats import renderer
from rightscheck.report import from_json


def report_command(
    source: Annotated[str, typer.Argument(metavar="REPORT.json|-", help="What `check -f json` wrote.")],
    fmt: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="text, json, jsonl or markdown.")
    ] = "text",
) -> int:
    """Render a kept report again: nothing is read or judged anew."""
    render = renderer(fmt)
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise UsageError(f"`{source}` cannot be read: {error.strerror or error}") from error
    report = from_json(data, source)
    sys.stdout.buffer.write("".join(render(report)).encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
    return report.exit_code
