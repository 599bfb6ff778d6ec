"""Entries and grants written as the TOML files that people edit: keys in the order of the schema, no defaults."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from rightscheck.registry.schema import FileModel


def toml_value(value: object) -> str:
    """The value in TOML, on one line. Bounds: text, true and false, whole numbers, dates, lists of these."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    # TOML's basic strings are JSON's, except for the delete character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def render_model(model: FileModel, header: str = "") -> str:
    """The file as TOML, ending in a line feed; `header` is a line of its own before it."""
    return (
        (header + "\n" if header else "")
        + "\n\n".join(_blocks(model.model_dump(exclude_defaults=True)))
        + "\n"
    )


def _blocks(data: dict[str, Any]) -> Iterator[str]:
    plain = {key: value for key, value in data.items() if not _is_table(value)}
    if plain:
        yield _pairs(plain)
    for key, value in data.items():
        if isinstance(value, dict):
            yield f"[{key}]\n{_pairs(value)}"
        elif _is_table(value):
            yield from (f"[[{key}]]\n{_pairs(table)}" for table in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _pairs(table: dict[str, Any]) -> str:
    return "\n".join(f"{key} = {toml_value(value)}" for key, value in table.items())
