"""HTTP field values that no structured-field parser reads: Link (RFC 8288 3) and authentication schemes.

Total: what does not follow the grammar is passed over, and reading goes on behind the next comma.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LINKS = 200
"""Links read from one field line; the rest is not read."""

_SEPARATORS = re.compile(r"[,\s]*+")
_TARGET = re.compile(r"<([^<>]*+)>")
# One parameter: `; name`, `; name=token` or `; name="quoted"`. Possessive throughout, hence linear.
_PARAMETER = re.compile(
    r'\s*+;[\s;]*+([^\s=;,"<>]++)(?:\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?|([^;,"]*+)))?', re.DOTALL
)
_SKIP = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?)*+', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]++")


@dataclass(frozen=True, slots=True)
class LinkValue:
    """One link of a Link field: its target as written, lower-case relation tokens, other parameters.

    `raw` is the link as it stands in the field.
    """

    target: str
    rel: frozenset[str]
    params: tuple[tuple[str, str], ...]
    raw: str

    def param(self, name: str) -> str:
        """The first value of a parameter, `` when there is none. Names are lower-case."""
        return next((value for key, value in self.params if key == name), "")


def parse_links(value: str) -> tuple[LinkValue, ...]:
    """The links of one Link field line. Only the first `rel` of a link counts (RFC 8288 3.3)."""
    links: list[LinkValue] = []
    position = _end(_SEPARATORS, value, 0)
    while position < len(value) and len(links) < MAX_LINKS:
        target = _TARGET.match(value, position)
        if target is None:
            # What is no link is skipped to the comma that ends it.
            position = _end(_SEPARATORS, value, max(_end(_SKIP, value, position), position + 1))
            continue
        start, position = position, target.end()
        params: list[tuple[str, str]] = []
        while parameter := _PARAMETER.match(value, position):
            position = parameter.end()
            quoted, token = parameter[2], parameter[3]
            read = _ESCAPE.sub(r"\1", quoted) if quoted is not None else (token or "").strip()
            params.append((parameter[1].lower(), read))
        rel = next((text for name, text in params if name == "rel"), "")
        links.append(
            LinkValue(
                target[1].strip(),
                frozenset(rel.lower().split()),
                tuple(params),
                value[start:position].rstrip(),
            )
        )
        position = _end(_SEPARATORS, value, max(_end(_SKIP, value, position), position))
    return tuple(links)


def _end(pattern: re.Pattern[str], value: str, position: int) -> int:
    match = pattern.match(value, position)
    return match.end() if match else position


def auth_schemes(value: str) -> tuple[str, ...]:
    """The lower-case authentication schemes of one WWW-Authenticate line (RFC 9110 11.6.1).

    A scheme is a token at the start of a challenge that no `=` follows.
    """
    found: list[str] = []
    for item in _split_commas(value):
        match = _SCHEME.match(item)
        if match and not item[match.end() :].lstrip().startswith("="):
            found.append(match[0].lower())
    return tuple(found)


def _split_commas(value: str) -> list[str]:
    """The list members of a field value; commas in quoted strings do not separate."""
    return [item for item in (part.strip() for part in _MEMBER.findall(value)) if item]


_MEMBER = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)
