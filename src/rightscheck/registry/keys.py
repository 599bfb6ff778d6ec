"""Where in a TOML file something stands, written as the file itself would name it."""

from __future__ import annotations

import re
from collections.abc import Iterable

ROW_TAGS = frozenset({"one-outcome", "outcomes-by-use"})
"""Steps that the schema takes between two shapes of a row, and that no file names."""


def key_of(location: Iterable[int | str]) -> str:
    """`statement[0].uses[1]`, `situations."denial/machine".tdm`: the place in the file, quoted as TOML does."""
    key = ""
    for part in location:
        if isinstance(part, int):
            key += f"[{part}]"
        elif part not in ROW_TAGS:
            plain = re.fullmatch(r"[A-Za-z0-9_\-]+", part)
            key += ("." if key else "") + (part if plain else f'"{part}"')
    return key
