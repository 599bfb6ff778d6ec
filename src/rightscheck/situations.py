"""Which row of the decision table a finding falls under for one use.

The rows are listed in data/situations.toml, what they amount to in policies/profiles/. A statement says
what its carrier says and no more; here is weighed what it means for a use that it does not name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from rightscheck.model import Finding, Request, Statement
from rightscheck.vocab import (
    AI_TRAIN,
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

IN_WORDS = frozenset({"notice", "terms"})
"""Families whose statements are sentences."""
LICENCES = frozenset({"licence", "licence/document", "schema-org/licence", "feed/licence", "xmp/licence"})
"""Families and rules whose permissions are licences of the page."""

_COVERED = {Use.TDM: AI_TRAIN | {Use.AI_INDEX, Use.EVALUATE}}
_NEIGHBOURING = {Use.TDM: frozenset({Use.AI_INPUT}), Use.AI_INPUT: frozenset({Use.AI_INDEX})}

_NOT_COMMERCE = frozenset({Use.CRAWL, Use.SEARCH})
"""Uses that nobody takes for commercial use of a work, whoever asks."""

_BY_STANDING = {
    Standing.EFFECTIVE: "denial/machine",
    Standing.MALFORMED: "denial/malformed",
    Standing.SHADOWED: "denial/shadowed",
    Standing.RETIRED: "denial/retired-label",
    Standing.OVERRIDDEN: "denial/losing-layer",
    Standing.UNLISTED: "rsl/unlisted",
    Standing.INFERRED: "denial/neighbouring",
    Standing.WEAK: "denial/malformed",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A situation with the finding it comes from, and the findings without which it would be another one."""

    situation: str
    finding: int
    because: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the other findings say that changes a row: computed once per use."""

    request: Request
    mode: Mode
    findings: Sequence[Finding]
    host_permits: Mapping[Use, tuple[int, ...]] = field(default_factory=dict)
    """Per use, the publisher's own permissions without a standing defect."""
    granted: frozenset[Use] = frozenset()
    """Uses that a grant of the publisher covers."""
    licences: tuple[int, ...] = ()
    """Page-scoped open licences."""


@cache
def reaches_every_use() -> frozenset[str]:
    """The situations that concern every use whatever the statement names."""
    return frozenset(key for key, row in rows().items() if row.get("reach") == "every-use")


@cache
def rows() -> dict[str, dict[str, str]]:
    """The decision table's rows by id, each with its `title`."""
    return tomllib.loads(files("rightscheck").joinpath("data/situations.toml").read_text("utf-8"))


def context_of(
    findings: Sequence[Finding], request: Request, mode: Mode, granted: frozenset[Use] = frozenset()
) -> Context:
    """The context of these findings; `granted` are the uses that the publisher's grants cover."""
    permits: dict[Use, list[int]] = {}
    licences = []
    for index, finding in enumerate(findings):
        statement = finding.statement
        if _is_page_licence(finding):
            licences.append(index)
        if statement is None or not _is_plain_permission(finding, statement, request):
            continue
        for use in statement.uses:
            permits.setdefault(use, []).append(index)
    return Context(
        request=request,
        mode=mode,
        findings=findings,
        host_permits={use: tuple(indices) for use, indices in permits.items()},
        granted=granted,
        licences=tuple(licences),
    )


def rows_for(use: Use, context: Context) -> list[Row]:
    """The rows that the findings fall under for this use, in the order of the findings."""
    found = []
    for index, finding in enumerate(context.findings):
        row = _row(index, finding, use, context)
        if row is not None:
            found.append(row)
    return found


def _row(index: int, finding: Finding, use: Use, context: Context) -> Row | None:
    if finding.kind is Kind.MENTION:
        return None
    if finding.statement is not None and finding.statement.scope is Scope.MEDIA:
        return Row("licence/media", index) if use in finding.statement.uses else None
    if finding.situation == "licence/media":
        return Row("licence/media", index)
    if finding.party is Party.THIRD_PARTY:
        return _third_party(index, finding, use, context)
    if finding.situation:
        return _named(index, finding, use, context)
    if finding.statement is None:
        return None
    if finding.statement.preference is Preference.DISALLOW:
        return _denial(index, finding, finding.statement, use, context)
    situation = _permission(finding, finding.statement, use, context)
    return Row(situation, index) if situation else None


def _named(index: int, finding: Finding, use: Use, context: Context) -> Row | None:
    """A finding that names its own row."""
    situation = finding.situation
    if situation == "notice/classic" and finding.statement is None and context.licences:
        return Row("licence/beside-reserved", index, context.licences)
    if situation in reaches_every_use():
        return Row(situation, index) if not finding.uses or use in finding.uses else None
    statement = finding.statement
    if statement is None:
        return Row(situation, index) if not finding.uses or use in finding.uses else None
    if statement.non_commercial and not context.request.commercial:
        return None
    if use in statement.uses:
        return Row(situation, index)
    if situation == "notice/classic":
        return Row(situation, index)
    if statement.preference is Preference.ALLOW:
        return None
    if situation == "registry/denial":
        return _crawl_or_implied(index, statement, use, context, covered=situation)
    return _implied(index, statement, use, covered=situation)


