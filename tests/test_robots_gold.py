"""The shared match cases, where they are at hand: every deviation is listed and explained in docs/robots.md."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest

from rightscheck.robots import RobotsTxt, canonical_path
from rightscheck.robots.google import GoogleReading

ROOT = Path(__file__).parent.parent
GOLD = ROOT.parent / "shared/gold/robots-cases.jsonl"
VECTORS = ROOT.parent / "shared/reference/signal_vectors.json"
DOCS = ROOT / "docs/robots.md"

needs_gold = pytest.mark.skipif(not GOLD.exists(), reason="the shared match cases are not at hand")


def cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in GOLD.read_text("utf-8").splitlines()]


def body_of(case: dict[str, Any]) -> bytes:
    encoded = case["robots_b64"]
    return base64.b64decode(encoded) if encoded is not None else case["robots"].encode()


def failing(found: list[dict[str, Any]]) -> list[str]:
    """The ids of the match cases that the engine answers otherwise."""
    return [
        case["id"]
        for case in found
        if RobotsTxt.parse(body_of(case)).decide(case["agent"], case["url"]).allowed is not case["expected"]
    ]


def deviations() -> set[str]:
    table = DOCS.read_text("utf-8").partition("<!-- deviations -->")[2].partition("<!-- end -->")[0]
    return set(re.findall(r"\br\d{4}\b", table))


def test_every_class_of_difference_is_explained() -> None:
    bench = (ROOT / "bench/robots_differential.py").read_text("utf-8")
    classes = re.findall(
        r'^    "([a-z-]+)": \(', bench.partition("CLASSES")[2].partition("\n}")[0], re.MULTILINE
    )
    table = DOCS.read_text("utf-8").partition("<!-- classes -->")[2].partition("<!-- end -->")[0]
    assert len(classes) >= 10
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(classes)


@needs_gold
def test_the_core_holds_in_full() -> None:
    core = [case for case in cases() if case["set"] == "core"]
    assert len(core) >= 1105
    assert failing(core) == []


@needs_gold
def test_every_other_deviation_is_listed_with_its_reason() -> None:
    matches = [case for case in cases() if case["kind"] == "match"]
    assert set(failing(matches)) == deviations()


@needs_gold
def test_tokens_with_digits_are_whole_tokens() -> None:
    found = [case for case in cases() if case["set"] == "digit-token"]
    assert len(found) >= 58
    assert set(failing(found)) <= deviations()


@needs_gold
def test_paths_are_taken_out_of_urls() -> None:
    found = [case for case in cases() if case["kind"] == "path_of_url"]
    assert [case["id"] for case in found if canonical_path(case["url"]) != case["expected"]] == []


@needs_gold
def test_the_google_reading_is_google_s() -> None:
    """Its own test cases, but for the two that hand it a URL which a crawler would have escaped before."""
    found = [case for case in cases() if case["kind"] == "match" and case["source"].startswith("google/")]
    wrong = [
        case["id"]
        for case in found
        if GoogleReading(body_of(case)).decide(case["agent"], case["url"])[0] is not case["expected"]
    ]
    assert len(found) >= 420
    assert wrong == ["r0072", "r0074"]


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared signal vectors are not at hand")
def test_the_robots_vectors_hold() -> None:
    vectors = [vector for vector in json.loads(VECTORS.read_text("utf-8")) if vector["kind"] == "robots"]
    wrong = [
        vector["id"]
        for vector in vectors
        if RobotsTxt.parse(vector["body"].encode()).decide(vector["token"], vector["path"]).allowed
        is not vector["expect"]
    ]
    assert len(vectors) >= 32
    assert wrong == []
