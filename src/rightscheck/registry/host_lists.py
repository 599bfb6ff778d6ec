"""Block lists of hosts, one a line, as public opt-out and filter lists have them, made into house rules.

Read are plain hosts, `*.host`, `.host`, URLs, `0.0.0.0 host` (hosts files) and `||host^` (filter lists);
`#` and `!` begin comments. What is none of these is a problem: a line that is skipped blocks nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rightscheck.errors import PolicyError, Problem
from rightscheck.registry.addresses import canonical_host, host_of, is_public_suffix
from rightscheck.registry.toml_files import printable, read_bytes
from rightscheck.registry.toml_text import toml_value

_SINK = re.compile(r"(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+")
_FILTER = re.compile(r"\|\|([^\s/^$|]+)\^?(?:\$(?:all|document|doc)(?:,\w+)*)?")
_OF_HOSTS_FILES = frozenset({"localhost", "localhost.localdomain", "local", "broadcasthost"})
_HINT = "write one host a line, as news.example"


def read_host_list(path: Path) -> tuple[str, ...]:
    """The hosts that the list names, canonical, sorted, without those that another one covers.

    Raises:
        PolicyError: the file cannot be read, or a line is no host; every such line, at once.
    """
    problems: list[Problem] = []
    name = printable(path)
    body = read_bytes(path, name, problems)
    hosts: set[str] = set()
    for number, line in enumerate((body or b"").decode("utf-8-sig", "replace").splitlines(), 1):
        entry = re.split(r"(?:^|\s)#|^!", line, maxsplit=1)[0].strip()
        if entry and _SINK.sub("", entry) not in _OF_HOSTS_FILES and not _SINK.fullmatch(entry + " "):
            hosts.update(_hosts_in(entry, Problem(name, f"line {number}", "", _HINT), problems))
    if not hosts and not problems:
        problems.append(Problem(name, "", "names no host", _HINT))
    if problems:
        raise PolicyError(problems)
    return tuple(sorted(host for host in hosts if not _is_covered(host, hosts)))


def _hosts_in(entry: str, place: Problem, problems: list[Problem]) -> Iterator[str]:
    filtered = _FILTER.fullmatch(entry)
    words = [filtered[1]] if filtered else _SINK.sub("", entry, count=1).split()
    for word in words:
        found = host_of(word) if "/" in word else None
        host = found[0] if found else canonical_host(word.removeprefix("*.").removeprefix("."))
        reason = f"`{word[:80]}` is no host"
        if host and is_public_suffix(host):
            reason = f"`{word}` is a public suffix: it would block the hosts of many holders"
        elif host and "/" in word and not re.fullmatch(r"\w+://[^/]*/?", word):
            reason = f"`{word[:80]}` names a path; a host list blocks whole hosts"
        elif host:
            yield host
            continue
        problems.append(Problem(place.file, place.key, reason, place.hint))


def _is_covered(host: str, hosts: set[str]) -> bool:
    parent = host.partition(".")[2]
    while parent:
        if parent in hosts:
            return True
        parent = parent.partition(".")[2]
    return False


def render_house_rules(hosts: Sequence[str], *, profile: str, reason: str, uses: Iterable[str] = ()) -> str:
    """A profile of that name, as TOML, that blocks the hosts and their subdomains and inherits the rest."""
    listed = [pattern for host in hosts for pattern in (host, *([] if _is_address(host) else [f"*.{host}"]))]
    lines = [
        f"id = {toml_value(profile)}",
        f"inherits = {toml_value(profile)}",
        f"title = {toml_value(f'{profile}, with a block list')}",
        "",
        "[[house]]",
        'action = "block"',
        f"reason = {toml_value(reason)}",
    ]
    if chosen := sorted(set(uses)):
        lines.append(f"uses = [{', '.join(map(toml_value, chosen))}]")
    lines += ["hosts = [", *(f"    {toml_value(pattern)}," for pattern in listed), "]"]
    return "\n".join(lines) + "\n"


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
