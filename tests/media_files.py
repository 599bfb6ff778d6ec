"""The smallest files of each kind that carry metadata, built here from their specifications."""

from __future__ import annotations

import io
import zipfile
import zlib

NAMESPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" '
    'xmlns:tdm="http://www.w3.org/ns/tdmrep/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def xmp(properties: str) -> bytes:
    """An XMP packet with these property elements."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF {NAMESPACES}><rdf:Description rdf:about="">{properties}</rdf:Description></rdf:RDF>'
        '</x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG of these segments (marker, body) and no picture."""
    parts = [b"\xff" + bytes([marker]) + (len(body) + 2).to_bytes(2) + body for marker, body in segments]
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xd9"


def jpeg_xmp(packet: bytes) -> bytes:
    return jpeg((0xE0, b"JFIF\0"), (0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet))


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks (type, body) and no picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

    inner = b"".join(chunk(kind, body) for kind, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + inner + chunk(b"IEND", b"")


def png_xmp(packet: bytes, *, compressed: bool) -> bytes:
    text = zlib.compress(packet) if compressed else packet
    return png((b"iTXt", b"XML:com.adobe.xmp\0" + bytes([compressed]) + b"\0\0\0" + text))


def pdf(packet: bytes, *, deflated: bool) -> bytes:
    """A PDF with a catalog and its metadata stream."""
    stream = zlib.compress(packet) if deflated else packet
    how = b"/Filter /FlateDecode " if deflated else b""
    return (
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Metadata 2 0 R >>\nendobj\n"
        b"2 0 obj\n<< /Type /Metadata /Subtype /XML "
        + how
        + b">>\nstream\n"
        + stream
        + b"\nendstream\nendobj\n"
        b"trailer << /Root 1 0 R >>\n%%EOF\n"
    )


def epub(package: str) -> bytes:
    """An EPUB with this package document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>',
            zipfile.ZIP_DEFLATED,
        )
        archive.writestr("p.opf", package, zipfile.ZIP_DEFLATED)
    return out.getvalue()
