"""Copyright notices of pictures outside XMP: IPTC-IIM 2:116 and Exif 0x8298 in JPEG, text chunks of PNG.

Bounded by the segments they stand in; what does not add up is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.media.embedded import inflate, jpeg_segments, png_chunks
from rightscheck.syntax.charset import decode

_PHOTOSHOP = b"Photoshop 3.0\x00"
_EXIF = b"Exif\x00\x00"
_IIM_RESOURCE = 0x0404
_COPYRIGHT_NOTICE = (2, 116)
_EXIF_COPYRIGHT = 0x8298
MAX_ENTRIES = 1_000


def rights_of(data: bytes) -> Iterator[tuple[str, str]]:
    """Locator and text of each copyright notice: `iim:2:116`, `exif:0x8298`, `png:Copyright`."""
    if data.startswith(b"\xff\xd8\xff"):
        found = _in_jpeg(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        found = _in_png(data)
    else:
        return
    for locator, raw in found:
        text = " ".join(decode(raw).replace("\x00", " ").split())
        if text:
            yield locator, text[:2_000]


def _in_jpeg(data: bytes) -> Iterator[tuple[str, bytes]]:
    for marker, body in jpeg_segments(data):
        if marker == 0xED and body.startswith(_PHOTOSHOP):
            yield from (("iim:2:116", raw) for raw in _notices(body[len(_PHOTOSHOP) :]))
        elif marker == 0xE1 and body.startswith(_EXIF):
            yield from (("exif:0x8298", raw) for raw in _exif(body[len(_EXIF) :]))


def _in_png(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Text chunks with the keyword Copyright (PNG 11.3.3)."""
    for kind, body in png_chunks(data):
        keyword, _, rest = body.partition(b"\x00")
        if keyword.lower() != b"copyright":
            continue
        if kind == b"tEXt":
            yield "png:Copyright", rest
        elif kind == b"zTXt":
            yield "png:Copyright", inflate(rest[1:], 65_536) or b""
        elif kind == b"iTXt" and len(rest) > 2:
            text = rest[2:].partition(b"\x00")[2].partition(b"\x00")[2]
            yield "png:Copyright", (inflate(text, 65_536) or b"") if rest[0] == 1 else text


def _notices(resources: bytes) -> Iterator[bytes]:
    """The datasets 2:116 in the image resources of a Photoshop segment."""
    position = 0
    for _ in range(MAX_ENTRIES):
        if resources[position : position + 4] != b"8BIM" or position + 8 > len(resources):
            return
        kind = int.from_bytes(resources[position + 4 : position + 6])
        name = resources[position + 6]
        position += 6 + name + 1 + (name + 1) % 2
        size = int.from_bytes(resources[position : position + 4])
        if kind == _IIM_RESOURCE:
            yield from _datasets(resources[position + 4 : position + 4 + size])
        position += 4 + size + size % 2


def _datasets(data: bytes) -> Iterator[bytes]:
    position = 0
    for _ in range(MAX_ENTRIES):
        if position + 5 > len(data) or data[position] != 0x1C:
            return
        size = int.from_bytes(data[position + 3 : position + 5])
        if size & 0x8000:  # extended datasets hold pictures, not notices
            return
        if (data[position + 1], data[position + 2]) == _COPYRIGHT_NOTICE:
            yield data[position + 5 : position + 5 + size]
        position += 5 + size


def _exif(tiff: bytes) -> Iterator[bytes]:
    """The Copyright entries of the first image directory (TIFF 6.0, Exif 2.32 4.6.4)."""
    order = {b"II*\x00": "little", b"MM\x00*": "big"}.get(tiff[:4])
    if order not in ("little", "big"):
        return

    def number(start: int, size: int) -> int:
        return int.from_bytes(tiff[start : start + size], "little" if order == "little" else "big")

    start = number(4, 4)
    if start < 8:
        return
    for index in range(min(number(start, 2), MAX_ENTRIES)):
        entry = start + 2 + 12 * index
        if entry + 12 > len(tiff):
            return
        if number(entry, 2) == _EXIF_COPYRIGHT:
            size = number(entry + 4, 4)
            where = number(entry + 8, 4) if size > 4 else entry + 8
            yield tiff[where : where + min(size, 65_535)]
