"""The robots.txt of a site as its signals read it: usable or not, parsed once, lines chosen by path.

`Content-Usage`, `Content-Signal` and `DisallowAITraining` lines carry an optional path; among those that
match, the longest one speaks (RFC 9309 2.2.2). What it hides is returned too, for it may hide a denial.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rightscheck.model import Document
from rightscheck.robots.document import RobotsLine, RobotsTxt
from rightscheck.robots.paths import canonical_path, match_path, pattern_length
from rightscheck.robots.responses import parse_document
from rightscheck.sources import Sources
from rightscheck.vocab import Carrier


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A usable robots.txt with its document.

    `agents` are our product tokens, one empty token when we have none (then only `*` concerns us).
    `url` is the asset's; None when nobody knows it. `whole` is False when a part is missing.
    """

    document: Document
    robots: RobotsTxt
    agents: tuple[str, ...]
    url: str | None
    whole: bool

    def allowed(self, agent: str) -> bool:
        """Whether the agent may fetch the asset, or the site's root when its URL is unknown."""
        return self.robots.decide(agent, self.url or "/").allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLine:
    """A line whose value may start with a path; `value` is what follows it, `path` is empty without one."""

    number: int
    path: str
    value: str
    text: str


def served(sources: Sources) -> Served | None:
    """The site's robots.txt; None when there is none, it was refused, or it is a page or undecodable."""
    document = sources.document(Carrier.ROBOTS_TXT)
    if document is None or not document.body:
        return None
    if document.status is not None and not 200 <= document.status < 300:
        return None
    robots = parse_document(document)
    if robots.is_html:
        return None
    return Served(
        document=document,
        robots=robots,
        agents=sources.request.agents or ("",),
        url=sources.asset.uri,
        whole=not (document.failure or document.truncated or robots.truncated),
    )


def path_lines(lines: Iterable[RobotsLine]) -> tuple[PathLine, ...]:
    """The lines with a leading path split off: it starts with `/` and ends before a space or tab."""
    return tuple(_path_line(line) for line in lines)


def _path_line(line: RobotsLine) -> PathLine:
    path, value = "", line.value
    if value.startswith("/"):
        path, *rest = value.split(None, 1)
        value = rest[0] if rest else ""
    return PathLine(number=line.number, path=path, value=value, text=line.text.strip())


def longest(lines: Sequence[PathLine], url: str | None) -> tuple[tuple[PathLine, ...], tuple[PathLine, ...]]:
    """The lines with the longest path that matches, and the other lines that it hides.

    Lines as long as each other speak together; one without a path matches everything and is shortest.
    Without a URL only lines for the whole site are known to match, and every other line counts as hidden.
    """
    path = canonical_path(url) if url is not None else "/"
    lengths = {pattern: pattern_length(pattern) for pattern in {line.path for line in lines}}
    matched = {pattern for pattern in lengths if not pattern or match_path(pattern, path)}
    matching = [line for line in lines if line.path in matched]
    length = max((lengths[line.path] for line in matching), default=0)
    chosen = {line.number: line for line in matching if lengths[line.path] == length}
    candidates = matching if url is not None else lines
    return tuple(chosen.values()), tuple(line for line in candidates if line.number not in chosen)
