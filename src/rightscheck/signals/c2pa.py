"""C2PA manifests in files and in or beside texts, and what their active manifest says of training and mining.

C2PA 2.4 A.7 (HTML), A.8 (text, as variation selectors behind U+FEFF), A.9 (between armour lines), and media
files. Found in the bytes as they came: cleaning a text destroys what its publisher put there. Read by the
extra `c2pa`; the assertions are CAWG's Training and Data Mining 1.1 and its predecessor in C2PA up to 1.4.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urldefrag, urljoin

from rightscheck.media.c2pa_manifest import (
    MEDIA_TYPE,
    Manifest,
    can_read,
    carries_manifest,
    manifest_elsewhere,
    read_manifest,
)
from rightscheck.media.embedded import files
from rightscheck.model import Document, Evidence, Finding, Gap
from rightscheck.sources import Sources, asset_evidence, evidence
from rightscheck.syntax.http_fields import parse_links
from rightscheck.vocab import AI_ALL, Carrier, Kind, Scope, Use
from rightscheck.vocabularies.cawg import Signature, read_training_mining

CONCERNED = frozenset({Use.TDM, Use.EVALUATE}) | AI_ALL
"""Uses that a training and data mining assertion in the manifest could speak of."""
MAX_FOUND = 10

_RELATION = "c2pa-manifest"
_LABELS = ("cawg.training-mining", "c2pa.training-mining")
_DATA = "data:application/c2pa;base64,"
_STATES = {"Trusted": Signature.TRUSTED, "Valid": Signature.VALID}


def _selector(byte: int) -> str:
    """The variation selector that stands for a byte (A.8)."""
    return chr(0xFE00 + byte) if byte < 16 else chr(0xE0100 + byte - 16)


_HEADER = "".join(_selector(byte) for byte in b"C2PATXT\0")
_FOLLOWING = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]*+")
_BEGIN = "-----BEGIN C2PA MANIFEST-----"
_END = "-----END C2PA MANIFEST-----"
_PREFIX = 5  # one byte version, four bytes length


@dataclass(frozen=True, slots=True)
class _Found:
    """A manifest that the asset carries (`store`) or names (`url`, absolute); neither where it is broken."""

    message: str
    where: Evidence
    store: bytes = b""
    url: str = ""


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The manifests that the asset names instead of carrying them, where they could be read."""
    if can_read():
        named = (*_in_text(sources), *_named(sources))
        yield from ((Carrier.EMBEDDED, found.url) for found in named if found.url)


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the manifests of the asset and of the media in it say, and those that were not read."""
    for found in (*_in_text(sources), *_named(sources)):
        document = sources.document_at(found.url) if found.url else None
        store = document.body if document is not None else found.store
        manifest = read_manifest(store, MEDIA_TYPE) if store else ""
        if isinstance(manifest, Manifest):
            # Nothing here compares the text with its hash: the signature vouches for nothing.
            yield from _said(replace(manifest, state="Invalid"), found.where, Scope.ASSET)
        else:
            yield _unread(found.message, manifest or "it was not read", found.where)
    for document, scope in files(sources):
        if carries_manifest(document.body) and not _is_beside(document, sources):
            yield from _in_file(document, scope, sources)


def _in_file(document: Document, scope: Scope, sources: Sources) -> Iterator[Finding | Gap]:
    declared = document.header("content-type") or ""
    if document is sources.asset.page:
        declared = sources.asset.media_type
    manifest = read_manifest(document.body, declared.partition(";")[0].strip().lower())
    if isinstance(manifest, Manifest):
        yield from _said(manifest, evidence(document, "jumbf:"), scope)
        return
    yield Gap(carrier=Carrier.EMBEDDED, source=document.url, reason=f"a C2PA manifest: {manifest}")
    if scope is Scope.ASSET:
        yield _unread("the file carries a C2PA manifest", manifest, evidence(document, "jumbf:"))


def _said(manifest: Manifest, where: Evidence, scope: Scope) -> Iterator[Finding]:
    """What the assertions on training and mining say; a note where there are none."""
    signature = _STATES.get(manifest.state, Signature.INVALID)
    spoken = [(label, content) for label, content in manifest.assertions if label in _LABELS]
    for label, content in spoken:
        at = replace(where, locator=f"jumbf:{label}") if where.locator == "jumbf:" else where
        if label != _LABELS[0]:
            yield _note(f"`{label}` is the label of an earlier edition", at)
        yield from read_training_mining(content, where=at, signature=signature, scope=scope)
    if not spoken:
        yield _note("a C2PA manifest says nothing of training or mining", where)


def _note(message: str, where: Evidence) -> Finding:
    return Finding(rule="c2pa/note", kind=Kind.NOTE, message=message, evidence=where)


def _unread(message: str, reason: str, where: Evidence) -> Finding:
    return Finding(
        rule="c2pa/unread",
        kind=Kind.POINTER,
        message=f"{message}: {reason}",
        evidence=where,
        situation="pointer/unread",
        uses=CONCERNED,
    )


def _is_beside(document: Document, sources: Sources) -> bool:
    """Whether the file is a manifest that the page names for itself."""
    named = (*_in_text(sources), *_named(sources))
    return any(found.url in (document.url, document.final_url) for found in named if found.url)


def _named(sources: Sources) -> Iterator[_Found]:
    """The manifest elsewhere that the asset's own XMP names, where the file carries none."""
    for document, scope in files(sources):
        if scope is Scope.ASSET and not carries_manifest(document.body):
            url = manifest_elsewhere(document.body)
            if url:
                where = evidence(document, "xmp:dcterms:provenance", url)
                yield _Found("the file names a C2PA manifest elsewhere", where, url=url)


