"""C2PA manifests that a text or a page carries or points to: found here, read by the `c2pa` extra.

C2PA 2.4 A.7 (HTML), A.8 (text, as variation selectors behind U+FEFF), A.9 (between armour lines). Found
in the bytes as they came: cleaning a text destroys what its publisher put there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rightscheck.model import Evidence, Finding, Gap
from rightscheck.sources import Sources, asset_evidence, evidence
from rightscheck.syntax.http_fields import parse_links
from rightscheck.vocab import AI_ALL, Kind, Use

CONCERNED = frozenset({Use.TDM, Use.EVALUATE}) | AI_ALL
"""Uses that a training and data mining assertion in the manifest could speak of."""
MAX_FOUND = 10


def _selector(byte: int) -> str:
    """The variation selector that stands for a byte (A.8)."""
    return chr(0xFE00 + byte) if byte < 16 else chr(0xE0100 + byte - 16)


_HEADER = "".join(_selector(byte) for byte in b"C2PATXT\0")
_FOLLOWING = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]*+")
_BEGIN = "-----BEGIN C2PA MANIFEST-----"
_END = "-----END C2PA MANIFEST-----"
_PREFIX = 5  # one byte version, four bytes length


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """A pointer per manifest that the asset carries or names."""
    yield from _fields(sources)
    text = _text(sources)
    if text:
        yield from _wrapped(sources, text)
        yield from _armoured(sources, text)
    yield from _linked(sources)


def _found(message: str, where: Evidence) -> Finding:
    return Finding(
        rule="c2pa/unread",
        kind=Kind.POINTER,
        message=f"{message} and was not read; install rightscheck[c2pa] to read it",
        evidence=where,
        situation="pointer/unread",
        uses=CONCERNED,
    )


def _fields(sources: Sources) -> Iterator[Finding]:
    page = sources.asset.page
    if page is None:
        return
    for line in page.header_lines("link"):
        for link in parse_links(line):
            if "c2pa-manifest" in link.rel:
                yield _found("a C2PA manifest is linked", evidence(page, "header:Link", link.raw))


def _text(sources: Sources) -> str:
    """The text as it came, where it holds anything to look at: decoding costs more than searching bytes."""
    page = sources.asset.page
    if page is None or not page.body:
        return sources.asset.text or ""
    if _HEADER.encode() in page.body or _BEGIN.encode() in page.body:
        return page.body.decode("utf-8", "replace")
    return ""


def _wrapped(sources: Sources, text: str) -> Iterator[Finding]:
    position = text.find(_HEADER)
    for _ in range(MAX_FOUND):
        if position < 0:
            return
        end = position + len(_HEADER)
        where = asset_evidence(sources, f"char:{position}-{end}", _HEADER)
        run = _FOLLOWING.match(text, end)
        payload = _bytes(run[0] if run else "", _PREFIX)
        length = int.from_bytes(payload[1:]) if len(payload) == _PREFIX else -1
        complete = run is not None and 0 <= length <= len(run[0]) - _PREFIX
        whole = (
            "a C2PA manifest is hidden in the text"
            if complete
            else "what is left of a C2PA manifest is hidden in the text"
        )
        yield _found(whole, where)
        position = text.find(_HEADER, end)


def _bytes(selectors: str, count: int) -> bytes:
    """The bytes that the first selectors stand for."""
    codes = [ord(selector) for selector in selectors[:count]]
    return bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes)


def _armoured(sources: Sources, text: str) -> Iterator[Finding]:
    position = text.find(_BEGIN)
    for _ in range(MAX_FOUND):
        end = text.find(_END, position) if position >= 0 else -1
        if end < 0:
            return
        if text[position + len(_BEGIN) : end].strip():
            where = asset_evidence(sources, f"char:{position}-{position + len(_BEGIN)}", _BEGIN)
            yield _found("a C2PA manifest stands in the text", where)
        position = text.find(_BEGIN, end)


def _linked(sources: Sources) -> Iterator[Finding]:
    if sources.html is None:
        return
    for raw in sources.html.scripts("application/c2pa")[:MAX_FOUND]:
        where = asset_evidence(sources, "script:application/c2pa", raw.strip()[:200])
        yield _found("the page carries a C2PA manifest", where)
    links = (link for link in sources.html.links() if "c2pa-manifest" in link.rel and link.href)
    for href in list(dict.fromkeys(link.href for link in links))[:MAX_FOUND]:
        yield _found("a C2PA manifest is linked", asset_evidence(sources, "link:c2pa-manifest", href))
