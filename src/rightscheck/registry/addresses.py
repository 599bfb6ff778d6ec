"""Hosts and paths of URLs as the registry and the grants compare them (RFC 3986 6.2.2, UTS 46).

Readings follow browsers where the two differ, so that no crafted URL lands under another host's policy.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, unquote, urlsplit

import idna
from publicsuffixlist import PublicSuffixList

_PLAIN = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([A-Za-z0-9._\-]+)(?::([0-9]{1,5}))?(?=[/?#]|\Z)")
_WEB_SCHEME = re.compile(r"(https?|ftp|wss?):[/\\]*", re.IGNORECASE)
_BARE_HOST = re.compile(r"[^\s/?#:@\\]+\.[^\s/?#:@\\.]{2,}\.?(?::[0-9]{1,5})?(?=[/?#]|\Z)")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9_])?")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
MAX_URL = 65_536


def host_of(url: str) -> tuple[str, int | None] | None:
    """The host in lower-case A-labels without a trailing dot, and the port (else the scheme's own).

    None when the URL names no host. A missing scheme is forgiven (`www.news.example/a`), user names,
    backslashes and percent-encoded hosts are read as browsers read them.
    """
    plain = _PLAIN.match(url)
    if plain is None:
        return _unusual_host(url)
    scheme, host, port = plain.groups()
    host = host.lower()
    if host.endswith("."):
        host = host[:-1]
    return host, int(port) if port else _DEFAULT_PORTS.get(scheme.lower())


def is_plain_origin(text: str) -> bool:
    """True for `scheme://host` or `scheme://host:port` in ASCII and nothing else."""
    return _PLAIN.fullmatch(text) is not None


def _unusual_host(url: str) -> tuple[str, int | None] | None:
    text = _with_scheme(url)
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
        raw = parts.hostname
    except ValueError:  # a bad port, an unfinished bracket: no host that anybody could fetch
        return None
    host = canonical_host(unquote(raw or ""))
    return (host, port or _DEFAULT_PORTS.get(parts.scheme)) if host else None


def _with_scheme(url: str) -> str | None:
    """The URL as `scheme://authority/…` with browsers' repairs; None when it is no web address."""
    text = url[:MAX_URL].strip("".join(map(chr, range(33)))).translate({9: None, 10: None, 13: None})
    web = _WEB_SCHEME.match(text)
    if web:
        return web[1].lower() + "://" + text[web.end() :].replace("\\", "/")
    if text.startswith(("//", "\\\\")):
        return "https:" + text.replace("\\", "/")
    if "://" in text:
        return text
    return "https://" + text if _BARE_HOST.match(text) else None


def canonical_host(host: str) -> str:
    """The host in lower-case A-labels without a trailing dot; empty when it is not a host name or address."""
    text = host.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    if ":" in text:
        try:
            return str(ip_address(text))
        except ValueError:
            return ""
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True, std3_rules=False, transitional=False).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    text = text.lower().removesuffix(".")
    labels = text.split(".")
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return ""
    return text


def path_of(url: str) -> str:
    """The path of the URL, normalised: at least `/`, without query, fragment and dot segments."""
    text = _with_scheme(url)
    if text is None:
        return "/"
    rest = text.partition("://")[2].replace("\\", "/")
    authority = re.match(r"[^/?#]*", rest)
    return normalise_path(rest[authority.end() if authority else 0 :])


def normalise_path(path: str) -> str:
    """The path without needless escapes and dot segments, escapes in upper case (RFC 3986 6.2.2)."""
    bare = re.split(r"[?#]", path, maxsplit=1)[0]
    encoded = quote(bare, safe="/%!$&'()*+,;=:@-._~[]|^{}`\"<>")
    decoded = _ESCAPE.sub(_decode_unreserved, encoded)
    kept: list[str] = []
    segments = decoded.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept).removeprefix("/")


def _decode_unreserved(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return char if char in _UNRESERVED else match[0].upper()


def path_within(path: str, prefix: str) -> bool:
    """True when the normalised path is the prefix or lies below it; `/ab` is not below `/a`."""
    if not path.startswith(prefix):
        return False
    return len(path) == len(prefix) or prefix.endswith("/") or path[len(prefix)] == "/"


def host_matches(host: str, port: int | None, pattern: str) -> bool:
    """True when the pattern names the host: `h` itself, `*.h` subdomains, `h:port` that port, `*` any."""
    if pattern == "*":
        return True
    name, _, wanted = pattern.partition(":") if pattern.count(":") == 1 else (pattern, "", "")
    if wanted and port != int(wanted):
        return False
    if name.startswith("*."):
        return host.endswith(name[1:]) and len(host) > len(name) - 1
    return host == name


def canonical_pattern(pattern: str) -> str:
    """A grant's or house rule's host pattern in canonical form; empty when it is not one."""
    if pattern == "*":
        return pattern
    star = "*." if pattern.startswith("*.") else ""
    name, colon, port = (
        pattern[len(star) :].partition(":") if pattern.count(":") == 1 else (pattern[len(star) :], "", "")
    )
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        return ""
    host = canonical_host(name)
    return f"{star}{host}{colon}{port}" if host else ""


@lru_cache(maxsize=1)
def public_suffixes() -> PublicSuffixList:
    """The public suffix list, loaded once (ICANN and private section)."""
    return PublicSuffixList()


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str:
    """The registrable domain of a canonical host; the host itself where there is none (an address)."""
    if ":" in host or host.replace(".", "").isdigit():
        return host
    domain = public_suffixes().privatesuffix(host)
    return str(domain) if domain else host


def is_public_suffix(host: str) -> bool:
    """True for a name under which anybody may register: `com`, `co.uk`, `github.io`."""
    return bool(public_suffixes().publicsuffix(host) == host)
