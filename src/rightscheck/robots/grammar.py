"""The lines of a robots.txt as groups, rules and other lines (RFC 9309 2.1 and 2.2).

Two readings are made of a file with faults: the strict one, and one that mends them (a misspelt key, a
missing colon, characters nobody sees). The mended one may only close, never open: `document` sees to that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from rightscheck.robots.encoding import Repair, printable

# Kinds of lines: plain integers, compared once or more for every line of every file.
AGENT, DISALLOW, ALLOW, OTHER = range(4)


@dataclass(slots=True)
class RawGroup:
    """A group while it is read: agents as written, rules as (line, allow, path as written)."""

    first_line: int
    agents: list[str] = field(default_factory=list)
    rules: list[tuple[int, bool, str]] = field(default_factory=list)


@dataclass(slots=True)
class Reading:
    """Groups in order, other lines as (line, key, value, group), and what was or could be mended.

    `mendable` is True when the mended reading differs from the strict one.
    """

    groups: list[RawGroup] = field(default_factory=list)
    others: list[tuple[int, str, str, int | None]] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    mendable: bool = False

    def note(self, line: int, suffix: str, message: str, *, mendable: bool = False) -> None:
        """Lists a fault, the first thousand of them."""
        self.mendable |= mendable
        if len(self.repairs) < _MAX_REPAIRS:
            self.repairs.append(Repair(line, suffix, message))


_KEYS = {"user-agent": AGENT, "disallow": DISALLOW, "allow": ALLOW}
_FORMS = (str, str.capitalize, str.title, str.upper)
# The usual spellings, found without further work on the line.
_SPELT = {form(key): kind for key, kind in _KEYS.items() for form in _FORMS}

_MAX_REPAIRS = 1_000


def read_lines(lines: list[str], *, plain: bool = True, mend: bool = False) -> Reading:
    """The groups and other lines.

    With `mend`, faulty lines take part; else they are only listed in `repairs`. `plain` says all is ASCII.
    """
    reading = Reading()
    groups = reading.groups
    group = nobody = RawGroup(0)
    heading = False
    for number, line in enumerate(lines, 1):
        if not line or line[0] == "#":
            continue
        key, _, value = line.partition(":")
        kind = _SPELT.get(key)
        if kind is None or not (plain or line.isprintable()):
            found = _read_odd(line, number, reading, mend)
            if found is None:
                continue
            kind, key, value = found
        else:
            if "#" in value:
                value = value[: value.index("#")]
            value = value.strip(" \t")
        if kind == OTHER:
            reading.others.append((number, key, value, len(groups) - 1 if groups else None))
        elif kind == AGENT:
            if not heading:
                group = RawGroup(number)
                groups.append(group)
                heading = True
            group.agents.append(value)
            if "," in value:
                reading.note(number, "agent-list", _LIST, mendable=True)
        else:
            heading = False
            if value:
                path = value if value[0] in "/*" else _rooted(value, number, kind, reading, mend)
                group.rules.append((number, kind == ALLOW, path))
    for number, _, _ in nobody.rules:
        reading.note(number, "outside-group", _OUTSIDE)
    return reading


_LIST = "several agents on one line are read one by one where that restricts"
_OUTSIDE = "a rule before any `user-agent` line applies to nobody"
_NO_SLASH = "a path without `/` at its start matches nothing; it is read with one where that restricts"


def _rooted(value: str, number: int, kind: int, reading: Reading, mend: bool) -> str:
    """A path that lacks its first slash: as written, or mended when it restricts and is no URL."""
    restricts = kind == DISALLOW and "://" not in value
    reading.note(number, "no-slash", _NO_SLASH, mendable=restricts)
    return "/" + value if mend and restricts else value


def _read_odd(line: str, number: int, reading: Reading, mend: bool) -> tuple[int, str, str] | None:
    """A line that is not in the usual spelling: kind, key in lower case, value; None when it says nothing."""
    content = line.partition("#")[0].strip(" \t")
    if not content:
        return None
    key, colon, value = content.partition(":")
    key, value = key.strip(" \t").lower(), value.strip(" \t")
    kind = _KEYS.get(key, OTHER) if colon else None
    if kind == OTHER and key in _KNOWN:
        return kind, key, value
    if kind in (None, OTHER) or not content.isprintable():
        mended = _mend(content)
        if mended is not None:
            suffix, message, mended_kind, mended_value = mended
            # A mark in mid-file tells of files put together: there a group may begin, but no rule hides.
            counts = mended_kind == AGENT or (mended_kind == DISALLOW and _BOM not in content)
            reading.note(number, suffix, message, mendable=counts or kind == ALLOW)
            if mend and counts:
                return mended_kind, key, mended_value
            if mend and kind == ALLOW:
                return None
    return (kind, key, value) if kind is not None else None


# Lines that are no rules but well known: never taken for misspelt rules.
_KNOWN = frozenset(
    "sitemap site-map crawl-delay host clean-param noindex request-rate visit-time cache-delay license"
    " content-usage content-signal disallowaitraining allowaitraining ai tdm-reservation tdm-policy"
    " tdmrep".split()
)

_BOM = "\ufeff"
_GONE = (
    "\xad\u180e"
    + _BOM
    + "".join(map(chr, [*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]))
)
_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SPACES = "\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_CONTROL = "".join(map(chr, (*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0))))
_SEEN = str.maketrans(dict.fromkeys(_GONE, "") | dict.fromkeys(_SPACES + _CONTROL, " ") | {"\0": ""})
_SEEN_KEY = str.maketrans(dict.fromkeys(_HYPHENS, "-"))


def _mend(content: str) -> tuple[str, str, int, str] | None:
    """Of a faulty line: the fault's id and message, the kind and the value that were meant; None for other lines."""
    seen = content if content.isascii() and content.isprintable() else _visible(content)
    key, colon, value = seen.partition(":")
    if not colon:
        words = seen.split()
        if len(words) != 2:
            return None
        key, value = words
    key = key.strip(" \t").lower()
    plain = key.translate(_SEEN_KEY)
    kind = _KEYS.get(plain, _misspelt(plain))
    if kind is None or (key in _KEYS and colon and seen == content):
        return None
    name = _NAMES[kind]
    if seen != content or plain != key:
        fault, message = "invisible", f"characters that do not show hide a `{name}` line"
    elif not colon:
        fault, message = "missing-colon", f"`{name}` without a colon counts where that restricts"
    else:
        fault, message = "misspelt", f"`{printable(key)}` is taken for `{name}` where that restricts"
    return fault, message, kind, value.strip(" \t")


