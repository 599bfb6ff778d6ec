"""A licence of the page stands beside a theme's "all rights reserved"; a licence of the whole site does not."""

from __future__ import annotations

import json

import pytest

from rightscheck import Checker

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
FOOTER = "<footer>© 2026 Hill Courier. All rights reserved.</footer>"


def answers(node: dict[str, str], footer: str) -> list[str]:
    script = json.dumps({"@context": "https://schema.org", "license": CC0, **node})
    page = f'<!doctype html><script type="application/ld+json">{script}</script><p>Rain.</p>{footer}'
    checker = Checker(use=["reproduce", "redistribute"], on="2026-11-24", profile="text-only")
    decision = checker.check_response(
        "https://hill.example/a", 200, {"Content-Type": "text/html"}, page.encode()
    )
    return [answer.verdict.value for answer in decision.uses]


@pytest.mark.parametrize(
    ("node", "footer", "verdict"),
    [
        ({"@type": "NewsArticle"}, FOOTER, "go"),
        ({"@type": "NewsArticle"}, "", "go"),
        ({"@type": "WebSite"}, FOOTER, "no-go"),
        ({"@type": "WebSite"}, "", "go"),
    ],
)
def test_the_page_wins_over_its_site(node, footer, verdict):
    assert answers(node, footer) == [verdict, verdict]
