"""The decision table row by row, and every class of conflict that needs a person, at least two cases each.

Cases are in tests/cases/combinations: documents in, verdicts out, for the profiles that they name. `row` is
reached under the first of these, `class` is the number in CLASSES.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from rightscheck import Checker
from rightscheck.assets import page_asset
from rightscheck.check import check
from rightscheck.model import Decision, Document, Evidence, Finding, Statement
from rightscheck.registry import Registry
from rightscheck.situations import context_of, rows, rows_for
from rightscheck.sources import digest
from rightscheck.vocab import Carrier, Confidence, Kind, Mode, Preference, parse_uses

ROWS: dict[str, list[str]] = {
    "silence": [
        "silence-response",
        "silence-crawl",
        "silence-redistribute",
        "silence-text-only",
        "tdmrep-404-is-absent",
        "covers-nothing-else",
        "retired-yes-permits-nothing",
        "media-denial-beside-text",
        "no-commercial-research",
        "mention-in-a-report",
        "absent-410",
        "google-reads-otherwise",
        "old-parsers-read-otherwise",
        "expires-later",
        "grant-for-another-path",
    ],
    "gap": [
        "gap-text-standard",
        "gap-tdmrep-timeout",
        "gap-tdmrep-403",
        "permission-with-a-gap",
    ],
    "permission/plain": [
        "permission-tdmrep-zero",
        "permission-cc0",
        "terms-permit",
    ],
    "denial/machine": [
        "permission-cures-no-ban",
        "weak-beside-a-denial",
        "machine-content-usage",
        "machine-noindex",
        "machine-noarchive",
        "same-key-twice",
        "same-key-in-two-groups",
        "grant-expired",
    ],
    "denial/malformed": [
        "permission-beside-malformed-ban",
        "malformed-content-usage",
        "malformed-tdm-yes",
        "malformed-tdmrep-object",
    ],
    "permission/weak": [
        "weak-content-signal-header",
        "weak-trust-txt",
    ],
    "permission/attribution": [
        "attribution-cc-by",
        "attribution-header",
        "non-commercial-for-research",
    ],
    "permission/obtainable": [
        "obtainable-rsl-subscription",
        "obtainable-licence-scheme",
    ],
    "denial/covers": [
        "covers-training",
        "covers-evaluate",
        "denial-mining-covers",
        "registry-permits-page-denies",
    ],
    "denial/neighbouring": [
        "neighbouring-tdm-input",
        "neighbouring-noai-index",
        "neighbouring-input-index",
    ],
    "denial/shadowed": [
        "shadowed-training",
        "shadowed-content-signal",
    ],
    "denial/retired-label": [
        "retired-ai",
        "retired-genai",
    ],
    "denial/winning-layer": [
        "winning-meta",
        "winning-header",
    ],
    "denial/losing-layer": [
        "losing-header",
        "losing-file",
    ],
    "pointer/unread": [
        "pointer-licence",
        "pointer-declared-terms-offline",
        "pointer-policy-alone",
        "pointer-c2pa",
        "pointer-c2pa-in-text",
    ],
    "sentence/denial": [
        "denial-own",
        "denial-own-html",
    ],
    "sentence/unclear": [
        "unclear-a",
        "unclear-crawl-touches-every-use",
        "unclear-commercial",
    ],
    "sentence/no-crawl": [
        "no-crawl-own",
        "no-crawl-own-search",
    ],
    "sentence/no-crawl-search-permitted": [
        "no-crawl-search-permitted",
        "no-crawl-search-permitted-by-aipref",
    ],
    "sentence/no-crawl-for-purpose": [
        "no-crawl-for-purpose",
        "no-crawl-for-purpose-b",
    ],
    "sentence/no-crawl-for-other-purpose": [
        "no-crawl-for-other-purpose",
        "no-crawl-for-other-purpose-tdm",
    ],
    "site/no-crawl": [
        "site-no-crawl-fetch",
        "site-no-crawl-fetch-scraping",
    ],
    "site/no-crawl-held": [
        "site-no-crawl-held",
        "site-no-crawl-held-scraping",
    ],
    "sentence/no-commercial": [
        "no-commercial-company",
        "no-commercial-search",
    ],
    "notice/classic": [
        "classic-arr",
        "classic-redistribute",
    ],
    "terms/not-read": [
        "terms-not-read-offline",
        "terms-not-read-german",
    ],
    "terms/fetch-failed": [
        "terms-fetch-failed",
        "terms-soft-404",
    ],
    "rsl/unread": [
        "rsl-missing-train",
        "rsl-invalid-search",
    ],
    "rsl/unlisted": [
        "rsl-unlisted-train",
        "rsl-unlisted-search",
    ],
    "licence/beside-reserved": [
        "beside-reserved-cc-by",
        "beside-reserved-cc0",
    ],
    "licence/share-alike": [
        "share-alike-gen",
        "share-alike-input",
    ],
    "licence/no-derivatives": [
        "no-derivatives-input",
        "no-derivatives-tdm",
    ],
    "licence/non-commercial": [
        "non-commercial-train",
        "non-commercial-search",
        "two-licences-the-stricter",
    ],
    "licence/unclear": [
        "unclear-no-version",
        "unclear-sampling",
    ],
    "licence/media": [
        "media-figure",
        "media-json-ld",
    ],
    "robots/closed": [
        "closed-fetch-train",
        "closed-fetch-crawl",
    ],
    "robots/closed-held": [
        "closed-held-train",
        "closed-held-crawl",
    ],
    "robots/unreachable": [
        "unreachable-fetch-503",
        "unreachable-fetch-timeout",
    ],
    "robots/unreachable-held": [
        "unreachable-held-429",
        "unreachable-held-dns",
    ],
    "robots/refused": [
        "refused-401",
        "refused-html",
        "refused-loop",
    ],
    "robots/training-peers-closed": [
        "peers-three",
        "peers-three-search",
    ],
    "robots/training-agent-closed": [
        "agent-one-union",
        "agent-wildcard-union",
    ],
    "page/refused": [
        "page-401-crawl",
        "page-403-train",
    ],
    "page/payment-required": [
        "payment-402",
        "payment-402-crawl",
    ],
    "page/paywall": [
        "paywall-json-ld",
        "paywall-tier",
    ],
    "page/unread": [
        "unread-500",
        "unread-timeout",
    ],
    "robots-meta/unavailable-after": [
        "expired-search",
        "expired-train",
    ],
    "robots-meta/other-agent": [
        "other-agent-tag",
        "other-agent-meta",
    ],
    "third-party/reservation": [
        "reservation-of-an-agency",
        "reservation-of-an-agency-redistribute",
        "reservation-of-an-agency-commerce",
    ],
    "third-party/credit": [
        "credit-silent-page",
        "credit-silent-page-redistribute",
    ],
    "third-party/credit-permitted": [
        "credit-permitted-by-licence",
        "credit-permitted-by-grant",
        "grant-beside-a-credit-never-tightens",
    ],
    "registry/denial": [
        "registry-denies-silent-page",
        "registry-denies-permission-elsewhere",
    ],
    "registry/permission": [
        "registry-permits",
        "registry-permits-input",
    ],
    "registry/permission-stale": [
        "registry-stale",
        "registry-stale-tdm",
    ],
    "grant/active": [
        "grant-lifts-the-registry",
        "grant-lifts-a-page",
        "grant-of-both-holders",
        "grant-with-crawl-opens-robots",
    ],
    "grant/unverified": [
        "grant-by-an-unverified-credential",
        "registry-denial-under-an-unverified-credential",
    ],
    "house/block": [
        "house-blocks",
        "house-blocks-what-the-page-permits",
    ],
    "house/allow": [
        "house-allows",
        "house-allows-search",
    ],
}
"""Rows of the decision table and the cases that reach them."""

CLASSES = {
    1: "a permission in one protocol, a denial in another",
    2: "layers of TDMRep disagree",
    3: "a path of AIPREF or Content-Signal shadows a denial",
    4: "malformed values whose lenient reading denies",
    5: "labels of earlier drafts",
    6: "RSL documents missing, invalid, closed, for money",
    7: "robots.txt refused, unreachable, not a robots.txt",
    8: "agents for training closed, ours open",
    9: "readings of other robots.txt parsers that differ",
    10: "a sentence of another holder",
    11: "licences beside media, two licences, unclear ones",
    12: "sentences in doubt, with exceptions, or quoted",
    13: "paywalls and payment",
    14: "manifests that were not read",
    15: "weak permissions beside anything else",
    16: "registry and grants: stale, contradicted, expired, out of scope",
    17: "copies of which little is known",
    19: "dates that have passed, archives",
    20: "one key with two values",
    21: "statements of media in a page of text",
    22: "checks that are not complete",
}
"""Conflicts that need a second look. What differs by jurisdiction (number 18) is in the profiles, not in a row."""

PATHS = sorted((Path(__file__).parent / "cases" / "combinations").glob("*.toml"))
FOLDER = Path(__file__).parent / "cases" / "combinations"
CASES = [
    case
    for path in PATHS
    if path.name != "grants.toml"
    for case in tomllib.loads(path.read_text("utf-8"))["case"]
]
URL = "https://vale.example/a"
ON = date(2026, 11, 24)
ABSENT = (("robots-txt", "/robots.txt", 404, ""), ("tdmrep", "/.well-known/tdmrep.json", 404, ""))


@cache
def registry() -> Registry:
    """The shipped publishers and those of the cases, read once."""
    return Registry.load(FOLDER / "policies")


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = registry()
    monkeypatch.setattr(Registry, "load", staticmethod(lambda *_: kept))


def checker_of(case: dict[str, Any], profile: str) -> Checker:
    return Checker(
        profile=profile,
        use=case["use"],
        agent="MyBot",
        policies=FOLDER / "policies",
        grants=FOLDER / "grants.toml" if "grantee" in case else None,
        grantee=case.get("grantee"),
        commercial=case.get("commercial", True),
        on=ON,
    )


def document_of(carrier: str, path: str, status: int | str, body: str, url: str) -> Document:
    where = urljoin(url, path)
    data = body.encode()
    return Document(
        carrier=Carrier(carrier),
        url=where,
        final_url=where,
        status=status if isinstance(status, int) else None,
        failure="" if isinstance(status, int) else status,
        body=data,
        sha256=digest(data),
    )


def documents_of(case: dict[str, Any], url: str) -> dict[Carrier, tuple[Document, ...]]:
    """The other sources of the host; robots.txt and tdmrep.json are absent (404) unless the case has them."""
    given = [tuple(item) for item in case.get("documents", ())]
    if "robots" in case:
        given.append(("robots-txt", "/robots.txt", 200, case["robots"]))
    named = {item[0] for item in given}
    given += [item for item in ABSENT if item[0] not in named]
    found: dict[Carrier, tuple[Document, ...]] = {}
    for carrier, path, status, body in given:
        # robots.txt of the cases speak of http; the pages are on https.
        document = document_of(carrier, path, status, body.replace("http://vale", "https://vale"), url)
        found[document.carrier] = (*found.get(document.carrier, ()), document)
    return found


def page_of(case: dict[str, Any], url: str) -> Document:
    markup = f"<!doctype html><html><head><title>A</title>{case.get('head', '')}</head><body>"
    markup += f"<p>Rain fell on the hill.</p>{case.get('body', '')}</body></html>"
    status = None if "failure" in case else case.get("status", 200)
    data = markup.encode() if status == 200 else b""
    return Document(
        carrier=Carrier.HTML,
        url=url,
        final_url=url,
        status=status,
        failure=case.get("failure", ""),
        headers=(("Content-Type", "text/html"), *((name, value) for name, value in case.get("headers", ()))),
        body=data,
        sha256=digest(data),
    )


def stated(table: dict[str, Any]) -> Finding:
    """A sentence as the notices engine would report it: what it reads is tested elsewhere."""
    holder = table.get("holder")
    return Finding(
        rule=f"{table['family']}/reservation",
        kind=Kind.RESERVATION,
        message="the text denies it",
        evidence=Evidence(source=URL, sha256="0" * 64, locator="char:0-1"),
        confidence=Confidence(table.get("confidence", "high")),
        statement=Statement(
            preference=Preference.DISALLOW,
            uses=parse_uses(table["uses"]),
            purpose=parse_uses(table.get("purpose", ())),
            non_commercial=table.get("non_commercial", False),
            holder=holder,
        ),
        holder=holder,
    )


def ask(case: dict[str, Any], profile: str) -> Decision:
    checker, url = checker_of(case, profile), case.get("url", URL)
    if "text" in case:
        return checker.check_text(case["text"], url)
    page, documents = page_of(case, url), documents_of(case, url)
    if case.get("mode", "held") == "held" and "statement" not in case:
        return checker.check_response(
            url,
            page.status or 0,
            page.headers,
            page.body,
            documents=[document for found in documents.values() for document in found],
        )
    asset, html = page_asset(page, url=url, mode=Mode(case.get("mode", "held")))
    extra = [stated(case["statement"])] if "statement" in case else []
    return check(asset, checker.request, checker.rules, documents=documents, html=html, extra=extra)


def rows_of(case: dict[str, Any], decision: Decision) -> set[str]:
    """Every row that something read falls under, noted ones too, and those that decided."""
    context = context_of(decision.findings, decision.request, decision.asset.mode)
    rows = {row.situation for use in parse_uses([case["use"]]) for row in rows_for(use, context)}
    return rows | set(decision.situations)


def expected(case: dict[str, Any]) -> dict[str, str]:
    return dict(part.split() for part in case["expect"].split(", "))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_combination(case: dict[str, Any]) -> None:
    decisions = {profile: ask(case, profile) for profile in expected(case)}
    got = {profile: decision.verdict.value for profile, decision in decisions.items()}
    first = next(iter(decisions.values()))

    assert got == expected(case), {p: (d.situations, d.gaps) for p, d in decisions.items()}
    assert case["row"] in rows_of(case, first), (sorted(rows_of(case, first)), first.findings)
    if "conditions" in case:
        assert any(case["conditions"] in condition for condition in first.conditions), first.conditions
    if "finds" in case:
        assert case["finds"] in {finding.rule for finding in first.findings}
    if "obtainable" in case:
        assert first.uses[0].obtainable is case["obtainable"]


def test_the_table_above_lists_the_cases() -> None:
    listed: dict[str, list[str]] = {}
    for case in CASES:
        listed.setdefault(case["row"], []).append(case["id"])
    assert listed == ROWS
    assert len({case["id"] for case in CASES}) == len(CASES)


def test_every_row_of_the_decision_table_is_reached_twice() -> None:
    assert set(ROWS) == set(rows())
    assert [row for row, cases in ROWS.items() if len(cases) < 2] == []


def test_every_reason_for_a_review_has_two_cases() -> None:
    counted = Counter(number for case in CASES for number in case.get("class", ()))
    assert [f"{number}: {title}" for number, title in CLASSES.items() if counted[number] < 2] == []
    assert set(counted) <= set(CLASSES)
