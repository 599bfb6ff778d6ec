"""Findings, grants and a profile in; go, review or no-go out. Pure, total, free of order.

Four layers are asked in turn: house rules, grants, what is stated, the profile's answer to silence.
Within a layer the most restrictive wins. A gap in a required carrier lifts go to review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from rightscheck.model import Asset, Decision, Examined, Finding, Gap, Grant, Holder, Request, UseDecision
from rightscheck.registry.names import normalise_name
from rightscheck.registry.waivers import Waiver, waiver_for
from rightscheck.situations import Row, context_of, rows, rows_for
from rightscheck.vocab import (
    Carrier,
    ExceptionRoute,
    Kind,
    Layer,
    Outcome,
    Party,
    Use,
    Verdict,
    parse_uses,
)


class Profile(Protocol):
    """Our side's policy, as far as weighing needs it (registry.profiles has the real one)."""

    @property
    def id(self) -> str: ...
    @property
    def required(self) -> frozenset[Carrier]: ...
    @property
    def accepts_duties(self) -> bool: ...
    @property
    def expiring_within_days(self) -> int: ...
    @property
    def notes(self) -> Mapping[str, str]: ...
    def outcome(self, situation: str, use: Use, commercial: bool) -> Outcome: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The grants as they apply to this request and asset.

    `active` maps a holder's id to the grants that cover each use; `refused` says, per grant that concerns a
    holder of this asset, why it does not apply.
    """

    active: Mapping[str, Mapping[Use, tuple[Grant, ...]]] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    def of(self, holder: Holder | None, use: Use) -> tuple[Grant, ...]:
        """The grants of that holder that cover the use."""
        return self.active.get(holder.id, {}).get(use, ()) if holder else ()

    def verified(self) -> Coverage:
        """The same without the grants that rest on a signed object which nobody has checked."""
        active = {
            holder: {
                use: tuple(grant for grant in grants if not grant.unverified)
                for use, grants in by_use.items()
            }
            for holder, by_use in self.active.items()
        }
        return replace(self, active=active)


NO_GRANTS = Coverage()

_VERDICTS = {
    Outcome.GO: Verdict.GO,
    Outcome.GO_WITH_DUTY: Verdict.GO,
    Outcome.REVIEW: Verdict.REVIEW,
    Outcome.NO_GO: Verdict.NO_GO,
}
_ASK_CRAWL = frozenset(
    {"robots/closed", "robots/closed-held", "robots/unreachable", "robots/unreachable-held"}
)
"""Closures that a grant lifts only when `crawl` is among its uses."""
_BEYOND_GRANTS = frozenset({"page/refused", "page/payment-required", "house/block"})
"""What no permission to use the work changes: the answer at hand is not the work."""


def decide(
    *,
    asset: Asset,
    request: Request,
    profile: Profile,
    findings: Sequence[Finding],
    gaps: Sequence[Gap] = (),
    coverage: Coverage = NO_GRANTS,
    waivers: Sequence[Waiver] = (),
    publisher: Holder | None = None,
    third_parties: Sequence[Holder] = (),
    examined: Sequence[Examined] = (),
) -> Decision:
    """The decision for one asset and each use asked; findings and gaps come back sorted, without duplicates.

    A group is answered by the strictest of its members. Equal inputs in any order give an equal decision.
    """
    ordered = tuple(sorted(dict.fromkeys(findings), key=_finding_key))
    missing = tuple(sorted(dict.fromkeys(gaps), key=lambda gap: (gap.carrier, gap.source, gap.reason)))
    weighing = _Weighing(
        request, profile, asset, ordered, missing, coverage, tuple(waivers), publisher, tuple(third_parties)
    )
    answers = tuple(_for_name(name, weighing) for name in request.uses)
    worst = max(answer.verdict.severity for answer in answers)
    strictest = [answer for answer in answers if answer.verdict.severity == worst]
    return Decision(
        asset=asset,
        request=request,
        profile=profile.id,
        verdict=strictest[0].verdict,
        layer=strictest[0].layer,
        situations=_union(answer.situations for answer in strictest),
        determining=_union(answer.determining for answer in strictest),
        reasons=_union(answer.reasons for answer in strictest),
        conditions=_union(answer.conditions for answer in strictest),
        uses=answers,
        findings=ordered,
        gaps=missing,
        examined=tuple(examined),
        publisher=publisher,
        third_parties=tuple(third_parties),
        grants=_union(answer.grants for answer in answers),
        waivers=_union(answer.waivers for answer in answers),
        contacts=_contacts(ordered, answers),
    )


@dataclass(frozen=True, slots=True)
class _Weighing:
    request: Request
    profile: Profile
    asset: Asset
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    coverage: Coverage
    waivers: tuple[Waiver, ...]
    publisher: Holder | None
    third_parties: tuple[Holder, ...]

    def outcome(self, situation: str, use: Use) -> Outcome:
        outcome = self.profile.outcome(situation, use, self.request.commercial)
        if outcome is Outcome.GO_WITH_DUTY and not self.profile.accepts_duties:
            return Outcome.REVIEW
        return outcome

    def holder_of(self, finding: Finding) -> Holder | None:
        """The third-party holder that a finding names, None for the publisher's own."""
        name = finding.holder or (finding.statement.holder if finding.statement else None)
        return next((h for h in self.third_parties if name is not None and _known_as(h, name)), None)

    def grants_for(self, finding: Finding, use: Use) -> tuple[Grant, ...]:
        """The grants that lift this finding for the use, were it liftable at all."""
        own = self.coverage.of(self.publisher, use)
        if finding.party is Party.PUBLISHER:
            return own
        return self.coverage.of(self.holder_of(finding), use) or tuple(g for g in own if g.third_party)


