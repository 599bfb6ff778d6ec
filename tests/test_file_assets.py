"""A file as given: what it is taken for, and that its own machine-readable words decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from rightscheck.assets import file_asset

ONIX = (
    '<?xml version="1.0"?><ONIXMessage release="3.0"><Product><DescriptiveDetail><EpubUsageConstraint>'
    "<EpubUsageType>11</EpubUsageType><EpubUsageStatus>03</EpubUsageStatus></EpubUsageConstraint>"
    "</DescriptiveDetail></Product></ONIXMessage>"
)
JATS = (
    '<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta><permissions>'
    '<license xlink:href="https://creativecommons.org/licenses/by-nc/4.0/"/>'
    "</permissions></article-meta></front></article>"
)


@pytest.mark.parametrize(
    ("name", "body", "media_type", "has_text"),
    [
        ("a.txt", b"Rain fell.", "text/plain", True),
        ("a.html", b"<p>Rain fell.", "text/html", True),
        ("a", b"<!DOCTYPE html><p>Rain fell.", "text/html", True),
        ("a.xml", b'<?xml version="1.0"?><a/>', "application/xml", True),
        ("a", b'\xef\xbb\xbf<?xml version="1.0"?><a/>', "application/xml", True),
        ("a.xml", b"<article/>", "application/xml", True),
        ("a.txt", b"<article/>", "text/plain", True),
        ("a.xml", b"Rain fell.", "text/plain", True),
        ("a.xhtml", b'<?xml version="1.0"?><html><p>Rain</p></html>', "text/html", True),
        ("a.png", b"\x89PNG\r\n\x1a\n", "image/png", False),
    ],
)
def test_what_a_file_is_taken_for(name: str, body: bytes, media_type: str, has_text: bool) -> None:
    asset, html = file_asset(name, body)

    assert asset.media_type == media_type
    assert (asset.text is not None) == has_text
    assert (html is not None) == (media_type == "text/html")


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [("record.onix", ONIX, "tdmrep/disallow"), ("article.xml", JATS, "licence/embedded")],
)
def test_what_an_xml_file_states_decides(cli, tmp_path: Path, name: str, text: str, rule: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")

    ran = cli("check", path, "--use", "ai-train", "--profile", "text-only")

    assert ran.code == 1
    assert rule in ran.text
