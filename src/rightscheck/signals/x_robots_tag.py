"""X-Robots-Tag: robots directives in response headers, for any media type.

Google Search Central. An agent's name and a colon bind the rest of that header line to that agent; a
directive that takes an argument is no such name. `Robots-Tag`, its successor in draft-illyes-repext, names
agent and directives in one item (`*;nosnippet`). Table: data/robots_directives.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rightscheck.model import Document, Finding, Gap
from rightscheck.sources import Sources, evidence
from rightscheck.vocabularies.directives import (
    MAX_ITEMS,
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
    for name, line, addressed in _lines(page):
        where = evidence(page, f"header:{name}", line.strip())
        for agent, items in addressed:
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
                    yield from findings_of(item, _FAMILY, where, sources.request.on, _MISNAMED.get(name, ""))


_MISNAMED = {"X-Robots": "the header is called X-Robots-Tag"}
_Addressed = list[tuple[str, list[Item]]]


def _lines(page: Document) -> Iterator[tuple[str, str, _Addressed]]:
    """The lines of the header and of those that stand for it: name, line, directives by agent."""
    for name in ("X-Robots-Tag", *_MISNAMED):
        for line in page.header_lines(name)[:MAX_LINES]:
            yield name, line, _by_agent(line)
    for line in page.header_lines("Robots-Tag")[:MAX_LINES]:
        yield "Robots-Tag", line, [_listed(item) for item in line.split(",")[:MAX_ITEMS]]


def _listed(item: str) -> tuple[str, list[Item]]:
    """An item of `Robots-Tag`: an agent with its directives as parameters; without an agent it is everyone's."""
    agent, *names = (part.strip() for part in item.split(";"))
    if read_item(agent):
        agent, names = "*", [agent, *names]
    return "" if agent == "*" else agent.lower(), [found for name in names for found in read_item(name)]


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
