"""Link fields (RFC 8288) and authentication schemes (RFC 9110 11.6.1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.syntax.http_fields import auth_schemes, parse_links


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('<https://h.example/l>; rel="license"', [("https://h.example/l", {"license"}, "")]),
        ("<l>;rel=license", [("l", {"license"}, "")]),
        (
            "<a>; rel=License; type=application/rsl+xml",
            [("a", {"license"}, "application/rsl+xml")],
        ),
        (
            '<a>; rel="license next", <b> ; rel = prev ; type="x"',
            [("a", {"license", "next"}, ""), ("b", {"prev"}, "x")],
        ),
        ('<a>; title="x, <z>; rel=license", <b>; rel=license', [("a", set(), ""), ("b", {"license"}, "")]),
        ('<a>; title="a \\" b"; rel=license', [("a", {"license"}, "")]),
        ("<a>; rel=license; rel=next", [("a", {"license"}, "")]),
        ("<a,b;c>; rel=license", [("a,b;c", {"license"}, "")]),
        ("nonsense, <b>; rel=license", [("b", {"license"}, "")]),
        ("<a>;; rel=license;", [("a", {"license"}, "")]),
        ("<a>; rel", [("a", set(), "")]),
        ("<a", []),
        ("", []),
        (",,, ,", []),
    ],
)
def test_links_are_read(value: str, expected: list[tuple[str, set[str], str]]) -> None:
    assert [(link.target, set(link.rel), link.param("type")) for link in parse_links(value)] == expected


def test_a_link_keeps_its_own_text() -> None:
    value = '<a>; rel="license" , <b>;rel=next'
    assert [link.raw for link in parse_links(value)] == ['<a>; rel="license"', "<b>;rel=next"]
    assert all(link.raw in value for link in parse_links(value))


@pytest.mark.parametrize(
    ("value", "schemes"),
    [
        ('License realm="x", error="y"', ("license",)),
        ('Basic realm="a, License", License', ("basic", "license")),
        ('Newauth realm="x", license="y"', ("newauth",)),
        ("License", ("license",)),
        ("", ()),
    ],
)
def test_schemes_are_told_from_parameters(value: str, schemes: tuple[str, ...]) -> None:
    assert auth_schemes(value) == schemes


@given(st.text(alphabet='<>;,="\\ abrel\t\x00\ud800', max_size=200))
def test_no_field_value_raises(value: str) -> None:
    for link in parse_links(value):
        assert link.raw in value
    auth_schemes(value)
