"""Waivers lift one finding, for the uses and hosts that they name, until they expire."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rightscheck.errors import PolicyError
from rightscheck.model import Evidence, Finding, Statement
from rightscheck.registry.waivers import Waiver, fingerprint, list_waivers, load_waivers, waiver_for
from rightscheck.vocab import Kind, Preference, Use

FINDING = Finding(
    rule="notice/reservation",
    kind=Kind.RESERVATION,
    message="forbids crawling",
    evidence=Evidence(
        source="https://news.example/a", sha256="0" * 64, locator="char:10-40", quote="No crawling."
    ),
    statement=Statement(preference=Preference.DISALLOW, uses=frozenset({Use.CRAWL})),
)
FILE = f"""[[waiver]]
id = "w1"
fingerprint = "{fingerprint(FINDING)}"
uses = ["search"]
hosts = ["news.example"]
reason = "cleared by telephone, letter to follow"
owner = "legal desk"
created = 2026-01-01
expires = 2026-06-30
"""


def load(tmp_path: Path, text: str = FILE) -> tuple[Waiver, ...]:
    path = tmp_path / "waivers.toml"
    path.write_text(text, "utf-8")
    return load_waivers(path)


@pytest.mark.parametrize(
    ("use", "url", "on", "lifted"),
    [
        (Use.SEARCH, "https://news.example/b", date(2026, 1, 1), True),
        (Use.SEARCH, "https://news.example/b", date(2026, 6, 30), True),
        (Use.SEARCH, "https://news.example/b", date(2026, 7, 1), False),
        (Use.SEARCH, "https://news.example/b", date(2025, 12, 31), False),
        (Use.CRAWL, "https://news.example/b", date(2026, 3, 1), False),
        (Use.TDM, "https://news.example/b", date(2026, 3, 1), False),
        (Use.SEARCH, "https://www.news.example/b", date(2026, 3, 1), False),
        (Use.SEARCH, "https://other.example/", date(2026, 3, 1), False),
        (Use.SEARCH, None, date(2026, 3, 1), False),
    ],
)
def test_a_waiver_lifts_what_it_names(
    tmp_path: Path, use: Use, url: str | None, on: date, lifted: bool
) -> None:
    assert (waiver_for(FINDING, use, load(tmp_path), url=url, on=on) is not None) is lifted


def test_a_fingerprint_is_of_content_not_of_place() -> None:
    evidence = replace(
        FINDING.evidence, source="x", locator="line:7", quote=" NO \n crawling. ", sha256="1" * 64
    )

    assert fingerprint(replace(FINDING, evidence=evidence, message="else")) == fingerprint(FINDING)


@pytest.mark.parametrize(
    "other",
    [
        replace(FINDING, rule="notice/denial"),
        replace(FINDING, evidence=replace(FINDING.evidence, quote="No crawling, no mining.")),
        replace(FINDING, statement=Statement(preference=Preference.DISALLOW, uses=frozenset({Use.TDM}))),
        replace(FINDING, statement=None),
    ],
)
def test_a_changed_finding_has_another_fingerprint(other: Finding) -> None:
    assert fingerprint(other) != fingerprint(FINDING)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2025, 1, 1), "future"),
        (date(2026, 5, 30), "active"),
        (date(2026, 5, 31), "expiring"),
        (date(2026, 6, 30), "expiring"),
        (date(2026, 7, 1), "expired"),
    ],
)
def test_waivers_are_listed_with_their_state(tmp_path: Path, on: date, state: str) -> None:
    (listed,) = list_waivers(load(tmp_path), {load(tmp_path)[0].id}, on)

    assert (listed.state, listed.used) == (state, True)


def test_a_waiver_that_lifts_no_finding_is_unused(tmp_path: Path) -> None:
    (listed,) = list_waivers(load(tmp_path), [], date(2026, 3, 1))

    assert not listed.used


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("expires = 2026-06-30\n", "", "waiver[0].expires", "missing"),
        ('owner = "legal desk"', 'owner = ""', "waiver[0].owner", "must not be empty"),
        ("expires = 2026-06-30", "expires = 2025-06-30", "waiver[0]", "lies before `created`"),
        ('hosts = ["news.example"]\n', "", "waiver[0].hosts", "missing"),
        (FINDING.rule, FINDING.rule, "waiver", "is used twice"),
    ],
)
def test_a_fault_is_named(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    text = FILE + FILE if reason == "is used twice" else FILE.replace(old, new)

    with pytest.raises(PolicyError) as caught:
        load(tmp_path, text)

    assert [problem.key for problem in caught.value.problems] == [key]
    assert reason in str(caught.value)


@pytest.mark.parametrize("fmt", ["text", "markdown", "json"])
@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-03-01", "holds until 2026-06-30"),
        ("2026-06-15", "ends soon, on 2026-06-30"),
        ("2026-07-15", "ended on 2026-06-30 and lifts nothing"),
    ],
)
def test_every_report_lists_all_waivers(cli, tmp_path: Path, fmt: str, day: str, says: str) -> None:
    load(tmp_path)
    book = next(tmp_path.glob("*.toml"))
    page = tmp_path / "page.txt"
    page.write_text("Rain fell on the hill.", "utf-8")

    ran = cli("check", str(page), "--profile", "text-only", "--waivers", str(book), "--as-of", day, "-f", fmt)

    if fmt == "json":
        (listed,) = json.loads(ran.text)["waivers"]
        assert listed["used"] is False
        assert listed["state"] == {"holds": "active", "ends": "expiring", "ended": "expired"}[says.split()[0]]
    else:
        told = " ".join(ran.text.split())
        assert says in told
        assert "lifted nothing in this run" in told
