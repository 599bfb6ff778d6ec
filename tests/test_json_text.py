"""JSON from strangers: bounded, tolerant where asked, never a crash."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.syntax.json_text import MAX_DEPTH, array_slices, decode_json, depth_of, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_json_is_read_as_json(value: object) -> None:
    text = json.dumps(value)
    expected = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    assert parse_json(text) == expected
    assert parse_json(text, tolerant=True) == expected


@given(st.lists(VALUES, max_size=5), st.sampled_from([None, 1]))
def test_slices_are_the_source_of_the_elements(values: list[object], indent: int | None) -> None:
    text = json.dumps(values, indent=indent)
    assert [json.loads(part) for part in array_slices(text)] == values
    assert all(part in text for part in array_slices(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":[1,2,],}', {"a": [1, 2]}),
        ('{"a":"x,]"}', {"a": "x,]"}),
        ('{"a":"x,}",}', {"a": "x,}"}),
        ('{"a":"line\nbreak"}', {"a": "line\nbreak"}),
    ],
)
def test_tolerance_mends_commas_and_line_breaks_only(text: str, value: object) -> None:
    assert parse_json(text, tolerant=True) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        "[" * 100_000,
        "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        '{"a":' * 100_000,
        "9" * 5_000,
        '"\\',
        "[1" + ",1" * 3_000_000 + "]",
    ],
)
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the message is for people
        parse_json(text)


def test_brackets_in_strings_do_not_count() -> None:
    assert depth_of('["[[[[[[", {"a": "\\"[[["}]') == 2
    assert parse_json(json.dumps(["[" * 500])) == ["[" * 500]


def test_the_deepest_that_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert depth_of(text) == MAX_DEPTH
    parse_json(text)


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_encodings_are_recognised(codec: str) -> None:
    assert parse_json(decode_json('["é"]'.encode(codec))) == ["é"]


@given(st.binary(max_size=60))
def test_any_bytes_have_a_text(body: bytes) -> None:
    decode_json(body)
