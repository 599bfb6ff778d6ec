"""What a site's treatment of other crawlers says: which known AI training agents robots.txt closes.

By RFC 9309 a group binds only the agents that it names. A site that closes several training agents by name
and leaves ours open has still taken a stance; courts disagree on what it is worth, so profiles decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rightscheck.agents import Agent, Purpose, agents_named, known_agent
from rightscheck.model import Finding, Gap
from rightscheck.robots.document import RobotsTxt
from rightscheck.robots.groups import product_token
from rightscheck.robots.ruling import Ruling
from rightscheck.robots.served import Served, served
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import AI_ALL, AI_TRAIN, Kind, Use

PEERS = 3
"""Training agents closed by name from which a stance is taken."""
_READ_CLOSELY = 1000
"""Distinct `User-agent` values of which odd spellings are recognised; beyond it only exact tokens are."""
_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A training agent that is closed at `/` or for the asset, and what is odd about how it is written."""

    agent: Agent
    spelling: str
    note: str
    ruling: Ruling


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """The stance towards training agents, then a note on spellings that bind nobody."""
    site = served(sources)
    if site is None:
        return
    named = _named(site.robots)
    closed = _closed_by_name(site, named)
    if len(closed) >= PEERS and _ours_is_open_and_unnamed(site):
        yield _stance(
            site,
            "training-peers-closed",
            f"{len(closed)} agents that collect for AI training are closed by name, ours is open",
            AI_TRAIN,
            closed,
        )
    others = _closed_by_wildcard(site)
    if closed or others is not None:
        yield _stance(
            site,
            "training-agent-closed",
            "agents that collect for AI training are closed",
            AI_ALL | {Use.TDM},
            closed,
            others,
        )
    yield from _odd_spellings(site, named)


@lru_cache(maxsize=16)
def _named(robots: RobotsTxt) -> dict[str, tuple[tuple[Agent, str], ...]]:
    """Each `User-agent` value that names known agents, with those agents and what is odd about it."""
    values = dict.fromkeys(value for group in robots.groups for value in group.agents)
    found: dict[str, tuple[tuple[Agent, str], ...]] = {}
    for index, value in enumerate(values):
        exact = known_agent(value)
        if exact is not None:
            found[value] = ((exact, ""),)
        elif index < _READ_CLOSELY and (agents := agents_named(value)):
            found[value] = agents
    return found


def _closed_by_name(site: Served, named: dict[str, tuple[tuple[Agent, str], ...]]) -> tuple[Closed, ...]:
    found: dict[str, Closed] = {}
    for value, agents in named.items():
        for agent, note in agents:
            if agent.purpose is not Purpose.TRAINING or agent.token in found:
                continue
            # A spelling that binds nobody is asked for as it stands: its group is what the site meant.
            token = agent.token if product_token(value) == agent.token.lower() else value
            ruling = _closure(site, token)
            if ruling is not None:
                found[agent.token] = Closed(agent=agent, spelling=value, note=note, ruling=ruling)
    return tuple(found.values())


def _closed_by_wildcard(site: Served) -> Ruling | None:
    """The rule that closes agents which no group names; None when they are open."""
    return _closure(site, "")


def _closure(site: Served, token: str) -> Ruling | None:
    """The ruling that closes `/`, else the asset, to the token; None when both are open."""
    for url in dict.fromkeys(("/", site.url or "/")):
        ruling = site.robots.decide(token, url)
        if not ruling.allowed:
            return ruling
    return None


def _ours_is_open_and_unnamed(site: Served) -> bool:
    written = {value.lower() for group in site.robots.groups for value in group.agents}
    written |= {product_token(value) for value in written}
    return all(
        site.allowed(agent) and not (agent and {agent.lower(), product_token(agent)} & written)
        for agent in site.agents
    )


def _stance(
    site: Served,
    rule: str,
    says: str,
    uses: frozenset[Use],
    closed: tuple[Closed, ...],
    others: Ruling | None = None,
) -> Finding:
    items = [_described(item) for item in closed]
    rulings = [item.ruling for item in closed]
    if others is not None:
        items.append(f"every agent without a group of its own (line {others.line})")
        rulings.append(others)
    more = len(items) - _LISTED
    listed = ", ".join(items[:_LISTED]) + (f" and {more} more" if more > 0 else "")
    first = min(rulings, key=lambda ruling: ruling.line or 0)
    return Finding(
        rule=f"agents/{rule}",
        kind=Kind.NOTE,
        message=f"{says}: {listed}",
        evidence=evidence(site.document, f"line:{first.line}", first.text.strip()),
        situation=f"robots/{rule}",
        uses=uses,
    )


def _described(closed: Closed) -> str:
    odd = f", as {closed.spelling[:60]}: {closed.note}" if closed.note else ""
    return f"{closed.agent.token} (line {closed.ruling.line}{odd})"


def _is_odd(value: str, agent: Agent, note: str) -> bool:
    idle = (Purpose.OTHER, Purpose.ARCHIVE)
    return bool(note) and product_token(value) != agent.token.lower() and agent.purpose not in idle


def _odd_spellings(site: Served, named: dict[str, tuple[tuple[Agent, str], ...]]) -> Iterator[Finding]:
    """A note on known agents whose group does not bind them as it is written."""
    odd = {
        value: agents
        for value, agents in named.items()
        if any(_is_odd(value, agent, note) for agent, note in agents)
    }
    if not odd:
        return
    group = next(group for group in site.robots.groups if set(group.agents) & set(odd))
    listed = [
        f"{value[:60]} for {', '.join(agent.token for agent, _ in agents)} ({agents[0][1]})"
        for value, agents in list(odd.items())[:_LISTED]
    ]
    yield Finding(
        rule="agents/odd-spelling",
        kind=Kind.NOTE,
        message=f"user-agent lines that bind nobody as they are written: {'; '.join(listed)}",
        evidence=evidence(site.document, f"line:{group.first_line}", f"{next(iter(odd))[:200]}"),
    )
