"""Whose statement is it: the publisher's, or another holder's in its page."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.model import Evidence, Finding, Statement
from rightscheck.registry import Registry, attribute
from rightscheck.registry.publishers import read_layer
from rightscheck.vocab import Kind, Party, Preference, Use

CASES = Path(__file__).resolve().parent / "cases" / "registry"
REGISTRY = Registry.of([read_layer(CASES / "policies", "invented", [])])
TABLE = tomllib.loads((CASES / "attribution.toml").read_text("utf-8"))["case"]
PARTIES = {"own": Party.PUBLISHER, "other": Party.THIRD_PARTY}


def finding(text: str, place: int = 0) -> Finding:
    what, _, name = text.partition(":")
    preference = Preference.ALLOW if what == "permission" else Preference.DISALLOW
    says = Statement(preference=preference, uses=frozenset({Use.TDM}), holder=name or None)
    kinds = {"copyright": Kind.COPYRIGHT, "credit": Kind.CREDIT, "permission": Kind.PERMISSION}
    return Finding(
        rule="tdmrep/disallow" if what == "machine" else f"notice/{what}",
        kind=kinds.get(what, Kind.RESERVATION),
        message="",
        evidence=Evidence(source="text", sha256="", locator=f"char:{place}-{place + 1}"),
        statement=None if what in {"copyright", "credit"} else says,
        holder=name or None if what in {"copyright", "credit"} else None,
    )


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["title"])
def test_a_statement_is_whose_it_is(case: dict[str, Any]) -> None:
    given_findings = [finding(text, place) for place, text in enumerate(case["findings"])]

    findings, publisher, others = attribute(
        given_findings, REGISTRY, case.get("url"), tuple(case.get("site_names", ()))
    )

    assert [item.party for item in findings] == [PARTIES[name] for name in case["expected"]]
    assert all(item.statement is None or item.statement.party is item.party for item in findings)
    assert (publisher.id if publisher else None) == case.get("publisher")
    assert [holder.id for holder in others] == case.get("others", [])
    if "names" in case:
        assert publisher is not None
        assert sorted(publisher.names) == case["names"]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case["title"])
def test_the_order_of_findings_does_not_matter(case: dict[str, Any]) -> None:
    items = [finding(text, place) for place, text in enumerate(case["findings"])]
    url, names = case.get("url"), tuple(case.get("site_names", ()))

    forward = attribute(items, REGISTRY, url, names)
    backward = attribute(items[::-1], REGISTRY, url, names)

    assert forward[0] == backward[0][::-1]
    assert forward[1:] == backward[1:]


def test_the_last_of_several_notices_is_the_pages_own() -> None:
    items = [finding("copyright:Some Photographer", 10), finding("copyright:Unlisted Gazette", 900)]

    _, publisher, _ = attribute(items, REGISTRY, "https://unlisted.example/a")

    assert publisher is not None
    assert publisher.name == "Unlisted Gazette"


WHAT = st.sampled_from(["copyright", "credit", "sentence", "permission", "machine"])
NAMES = st.sampled_from(
    ["", "Harbour Wire", "The Morning Ledger", "Tribune", "Some Stringer", "Quiet Agency"]
)
URLS = st.sampled_from(
    [None, "https://ledger.example/", "https://harbourwire.example/", "https://unlisted.example/"]
)


@given(st.lists(st.tuples(WHAT, NAMES).map(":".join), max_size=6), URLS)
def test_nothing_but_the_party_changes(texts: list[str], url: str | None) -> None:
    from dataclasses import replace

    items = [finding(text, place) for place, text in enumerate(texts)]

    findings, _, others = attribute(items, REGISTRY, url)

    def bare(item: Finding) -> Finding:
        statement = item.statement
        plain = replace(statement, party=Party.PUBLISHER, holder=None) if statement else None
        return replace(item, party=Party.PUBLISHER, statement=plain)

    assert [bare(item) for item in findings] == [bare(item) for item in items]
    assert bool(others) >= any(item.party is Party.THIRD_PARTY for item in findings)
