"""Write data/agents.toml from a merged registry of crawler tokens (one JSON object a line).

    python scripts/build_agents.py agents.jsonl --checked 2026-11-24 > src/rightscheck/data/agents.toml

The purpose of a token is decided by the first registry below that answers; what every registry says is
kept beside it, so that contradictions stay visible. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

OVERRIDES = {
    "aiHitBot": "other",  # a database of companies; the "ai" is part of its name
    "LCC": "other",  # the Leipzig Corpora Collection, word lists for linguists since long before
    "LAIONDownloader": "training",  # the downloader of the LAION image-text sets, which exist for training
}
"""Tokens whose purpose their own maker settles, where the registries below say nothing or mislead."""

CANICRAWL = {"training": "training", "fetch": "user-fetch", "search": "search"}
INDEX = {
    "ai-training": "training",
    "ai-search": "search",
    "search": "search",
    "user-fetch": "user-fetch",
    "archive": "archive",
    "tool": "other",
    "seo": "other",
    "preview": "other",
}
FUNCTION = {
    "ai data scrapers": "training",
    "ai data scraper": "training",
    "training language models": "training",
    "ai research crawler": "training",
    "ai assistants": "user-fetch",
    "ai agents": "agent",
    "ai coding agents": "agent",
    "ai search crawlers": "search",
    "collects data for ai search": "search",
    "ai data providers": "other",
    "undocumented ai agents": "other",
    "ai learning companion": "user-fetch",
}
TAGS = {
    "archiver": "archive",
    "archive": "archive",
    "search-engine": "search",
    "browser-automation": "agent",
}
MERGED = {"train": "training", "ai-search": "search", "search": "search", "archive": "archive"}

BEHAVIOUR_INDEX = {
    "documented": "documented",
    "own-token-only": "own-token-only",
    "by-design-no": "by-design-no",
    "disputed": "disputed",
    "undocumented": "undocumented",
    "n-a": "not-a-crawler",
}
BEHAVIOUR_LIST = {"yes": "documented", "no": "ignored", "unclear": "undocumented"}

SOURCES = {
    "canicrawl": "canicrawl data/bots.json@4c22e6d3 (CC BY 4.0)",
    "ai-crawler-index": "ai-crawler-index 1.3.0 (data CC0-1.0)",
    "ai.robots.txt": "ai.robots.txt@738c80df (MIT)",
    "crawler-user-agents": "monperrus/crawler-user-agents@7c7f9f25 (MIT)",
    "well-known-bots": "arcjet/well-known-bots@0637e27a (MIT)",
}

Says = Mapping[str, str]


def by_index(says: Says) -> str:
    """The AI crawler index; its `dataset` counts as training only where a second registry says AI as well."""
    purpose = says.get("ai-crawler-index", "")
    if purpose == "dataset":
        return "training" if says_ai(says) else "other"
    return INDEX.get(purpose, "")


def by_tags(says: Says) -> str:
    """The tags of the two general registries; `ai` alone does not say what for."""
    for registry in ("crawler-user-agents", "well-known-bots"):
        for tag in says.get(registry, "").split(","):
            if tag in TAGS:
                return TAGS[tag]
    return ""


def says_ai(says: Says) -> bool:
    """Whether a registry other than the AI crawler index marks the token as one of AI."""
    return (
        "ai-crawler" in says.get("crawler-user-agents", "")
        or "ai" in says.get("well-known-bots", "").split(",")
        or says.get("ai.robots.txt", "").startswith("AI Data")
    )


def registry_answers(row: Mapping[str, Any]) -> dict[str, str]:
    """What each registry says of the token's purpose, in the order of SOURCES."""
    given = {("well-known-bots" if k == "arcjet" else k): v for k, v in (row.get("purpose_by") or {}).items()}
    return {name: str(given[name]) for name in SOURCES if name in given}


def purpose_of(row: Mapping[str, Any], says: Says) -> str:
    """The purpose by the first of these that answers, `other` where none does."""
    answers = (
        OVERRIDES.get(row["token"]),
        # A token that only switches a use on or off fetches nothing; all known ones switch training.
        "training" if row.get("control_token") else "",
        # The registry that reads each operator's own page, then the one that knows AI crawlers best.
        CANICRAWL.get(says.get("canicrawl", "")),
        by_index(says),
        FUNCTION.get(says.get("ai.robots.txt", "").lower()),
        by_tags(says),
        # What the merged row says, only for a token on which no registry gives a purpose.
        "" if says else MERGED.get(str(row.get("purpose", ""))),
    )
    return next((answer for answer in answers if answer), "other")


def behaviour_of(row: Mapping[str, Any]) -> str:
    """What is documented of the token's obedience to robots.txt, `unknown` where nobody says."""
    by = row.get("robots_by") or {}
    return BEHAVIOUR_INDEX.get(by.get("ai-crawler-index", "")) or BEHAVIOUR_LIST.get(
        by.get("ai.robots.txt", ""), "unknown"
    )


def operator_of(row: Mapping[str, Any]) -> str:
    """The operator's bare name; registries put whole sentences and links into that column."""
    name = str(row.get("operator") or "")
    if name.startswith("http") or name == "Unknown":
        return ""
    name = re.sub(r"^the \w+ company ", "", name)
    return re.split(r",| that | \(founded", name)[0].strip()


def link_of(row: Mapping[str, Any]) -> str:
    """The documentation link, without surrounding noise; empty where it is not a web address."""
    link = str(row.get("docs") or "").strip()
    return link if re.fullmatch(r"https?://[!-~]+", link) else ""


def quoted(value: str) -> str:
    """The value as a TOML basic string (JSON's escapes are a subset of TOML's)."""
    return json.dumps(value, ensure_ascii=False)


def lines(rows: list[Mapping[str, Any]], checked: date) -> Iterator[str]:
    """The lines of agents.toml."""
    yield "# Crawler product tokens: operator, purpose, documented robots.txt behaviour, documentation, and"
    yield "# what each registry says of the purpose (contradictions are kept). Facts merged from `sources`;"
    yield "# scripts/build_agents.py writes this file and states the rule that decides the purpose."
    yield f"checked = {checked.isoformat()}"
    yield ""
    yield "[sources]"
    for name, version in SOURCES.items():
        yield f"{quoted(name)} = {quoted(version)}"
    yield ""
    yield "# token = [purpose, operator, robots.txt behaviour, documentation, registry: its own word]"
    yield "[agents]"
    for row in sorted(rows, key=lambda row: (str(row["token"]).lower(), str(row["token"]))):
        says = registry_answers(row)
        answers = "; ".join(f"{name}: {word}" for name, word in says.items())
        fields = (purpose_of(row, says), operator_of(row), behaviour_of(row), link_of(row), answers)
        yield f"{quoted(row['token'])} = [{', '.join(quoted(field) for field in fields)}]"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path, help="the merged registry, one JSON object a line")
    parser.add_argument("--checked", type=date.fromisoformat, required=True, help="the day of the merge")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.path.read_text("utf-8").splitlines() if line.strip()]
    sys.stdout.write("\n".join(lines(rows, arguments.checked)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
