"""Copyright notices, reservations, permissions and credits in the words of the text itself.

The visible text in full, and of HTML the rights texts that it carries out of sight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rightscheck.model import Asset, Evidence, Finding, Gap, Statement
from rightscheck.notices import Clause, CopyrightNotice, Credit, NoticeReading, Ownership, Polarity
from rightscheck.notices import read as read_text
from rightscheck.notices.statements import is_classic, statements_of
from rightscheck.sources import Sources
from rightscheck.vocab import AI_ALL, Carrier, Confidence, Kind, Scope, use_names


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the text says of its own use, and what it mentions."""
    asset = sources.asset
    if asset.text is None:
        return
    html = sources.html
    quoted = html.quoted_regions if html is not None else ()
    prefix = "char" if html is None else "text"
    yield from _read_one(asset, asset.text, quoted, prefix)
    if html is not None:
        for place, text in html.hidden_texts():
            yield from _read_one(asset, text, (), place)
        if html.truncated:
            reason = "the page is longer or deeper than is read"
            yield Gap(carrier=Carrier.HTML, source=asset.source, reason=reason)


def _read_one(
    asset: Asset, text: str, quoted: Sequence[tuple[int, int]], place: str
) -> Iterator[Finding | Gap]:
    reading = read_text(text, quoted=quoted)
    holder = _own_holder(reading)
    for notice in reading.copyrights:
        yield from _copyright(asset, text, place, notice)
    for clause in reading.clauses:
        for statement in statements_of(clause, scope=Scope.ASSET, holder=holder):
            yield _clause(asset, text, place, clause, statement)
    for credit in reading.credits:
        yield _credit(asset, text, place, credit)
    if reading.capped:
        reason = "more passages that may hold notices than are read"
        yield Gap(carrier=Carrier.TEXT, source=asset.source, reason=reason)


def _own_holder(reading: NoticeReading) -> str | None:
    own = [n for n in reading.copyrights if n.ownership is Ownership.OWN and not n.part]
    return next((notice.holder for notice in own if notice.holder), None)


def _evidence(asset: Asset, text: str, place: str, start: int, end: int) -> Evidence:
    """Evidence by code points in the text, or by the element that carried a text out of sight."""
    return Evidence(
        source=asset.source,
        sha256=asset.sha256,
        locator=f"{place}:{start}-{end}" if place in ("char", "text") else place,
        quote=text[start:end],
        retrieved_at=asset.retrieved_at,
    )


def _copyright(asset: Asset, text: str, place: str, notice: CopyrightNotice) -> Iterator[Finding]:
    if notice.ownership is Ownership.MENTION:
        return
    evidence = _evidence(asset, text, place, notice.start, notice.end)
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


def _clause(asset: Asset, text: str, place: str, clause: Clause, statement: Statement) -> Finding:
    mention = clause.ownership is Ownership.MENTION
    denies = clause.polarity is Polarity.DENY
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
        evidence=_evidence(asset, text, place, clause.start, clause.end),
        confidence=confidence,
        statement=statement,
        situation="notice/classic" if classic and confidence is Confidence.HIGH else "",
        language=clause.language,
    )


def _credit(asset: Asset, text: str, place: str, credit: Credit) -> Finding:
    rule = {"source": "notice/source-credit", "dateline": "notice/dateline"}.get(
        credit.kind, "notice/media-credit"
    )
    return Finding(
        rule=rule,
        kind=Kind.CREDIT,
        message=f"credits {credit.holder}",
        evidence=_evidence(asset, text, place, credit.start, credit.end),
        situation="licence/media" if rule == "notice/media-credit" else "",
        holder=credit.holder,
    )
