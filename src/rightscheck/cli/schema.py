"""`rightscheck schema`: the JSON Schemas of what rightscheck writes and reads."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from rightscheck.errors import UsageError
from rightscheck.report import json_schema


def schema_command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="report, publisher, profile or grants.")
    ] = "report",
) -> int:
    """Print a JSON Schema."""
    from rightscheck.registry import schema as registry_schema

    schemas = {"report": json_schema, **registry_schema.JSON_SCHEMAS}
    if name not in schemas:
        raise UsageError(f"unknown schema `{name}`", hint=f"schemas: {', '.join(sorted(schemas))}")
    sys.stdout.write(json.dumps(schemas[name](), indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    return 0
