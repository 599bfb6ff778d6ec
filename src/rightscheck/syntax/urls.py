"""URLs as they are asked for: one normal form, and the rules a URL must meet before any I/O.

Follows RFC 3986 6.2.2 and the WHATWG URL Standard where crawlers and browsers agree: numeric hosts in
every notation become dotted IPv4, international names become A-labels (UTS 46, IDNA 2008).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import idna

from rightscheck.errors import UsageError

MAX_URL_LENGTH = 16_384
WEB_PORTS = {"http": 80, "https": 443}

# The Fetch Standard's blocked ports, and the data stores and control planes that answer to strangers.
# fmt: off
REFUSED_PORTS = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    445, 873, 1433, 1521, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 5432, 5900, 5984, 6379, 6380, 6443,
    9042, 9092, 10250, 10255, 11211, 27017, 27018, 27019,
})
# fmt: on

_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SINGLE_DOT = frozenset({".", "%2e"})
_DOUBLE_DOT = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})
_PATH_SAFE = "/%:@!$&'()*+,;=~|^[]\\"
_QUERY_SAFE = _PATH_SAFE + "?`{}"


def check_url_form(url: str) -> str:
    """The URL in its normal form; nothing is fetched or resolved.

    Scheme and host in lower case, international names as A-labels, IPv4 in dotted decimal, no default port,
    no trailing dot of the host, dot segments resolved, unsafe characters percent-encoded, no fragment.

    Raises:
        UsageError: no scheme, another scheme than http or https, credentials, an impossible host or port,
            a port that no web server uses, control characters, more than 16,384 code points.
    """
    url = url.strip(" \t\r\n")
    parts = _split(url)
    scheme = parts.scheme
    if scheme not in WEB_PORTS:
        raise _wrong(url, _scheme_fault(url, scheme), hint="give the URL in full: https://example.org/page")
    if "@" in parts.netloc:
        raise UsageError("URL with a user name or password in it", hint="remove the part before `@`")
    host = _host(url, parts)
    port = _port(url, parts)
    netloc = host if port in (None, WEB_PORTS[scheme]) else f"{host}:{port}"
    path = _quote(_resolve_dots(parts.path), _PATH_SAFE) or "/"
    query = f"?{_quote(parts.query, _QUERY_SAFE)}" if parts.query else ""
    return f"{scheme}://{netloc}{path}{query}"


def resolve_target(current: str, location: str) -> str:
    """The normal form of a redirect target, relative ones resolved against the current URL (RFC 9110 10.2.2).

    Raises:
        UsageError: the target is not a URL that may be asked for; the message says why.
    """
    try:
        return check_url_form(urljoin(current, location.strip()))
    except ValueError as error:
        raise _wrong(location, str(error)) from error


def host_of(url: str) -> str:
    """The host of a URL in normal form, IPv6 without brackets."""
    return urlsplit(url).hostname or ""


def _split(url: str) -> SplitResult:
    if not url:
        raise UsageError("empty URL")
    if len(url) > MAX_URL_LENGTH:
        raise _wrong(url, f"longer than {MAX_URL_LENGTH:,} characters")
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in url):
        raise _wrong(url, "control character")
    if any(0xD800 <= ord(character) < 0xE000 for character in url):
        raise _wrong(url, "not valid Unicode")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise _wrong(url, str(error)) from error


def _scheme_fault(url: str, scheme: str) -> str:
    if not scheme or "://" not in url:
        return "no scheme"
    return f"scheme `{scheme}` is not http or https"


def _wrong(url: str, reason: str, *, hint: str = "") -> UsageError:
    return UsageError(f"not a URL to fetch: {reason}: `{_printable(url)}`", hint=hint)


def _printable(text: str) -> str:
    """The text in at most 120 ASCII characters of one line, whatever it holds."""
    shown = "".join(c if " " <= c <= "~" else c.encode("unicode_escape").decode() for c in text[:121])
    return shown if len(shown) <= 120 else shown[:117] + "..."


def _port(url: str, parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise _wrong(url, "impossible port") from error
    if port in REFUSED_PORTS:
        raise _wrong(url, f"port {port} is not a web port")
    return port


def _host(url: str, parts: SplitResult) -> str:
    try:
        host = parts.hostname
    except ValueError as error:
        raise _wrong(url, str(error)) from error
    if not host:
        raise _wrong(url, "no host")
    try:
        if parts.netloc.startswith("["):
            return f"[{_ipv6(host)}]"
        name = _name(host)
        return _ipv4(name) or name
    except ValueError as error:  # idna.IDNAError is one
        raise _wrong(url, f"invalid host, {_printable(str(error))}") from error


def _ipv6(text: str) -> str:
    if "%" in text:
        raise ValueError("IPv6 zone")
    return IPv6Address(text).compressed


def _name(host: str) -> str:
    """The host name in A-labels, without its trailing dot. Underscores are accepted: such hosts exist."""
    if len(host) > 253:
        raise ValueError("longer than 253 characters")
    if not host.isascii():
        host = idna.uts46_remap(host, std3_rules=False)
    labels = [_label(label) for label in host.removesuffix(".").split(".")]
    name = ".".join(labels)
    if len(name) > 253:
        raise ValueError("longer than 253 characters")
    return name


def _label(label: str) -> str:
    if not label.isascii():
        return idna.alabel(label).decode("ascii")
    if not _LABEL.fullmatch(label):
        raise ValueError("empty label" if not label else f"label {label[:70]!a}")
    if label.startswith("xn--") and not label[4:].encode("ascii").decode("punycode"):
        raise ValueError("empty label")
    return label


def _ipv4(name: str) -> str | None:
    """Dotted decimal for a name whose last label is a number, as WHATWG's IPv4 parser reads it; else None."""
    labels = name.split(".")
    if not _NUMBER.fullmatch(labels[-1]):
        return None
    if len(labels) > 4:
        raise ValueError("IPv4 of more than four parts")
    *heads, last = (_ipv4_number(label) for label in labels)
    if any(head > 255 for head in heads) or last >= 256 ** (4 - len(heads)):
        raise ValueError("IPv4 out of range")
    value = last + sum(head << 8 * (3 - place) for place, head in enumerate(heads))
    return str(IPv4Address(value))


def _ipv4_number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") and len(label) > 1 else 10)


def _resolve_dots(path: str) -> str:
    """The path without dot segments (RFC 3986 5.2.4), encoded dots included, as browsers read it."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        plain = segment.lower()
        if plain in _DOUBLE_DOT:
            del kept[-1:]
        elif plain not in _SINGLE_DOT:
            kept.append(segment)
    if segments and segments[-1].lower() in _SINGLE_DOT | _DOUBLE_DOT:
        kept.append("")
    return "/" + "/".join(kept)


def _quote(text: str, safe: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", text), safe=safe)
