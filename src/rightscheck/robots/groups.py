"""Which groups apply to an agent (RFC 9309 2.2.1).

All groups that name the agent are one; only when none does, all groups for `*` are one. Names compare
whole and without case, never as part of another.
"""

from __future__ import annotations

import re

from rightscheck.robots.encoding import printable
from rightscheck.robots.grammar import Reading
from rightscheck.robots.ruleset import Ruleset

_TOKEN = re.compile(r"[A-Za-z0-9_\-]*+")
_LETTERS = re.compile(r"[A-Za-z_\-]*+")
_VERSION = re.compile(r"[/ \t;,(]")

Merged = tuple[Ruleset, tuple[str, ...]]
"""The rules of merged groups and the agents that they name, as written."""


def product_token(value: str) -> str:
    """The product token that a `User-agent` value starts with, in lower case; digits belong to it.

    RFC 9309 2.2.1 allows letters, `_` and `-`; real tokens such as `AI2Bot` have digits too.
    """
    match = _TOKEN.match(value)
    return match[0].lower() if match else ""


def is_product_token(agent: str) -> bool:
    """Whether the agent is a product token by the letter of RFC 9309 2.2.1: letters, `_` and `-` only."""
    return agent != "" and _LETTERS.fullmatch(agent) is not None


def may_name_agent(text: str) -> bool:
    """Whether a text can name a crawler in robots.txt: one word without what ends or replaces a name there."""
    return bool(text) and not any(char.isspace() or char in "*:#/" for char in text)


class GroupIndex:
    """The groups of one reading, found by agent. With `lists`, `User-agent: A, B` names both."""

    __slots__ = ("_groups", "_lists", "_merged", "_shortened", "_tokens")

    def __init__(self, reading: Reading, *, lists: bool = False) -> None:
        self._groups = reading.groups
        self._lists = lists
        self._tokens: dict[str, list[int]] = {}
        self._shortened: dict[str, list[int]] = {}
        self._merged: dict[tuple[int, ...], Merged] = {}
        tokens = self._tokens
        for index, group in enumerate(reading.groups):
            for value in group.agents:
                name = value.lower()
                if name in tokens:
                    if tokens[name][-1] != index:
                        tokens[name].append(index)
                else:
                    tokens[name] = [index]
                if name != "*" and not (name.isascii() and name.replace("-", "").isalpha()):
                    self._add_forms(name, index)

    def _add_forms(self, name: str, index: int) -> None:
        """Adds what else a name that is no plain word stands for."""
        token = product_token(name)
        names = [token] if token != name else []
        if name[:1] == "*" and name[1:2] in (" ", "\t"):
            names.append("*")
        if self._lists and "," in name:
            names += [product_token(piece.strip()) for piece in name.split(",")]
        for form in names:
            _append(self._tokens, form, index)
        letters = _LETTERS.match(name)
        if letters and letters[0] and letters[0] != name and letters[0] not in names:
            _append(self._shortened, letters[0], index)

    def applying(self, agent: str) -> tuple[int, ...]:
        """The indices of the groups that apply: those naming the agent, else those for `*`."""
        return self.naming(agent) or tuple(self._tokens.get("*", ()))

    def naming(self, agent: str) -> tuple[int, ...]:
        """The indices of the groups that name the agent, whole or before its version."""
        name = agent.strip().lower()
        if not name:
            return ()
        if name in self._tokens:
            return tuple(self._tokens[name])
        product = _VERSION.split(name, maxsplit=1)[0]
        return tuple(self._tokens.get(product, ())) if product not in ("", "*") else ()

    def shortened(self, agent: str) -> tuple[int, ...]:
        """The groups whose token, cut before its first digit as the grammar of 2.2.1 has it, is the agent."""
        return tuple(self._shortened.get(agent.strip().lower(), ()))

    def merged(self, indices: tuple[int, ...]) -> Merged:
        """The groups as one, compiled once."""
        known = self._merged.get(indices)
        if known is None:
            raw = [self._groups[index] for index in indices]
            agents = tuple(dict.fromkeys(printable(agent) for group in raw for agent in group.agents))
            known = self._merged[indices] = (Ruleset([rule for group in raw for rule in group.rules]), agents)
        return known


def _append(table: dict[str, list[int]], name: str, index: int) -> None:
    known = table.setdefault(name, [])
    if not known or known[-1] != index:
        known.append(index)
