"""RFC 9309 by example: tests/cases/robots/decisions.toml, one body with its questions a case."""

from __future__ import annotations

import base64
import tomllib
from pathlib import Path
from typing import Any

import pytest

from rightscheck.robots import RobotsTxt

CASES = tomllib.loads((Path(__file__).parent / "cases/robots/decisions.toml").read_text("utf-8"))["case"]


def body_of(case: dict[str, Any]) -> bytes:
    if "robots_base64" in case:
        return base64.b64decode(case["robots_base64"])
    text: str = case["robots"]
    return text.encode(case.get("encode", "utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_robots_txt_decides(case: dict[str, Any]) -> None:
    robots = RobotsTxt.parse(body_of(case))
    for ask in case["asks"]:
        ruling = robots.decide(ask["agent"], ask["url"])
        assert (ruling.allowed, ruling.line) == (ask["allowed"], ask.get("line")), ask
        assert ruling.text == (robots.text_of(ruling.line) if ruling.line else "")
        if "note" in ask:
            assert any(ask["note"] in note for note in ruling.notes), ruling
        else:
            assert ruling.notes == (), ask


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_many_at_once_decide_alike(case: dict[str, Any]) -> None:
    robots = RobotsTxt.parse(body_of(case))
    asks = case["asks"] * 20  # above the number from which they are taken together
    for agent in {ask["agent"] for ask in asks}:
        urls = [ask["url"] for ask in asks if ask["agent"] == agent]
        assert robots.decide_many(agent, urls) == [robots.decide(agent, url).allowed for url in urls]


def test_the_cases_are_many_and_named_once() -> None:
    names = [case["id"] for case in CASES]
    assert len(names) == len(set(names))
    assert sum(len(case["asks"]) for case in CASES) >= 100
