"""The report: what was asked, what was decided and why, in the shape that travels as JSON.

Plain values only, sorted, so that equal inputs give equal bytes. Fields are only ever added within one
`schema` number; a change of meaning makes a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from rightscheck.errors import PolicyError, Problem
from rightscheck.model import Decision, Examined, Finding, Gap, Holder, Request, Statement
from rightscheck.notices import Notices, read_notices
from rightscheck.registry.waivers import Waiver, fingerprint, list_waivers
from rightscheck.version import __version__
from rightscheck.vocab import Verdict, use_names

SCHEMA = "rightscheck-report/1"
FailOn = Literal["no-go", "review", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """What judged: versions and the digests of the rules and facts it judged by."""

    name: str
    version: str
    registry_sha256: str
    profile_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReport:
    """Who asked for what."""

    uses: tuple[str, ...]
    grantee: str | None
    collection: str | None
    agents: tuple[str, ...]
    commercial: bool
    jurisdiction: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """A statement with its uses by their short names (`ai-train` for both trainings)."""

    preference: str
    uses: tuple[str, ...]
    purpose: tuple[str, ...]
    standing: str
    scope: str
    holder: str | None
    exception: str
    conditions: tuple[str, ...]
    non_commercial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingReport:
    """A finding with its evidence; `deciding` when it determined a verdict; `fingerprint` is for waivers."""

    rule: str
    kind: str
    confidence: str
    message: str
    source: str
    sha256: str
    locator: str
    quote: str
    retrieved_at: datetime | None
    statement: StatementReport | None
    situation: str
    holder: str | None
    party: str
    years: tuple[int, ...]
    language: str
    deciding: bool
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderReport:
    id: str
    name: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseReport:
    """The answer for one use or group as asked."""

    use: str
    verdict: str
    layer: str
    situations: tuple[str, ...]
    determining: tuple[str, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    grants: tuple[str, ...]
    obtainable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GapReport:
    carrier: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminedReport:
    carrier: str
    source: str
    status: str
    detail: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetReport:
    """One asset's answer. `notices` is what `rightscheck notices` says of its text."""

    target: str
    uri: str | None
    sha256: str
    media_type: str
    mode: str
    retrieved_at: datetime | None
    verdict: str
    layer: str
    situations: tuple[str, ...]
    determining: tuple[str, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    uses: tuple[UseReport, ...]
    publisher: HolderReport | None
    third_parties: tuple[HolderReport, ...]
    contacts: tuple[str, ...]
    grants: tuple[str, ...]
    waivers: tuple[str, ...]
    crawl_delay: float | None
    expires_at: datetime | None
    notices: Notices | None
    findings: tuple[FindingReport, ...]
    gaps: tuple[GapReport, ...]
    examined: tuple[ExaminedReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A target that could not be checked at all, and why."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverReport:
    """A waiver of the run: `active`, `expiring` (in 30 days), `expired` or `future`; `used`: it lifted a finding."""

    id: str
    state: str
    used: bool
    expires: date
    owner: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Answers for a run. `verdict` is the strictest of all, null when nothing could be checked.

    `waivers` are all that were given, used or not.
    """

    schema: str
    tool: Tool
    as_of: date
    request: RequestReport
    profile: str
    verdict: str | None
    passed: bool
    exit_code: int
    assets: tuple[AssetReport, ...]
    unread: tuple[Unread, ...]
    waivers: tuple[WaiverReport, ...] = ()


def build_report(
    answers: Sequence[tuple[str, Decision]],
    *,
    request: Request,
    profile: str,
    registry_sha256: str,
    profile_sha256: str,
    unread: Sequence[Unread] = (),
    waivers: Sequence[Waiver] = (),
    fail_on: FailOn = "no-go",
) -> Report:
    """The report over (target, decision) pairs, in their order."""
    verdicts = [decision.verdict for _, decision in answers]
    code = exit_code(verdicts, incomplete=bool(unread) or not answers, fail_on=fail_on)
    return Report(
        schema=SCHEMA,
        tool=Tool(
            name="rightscheck",
            version=__version__,
            registry_sha256=registry_sha256,
            profile_sha256=profile_sha256,
        ),
        as_of=request.on,
        request=RequestReport(
            uses=request.uses,
            grantee=request.grantee,
            collection=request.collection,
            agents=request.agents,
            commercial=request.commercial,
            jurisdiction=request.jurisdiction,
        ),
        profile=profile,
        verdict=max(verdicts, key=lambda verdict: verdict.severity).value if verdicts else None,
        passed=code == 0,
        exit_code=code,
        assets=tuple(_asset(target, decision) for target, decision in answers),
        unread=tuple(unread),
        waivers=_waivers(waivers, [decision for _, decision in answers], request.on),
    )


def _waivers(waivers: Sequence[Waiver], decisions: Iterable[Decision], on: date) -> tuple[WaiverReport, ...]:
    used = {name for decision in decisions for name in decision.waivers}
    return tuple(
        WaiverReport(
            id=listed.waiver.id,
            state=listed.state,
            used=listed.used,
            expires=listed.waiver.expires,
            owner=listed.waiver.owner,
            reason=listed.waiver.reason,
        )
        for listed in list_waivers(waivers, used, on)
    )


def waiver_line(waiver: WaiverReport) -> str:
    """The waiver in one line, with what its owner has to do about it."""
    until = waiver.expires.isoformat()
    told = {
        "active": f"holds until {until}",
        "expiring": f"ends soon, on {until}: renew or settle it",
        "expired": f"ended on {until} and lifts nothing: what it lifted counts again",
        "future": "does not hold yet",
    }[waiver.state]
    used = "" if waiver.used else "; lifted nothing in this run"
    return f"{waiver.id} ({waiver.owner}: {waiver.reason}) {told}{used}"


def fails(verdict: Verdict, fail_on: FailOn) -> bool:
    """Whether the verdict fails the gate at that threshold."""
    if fail_on == "never":
        return False
    return verdict.severity >= Verdict(fail_on).severity


def exit_code(verdicts: Iterable[Verdict], *, incomplete: bool, fail_on: FailOn = "no-go") -> int:
    """0 passed, 1 failed, 3 incomplete; a failure outranks incompleteness. The same in every format."""
    if any(fails(verdict, fail_on) for verdict in verdicts):
        return 1
    return 3 if incomplete else 0


def to_json(report: Report) -> bytes:
    """The report as UTF-8 JSON, indented by two."""
    data: bytes = _adapter(Report).dump_json(report, indent=2)
    return data


def asset_to_json(asset: AssetReport) -> bytes:
    """One asset's answer as a single line of UTF-8 JSON."""
    data: bytes = _adapter(AssetReport).dump_json(asset)
    return data


def from_json(data: bytes, source: str) -> Report:
    """The report that `to_json` wrote.

    Raises:
        PolicyError: another kind of file; every fault with its place.
    """
    from pydantic import ValidationError

    try:
        report: Report = _adapter(Report).validate_json(data)
    except ValidationError as error:
        problems = [
            Problem(
                source, ".".join(map(str, fault["loc"])), fault["msg"].lower(), "a report of `check -f json`"
            )
            for fault in error.errors()[:20]
        ]
        raise PolicyError(problems) from error
    if report.schema != SCHEMA:
        raise PolicyError([Problem(source, "schema", f"is `{report.schema}`, not `{SCHEMA}`")])
    return report


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the report."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        **_adapter(Report).json_schema(mode="serialization"),
    }


@cache
def _adapter(kind: type) -> Any:
    from pydantic import TypeAdapter  # only a report that leaves the process needs it

    return TypeAdapter(kind)


def _asset(target: str, decision: Decision) -> AssetReport:
    asset = decision.asset
    deciding = {index for answer in decision.uses for index in answer.deciding}
    return AssetReport(
        target=target,
        uri=asset.uri,
        sha256=asset.sha256,
        media_type=asset.media_type,
        mode=asset.mode.value,
        retrieved_at=asset.retrieved_at,
        verdict=decision.verdict.value,
        layer=decision.layer.value,
        situations=decision.situations,
        determining=decision.determining,
        reasons=decision.reasons,
        conditions=decision.conditions,
        uses=tuple(
            UseReport(
                use=answer.use,
                verdict=answer.verdict.value,
                layer=answer.layer.value,
                situations=answer.situations,
                determining=answer.determining,
                reasons=answer.reasons,
                conditions=answer.conditions,
                grants=answer.grants,
                obtainable=answer.obtainable,
            )
            for answer in decision.uses
        ),
        publisher=_holder(decision.publisher) if decision.publisher else None,
        third_parties=tuple(_holder(holder) for holder in decision.third_parties),
        contacts=decision.contacts,
        grants=decision.grants,
        waivers=decision.waivers,
        crawl_delay=decision.crawl_delay,
        expires_at=decision.expires_at,
        notices=read_notices(asset.text) if asset.text is not None else None,
        findings=tuple(_finding(f, index in deciding) for index, f in enumerate(decision.findings)),
        gaps=tuple(_gap(gap) for gap in decision.gaps),
        examined=tuple(_examined(line) for line in decision.examined),
    )


def _holder(holder: Holder) -> HolderReport:
    return HolderReport(id=holder.id, name=holder.name, contact=holder.contact)


def _gap(gap: Gap) -> GapReport:
    return GapReport(carrier=gap.carrier.value, source=gap.source, reason=gap.reason)


def _examined(line: Examined) -> ExaminedReport:
    return ExaminedReport(
        carrier=line.carrier.value,
        source=line.source,
        status=line.status,
        detail=line.detail,
        sha256=line.sha256,
    )


def _finding(finding: Finding, deciding: bool) -> FindingReport:
    evidence = finding.evidence
    return FindingReport(
        rule=finding.rule,
        kind=finding.kind.value,
        confidence=finding.confidence.value,
        message=finding.message,
        source=evidence.source,
        sha256=evidence.sha256,
        locator=evidence.locator,
        quote=evidence.quote,
        retrieved_at=evidence.retrieved_at,
        statement=_statement(finding.statement) if finding.statement else None,
        situation=finding.situation,
        holder=finding.holder or (finding.statement.holder if finding.statement else None),
        party=finding.party.value,
        years=finding.years,
        language=finding.language,
        deciding=deciding,
        fingerprint=fingerprint(finding),
    )


def _statement(statement: Statement) -> StatementReport:
    return StatementReport(
        preference=statement.preference.value,
        uses=use_names(statement.uses),
        purpose=use_names(statement.purpose),
        standing=statement.standing.value,
        scope=statement.scope.value,
        holder=statement.holder,
        exception=statement.exception.value,
        conditions=statement.conditions,
        non_commercial=statement.non_commercial,
    )
