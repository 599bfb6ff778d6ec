"""X-Robots-Tag: robots directives in response headers, for any media type.

Google Search Central. An agent's name and a colon bind the rest of that header line to that agent; a
directive that takes an argument is no such name. Table: data/robots_directives.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rightscheck.model import Finding, Gap
from rightscheck.sources import Sources, evidence
from rightscheck.vocabularies.directives import (
    Item,
    directives,
    findings_of,
    other_agent,
    read_item,
    split_items,
)

_FAMILY = "x-robots-tag"
_PREFIX = re.compile(r"(\*|[A-Za-z][A-Za-z0-9_.\-]{0,63}(?:/[0-9.]{1,16})?)\s{0,8}:(.*)", re.DOTALL)
MAX_LINES = 100
MAX_OTHER_AGENTS = 20


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the X-Robots-Tag lines ask of us, each directive once, and a note per other agent."""
    page = sources.asset.page
    if page is None:
        return
    ours = {agent.partition("/")[0].strip().lower() for agent in sources.request.agents}
    seen: set[tuple[str, str]] = set()
    others: set[str] = set()
    for line in page.header_lines("x-robots-tag")[:MAX_LINES]:
        where = evidence(page, "header:X-Robots-Tag", line.strip())
        for agent, items in _by_agent(line):
            if agent and agent not in ours:
                names = [item.directive.name for item in items if item.restricts]
                if names and agent not in others and len(others) < MAX_OTHER_AGENTS:
                    others.add(agent)
                    yield other_agent(_FAMILY, agent, names, where)
                continue
            for item in items:
                mark = (item.directive.name, item.argument)
                if mark not in seen:
                    seen.add(mark)
                    yield from findings_of(item, _FAMILY, where, sources.request.on)


def _by_agent(line: str) -> list[tuple[str, list[Item]]]:
    """The directives of a line by the agent they are addressed to; the empty name is everyone."""
    runs: list[tuple[str, list[Item]]] = [("", [])]
    for text in split_items(line):
        rest = text
        prefix = _PREFIX.match(text)
        if prefix and prefix[1].lower() not in directives():
            name = prefix[1].partition("/")[0].lower()
            runs.append(("" if name == "*" else name, []))
            rest = prefix[2]
        runs[-1][1].extend(read_item(rest))
    return runs
