"""Whom a clause names as the one to ask: "without written permission from Hill Courier"."""

from __future__ import annotations

import re

_NAMED = re.compile(
    r"\s{1,3}(?:from|by|of|dari|daripada|von|vom|der|des|de|du|da|do|di|del|della|van|från|av|af)\s{1,3}"
    r"(?:(?:the|den|het|a|o)\s{1,3})?"
    r"([^\W\d_a-zß-ÿ][\w'’&.-]{0,40}(?:\s{1,3}(?:(?:of|and|de|la|du|und|&)\s{1,3})?[^\W\d_a-zß-ÿ][\w'’&.-]{0,40}){0,5})"
)
"""A name behind "written permission", in the scripts that know capitals."""
_NOBODY = frozenset(
    "publisher publishers company companies author authors editor editors owner owners copyright rights holder "
    "holders site website administrator us management provider licensor penerbit redaksi pemilik penulis verlag "
    "verlags herausgeber autor auteur éditeur editor titular autore editore uitgever".split()
)
"""Parts that somebody plays, no names."""


def name_asked(text: str, start: int, end: int, limit: int) -> str | None:
    """The name that follows on the words of permission at `start` to `end`, not beyond `limit`; None without one.

    In the given text. Only scripts with capitals tell a name from other words.
    """
    if start >= end:
        return None
    match = _NAMED.search(text, start, max(end, limit))
    if match is None or match.start() > end:
        return None
    name = match[1].rstrip(".'’&-")
    return name if name and name.split()[0].lower() not in _NOBODY else None
