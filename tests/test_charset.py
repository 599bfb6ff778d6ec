"""Bytes to text: mark, header, meta, UTF-8, windows-1252."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.syntax.charset import declared_charset, decode, is_binary

CASES = [
    ("UTF-8 by default", "зелёный".encode(), None, False, "зелёный"),
    ("a UTF-8 mark is dropped", b"\xef\xbb\xbfabc", "text/plain; charset=latin1", False, "abc"),
    ("a UTF-16 mark decides", "añb".encode("utf-16"), None, False, "añb"),
    (
        "the header decides",
        "привет".encode("windows-1251"),
        "text/html; charset=Windows-1251",
        True,
        "привет",
    ),
    ("latin1 means windows-1252", b"\x93x\x94", "text/plain; charset=ISO-8859-1", False, "“x”"),
    ("gb2312 means gb18030", "转载".encode("gbk"), "text/html; charset=gb2312", True, "转载"),
    (
        "a meta decides in HTML",
        b'<meta charset="shift_jis">' + "転載".encode("shift_jis"),
        None,
        True,
        '<meta charset="shift_jis">転載',
    ),
    ("a meta that says UTF-16 lies", b'<meta charset="utf-16">x', None, True, '<meta charset="utf-16">x'),
    ("a meta is no meta outside HTML", b'<meta charset="utf-16">x', None, False, '<meta charset="utf-16">x'),
    ("an unknown label is ignored", "é".encode(), "text/plain; charset=klingon", False, "é"),
    ("a codec that is no charset is ignored", b"abc", "text/plain; charset=base64", False, "abc"),
    ("bytes of no known encoding are windows-1252", b"caf\xe9 cr\xe8me", None, False, "café crème"),
    (
        "one stray byte in long UTF-8 is damage",
        "é".encode() * 300 + b"\xff",
        None,
        False,
        "é" * 300 + "\ufffd",
    ),
]


@pytest.mark.parametrize(
    ("title", "body", "content_type", "html", "text"), CASES, ids=[case[0] for case in CASES]
)
def test_decode(title, body, content_type, html, text):
    assert decode(body, content_type, html=html) == text


def test_charset_parameter():
    assert declared_charset('text/html; charset="UTF-8"') == "utf-8"
    assert declared_charset("text/html") is None
    assert declared_charset(None) is None


@pytest.mark.parametrize(
    ("body", "binary"),
    [
        (b"plain\ttext\r\n", False),
        (b"\x89PNG\r\n\x1a\n\x00\x00", True),
        ("ü".encode("utf-16"), False),
        (b"", False),
        (b"\x01\x02\x03", True),
    ],
)
def test_binary(body, binary):
    assert is_binary(body) is binary


@given(st.binary(max_size=200), st.one_of(st.none(), st.text(max_size=40)), st.booleans())
def test_decoding_never_fails(body, content_type, html):
    assert isinstance(decode(body, content_type, html=html), str)
