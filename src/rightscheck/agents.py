"""The crawlers that are known by name: who runs a product token, for what, and by whose account.

Facts are in data/agents.toml. RFC 9309 2.2.1 wants a token equal to the agent's, without case; site
owners also write it with other hyphens, without separators, with versions, or two in one word. Such
spellings bind nobody, yet show what was meant: `recognise` reads them and says what is odd.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_AFTER_TOKEN = re.compile(r"[/\s(].*", re.DOTALL)
_LONGEST_SPELLING = 200
_SHORTEST_RUN_TOGETHER = 5


class Purpose(StrEnum):
    """What an agent collects for."""

    TRAINING = "training"
    SEARCH = "search"
    USER_FETCH = "user-fetch"
    AGENT = "agent"
    ARCHIVE = "archive"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One product token, as the registries describe it.

    Attributes:
        token: as its operator writes it.
        operator: empty where no registry names one.
        purpose: by the rule stated in scripts/build_agents.py.
        robots: `documented`, `own-token-only`, `by-design-no`, `ignored`, `disputed`, `undocumented`,
            `not-a-crawler` (a token that only switches a use) or `unknown`.
        docs: the page that documents it; may be empty.
        says: each registry and its own word for the purpose; they contradict each other.
        checked: the day of the merge.
    """

    token: str
    operator: str
    purpose: Purpose
    robots: str
    docs: str
    says: tuple[tuple[str, str], ...]
    checked: date


def known_agent(token: str) -> Agent | None:
    """The agent with that token, compared without case; None when no registry lists it."""
    line = _lines().get(token.lower())
    return None if line is None else _parse(line)


@cache
def _parse(line: str) -> Agent:
    [(name, fields)] = tomllib.loads(line).items()
    purpose, operator, robots, docs, answers = fields
    says = tuple(_pair(answer) for answer in answers.split("; ") if answer)
    return Agent(
        token=name,
        operator=operator,
        purpose=Purpose(purpose),
        robots=robots,
        docs=docs,
        says=says,
        checked=_checked(),
    )


@cache
def agents_for(purpose: Purpose) -> tuple[Agent, ...]:
    """Every known agent with that purpose, by token."""
    mark = f'" = ["{purpose}"'
    found = (known_agent(token) for token, line in _lines().items() if mark in line)
    return tuple(agent for agent in found if agent is not None)


def recognise(spelling: str) -> tuple[Agent, str] | None:
    """The agent that a `User-agent` value means, and what is odd about the spelling (empty: nothing).

    A value that names several (`agents_named`) gives the first. None when no known agent is meant.
    """
    named = agents_named(spelling)
    return named[0] if named else None


def agents_named(spelling: str) -> tuple[tuple[Agent, str], ...]:
    """Every agent that one `User-agent` value means, with what is odd about the spelling.

    Several come from a comma list (RFC 9309 erratum 8895) or from two tokens run together. Values over
    200 code points are not read.
    """
    if len(spelling) > _LONGEST_SPELLING:
        return ()
    if "," in spelling:
        note = "several tokens in one line"
        parts = [_one(part.strip()) for part in spelling.split(",")]
        return tuple((part[0], note) for part in parts if part is not None)
    single = _one(spelling.strip())
    return (single,) if single is not None else _run_together(spelling.strip())


def _one(spelling: str) -> tuple[Agent, str] | None:
    exact = known_agent(spelling)
    if exact is not None:
        return exact, ""
    plain = unicodedata.normalize("NFKC", spelling).translate(_DASHES).translate(_INVISIBLE).strip()
    if plain != spelling and (agent := known_agent(plain)):
        return agent, "written with characters that only look like the token"
    without_version = _AFTER_TOKEN.sub("", plain).strip("*")
    if agent := known_agent(without_version):
        return agent, "written with more than the product token"
    for candidate in (plain, without_version):
        token = _folded().get(_fold(candidate))
        if token and (agent := known_agent(token)):
            return agent, "written with other separators than the token"
    return None


def _run_together(spelling: str) -> tuple[tuple[Agent, str], ...]:
    """Two known tokens without anything between them, each at least five characters long."""
    for cut in range(_SHORTEST_RUN_TOGETHER, len(spelling) - _SHORTEST_RUN_TOGETHER + 1):
        first, second = known_agent(spelling[:cut]), known_agent(spelling[cut:])
        if first is not None and second is not None:
            note = "two tokens run together"
            return ((first, note), (second, note))
    return ()


def _fold(token: str) -> str:
    return "".join(character for character in token.lower() if character.isalnum())


@cache
def _folded() -> Mapping[str, str]:
    """Tokens without separators, where that is still one token only and at least five characters."""
    found: dict[str, list[str]] = {}
    for token in _lines():
        found.setdefault(_fold(token), []).append(token)
    return {
        folded: tokens[0]
        for folded, tokens in found.items()
        if len(tokens) == 1 and len(folded) >= _SHORTEST_RUN_TOGETHER
    }


@cache
def _text() -> str:
    return files("rightscheck").joinpath("data/agents.toml").read_text("utf-8")


@cache
def _lines() -> Mapping[str, str]:
    """The line of each token, by its lower-case form: every line is TOML by itself, parsed when asked for."""
    entries = _text().partition("\n[agents]\n")[2].splitlines()
    return {line[1 : line.index('" = [')].lower(): line for line in entries if line.startswith('"')}


@cache
def _checked() -> date:
    day: date = tomllib.loads(_text().partition("\n[agents]\n")[0])["checked"]
    return day


def _pair(answer: str) -> tuple[str, str]:
    registry, _, word = answer.partition(": ")
    return registry, word