def _known_as(holder: Holder, name: str) -> bool:
    return holder.name == name or normalise_name(name) in holder.names


def _for_name(name: str, weighing: _Weighing) -> UseDecision:
    members = sorted(parse_uses([name]), key=list(Use).index)
    answers = [_for_use(use, weighing) for use in members]
    worst = max(answer.verdict.severity for answer in answers)
    strictest = [answer for answer in answers if answer.verdict.severity == worst]
    return UseDecision(
        use=name,
        verdict=strictest[0].verdict,
        layer=strictest[0].layer,
        situations=_union(answer.situations for answer in strictest),
        determining=_union(answer.determining for answer in strictest),
        reasons=_union(answer.reasons for answer in strictest),
        conditions=_union(answer.conditions for answer in strictest),
        grants=_union(answer.grants for answer in answers),
        waivers=_union(answer.waivers for answer in answers),
        deciding=tuple(sorted({index for answer in strictest for index in answer.deciding})),
        obtainable=all(answer.obtainable for answer in strictest),
    )


def _for_use(use: Use, weighing: _Weighing) -> UseDecision:
    """The answer for one use, and the waivers that it rests on."""
    if not weighing.waivers:
        return _unwaived(use, weighing)
    left = []
    used = []
    for finding in weighing.findings:
        waiver = waiver_for(finding, use, weighing.waivers, url=weighing.asset.uri, on=weighing.request.on)
        # What opens a use is nobody's to waive: only what restricts it.
        if waiver is None or finding.kind is Kind.PERMISSION:
            left.append(finding)
        else:
            used.append(waiver)
    if not used:
        return _unwaived(use, weighing)
    answer = _unwaived(use, replace(weighing, findings=tuple(left)))
    places = {id(finding): index for index, finding in enumerate(weighing.findings)}
    lines = tuple(
        f"waiver {w.id} lifts a finding until {w.expires.isoformat()} ({w.owner}: {w.reason})" for w in used
    )
    return replace(
        answer,
        deciding=tuple(places[id(left[index])] for index in answer.deciding),
        reasons=(*answer.reasons, *dict.fromkeys(lines)),
        waivers=tuple(dict.fromkeys(waiver.id for waiver in used)),
    )


