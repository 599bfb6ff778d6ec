"""Paths and path patterns in one canonical form, and the matcher (RFC 9309 2.2.2 and 2.2.3).

Both sides of a comparison are brought to the same octets: escapes of unreserved characters are
decoded, other escapes are written in upper case, and what may not stand in a URI is escaped. Matching
takes each literal piece of a pattern at its first possible place, so it never backtracks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_LITERAL = frozenset(_UNRESERVED + "/?&=:;,@!'()+[]#")

# A URL whose path is canonical already: the common case, answered by one match without backtracking.
_CANONICAL_URL = re.compile(r"(?:[Hh][Tt][Tt][Pp][Ss]?://[^/?#\\]*+)?+(/(?!/)[!&-)+-;=?-\[\]_a-z~]*+)\Z")
_CANONICAL_PATTERN = re.compile(r"[!&-;=?-\[\]_a-z~]*+\$?\Z")
# Escapes that stay: upper case, and of an octet that is not unreserved.
_KEPT = r"(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"
_ESCAPABLE = re.compile(rf"%(?!{_KEPT})(?:[0-9A-Fa-f]{{2}})?+|[^!%&-)+-;=?-\[\]_a-z~]")
_AUTHORITY = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*+:)?//[^/?#]*+|(?!/)[^/?#]*+")


def _replacements() -> dict[str, str]:
    table = {chr(code): f"%{code:02X}" for code in range(128) if chr(code) not in _LITERAL}
    for code in range(256):
        canonical = chr(code) if chr(code) in _UNRESERVED and code < 128 else f"%{code:02X}"
        digits = f"{code:02X}"
        for high in {digits[0], digits[0].lower()}:
            for low in {digits[1], digits[1].lower()}:
                table[f"%{high}{low}"] = canonical
    return table


_REPLACEMENTS = _replacements()


def _replace(match: re.Match[str]) -> str:
    token = match[0]
    known = _REPLACEMENTS.get(token)
    if known is not None:
        return known
    # Lone surrogates stand for bytes that were not UTF-8: those very bytes are escaped.
    octets = token.encode("utf-8", "surrogateescape" if "\udc80" <= token <= "\udcff" else "surrogatepass")
    return "".join(f"%{octet:02X}" for octet in octets)


def canonical_path(url: str) -> str:
    """The path and query of a URL as octets to match: escapes canonical, fragment and authority removed.

    Takes a URL with or without scheme (`//host/a`, `host/a`) or a path that starts with one slash. Dot
    segments are resolved as HTTP clients do before they send (RFC 3986 5.2.4). Always starts with `/`.
    """
    match = _CANONICAL_URL.match(url)
    path = match[1] if match else escape(path_and_query(url))
    return _without_dot_segments(path) if "/." in path else path


def canonical_paths(urls: Sequence[str]) -> list[str]:
    """The canonical path of each URL, in order; fast when most share the first one's scheme and host.

    What follows the common origin is looked at as one string: only rows that need it are taken one by one.
    """
    if len(urls) < _FEW:
        return [canonical_path(url) for url in urls]
    authority = _AUTHORITY.match(urls[0])
    origin = authority[0] if authority else ""
    start = len(origin)
    paths = [url[start:] if url.startswith(origin) else _ODD for url in urls]
    joined = "\n".join(paths)
    if joined.count("\n") != len(paths) - 1:
        return [canonical_path(url) for url in urls]
    marks = _MARKS if _ESCAPE_TO_MEND.search(joined) else _MARKS_BUT_ESCAPES
    marked = joined.encode("utf-8", "surrogatepass").translate(marks)
    dotted = b"/." in marked or b"//" in marked
    if dotted or b"\0" in marked or marked[:1] != b"/" or marked.count(b"\n/") != len(paths) - 1:
        for row, octets in enumerate(marked.split(b"\n")):
            if b"\0" in octets or octets[:1] != b"/" or (dotted and (b"/." in octets or b"//" in octets)):
                paths[row] = canonical_path(urls[row])
    return paths


_FEW = 16
_ODD = "\0"
_MARKS = bytes(code if chr(code) in _LITERAL - {"#"} or code == 10 else 0 for code in range(256))
_MARKS_BUT_ESCAPES = _MARKS[:37] + b"%" + _MARKS[38:]
_ESCAPE_TO_MEND = re.compile(rf"%(?!{_KEPT})")


def path_and_query(url: str) -> str:
    """The path and query of a URL as they stand, from the first slash; the fragment is dropped.

    White space around the URL is no part of it (URL Standard 4.4).
    """
    url = url.partition("#")[0].strip(" \t\r\n\f")
    authority = _AUTHORITY.match(url)
    rest = url[authority.end() :] if authority else url
    return rest if rest.startswith("/") else "/" + rest


def escape(path: str) -> str:
    """A path with canonical escapes; already canonical ones are returned unchanged."""
    return _ESCAPABLE.sub(_replace, path)


def _without_dot_segments(path: str) -> str:
    path, mark, query = path.partition("?")
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept) + mark + query


def canonical_pattern(pattern: str) -> str:
    """A rule's path in the form that `canonical_path` is compared with.

    `*` and a final `$` stay special; every other `$` and an escaped `%2A` or `%24` stand for themselves.
    """
    return normalise(pattern)[0]


def pattern_length(pattern: str) -> int:
    """The octets of a rule's path after normalisation, wildcards included: most octets win (RFC 9309 2.2.2).

    A literal `$` or stray `%` counts as the one octet that it is.
    """
    return normalise(pattern)[1]


def normalise(pattern: str) -> tuple[str, int]:
    """The canonical pattern and its length in octets."""
    if _CANONICAL_PATTERN.match(pattern):
        return pattern, len(pattern)
    anchored = pattern.endswith("$")
    body = pattern[:-1] if anchored else pattern
    canonical = "*".join(escape(piece) for piece in body.split("*")) + ("$" if anchored else "")
    literal = body.count("$") + (len(_STRAY.findall(body)) if "%" in body else 0)
    return canonical, len(canonical) - 2 * literal


_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")


def are_canonical(patterns: Sequence[str]) -> bool:
    """Whether all the patterns are canonical as they stand, `$` aside."""
    joined = "\n".join(patterns)
    return joined.isascii() and not joined.encode("ascii").translate(None, _PATTERN_OCTETS)


_PATTERN_OCTETS = "".join(_LITERAL | set("*$\n")).encode("ascii")


class Pattern:
    """A pattern with `*`. `needle` is its longest literal piece, which every matching path contains.

    `in_query` is True when no path without `?` can match.
    """

    __slots__ = ("_canonical", "_parts", "in_query", "needle")

    def __init__(self, canonical: str) -> None:
        self._canonical = canonical
        self._parts: tuple[str, tuple[str, ...], str | None] | None = None
        self.in_query = "?" in canonical
        self.needle = max(canonical.removesuffix("$").split("*"), key=len)

    def _take_apart(self) -> tuple[str, tuple[str, ...], str | None]:
        """What must start the path, what follows in order, and what ends it (None without a final `$`)."""
        head, *rest = self._canonical.removesuffix("$").split("*")
        tail = rest.pop() if self._canonical.endswith("$") else None
        self._parts = parts = (head, tuple(piece for piece in rest if piece), tail)
        return parts

    def matches(self, path: str) -> bool:
        """Whether the canonical path matches: each piece is taken at its first place, so none is tried twice."""
        head, middle, tail = self._parts or self._take_apart()
        if not path.startswith(head):
            return False
        position, end = len(head), len(path)
        if tail is not None:
            end -= len(tail)
            if end < position or not path.endswith(tail):
                return False
        for piece in middle:
            position = path.find(piece, position, end)
            if position < 0:
                return False
            position += len(piece)
        return True


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> tuple[str, Pattern | None, bool]:
    canonical = canonical_pattern(pattern)
    if "*" in canonical:
        return "", Pattern(canonical), False
    if canonical.endswith("$"):
        return canonical[:-1], None, True
    return canonical, None, False


def match_path(pattern: str, path: str) -> bool:
    """Whether a path (as `canonical_path` returns it) matches a rule's path with `*` and a final `$`.

    Both are made canonical first. Linear in the lengths of both; an empty pattern matches nothing.
    """
    if not pattern:
        return False
    literal, wild, exact = _compile(pattern)
    path = escape(path)
    if wild is not None:
        return wild.matches(path)
    return path == literal if exact else path.startswith(literal)