# --- in and beside texts (Appendix A.7 to A.9) ----------------------------------------------------------


def _in_text(sources: Sources) -> Iterator[_Found]:
    yield from _fields(sources)
    text = _text(sources)
    if text:
        yield from _wrapped(sources, text)
        yield from _armoured(sources, text)
    yield from _linked(sources)


def _fields(sources: Sources) -> Iterator[_Found]:
    page = sources.asset.page
    if page is None:
        return
    for line in page.header_lines("link"):
        for link in parse_links(line):
            if _RELATION in link.rel:
                where = evidence(page, "header:Link", link.raw)
                yield _Found("a C2PA manifest is linked", where, url=_absolute(sources, link.target))


def _absolute(sources: Sources, reference: str) -> str:
    page = sources.asset.page
    base = (page.final_url or page.url) if page is not None else (sources.asset.uri or "")
    try:
        url = urldefrag(urljoin(base, reference.strip())).url
    except ValueError:
        return ""
    return url if url.startswith(("http://", "https://")) else ""


def _text(sources: Sources) -> str:
    """The text as it came, where it holds anything to look at: decoding costs more than searching bytes."""
    page = sources.asset.page
    if page is None or not page.body:
        return sources.asset.text or ""
    if _HEADER.encode() in page.body or _BEGIN.encode() in page.body:
        return page.body.decode("utf-8", "replace")
    return ""


def _wrapped(sources: Sources, text: str) -> Iterator[_Found]:
    position = text.find(_HEADER)
    for _ in range(MAX_FOUND):
        if position < 0:
            return
        end = position + len(_HEADER)
        where = asset_evidence(sources, f"char:{position}-{end}", _HEADER)
        run = _FOLLOWING.match(text, end)
        following = run[0] if run else ""
        prefix = _bytes(following[:_PREFIX])
        length = int.from_bytes(prefix[1:]) if len(prefix) == _PREFIX else -1
        if 0 <= length <= len(following) - _PREFIX:
            store = _bytes(following[_PREFIX : _PREFIX + length])
            yield _Found("a C2PA manifest is hidden in the text", where, store=store)
        else:
            yield _Found("what is left of a C2PA manifest is hidden in the text", where)
        position = text.find(_HEADER, end)


def _bytes(selectors: str) -> bytes:
    """The bytes that selectors stand for."""
    codes = [ord(selector) for selector in selectors]
    return bytes(code - 0xFE00 if code < 0xFE10 else code - 0xE0100 + 16 for code in codes)


def _armoured(sources: Sources, text: str) -> Iterator[_Found]:
    position = text.find(_BEGIN)
    for _ in range(MAX_FOUND):
        end = text.find(_END, position) if position >= 0 else -1
        if end < 0:
            return
        reference = text[position + len(_BEGIN) : end].strip()
        if reference:
            where = asset_evidence(sources, f"char:{position}-{position + len(_BEGIN)}", _BEGIN)
            message = "a C2PA manifest stands in the text"
            if reference.startswith(("http://", "https://")):
                yield _Found(message, where, url=_absolute(sources, reference))
            else:
                yield _Found(message, where, store=_decoded(reference.removeprefix(_DATA)))
        position = text.find(_BEGIN, end)


def _decoded(text: str) -> bytes:
    """The bytes of Base64 with white space in it; empty where it is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _linked(sources: Sources) -> Iterator[_Found]:
    if sources.html is None:
        return
    for raw in sources.html.scripts(MEDIA_TYPE)[:MAX_FOUND]:
        where = asset_evidence(sources, f"script:{MEDIA_TYPE}", raw.strip()[:200])
        yield _Found("the page carries a C2PA manifest", where, store=_decoded(raw))
    links = (link for link in sources.html.links() if _RELATION in link.rel and link.href)
    for href in list(dict.fromkeys(link.href for link in links))[:MAX_FOUND]:
        where = asset_evidence(sources, f"link:{_RELATION}", href)
        yield _Found("a C2PA manifest is linked", where, url=_absolute(sources, href))