def _unwaived(use: Use, weighing: _Weighing) -> UseDecision:
    """The answer for one use: without grants, and with them where that is looser."""
    context = context_of(weighing.findings, weighing.request, weighing.asset.mode)
    all_rows = rows_for(use, context)
    house = _house(use, all_rows, weighing)
    if house is not None:
        return house
    stated = _stated(use, all_rows, weighing)
    granted = _granted_surely(use, stated, weighing)
    if granted is None or granted.layer is Layer.GRANT:
        return granted or stated
    if granted.verdict.severity > stated.verdict.severity:
        return stated  # a grant never tightens
    # What the grant could not lift decides, together with what made a grant necessary.
    return replace(granted, deciding=tuple(sorted({*granted.deciding, *stated.deciding})))


def _house(use: Use, found: Sequence[Row], weighing: _Weighing) -> UseDecision | None:
    own = [row for row in found if row.situation.startswith("house/")]
    if not own:
        return None
    return _weigh(use, own, weighing, layer=Layer.HOUSE)


def _stated(use: Use, found: Sequence[Row], weighing: _Weighing) -> UseDecision:
    silence = weighing.outcome("silence", use)
    answer = _weigh(use, found, weighing, layer=Layer.STATED)
    if answer is None:
        answer = _answer(use, silence, Layer.DEFAULT, ("silence",), ("default/silence",))
    elif not _permits(use, found, weighing) and _VERDICTS[silence].severity > answer.verdict.severity:
        # A vague reservation must not loosen a profile that refuses silence itself.
        answer = _answer(use, silence, Layer.DEFAULT, ("silence",), ("default/silence",))
    return _with_gaps(use, answer, weighing)


def _permits(use: Use, found: Sequence[Row], weighing: _Weighing) -> bool:
    return any(weighing.outcome(row.situation, use) in (Outcome.GO, Outcome.GO_WITH_DUTY) for row in found)


def _with_gaps(use: Use, answer: UseDecision, weighing: _Weighing) -> UseDecision:
    required = [gap for gap in weighing.gaps if gap.carrier in weighing.profile.required]
    outcome = weighing.outcome("gap", use) if required else Outcome.NOTE
    if outcome is Outcome.NOTE or _VERDICTS[outcome].severity <= answer.verdict.severity:
        return answer
    reasons = tuple(f"{gap.carrier.value} was not read: {gap.reason}" for gap in required)
    return _answer(use, outcome, Layer.DEFAULT, ("gap",), ("default/gap",), reasons=reasons)


def _granted_surely(use: Use, stated: UseDecision, weighing: _Weighing) -> UseDecision | None:
    """The answer by grants that nobody need doubt; where only doubtful ones loosen it, a person's look."""
    unverified = [
        grant
        for by_use in weighing.coverage.active.values()
        for grant in by_use.get(use, ())
        if grant.unverified
    ]
    if not unverified:
        return _granted(use, weighing)
    sure = _granted(use, replace(weighing, coverage=weighing.coverage.verified()))
    hoped = _granted(use, weighing)
    before = sure or stated
    if hoped is None or hoped.verdict.severity >= before.verdict.severity:
        return sure
    deciding = tuple(sorted({*before.deciding, *stated.deciding}))
    answer = replace(_by_unverified(use, unverified, weighing), deciding=deciding)
    return sure if answer.verdict.severity >= before.verdict.severity else max(answer, hoped, key=_severity)


def _severity(answer: UseDecision) -> int:
    return answer.verdict.severity


def _by_unverified(use: Use, grants: Sequence[Grant], weighing: _Weighing) -> UseDecision:
    named = sorted({grant.id: grant for grant in grants}.items())
    return _answer(
        use,
        weighing.outcome("grant/unverified", use),
        Layer.GRANT,
        ("grant/unverified",),
        ("grant/unverified",),
        reasons=tuple(
            f"grant {i} of {g.grantor} is not verified: {'; '.join(g.unverified)}" for i, g in named
        ),
        grants=tuple(i for i, _ in named),
        obtainable=True,
    )


