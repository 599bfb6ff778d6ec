"""Licences named in a rights text: its whole, or a Creative Commons address within a sentence."""

from __future__ import annotations

import re

from rightscheck.licences import Licence, is_url, normalise, read_licences

MAX_TEXT = 20_000
_CC_ADDRESS = re.compile(
    r"(?:https?:)?//(?:www\.)?creativecommons\.org/[A-Za-z0-9+./\-]{1,120}", re.IGNORECASE
)
# Rights texts hold sentences and names of holders: only these beginnings are names of licences.
_NAMES = ("cc", "creative commons", "public domain", "open government licen", "gnu free doc")


def licences_in(text: str) -> tuple[Licence, ...]:
    """The licences that the text names; empty for a sentence or a holder's name."""
    text = text.strip()[:MAX_TEXT]
    if is_url(text) or normalise(text[:500]).startswith(_NAMES):
        found = read_licences(text)
        if found:
            return found
    addresses = dict.fromkeys(match[0].rstrip(".-") for match in _CC_ADDRESS.finditer(text))
    named = [licence for address in list(addresses)[:8] for licence in read_licences(address)]
    return tuple(dict.fromkeys(named))
