"""From a reading to findings: copyright notices, reservations, permissions, mentions and credits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rightscheck.model import Evidence, Finding, Statement
from rightscheck.notices.reading import Clause, CopyrightNotice, Credit, NoticeReading, Ownership, Polarity
from rightscheck.notices.statements import is_classic, statements_of
from rightscheck.vocab import AI_ALL, Confidence, Kind, Preference, Scope, use_names

Place = Callable[[int, int], Evidence]
"""Gives the evidence for a half-open span of the text that was read."""


def findings_of(reading: NoticeReading, at: Place, *, scope: Scope = Scope.ASSET) -> Iterator[Finding]:
    """What the reading amounts to, as findings of the family `notice`; clauses cover `scope`."""
    holder = _own_holder(reading)
    for notice in reading.copyrights:
        yield from _copyright(notice, at)
    for clause in reading.clauses:
        for statement in statements_of(clause, scope=scope, holder=holder):
            yield _clause(clause, statement, at)
    for credit in reading.credits:
        yield _credit(credit, at)


def _own_holder(reading: NoticeReading) -> str | None:
    own = [n for n in reading.copyrights if n.ownership is Ownership.OWN and not n.part]
    return next((notice.holder for notice in own if notice.holder), None)


def _copyright(notice: CopyrightNotice, at: Place) -> Iterator[Finding]:
    if notice.ownership is Ownership.MENTION:
        return
    evidence = at(notice.start, notice.end)
    part = " of a part" if notice.part else ""
    yield Finding(
        rule="notice/copyright",
        kind=Kind.COPYRIGHT,
        message=f"copyright notice{part}" + (f" of {notice.holder}" if notice.holder else ""),
        evidence=evidence,
        situation="licence/media" if notice.part else "",
        holder=notice.holder,
        years=notice.years,
        language=notice.language,
    )
    if notice.all_rights_reserved and not notice.part:
        yield Finding(
            rule="notice/all-rights-reserved",
            kind=Kind.COPYRIGHT,
            message="all rights reserved" + (f" by {notice.holder}" if notice.holder else ""),
            evidence=evidence,
            situation="notice/classic",
            holder=notice.holder,
            years=notice.years,
            language=notice.language,
        )


def _clause(clause: Clause, statement: Statement, at: Place) -> Finding:
    mention = clause.ownership is Ownership.MENTION
    denies = statement.preference is Preference.DISALLOW
    classic = denies and is_classic(statement)
    confidence = clause.confidence
    if clause.ownership is Ownership.UNCLEAR and confidence is Confidence.HIGH:
        confidence = Confidence.MEDIUM
    what = ", ".join(use_names(statement.uses)) or "commercial use"
    verb = {Polarity.DENY: "denies", Polarity.ALLOW: "permits", Polarity.CONDITIONAL: "sets conditions for"}
    if mention:
        rule, kind, message = (
            "notice/mention",
            Kind.MENTION,
            f"words about {what} that are quoted or reported",
        )
    elif classic:
        rule, kind, message = "notice/classic", Kind.RESERVATION, f"the text denies {what}"
    elif denies:
        rule, kind, message = "notice/reservation", Kind.RESERVATION, f"the text denies {what}"
    else:
        rule, kind = "notice/permission", Kind.PERMISSION
        message = f"the text {verb[clause.polarity]} {what}"
    if statement.purpose and not mention:
        wanted = "AI" if statement.purpose <= AI_ALL else ", ".join(use_names(statement.purpose))
        message += f", where it is for {wanted}"
    return Finding(
        rule=rule,
        kind=kind,
        message=message,
        evidence=at(clause.start, clause.end),
        confidence=confidence,
        statement=statement,
        situation="notice/classic" if classic and confidence is Confidence.HIGH else "",
        language=clause.language,
    )


def _credit(credit: Credit, at: Place) -> Finding:
    rule = {"source": "notice/source-credit", "dateline": "notice/dateline"}.get(
        credit.kind, "notice/media-credit"
    )
    return Finding(
        rule=rule,
        kind=Kind.CREDIT,
        message=f"credits {credit.holder}",
        evidence=at(credit.start, credit.end),
        situation="licence/media" if rule == "notice/media-credit" else "",
        holder=credit.holder,
    )