def _granted(use: Use, weighing: _Weighing) -> UseDecision | None:
    """The answer when grants lift what they cover; None when no grant bears on the use."""
    own = weighing.coverage.of(weighing.publisher, use)
    if not own and not any(weighing.coverage.of(holder, use) for holder in weighing.third_parties):
        return None
    context = context_of(
        weighing.findings, weighing.request, weighing.asset.mode, frozenset({use}) if own else frozenset()
    )
    left = [row for row in rows_for(use, context) if not _lifted(row, use, weighing)]
    if own:
        blocking = [r for r in left if _restricts(weighing.outcome(r.situation, use))]
        if not blocking:
            return _by_grant(use, own, weighing)
        answer = _weigh(use, blocking, weighing, layer=Layer.STATED)
        if answer is not None:
            return replace(answer, grants=tuple(sorted({grant.id for grant in own})))
    return _stated(use, left, weighing)


def _restricts(outcome: Outcome) -> bool:
    return outcome in (Outcome.REVIEW, Outcome.NO_GO)


def _lifted(row: Row, use: Use, weighing: _Weighing) -> bool:
    finding = weighing.findings[row.finding]
    if row.situation in _BEYOND_GRANTS or (finding.statement is not None and not finding.statement.grantable):
        return False
    if row.situation in _ASK_CRAWL:
        return bool(weighing.coverage.of(weighing.publisher, Use.CRAWL)) and bool(
            weighing.coverage.of(weighing.publisher, use)
        )
    return bool(weighing.grants_for(finding, use))


def _by_grant(use: Use, own: tuple[Grant, ...], weighing: _Weighing) -> UseDecision:
    every = {grant.id: grant for grant in own}
    for holder in weighing.third_parties:
        every |= {grant.id: grant for grant in weighing.coverage.of(holder, use)}
    ids = tuple(sorted(every))
    conditions = [f"{grant.id}: {text}" for grant in every.values() for text in grant.conditions]
    conditions += [_expiry(grant, weighing) for grant in every.values()]
    return _answer(
        use,
        weighing.outcome("grant/active", use),
        Layer.GRANT,
        ("grant/active",),
        ("grant/active",),
        reasons=tuple(f"grant {i} of {every[i].grantor} covers this use for {every[i].grantee}" for i in ids),
        conditions=tuple(sorted(text for text in conditions if text)),
        grants=ids,
    )


def _expiry(grant: Grant, weighing: _Weighing) -> str:
    if grant.valid_until is None:
        return ""
    days = (grant.valid_until - weighing.request.on).days
    expiring = days <= weighing.profile.expiring_within_days
    return f"{grant.id}: expiring, valid until {grant.valid_until.isoformat()}" if expiring else ""


def _weigh(use: Use, found: Sequence[Row], weighing: _Weighing, *, layer: Layer) -> UseDecision | None:
    """The most restrictive of the rows; None when all of them leave the use to the next layer."""
    outcomes = [(row, weighing.outcome(row.situation, use)) for row in found]
    outcomes = [(row, outcome) for row, outcome in outcomes if outcome is not Outcome.NOTE]
    if not outcomes:
        return None
    worst = max(_VERDICTS[outcome].severity for _, outcome in outcomes)
    deciding = [(row, outcome) for row, outcome in outcomes if _VERDICTS[outcome].severity == worst]
    indices = sorted({i for row, _ in deciding for i in (row.finding, *row.because)})
    duty = Outcome.GO_WITH_DUTY in {outcome for _, outcome in deciding}
    named = [weighing.findings[row.finding] for row, _ in deciding]
    return _answer(
        use,
        Outcome.GO_WITH_DUTY if duty else deciding[0][1],
        layer,
        _union((row.situation,) for row, _ in deciding),
        _union((finding.rule,) for finding in named),
        reasons=(*_reasons(deciding, weighing), *_context_reasons(worst, named, weighing)),
        conditions=_conditions(named, weighing.publisher),
        deciding=tuple(indices),
        obtainable=worst > 0 and all(_route(finding) is not None for finding in named),
    )