def _visible(content: str) -> str:
    return content.translate(_SEEN).replace("\uff1a", ":").strip(" \t")


_NAMES = {kind: key for key, kind in _KEYS.items()}
_TYPOS = {
    "dissallow": DISALLOW,
    "dissalow": DISALLOW,
    "diasllow": DISALLOW,
    "disallaw": DISALLOW,
    "user agent": AGENT,
    "useragent": AGENT,
    "user_agent": AGENT,
    "user-agents": AGENT,
}


@lru_cache(maxsize=4096)
def _misspelt(key: str) -> int | None:
    """The key that this one misses by a letter added, lost, changed or swapped, or by a known slip."""
    if key in _TYPOS:
        return _TYPOS[key]
    for name, kind in _KEYS.items():
        if abs(len(key) - len(name)) <= 1 and key[:1] == name[:1] and _one_slip(key, name):
            return kind
    return None


def _one_slip(key: str, name: str) -> bool:
    """Whether one insertion, deletion, substitution or swap of neighbours turns one word into the other."""
    start = 0
    while start < min(len(key), len(name)) and key[start] == name[start]:
        start += 1
    rest, goal = key[start:], name[start:]
    if len(rest) == len(goal):
        return rest[1:] == goal[1:] or (rest[:2] == goal[:2][::-1] and rest[2:] == goal[2:])
    return rest[1:] == goal if len(rest) > len(goal) else rest == goal[1:]
