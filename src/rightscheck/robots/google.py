"""How Google's published parser reads a robots.txt, where that differs from RFC 9309.

Keys are recognised by their beginning (`DisallowAITraining` closes like `Disallow`), known misspellings
count, a colon may be missing, agents end at the first character that is not a letter, `-` or `_`, lines
end at 16,663 bytes, escapes of unreserved characters are not decoded, and `index.htm` opens its folder.
Asked only to note where it is stricter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rightscheck.robots.encoding import decode
from rightscheck.robots.paths import path_and_query
from rightscheck.robots.ruleset import Rule, Ruleset

_MAX_LINE = 2083 * 8 - 1
_AGENT_KEYS = ("user-agent", "useragent", "user agent")
_ALLOW_KEYS = ("allow",)
_DISALLOW_KEYS = ("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw")
_LETTERS = re.compile(r"[A-Za-z_\-]*+")
_ESCAPABLE = re.compile(r"%[0-9A-Fa-f]{2}|[^\x00-\x7f]")


class GoogleReading:
    """The file as Google's parser would take it."""

    def __init__(self, body: bytes) -> None:
        self._groups: list[tuple[set[str], list[tuple[int, bool, str]]]] = []
        self._read(decode(body).lines)
        self._compiled: dict[str, Ruleset] = {}

    def _read(self, lines: Sequence[str]) -> None:
        heading = False
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            key, value = _key_and_value(line if line.isascii() else _cut(line))
            if key.startswith(_AGENT_KEYS):
                if not heading:
                    self._groups.append((set(), []))
                    heading = True
                letters = _LETTERS.match(value)
                everyone = value[:1] == "*" and not value[1:2].strip()
                self._groups[-1][0].add("*" if everyone else (letters[0].lower() if letters else ""))
            elif key.startswith(_DISALLOW_KEYS) or key.startswith(_ALLOW_KEYS):
                heading = False
                if self._groups:
                    self._groups[-1][1].append((number, key.startswith(_ALLOW_KEYS), value))

    def decide(self, agent: str, url: str) -> tuple[bool, int | None]:
        """Whether the agent may fetch the URL, and the line that says so; None when no rule matches."""
        name = agent.lower()
        rules = self._compiled.get(name)
        if rules is None:
            own = [rules for agents, rules in self._groups if name and name != "*" and name in agents]
            merged = own or [rules for agents, rules in self._groups if "*" in agents]
            rules = self._compiled[name] = Ruleset.of([rule for rules in merged for rule in _rules(rules)])
        rank, line = rules.decide(escape(path_and_query(url)))
        return rank & 1 == 1, line


def _rules(lines: list[tuple[int, bool, str]]) -> list[Rule]:
    found: list[Rule] = []
    for line, allow, value in lines:
        pattern = escape(value)
        found.append((line, allow, pattern, len(pattern)))
        slash = pattern.rfind("/")
        if allow and pattern.startswith("/index.htm", slash):
            folder = pattern[: slash + 1] + "$"
            found.append((line, allow, folder, len(folder)))
    return found


def _key_and_value(line: str) -> tuple[str, str]:
    content = line[:_MAX_LINE].partition("#")[0].strip(_SPACE)
    key, colon, value = content.partition(":")
    if not colon:
        words = content.split(maxsplit=2)
        if len(words) != 2:
            return "", ""
        key, value = words
    return key.strip(_SPACE).lower(), value.strip(_SPACE)


_SPACE = " \t\v\f"


def _cut(line: str) -> str:
    return line.encode("utf-8", "surrogateescape")[:_MAX_LINE].decode("utf-8", "surrogateescape")


def escape(text: str) -> str:
    """Text with non-ASCII octets escaped and escapes in upper case; nothing is decoded."""
    return _ESCAPABLE.sub(_escape_one, text)


def _escape_one(match: re.Match[str]) -> str:
    found = match[0]
    if found[0] == "%":
        return found.upper()
    octets = found.encode("utf-8", "surrogateescape" if "\udc80" <= found <= "\udcff" else "surrogatepass")
    return "".join(f"%{octet:02X}" for octet in octets)