def _reasons(deciding: Iterable[tuple[Row, Outcome]], weighing: _Weighing) -> tuple[str, ...]:
    lines = []
    for row, _ in deciding:
        finding = weighing.findings[row.finding]
        note = weighing.profile.notes.get(row.situation, "")
        title = rows()[row.situation]["title"]
        lines.append(f"{title}: {finding.message}" + (f" ({note})" if note else ""))
    return tuple(dict.fromkeys(lines))


def _context_reasons(worst: int, deciding: Sequence[Finding], weighing: _Weighing) -> tuple[str, ...]:
    """What a person should know beside the deciding findings: conflicts, stripped notices, dead grants."""
    if worst == 0:
        return ()
    lines = []
    families = {finding.rule.partition("/")[0] for finding in deciding}
    for finding in weighing.findings:
        if finding.rule == "robots-txt/allow" and "robots-txt" not in families:
            lines.append(f"{finding.message}, but an open robots.txt cures no reservation made elsewhere")
        elif finding.rule == "notice/missing" and "registry" in families:
            lines.append(finding.message)
        elif finding.kind is Kind.PERMISSION and finding not in deciding and finding.party is Party.PUBLISHER:
            lines.append(f"{finding.message}, but a permission in one place cures no reservation in another")
    return (*dict.fromkeys(lines), *weighing.coverage.refused)


def _route(finding: Finding) -> ExceptionRoute | None:
    statement = finding.statement
    if statement is None or statement.exception in (ExceptionRoute.NONE, ExceptionRoute.LAW):
        return None
    return statement.exception


def _conditions(deciding: Sequence[Finding], publisher: Holder | None) -> tuple[str, ...]:
    lines: list[str] = []
    for finding in deciding:
        statement = finding.statement
        if statement is None:
            continue
        lines.extend(statement.conditions)
        route = _route(finding)
        if route is not None:
            own = publisher.name if publisher and finding.party is Party.PUBLISHER else None
            lines.append(_route_text(route, own or statement.holder or finding.holder))
    return tuple(sorted(dict.fromkeys(lines)))


def _route_text(route: ExceptionRoute, holder: str | None) -> str:
    if route is ExceptionRoute.ATTRIBUTION:
        return f"attribution to {holder}" if holder else "attribution"
    needed = {
        ExceptionRoute.WRITTEN_PERMISSION: "written permission",
        ExceptionRoute.PERMISSION: "permission",
        ExceptionRoute.LICENCE: "a licence",
        ExceptionRoute.PAYMENT: "payment",
    }[route]
    return f"{needed} from {holder}" if holder else needed


def _contacts(findings: Sequence[Finding], answers: Sequence[UseDecision]) -> tuple[str, ...]:
    if all(answer.verdict is Verdict.GO for answer in answers):
        return ()
    return tuple(sorted({finding.contact for finding in findings if finding.contact}))


def _answer(
    use: Use,
    outcome: Outcome,
    layer: Layer,
    situations: tuple[str, ...],
    determining: tuple[str, ...],
    *,
    reasons: tuple[str, ...] | None = None,
    conditions: tuple[str, ...] = (),
    grants: tuple[str, ...] = (),
    deciding: tuple[int, ...] = (),
    obtainable: bool = False,
) -> UseDecision:
    verdict = _VERDICTS.get(outcome, Verdict.REVIEW)  # a profile that leaves silence open wants a person
    if reasons is None:
        reasons = tuple(rows()[situation]["title"] for situation in situations)
    return UseDecision(
        use=use.value,
        verdict=verdict,
        layer=layer,
        situations=situations,
        determining=determining,
        reasons=reasons,
        conditions=conditions,
        grants=grants,
        deciding=deciding,
        obtainable=obtainable,
    )


def _union(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _finding_key(finding: Finding) -> tuple[str, str, tuple[int, ...], str, str]:
    evidence = finding.evidence
    place = tuple(int(part) for part in evidence.locator.replace("-", ":").split(":") if part.isdigit())
    return (evidence.source, finding.rule, place, evidence.locator, repr(finding))
