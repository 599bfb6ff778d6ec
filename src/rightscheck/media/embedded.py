"""Metadata inside files: XMP packets in JPEG, PNG, PDF and anything else, and their properties (ISO 16684-1).

Every search is bounded; compressed parts are inflated up to a limit. What cannot be read is named.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element

from rightscheck.model import Document
from rightscheck.sources import Sources
from rightscheck.syntax.xmltree import XmlFault, local_name, namespace, read_xml, text_of
from rightscheck.vocab import Carrier, Scope

MAX_SCAN = 64 * 1024 * 1024
"""Bytes of a file that are searched."""
MAX_PACKET = 2 * 1024 * 1024
MAX_PACKETS = 64
MAX_PARTS = 16_384
"""Segments of a JPEG or chunks of a PNG that are looked at."""
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XAP = b"http://ns.adobe.com/xap/1.0/\x00"
_XAP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\x00"

PREFIXES = {
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://www.w3.org/ns/tdmrep/": "tdm",
    "http://www.w3.org/ns/tdmrep#": "tdm",
    "http://www.w3.org/ns/tdmrep": "tdm",
    "http://creativecommons.org/ns#": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
}
"""The namespaces that rights are said in, with the prefix that they are known by."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One XMP packet: its tree, or why it has none. `main` when it describes the file as a whole."""

    root: Element | None
    fault: str
    locator: str
    main: bool = True


@dataclass(frozen=True, slots=True)
class Property:
    """One property of the file: `plus:DataMining`, its values in order, and where it stands."""

    name: str
    values: tuple[str, ...]
    locator: str
    main: bool


def files(sources: Sources) -> Iterator[tuple[Document, Scope]]:
    """The files whose metadata may speak: the asset, unless it is a page or text, and the media in it.

    What stands in media of a page covers those media (`Scope.MEDIA`), never the page's text.
    """
    asset, page = sources.asset, sources.asset.page
    is_page = sources.html is not None or asset.media_type in ("text/plain", "text/html", "text/markdown")
    if page is not None and not is_page and not page.failure and _is_answer(page):
        yield page, Scope.ASSET
    for document in sources.documents.get(Carrier.EMBEDDED, ()):
        if not document.failure and _is_answer(document):
            yield document, Scope.MEDIA


def _is_answer(document: Document) -> bool:
    return document.status is None or 200 <= document.status < 300


