"""Lines of robots.txt about AI training and mining that no standard knows.

`DisallowAITraining` and `AllowAITraining` with a path come from draft-canel-robots-ai-control-00, which has
expired; they bind within their group and the longest path wins, as for `Disallow` (RFC 9309 2.2.2). Lines
such as `TDM-Reservation: 1` or `AI: no` have no meaning there, and show what was meant all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rightscheck.model import Evidence, Finding, Gap, Statement
from rightscheck.robots.document import RobotsLine
from rightscheck.robots.served import PathLine, Served, longest, served
from rightscheck.sources import Sources, evidence
from rightscheck.vocab import AI_ALL, AI_TRAIN, Kind, Preference, Scope, Standing, Use, use_names

_DISALLOW = "disallowaitraining"
_ALLOW = "allowaitraining"
_TDM = frozenset({Use.TDM})

_STRAYS = {
    "tdm-reservation": _TDM,
    "tdmreservation": _TDM,
    "tdm_reservation": _TDM,
    "tdm-policy": _TDM,
    "tdmrep": _TDM,
    "tdm": _TDM,
    "ai": AI_ALL,
    "noai": AI_ALL,
    "no-ai": AI_ALL,
    "disallow-ai": AI_ALL,
    "disallowai": AI_ALL,
    "train-ai": AI_TRAIN,
    "ai-train": AI_TRAIN,
    "ai-training": AI_TRAIN,
    "disallow-ai-training": AI_TRAIN,
    "disallow-ai-train": AI_TRAIN,
    "disallow_ai_training": AI_TRAIN,
    "ai-input": frozenset({Use.AI_INPUT}),
    "ai-use": frozenset({Use.AI_INPUT}),
    **dict.fromkeys(("x-robots-tag", "robots-tag", "robots"), AI_TRAIN),
}
"""Keys seen in robots.txt files without any specification, and the uses they name."""

_RESERVED = frozenset({"1", "yes", "true", "on", "y"})
_REFUSED = frozenset(
    {"no", "n", "0", "false", "off", "none", "never", "deny", "denied", "disallow", "disallowed", "forbidden"}
    | {"prohibited", "block", "blocked", "not-allowed", "noai", "optout", "opt-out"}
)


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What such lines say: denials of AI training for the asset's path, and stray refusals for the site."""
    site = served(sources)
    if site is None:
        return
    found: dict[Finding, None] = {}
    for agent in site.agents:
        found.update(dict.fromkeys(_by_path(site, agent)))
    found.update(dict.fromkeys(_before_groups(site)))
    found.update(dict.fromkeys(_strays(site)))
    yield from found


def _by_path(site: Served, agent: str) -> Iterator[Finding]:
    """The line with the longest path of both kinds; of two as long as each other the denial counts."""
    denials = _paths(site.robots.lines(_DISALLOW, agent))
    allowances = _paths(site.robots.lines(_ALLOW, agent))
    kinds = {line.number for line in denials}
    chosen, hidden = longest((*denials, *allowances), site.url)
    denial = next((line for line in chosen if line.number in kinds), None)
    if denial is not None:
        message = f"AI training is disallowed for paths like {denial.path[:200]}"
        yield _reservation("disallow-ai-training", AI_TRAIN, _at(site, denial), Standing.EFFECTIVE, message)
    elif chosen:
        yield _allowance(_at(site, chosen[0]))
    elsewhere = next((line for line in hidden if site.url is None and line.number in kinds), None)
    if elsewhere is not None:
        message = "AI training is disallowed for some paths, and the asset's path is not known"
        yield _reservation("disallow-ai-training", AI_TRAIN, _at(site, elsewhere), Standing.SHADOWED, message)
    yield from _without_path(site, site.robots.lines(_DISALLOW, agent))


def _paths(lines: Iterable[RobotsLine]) -> list[PathLine]:
    """The lines that hold a path: an empty one disallows nothing, as an empty `Disallow` does."""
    return [
        PathLine(number=line.number, path=line.value, value="", text=line.text.strip())
        for line in lines
        if line.value[:1] in ("/", "*")
    ]


def _without_path(site: Served, lines: Iterable[RobotsLine]) -> Iterator[Finding]:
    """The first line whose value affirms instead of naming a path."""
    for line in lines:
        if line.value.lower() in _RESERVED:
            message = "the line names no path; it can only be meant to disallow AI training everywhere"
            yield _reservation("disallow-ai-training", AI_TRAIN, _of(site, line), Standing.MALFORMED, message)
            return


def _before_groups(site: Served) -> Iterator[Finding]:
    """Denials before the first group, which bind nobody."""
    chosen, hidden = longest(_paths(site.robots.lines(_DISALLOW)), site.url)
    for line in (*chosen, *hidden)[:1]:
        message = "a line before any group disallows AI training"
        yield _reservation("disallow-ai-training", AI_TRAIN, _at(site, line), Standing.MALFORMED, message)


def _strays(site: Served) -> Iterator[Finding]:
    """The first refusal under each key without a specification, in whatever group it stands."""
    seen: set[str] = set()
    outside = [line for key in _STRAYS for line in site.robots.lines(key)]
    for line in (*outside, *(line for group in site.robots.groups for line in group.lines)):
        uses = _STRAYS.get(line.key)
        if uses is None or line.key in seen or not _refuses(line):
            continue
        seen.add(line.key)
        names = ", ".join(use_names(uses))
        message = f"no specification knows this line in robots.txt; it can only be meant to deny {names}"
        yield _reservation("stray-refusal", uses, _of(site, line), Standing.MALFORMED, message)


def _refuses(line: RobotsLine) -> bool:
    """Whether the value refuses: a key that is a refusal by itself is affirmed, any other one is denied.

    A path or link behind a mining or disallowing key counts: it names what is reserved, or its policy.
    """
    value = line.value.strip("\"' ").lower()
    if "robots" in line.key:  # a header's or a meta's directives, in the wrong place
        return "noai" in re.split(r"[\s,;:]+", value)
    if line.key.startswith(("tdm-res", "tdmres", "tdm_res", "tdm-pol", "tdmrep", "no", "disallow")):
        return value in _RESERVED or value.startswith(("/", "*", "http"))
    if line.key == "tdm" and value in ("reserved", "reservation"):
        return True
    return value in _REFUSED


def _reservation(
    rule: str, uses: frozenset[Use], where: Evidence, standing: Standing, message: str
) -> Finding:
    return Finding(
        rule=f"robots-txt/{rule}",
        kind=Kind.RESERVATION,
        message=message,
        evidence=where,
        statement=Statement(preference=Preference.DISALLOW, uses=uses, standing=standing, scope=Scope.SITE),
    )


def _allowance(where: Evidence) -> Finding:
    return Finding(
        rule="robots-txt/allow-ai-training",
        kind=Kind.PERMISSION,
        message="a line of an expired draft allows AI training; nobody may rely on it alone",
        evidence=where,
        statement=Statement(
            preference=Preference.ALLOW, uses=AI_TRAIN, standing=Standing.WEAK, scope=Scope.SITE
        ),
    )


def _at(site: Served, line: PathLine) -> Evidence:
    return evidence(site.document, f"line:{line.number}", line.text)


def _of(site: Served, line: RobotsLine) -> Evidence:
    return evidence(site.document, f"line:{line.number}", line.text.strip())
