"""Which pages a content's `url` covers, and how narrowly (RSL 1.0; patterns of RFC 9309 2.2.3)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from rightscheck.robots import canonical_path, match_path, pattern_length

_AUTHORITY = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*+:)?//([^/?#]*+)")


def covering(url: str, page: str) -> int | None:
    """How narrowly a content's url covers the page, in octets of its path; None when it does not.

    The url is a path pattern or an absolute URL with one; `www.` and the scheme make no difference to the
    host, `*.host` names its subdomains. Everything covers a page of unknown address.
    """
    host, pattern = _apart(url)
    own = origin(page)
    if not own:
        return pattern_length(pattern)
    if host and not _covers_host(host, own):
        return None
    return pattern_length(pattern) if match_path(pattern, canonical_path(page)) else None


def _apart(url: str) -> tuple[str, str]:
    """Host (empty for a path) and path pattern of a content's url."""
    match = _AUTHORITY.match(url)
    rest = (url[match.end() :] if match else url).partition("#")[0]
    return _host(match[1]) if match else "", rest if rest[:1] in ("/", "*") else f"/{rest}"


def _host(netloc: str) -> str:
    host = netloc.rpartition("@")[2].lower()
    return host.removesuffix(":443").removesuffix(":80").removeprefix("www.")


def _covers_host(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        return host == pattern[2:] or host.endswith(pattern[1:])
    return pattern in (host, "*")


def origin(url: str) -> str:
    """The host (and port) of an http(s) URL, `www.` and the scheme apart; empty when there is none."""
    try:
        parts = urlsplit(url)
        return _host(parts.netloc) if parts.scheme in ("http", "https") and parts.hostname else ""
    except ValueError:
        return ""


def is_same_page(one: str, other: str) -> bool:
    """Whether two absolute URLs name the same page of the same host."""
    return origin(one) == origin(other) != "" and canonical_path(one) == canonical_path(other)