@lru_cache(maxsize=1)
def packets(data: bytes) -> tuple[Packet, ...]:
    """The XMP packets of a file in order, at most 64, searched in its first 64 MiB."""
    data = data[:MAX_SCAN]
    found: list[tuple[bytes | XmlFault, bool]]
    if data.startswith(b"\xff\xd8\xff"):
        found = list(_in_jpeg(data)) or _scan(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        found = list(_in_png(data)) or _scan(data)
    elif is_pdf(data):
        found = list(_in_pdf(data)) or _scan(data)
    else:
        found = _scan(data)
    return tuple(
        _packet(raw, "xmp:" if number == 1 else f"xmp[{number}]:", main)
        for number, (raw, main) in enumerate(found[:MAX_PACKETS], 1)
    )


def properties(data: bytes) -> tuple[Property, ...]:
    """The rights properties in all packets of a file, in order."""
    return tuple(
        found
        for packet in packets(data)
        if packet.root is not None
        for found in _properties(packet, packet.root)
    )


def is_pdf(data: bytes) -> bool:
    """Whether the bytes are a PDF: the header may be preceded by up to 1,024 bytes."""
    return b"%PDF-" in data[:1029]


def _packet(raw: bytes | XmlFault, locator: str, main: bool) -> Packet:
    if isinstance(raw, XmlFault):
        return Packet(None, raw.reason, locator, main)
    root = read_xml(_trimmed(raw), max_bytes=MAX_PACKET)
    if isinstance(root, XmlFault):
        return Packet(None, f"XMP packet {root.reason}", locator, main)
    return Packet(root, "", locator, main)


def _trimmed(raw: bytes) -> bytes:
    """The packet without its wrapper and padding; what follows the last element is cut off."""
    for head, tail in ((b"<x:xmpmeta", b"</x:xmpmeta>"), (b"<rdf:RDF", b"</rdf:RDF>")):
        start, end = raw.find(head), raw.rfind(tail)
        if 0 <= start < end:
            return raw[start : end + len(tail)]
    return raw.strip(b"\x00 \t\r\n")


# --- where packets are ----------------------------------------------------------------------------


def _scan(data: bytes) -> list[tuple[bytes | XmlFault, bool]]:
    found: list[tuple[bytes | XmlFault, bool]] = [
        (raw, True) for raw in _wrapped(data, b"<?xpacket begin", b"<?xpacket end")
    ]
    if not found:
        found = [(raw, True) for raw in _wrapped(data, b"<x:xmpmeta", b"</x:xmpmeta>")]
    for encoding in ("utf-16-le", "utf-16-be"):
        if found:
            break
        begin, end = "<?xpacket begin".encode(encoding), "<?xpacket end".encode(encoding)
        for raw in _wrapped(data, begin, end):
            if not isinstance(raw, XmlFault):
                raw = raw.decode(encoding, "replace").encode("utf-8", "replace")
            found.append((raw, True))
    return found


def _wrapped(data: bytes, begin: bytes, end: bytes) -> Iterator[bytes | XmlFault]:
    position = 0
    for _ in range(MAX_PACKETS):
        start = data.find(begin, position)
        if start < 0:
            return
        stop = data.find(end, start, start + MAX_PACKET)
        if stop < 0:
            yield XmlFault("XMP packet without an end")
            position = start + len(begin)
            continue
        position = stop + len(end)
        yield data[start:position]


def _in_jpeg(data: bytes) -> Iterator[tuple[bytes | XmlFault, bool]]:
    """APP1 segments before the first scan; extended XMP is joined by its offsets (XMP part 3, 1.1.3)."""
    extended: dict[bytes, dict[int, bytes]] = {}
    for marker, body in jpeg_segments(data):
        if marker != 0xE1:
            continue
        if body.startswith(_XAP):
            yield body[len(_XAP) :], True
        elif body.startswith(_XAP_EXTENSION):
            rest = body[len(_XAP_EXTENSION) :]
            if len(rest) > 40:
                extended.setdefault(rest[:32], {})[int.from_bytes(rest[36:40])] = rest[40:]
    for parts in extended.values():
        if sum(map(len, parts.values())) > MAX_PACKET:
            yield XmlFault("extended XMP larger than we read"), True
        else:
            yield b"".join(parts[offset] for offset in sorted(parts)), True


def jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and body of each segment of a JPEG before its first scan."""
    position = 2
    for _ in range(MAX_PARTS):
        if position + 4 > len(data) or data[position] != 0xFF:
            return
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in (0xDA, 0xD9):
            return
        length = int.from_bytes(data[position + 2 : position + 4])
        if length < 2:
            return
        yield marker, data[position + 4 : position + 2 + length]
        position += 2 + length


def _in_png(data: bytes) -> Iterator[tuple[bytes | XmlFault, bool]]:
    for kind, body in png_chunks(data):
        keyword, _, rest = body.partition(b"\x00")
        if kind != b"iTXt" or keyword != b"XML:com.adobe.xmp" or len(rest) < 2:
            continue
        compressed = rest[0] == 1
        text = rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
        inflated = inflate(text) if compressed else text
        yield (XmlFault("compressed XMP that cannot be read") if inflated is None else inflated), True


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and body of each chunk of a PNG."""
    position = 8
    for _ in range(MAX_PARTS):
        if position + 12 > len(data):
            return
        length = int.from_bytes(data[position : position + 4])
        kind = data[position + 4 : position + 8]
        yield kind, data[position + 8 : position + 8 + length]
        if kind == b"IEND":
            return
        position += 12 + length


def inflate(data: bytes, limit: int = MAX_PACKET) -> bytes | None:
    """The inflated bytes (RFC 1950); None when they are damaged or more than `limit`."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, limit + 1)
    except zlib.error:
        return None
    return plain if len(plain) <= limit and (inflater.eof or plain) else None


# --- PDF (ISO 32000-2 14.3) -----------------------------------------------------------------------

_METADATA = re.compile(rb"/Type\s{0,8}/Metadata\b")
_OBJECT = re.compile(rb"(\d{1,10})\s{1,8}(\d{1,5})\s{1,8}obj\b")
_STREAM = re.compile(rb"stream\r?\n")
_CATALOG = re.compile(rb"/Type\s{0,8}/Catalog\b")
_REFERENCE = re.compile(rb"/Metadata\s{1,8}(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R\b")
_OBJECT_STREAM = re.compile(rb"/Type\s{0,8}/ObjStm\b")
_FILTER = re.compile(rb"/Filter\s{0,8}\[?\s{0,8}/(\w{1,30})")


def _in_pdf(data: bytes) -> Iterator[tuple[bytes | XmlFault, bool]]:
    """Metadata streams, plain or deflated; those that the catalog does not name are of parts of the file."""
    encrypted = b"/Encrypt" in data and b"/EncryptMetadata false" not in data
    streams = []
    for count, match in enumerate(_METADATA.finditer(data)):
        if count == MAX_PACKETS:
            break
        stream = _stream(data, match.start(), match.end())
        if stream is not None:
            streams.append(stream)
    main = _catalog_metadata(data) if len(streams) > 1 else None
    known = {number for number, _, _ in streams}
    for number, kind, body in streams:
        own = main is None or main not in known or number == main
        if b"<?xpacket" in body or b"xmpmeta" in body or b"rdf:RDF" in body:
            yield body, own
        elif encrypted:
            yield XmlFault("metadata of an encrypted PDF"), own
        elif kind == b"FlateDecode":
            plain = inflate(body)
            yield (XmlFault("deflated metadata that cannot be read") if plain is None else plain), own
        else:
            name = kind.decode("ascii", "replace") or "none"
            yield XmlFault(f"metadata stream that cannot be read (filter {name})"), own


def _stream(data: bytes, start: int, end: int) -> tuple[int, bytes, bytes] | None:
    """Object number, filter and bytes of the stream whose dictionary holds that place; None for no stream."""
    head = data[max(0, start - 1024) : start]
    objects = list(_OBJECT.finditer(head))
    opening = _STREAM.search(data, end, end + 2048)
    if opening is None:
        return None
    closing = data.find(b"endstream", opening.end(), opening.end() + MAX_PACKET)
    dictionary = head[objects[-1].end() if objects else 0 :] + data[start : opening.start()]
    found = _FILTER.search(dictionary)
    body = data[opening.end() : closing if closing >= 0 else opening.end() + MAX_PACKET]
    return int(objects[-1][1]) if objects else -1, found[1] if found else b"", body


def _catalog_metadata(data: bytes) -> int | None:
    """The object number of the last catalog's metadata; the catalog may be in an object stream."""
    texts = [data]
    for count, match in enumerate(_OBJECT_STREAM.finditer(data)):
        if count == 256:
            break
        stream = _stream(data, match.start(), match.end())
        plain = inflate(stream[2]) if stream is not None and stream[1] == b"FlateDecode" else None
        if plain is not None and _CATALOG.search(plain):
            texts.append(plain)
    number = None
    for text in texts:
        for count, match in enumerate(_CATALOG.finditer(text)):
            if count == 64:
                break
            around = text[max(0, match.start() - 2048) : match.end() + 2048]
            references = list(_REFERENCE.finditer(around))
            if references:
                middle = match.start() - max(0, match.start() - 2048)
                number = int(min(references, key=lambda found: abs(found.start() - middle))[1])
    return number


# --- properties -----------------------------------------------------------------------------------


def _properties(packet: Packet, root: Element) -> Iterator[Property]:
    """The rights properties of the file itself; nested descriptions speak of other resources."""
    for rdf in root.iter(f"{{{_RDF}}}RDF"):
        for description in rdf:
            if description.tag != f"{{{_RDF}}}Description":
                continue
            for key, value in description.attrib.items():
                name = _name(key)
                if name:
                    yield Property(name, (value.strip()[:20_000],), packet.locator + name, packet.main)
            for child in description:
                name = _name(child.tag)
                if name:
                    yield Property(name, _values(child), packet.locator + name, packet.main)


def _name(tag: str) -> str:
    prefix = PREFIXES.get(namespace(tag))
    return f"{prefix}:{local_name(tag)}" if prefix else ""


def _values(element: Element) -> tuple[str, ...]:
    """The text, the resource, or the items of an alternative, bag or sequence; without duplicates."""
    resource = element.get(f"{{{_RDF}}}resource")
    if resource:
        return (resource.strip()[:20_000],)
    items = [item for container in element for item in container if item.tag == f"{{{_RDF}}}li"][:200]
    if items:
        values = [item.get(f"{{{_RDF}}}resource") or text_of(item) for item in items]
        return tuple(dict.fromkeys(value for value in values if value))
    return (text_of(element),)
