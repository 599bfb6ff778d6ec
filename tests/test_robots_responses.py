"""What an answer to GET /robots.txt means, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightscheck.model import Document
from rightscheck.robots import RobotsState, classify, expires_after
from rightscheck.robots.responses import parse_document
from rightscheck.vocab import Carrier

URL = "https://kabar.example/robots.txt"
BODY = b"User-agent: *\nDisallow: /x\n"


def answer(
    status: int | None = 200,
    body: bytes = BODY,
    *,
    failure: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    truncated: bool = False,
) -> Document:
    return Document(
        carrier=Carrier.ROBOTS_TXT,
        url=URL,
        status=status,
        body=body,
        failure=failure,
        headers=headers,
        truncated=truncated,
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (None, "rules"),
        (200, "rules"),
        (203, "rules"),
        (206, "rules"),
        (301, "refused"),
        (304, "refused"),
        (400, "absent"),
        (401, "refused"),
        (402, "absent"),
        (403, "refused"),
        (404, "absent"),
        (405, "absent"),
        (408, "unreachable"),
        (410, "absent"),
        (418, "absent"),
        (429, "unreachable"),
        (451, "refused"),
        (499, "absent"),
        (500, "unreachable"),
        (503, "unreachable"),
        (599, "unreachable"),
        (100, "unreachable"),
        (999, "unreachable"),
    ],
)
def test_a_status_means(status: int | None, state: str) -> None:
    assert classify(answer(status)) == RobotsState(state)


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        ("timeout", "unreachable"),
        ("dns", "unreachable"),
        ("tls", "unreachable"),
        ("connect", "unreachable"),
        ("protocol", "unreachable"),
        ("blocked-address", "unreachable"),
        ("something-new", "unreachable"),
        ("redirect-loop", "refused"),
        ("too-many-redirects", "refused"),
        ("too-large", "rules"),
    ],
)
def test_a_failure_means(failure: str, state: str) -> None:
    assert classify(answer(None, failure=failure)) == RobotsState(state)


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (b"", "absent"),
        (b" \r\n\t", "absent"),
        (b"<!doctype html><title>Login</title>", "invalid"),
        (b"# only a comment\n", "rules"),
    ],
)
def test_a_body_means(body: bytes, state: str) -> None:
    assert classify(answer(200, body)) == RobotsState(state)


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ((), 24 * 60),
        ((("Cache-Control", "max-age=3600"),), 60),
        ((("cache-control", "public, Max-Age=7200, must-revalidate"),), 120),
        ((("Cache-Control", 'max-age="900"'),), 15),
        ((("Cache-Control", "max-age=0"),), 5),
        ((("Cache-Control", "no-store"),), 5),
        ((("Cache-Control", "max-age=99999999999999999999"),), 24 * 60),
        ((("Cache-Control", "max-age=soon"),), 24 * 60),
        ((("Cache-Control", "max-age=3600"), ("Cache-Control", "max-age=600")), 10),
        ((("Cache-Control", "max-age=3600"), ("Age", "1800")), 30),
        ((("Cache-Control", "s-maxage=60"),), 24 * 60),
    ],
    ids=lambda value: str(value),
)
def test_a_file_holds_for(headers: tuple[tuple[str, str], ...], minutes: int) -> None:
    assert expires_after(answer(headers=headers)) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "document", [answer(503), answer(429), answer(None, failure="dns")], ids=["503", "429", "dns"]
)
def test_an_unreachable_one_is_asked_for_again_soon(document: Document) -> None:
    assert expires_after(document) == timedelta(minutes=5)


def test_half_a_line_is_left_out_of_a_truncated_answer() -> None:
    cut = b"User-agent: *\nDisallow: /\nAllow: /op"
    assert not parse_document(answer(body=cut, truncated=True)).decide("MyBot", "/option").allowed
    assert parse_document(answer(body=cut)).decide("MyBot", "/option").allowed


def test_the_same_body_is_parsed_once() -> None:
    assert parse_document(answer(body=bytes(BODY))) is parse_document(answer(404, body=bytes(list(BODY))))
