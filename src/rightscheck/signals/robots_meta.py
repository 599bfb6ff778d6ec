"""Robots metas and `data-nosnippet`: what a page asks of whoever indexes it.

Google Search Central and Bing Webmaster Guidelines; several metas add up. `robots` and our own agent's
name bind us, other agents' names are noted. Table: data/robots_directives.toml.
"""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.agents import known_agent
from rightscheck.model import Finding, Gap, Statement
from rightscheck.sources import Sources, asset_evidence
from rightscheck.vocab import AI_TRAIN, Confidence, Kind, Preference, Standing
from rightscheck.vocabularies.directives import (
    Item,
    directives,
    findings_of,
    other_agent,
    read_item,
    split_items,
)

_FAMILY = "robots-meta"
_NO = frozenset({"", "0", "false", "no", "off"})
_SUFFIXES = ("bot", "bot-news", "bot-image", "bot-video", "spider", "crawler")
MAX_OTHER_AGENTS = 20


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the page's robots metas ask, each directive once per meta name."""
    if sources.html is None:
        return
    ours = {agent.partition("/")[0].strip().lower() for agent in sources.request.agents}
    seen: set[tuple[str, str, str]] = set()
    others: set[str] = set()
    for key, content, attribute in sources.html.metas():
        addressee = _addressee(key, ours)
        if not addressee:
            continue
        items = _items(key, content)
        where = asset_evidence(sources, f"meta:{key}", content)
        if addressee == "other":
            names = [item.directive.name for item in items if item.restricts]
            if names and key not in others and len(others) < MAX_OTHER_AGENTS:
                others.add(key)
                yield other_agent(_FAMILY, key, names, where)
            continue
        fault = _fault(key, attribute)
        for item in items:
            mark = (key, item.directive.name, item.argument)
            if mark not in seen:
                seen.add(mark)
                yield from findings_of(item, _FAMILY, where, sources.request.on, fault)
    yield from _invented(sources)
    yield from _parts(sources)


def _addressee(key: str, ours: set[str]) -> str:
    """`us` for metas that bind us, `other` for another agent's, empty for metas about something else."""
    if key in ("robots", "x-robots-tag") or key in ours or _is_vendor_meta(key):
        return "us"
    return "other" if key.endswith(_SUFFIXES) or known_agent(key) is not None else ""


def _is_vendor_meta(key: str) -> bool:
    """A directive about AI that stands as a meta's own name, as some plug-ins write it."""
    return key in ("noai", "noimageai", "noml", "disallowaitraining")


def _items(key: str, content: str) -> list[Item]:
    if _is_vendor_meta(key):
        return [] if content.strip().lower() in _NO else [Item(directives()[key])]
    return [item for text in split_items(content) for item in read_item(text)]


def _fault(key: str, attribute: str) -> str:
    if _is_vendor_meta(key):
        return f"`{key}` stands as the name of a meta"
    if key == "x-robots-tag":
        return "X-Robots-Tag is a response header, here it stands in a meta"
    return "" if attribute == "name" else f"named by `{attribute}` instead of `name`"


_INVENTED = frozenset(
    "ai ai-content ai-crawling ai-policy ai-robots ai-train ai-training ai-usage ai-use genai train-ai".split()
)
_REFUSING = frozenset(
    "no none n 0 false off deny denied disallow disallowed forbidden prohibited noai no-ai opt-out optout".split()
)


def _invented(sources: Sources) -> Iterator[Finding]:
    """The first meta that no specification knows and that can only be meant to refuse AI training."""
    for key, content, _ in sources.html.metas() if sources.html is not None else ():
        if key in _INVENTED and content.lower().strip("\"' ") in _REFUSING:
            yield Finding(
                rule=f"{_FAMILY}/invented",
                kind=Kind.RESERVATION,
                message=f"no specification knows the meta `{key}`; it can only be meant to refuse AI training",
                evidence=asset_evidence(sources, f"meta:{key}", content),
                confidence=Confidence.MEDIUM,
                statement=Statement(
                    preference=Preference.DISALLOW, uses=AI_TRAIN, standing=Standing.MALFORMED
                ),
            )
            return


def _parts(sources: Sources) -> Iterator[Finding]:
    """Parts that are not to be shown (span, div and section with data-nosnippet)."""
    if sources.html is None:
        return
    nodes = sources.html.tree.css("span[data-nosnippet], div[data-nosnippet], section[data-nosnippet]")
    if nodes:
        yield Finding(
            rule=f"{_FAMILY}/data-nosnippet",
            kind=Kind.NOTE,
            message=f"{len(nodes)} part(s) of the page are not to be quoted or used in AI answers",
            evidence=asset_evidence(sources, "attribute:data-nosnippet"),
        )
