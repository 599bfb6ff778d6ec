"""`--format` of the commands that answer in text for people or in JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from rightscheck.errors import UsageError

Format = Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="text or json.")]


def is_json(fmt: str) -> bool:
    """Whether JSON was asked for.

    Raises:
        UsageError: neither text nor json was.
    """
    if fmt not in {"text", "json"}:
        raise UsageError(f"unknown format `{fmt}`", hint="formats: json, text")
    return fmt == "json"


def write_json(value: object) -> int:
    """The exit code 0, after the value is on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    return 0
