"""Shared Hypothesis strategies: findings, gaps, grants and requests of every shape that decide may meet."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from rightscheck.decide import Coverage
from rightscheck.model import Asset, Evidence, Finding, Gap, Grant, Holder, Request, Statement
from rightscheck.situations import rows
from rightscheck.vocab import (
    Carrier,
    Confidence,
    ExceptionRoute,
    Kind,
    Mode,
    Party,
    Preference,
    Scope,
    Standing,
    Use,
)

PUBLISHER = Holder(
    id="hill", name="Hill Courier", names=frozenset({"hill courier"}), contact="rights@hill.example"
)
AGENCY = Holder(id="vale", name="Vale Agency", names=frozenset({"vale agency"}))
TODAY = date(2026, 11, 24)

uses = st.frozensets(st.sampled_from(list(Use)), min_size=1, max_size=4)

evidence = st.builds(
    Evidence,
    source=st.sampled_from(["https://hill.example/a", "https://hill.example/robots.txt"]),
    sha256=st.just("0" * 64),
    locator=st.sampled_from(["char:0-5", "char:10-90", "line:3", "header:X"]),
    quote=st.sampled_from(["", "No crawling."]),
)


def statements(preferences: list[Preference], routes: list[ExceptionRoute]) -> st.SearchStrategy[Statement]:
    """Statements of these preferences that leave these routes open."""
    return st.builds(
        Statement,
        preference=st.sampled_from(preferences),
        uses=uses,
        standing=st.sampled_from(Standing),
        scope=st.sampled_from(Scope),
        purpose=st.one_of(st.just(frozenset()), uses),
        exception=st.sampled_from(routes),
        non_commercial=st.booleans(),
    )


# What asks for attribution only is a permission with a duty, whoever words it as a ban.
reserving = statements(
    [Preference.DISALLOW, Preference.CONDITIONAL],
    [r for r in ExceptionRoute if r is not ExceptionRoute.ATTRIBUTION],
)
permitting = statements([Preference.ALLOW, Preference.CONDITIONAL], list(ExceptionRoute))

_FAMILIES = ["notice", "terms", "content-usage", "tdmrep", "licence", "robots-meta", "rsl"]


@st.composite
def findings(draw: st.DrawFn, *, kinds: tuple[Kind, ...] = tuple(Kind)) -> Finding:
    """A finding whose kind, statement and party fit together."""
    kind = draw(st.sampled_from(kinds))
    statement = None
    rule = f"{draw(st.sampled_from(_FAMILIES))}/{kind.value}"
    if kind in (Kind.RESERVATION, Kind.PERMISSION, Kind.MENTION):
        statement = draw(permitting if kind is Kind.PERMISSION else reserving)
    situation = ""
    if kind is Kind.COPYRIGHT and draw(st.booleans()):
        situation = "notice/classic"
    third = kind in (Kind.CREDIT, Kind.COPYRIGHT, Kind.RESERVATION) and draw(st.booleans())
    return Finding(
        rule=rule,
        kind=kind,
        message=f"{rule} speaks",
        evidence=draw(evidence),
        confidence=draw(st.sampled_from(Confidence)),
        statement=statement,
        situation=situation,
        holder=AGENCY.name if third else None,
        party=Party.THIRD_PARTY if third else Party.PUBLISHER,
    )


reservations = findings(kinds=(Kind.RESERVATION,))

gaps = st.builds(
    Gap,
    carrier=st.sampled_from(Carrier),
    source=st.just("https://hill.example/robots.txt"),
    reason=st.just("timeout"),
)

requests = st.builds(
    Request,
    uses=st.lists(st.sampled_from([*Use, "ai-train", "ai-all"]), min_size=1, max_size=3, unique=True).map(
        lambda names: tuple(str(name) for name in names)
    ),
    on=st.just(TODAY),
    agents=st.just(("MyBot",)),
    commercial=st.booleans(),
)

assets = st.builds(
    Asset,
    uri=st.just("https://hill.example/a"),
    source=st.just("https://hill.example/a"),
    text=st.just("text"),
    media_type=st.just("text/plain"),
    mode=st.sampled_from(Mode),
)


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    """Grants of the publisher, the agency, both or nobody, for some uses."""
    active: dict[str, dict[Use, tuple[Grant, ...]]] = {}
    for holder in (PUBLISHER, AGENCY):
        covered = draw(st.one_of(st.just(frozenset()), uses, st.just(frozenset(Use))))
        grant = Grant(
            id=f"{holder.id}-2026",
            grantor=holder.name,
            grantee="Acme",
            uses=covered,
            hosts=("*",),
            valid_from=date(2026, 1, 1),
            third_party=draw(st.booleans()),
            unverified=draw(st.sampled_from([(), (), ("the signature was not checked",)])),
        )
        if covered:
            active[holder.id] = dict.fromkeys(covered, (grant,))
    return Coverage(active=active)


situations = st.sampled_from(sorted(rows()))
