"""Whole sites on a real HTTP server, one per constellation: verdicts for five uses under three profiles.

Each case in tests/cases/sites is written from the decision table by hand: routes, the URL asked, and what
must come of it. `by` names situations or rules that must be among those that decided.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from loopback import Loopback, Reply, Route
from rightscheck import Checker
from rightscheck.fetch import FetchLimits
from rightscheck.model import Decision

PATHS = sorted((Path(__file__).parent / "cases" / "sites").glob("*.toml"))
USES = ("crawl", "search", "ai-input", "ai-train", "tdm")
PROFILES = ("standard", "strict", "eu-tdm")
LIMITS = FetchLimits(connect_seconds=5, read_seconds=5, total_seconds=20)


class Routes(dict[tuple[str, str], Route]):
    """Routes by host and path; `*` is what a host answers for every other path."""

    def get(self, key: tuple[str, str], default: Route | None = None) -> Route | None:  # type: ignore[override] # narrower
        return super().get(key) or super().get((key[0], "*"), default)


def read_case(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def routes_of(case: dict[str, Any]) -> Routes:
    routes = Routes()
    for route in case["route"]:
        host = route.get("host") or urlsplit(case["url"]).hostname or ""
        routes[host, route["path"]] = Reply(
            route["body"].encode(),
            status=route.get("status", 200),
            headers=[(name, value) for name, value in route["headers"]],
        )
    return routes


def ask(case: dict[str, Any]) -> dict[str, Decision]:
    """The decision per profile, each asked of the site anew."""
    with Loopback(routes=routes_of(case)) as site:
        return {
            profile: Checker(
                profile=profile,
                use=USES,
                agent="MyBot",
                transport=site.transport(),
                limits=LIMITS,
                on="2026-11-24",
            ).check_url(case["url"])
            for profile in PROFILES
        }


def differences(case: dict[str, Any], decisions: dict[str, Decision]) -> list[str]:
    """What is not as the case says, one line each, with what was said instead."""
    faults = []
    for profile, decision in decisions.items():
        answers = {answer.use: answer for answer in decision.uses}
        for use, wanted in zip(USES, case["expect"][profile].split(), strict=True):
            got = answers[use]
            if got.verdict.value != wanted:
                faults.append(f"{profile} {use}: {got.verdict.value} by {got.situations}, not {wanted}")
    for why in case.get("why", ()):
        decision = decisions[why["profile"]]
        for answer in decision.uses:
            by = {*answer.situations, *answer.determining}
            if answer.use == why.get("use", "ai-train") and not by.issuperset(why["by"]):
                faults.append(f"{why['profile']} {answer.use}: decided by {sorted(by)}, not {why['by']}")
    rules = {finding.rule for finding in decisions["standard"].findings}
    faults += [
        f"no finding {rule} among {sorted(rules)}" for rule in case.get("finds", ()) if rule not in rules
    ]
    return faults


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_whole_site(path: Path) -> None:
    case = read_case(path)
    faults = differences(case, ask(case))

    if "known_failure" in case:
        assert faults, "this site passes now: remove known_failure"
        pytest.xfail(case["known_failure"])
    assert not faults, "\n".join(faults)


def test_there_are_forty_sites_and_every_one_has_reasons() -> None:
    assert len(PATHS) >= 40
    for path in PATHS:
        case = read_case(path)
        assert set(case["expect"]) == set(PROFILES), path
        assert case.get("why"), path
