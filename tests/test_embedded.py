"""Metadata inside files: the same packet in every container reads alike, and damage never raises."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_files import epub, jpeg, jpeg_xmp, pdf, png_xmp, xmp
from rightscheck.media.embedded import packets, properties
from rightscheck.media.iim import rights_of
from rightscheck.model import Asset, Document, Finding, Gap, Request
from rightscheck.signals import epub as epub_signal
from rightscheck.signals import iptc, onix
from rightscheck.signals import xmp as xmp_signal
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier, Mode

RESERVED = xmp(
    "<tdm:reservation>1</tdm:reservation>"
    "<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED</plus:DataMining>"
)
PACKAGE = '<package><metadata><meta property="tdm:reservation">1</meta></metadata></package>'
ONIX = (
    b"<ONIXMessage><Product><EpubUsageConstraint><EpubUsageType>11</EpubUsageType>"
    b"<EpubUsageStatus>03</EpubUsageStatus></EpubUsageConstraint></Product></ONIXMessage>"
)
CONTAINERS = {
    "jpeg": jpeg_xmp(RESERVED),
    "png": png_xmp(RESERVED, compressed=False),
    "png, compressed": png_xmp(RESERVED, compressed=True),
    "pdf": pdf(RESERVED, deflated=False),
    "pdf, deflated": pdf(RESERVED, deflated=True),
    "any other": b"RIFF\x00\x00\x00\x00WEBP" + RESERVED,
    "utf-16": b"\x00\x01" + RESERVED.decode().encode("utf-16-be"),
}


def read(body: bytes, media_type: str = "application/octet-stream") -> list[Finding | Gap]:
    url = "https://press.example/file"
    page = Document(carrier=Carrier.HTML, url=url, status=200, body=body)
    sources = Sources(
        asset=Asset(uri=url, source=url, text=None, media_type=media_type, mode=Mode.HELD, page=page),
        request=Request(uses=("ai-train",), on=date(2026, 11, 24)),
    )
    return [item for signal in (iptc, xmp_signal, epub_signal, onix) for item in signal.read(sources)]


@pytest.mark.parametrize("name", CONTAINERS)
def test_the_same_packet_reads_alike_everywhere(name: str) -> None:
    rules = [item.rule for item in read(CONTAINERS[name]) if isinstance(item, Finding)]
    assert rules == ["iptc/disallow", "xmp/disallow"]


def test_a_packet_is_searched_once_and_bounded() -> None:
    many = RESERVED * 200
    assert len(packets(many)) == 64
    assert len({item.locator for item in properties(many)}) == 128


def test_notices_outside_xmp() -> None:
    notice = b"(c) Example Photo"
    dataset = b"\x1c\x02\x74" + len(notice).to_bytes(2) + notice
    resource = b"8BIM\x04\x04\x00\x00" + len(dataset).to_bytes(4) + dataset
    little = b"II*\x00\x08\x00\x00\x00\x01\x00\x98\x82\x02\x00\x02\x00\x00\x00A\x00\x00\x00"
    body = jpeg((0xE1, b"Exif\0\0" + little), (0xED, b"Photoshop 3.0\0" + resource))
    assert list(rights_of(body)) == [("exif:0x8298", "A"), ("iim:2:116", "(c) Example Photo")]


INTACT = [*CONTAINERS.values(), epub(PACKAGE), ONIX]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(INTACT),
    st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=6),
    st.data(),
)
def test_damaged_files_never_raise(body: bytes, changes: list[tuple[int, int]], data: st.DataObject) -> None:
    damaged = bytearray(body)
    for position, value in changes:
        damaged[position % len(damaged)] = value
    cut = data.draw(st.integers(0, len(damaged)))
    read(bytes(damaged))
    read(bytes(damaged[:cut]))