def _denial(index: int, finding: Finding, statement: Statement, use: Use, context: Context) -> Row | None:
    if statement.non_commercial and not context.request.commercial:
        return None
    if finding.rule.partition("/")[0] not in IN_WORDS:
        situation = _BY_STANDING[statement.standing]
        if use in statement.uses:
            return Row(situation, index)
        covered = "denial/covers" if statement.standing is Standing.EFFECTIVE else situation
        return _implied(index, statement, use, covered=covered)
    certain = finding.confidence is Confidence.HIGH
    if statement.non_commercial:
        return _no_commercial(index, statement, use, certain=certain)
    if not certain:
        return Row("sentence/unclear", index) if _touches(statement, use) else None
    if use in statement.uses:
        return Row("sentence/denial", index)
    return _crawl_or_implied(index, statement, use, context, covered="denial/covers")


def _no_commercial(index: int, statement: Statement, use: Use, *, certain: bool) -> Row | None:
    """A sentence that leaves commercial use out, asked about by a commercial request."""
    if statement.uses and use not in statement.uses:
        return None
    if certain:
        return Row("sentence/no-commercial", index)
    return Row("sentence/unclear", index) if use not in _NOT_COMMERCE else None


def _crawl_or_implied(
    index: int, statement: Statement, use: Use, context: Context, *, covered: str
) -> Row | None:
    """What a denial of crawling, or of a wider use, means for a use it does not name."""
    implied = _implied(index, statement, use, covered=covered)
    if Use.CRAWL not in statement.uses:
        return implied
    if use in statement.purpose:
        return Row("sentence/no-crawl-for-purpose", index)
    if statement.purpose:
        return implied or Row("sentence/no-crawl-for-other-purpose", index)
    if implied is not None and implied.situation == covered:
        return implied
    if statement.scope is not Scope.ASSET:
        return Row("site/no-crawl" if context.mode is Mode.FETCH else "site/no-crawl-held", index)
    if use is Use.SEARCH:
        machine = tuple(
            i
            for i in context.host_permits.get(Use.SEARCH, ())
            if context.findings[i].rule.partition("/")[0] not in IN_WORDS | {"registry"}
        )
        if machine:
            return Row("sentence/no-crawl-search-permitted", index, machine)
    return Row("sentence/no-crawl", index)


def _implied(index: int, statement: Statement, use: Use, *, covered: str) -> Row | None:
    if any(use in _COVERED.get(named, ()) for named in statement.uses):
        return Row(covered, index)
    if any(use in _NEIGHBOURING.get(named, ()) for named in statement.uses):
        return Row("denial/neighbouring", index)
    return None


def _touches(statement: Statement, use: Use) -> bool:
    """Whether an unclear denial could concern the use: named, purposed, implied, or a ban on collecting."""
    return (
        use in statement.uses
        or use in statement.purpose
        or Use.CRAWL in statement.uses
        or any(
            use in _COVERED.get(named, ()) or use in _NEIGHBOURING.get(named, ()) for named in statement.uses
        )
    )


def _permission(finding: Finding, statement: Statement, use: Use, context: Context) -> str:
    if use not in statement.uses:
        return ""
    if statement.non_commercial and context.request.commercial:
        in_words = finding.rule.partition("/")[0] in IN_WORDS
        row = _no_commercial(0, statement, use, certain=not in_words or finding.confidence is Confidence.HIGH)
        return row.situation if row else ""
    if statement.preference is Preference.CONDITIONAL:
        attribution = statement.exception is ExceptionRoute.ATTRIBUTION
        return "permission/attribution" if attribution else "permission/obtainable"
    if finding.confidence is not Confidence.HIGH or statement.standing is not Standing.EFFECTIVE:
        return "permission/weak"
    return (
        "permission/attribution" if statement.exception is ExceptionRoute.ATTRIBUTION else "permission/plain"
    )


def _third_party(index: int, finding: Finding, use: Use, context: Context) -> Row | None:
    statement = finding.statement
    if statement is not None and finding.kind is Kind.RESERVATION:
        return Row("third-party/reservation", index) if _concerns(statement, use, context) else None
    if finding.kind not in (Kind.CREDIT, Kind.COPYRIGHT):
        return None
    if use in context.granted:
        return Row("third-party/credit-permitted", index)
    permits = context.host_permits.get(use, ())
    return Row("third-party/credit-permitted" if permits else "third-party/credit", index, permits)


def _concerns(statement: Statement, use: Use, context: Context) -> bool:
    """Whether another holder's reservation bears on the use; one of commercial use alone names no other."""
    if not statement.non_commercial:
        return _touches(statement, use)
    named = use in statement.uses if statement.uses else use not in _NOT_COMMERCE
    return context.request.commercial and named


_PERMISSIVE_ROWS = frozenset(
    {
        "permission/plain",
        "permission/attribution",
        "licence/share-alike",
        "licence/no-derivatives",
        "registry/permission",
    }
)


def _is_plain_permission(finding: Finding, statement: Statement, request: Request) -> bool:
    if finding.party is not Party.PUBLISHER or statement.scope is Scope.MEDIA or finding.kind is Kind.MENTION:
        return False
    if statement.preference is Preference.DISALLOW or (statement.non_commercial and request.commercial):
        return False
    if finding.situation:
        return finding.situation in _PERMISSIVE_ROWS
    if (
        statement.preference is Preference.CONDITIONAL
        and statement.exception is not ExceptionRoute.ATTRIBUTION
    ):
        return False
    return statement.standing is Standing.EFFECTIVE and finding.confidence is Confidence.HIGH


def _is_page_licence(finding: Finding) -> bool:
    """An open licence for the page: what a theme's bare "all rights reserved" cannot take back."""
    statement = finding.statement
    if finding.party is not Party.PUBLISHER or finding.kind is not Kind.PERMISSION or statement is None:
        return False
    licence = finding.rule.partition("/")[0] in LICENCES or finding.rule in LICENCES
    return licence and statement.scope is Scope.ASSET
