#!/usr/bin/env python3
"""Write policies/schema/*.json, the JSON Schemas of the files that people write, from the models."""

from __future__ import annotations

import json
from pathlib import Path

from rightscheck.registry.schema import JSON_SCHEMAS

FOLDER = Path(__file__).resolve().parent.parent / "policies" / "schema"


def render(name: str) -> str:
    """The JSON Schema (draft 2020-12) of one kind of file, as it is stored."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **JSON_SCHEMAS[name]()}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in JSON_SCHEMAS:
        (FOLDER / f"{name}.json").write_text(render(name), "utf-8", newline="\n")


if __name__ == "__main__":
    main()
