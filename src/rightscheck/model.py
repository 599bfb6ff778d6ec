"""The nouns: asset, document, evidence, statement, finding, gap, grant, request, decision.

Frozen, slotted, without behaviour beyond what their own fields imply. Layer 1: everything above
speaks in these. Offsets are code points, half-open; times are UTC; digests are sha256 in hex.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from rightscheck.vocab import (
    Carrier,
    Confidence,
    ExceptionRoute,
    Kind,
    Layer,
    Mode,
    Party,
    Preference,
    Scope,
    Standing,
    Use,
    Verdict,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One source as it was given or fetched: the page itself, robots.txt, tdmrep.json, a terms page.

    `status` is the final HTTP status, None when the bytes did not come over HTTP or no answer came. `failure`
    is set when no answer was had, or not all of it: `timeout`, `dns`, `tls`, `connect` (refused or broken
    off), `protocol` (not sound HTTP), `coding` (a body that cannot be decoded), `too-large`,
    `blocked-address`, `redirect-loop`, `too-many-redirects`, `redirect-refused: REASON`, `bad-url: REASON`;
    then `body` holds what arrived, possibly nothing, whatever the status says. A robots.txt cut at its limit
    is `truncated` without being a failure. `body` is decoded (gzip), `headers` are as they came.
    `url` is the one first asked for, `final_url` the last that was asked, `redirects` lists those that
    answered with a redirect which was followed, in order: `redirects + (final_url,)` is the whole way.
    `catch_all` is set when the host sent the same body for an address that it cannot have: then this is no
    document of its own, and says nothing.
    """

    carrier: Carrier
    url: str
    body: bytes = field(default=b"", repr=False)
    sha256: str = ""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    final_url: str = ""
    redirects: tuple[str, ...] = ()
    retrieved_at: datetime | None = None
    failure: str = ""
    truncated: bool = False
    catch_all: bool = False

    def header(self, name: str) -> str | None:
        """The value of a response header, several lines joined by `, ` (RFC 9110 5.3); None when absent."""
        values = self.header_lines(name)
        return ", ".join(values) if values else None

    def header_lines(self, name: str) -> tuple[str, ...]:
        """The values of each line of a response header, in order; names compare without case."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """What is asked about. `text` is what notices are read from: as given, or the visible text of HTML.

    `page` holds the bytes, status and headers where there are any. `uri` is the URL that the asker names,
    None when nobody knows where the text came from. `source` is what evidence cites (URL, path or `text`).
    """

    uri: str | None
    source: str
    text: str | None
    media_type: str
    mode: Mode
    page: Document | None = None
    sha256: str = ""
    retrieved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks, for what. `uses` are the names as asked (uses or groups); the clock is an input (`on`)."""

    uses: tuple[str, ...]
    on: date
    grantee: str | None = None
    collection: str | None = None
    agents: tuple[str, ...] = ()
    commercial: bool = True
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where it is said. `locator` finds `quote` in the bytes with that digest:

    `char:1204-1391` code points into the text, `text:1204-1391` code points into the visible text of HTML,
    `line:7` (1-based, robots.txt and other line files), `header:NAME`, `meta:NAME`, `link:REL`,
    `json:/0/location` (RFC 6901), `xml:/rsl/content[1]`, `key:PATH` (TOML), `status`.
    """

    source: str
    sha256: str
    locator: str
    quote: str = ""
    retrieved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One preference over some uses, as its carrier says it and nothing more.

    Attributes:
        uses: the uses named, groups expanded; what they imply for other uses is weighed in `decide`.
        purpose: for a denied `crawl`, the uses it is denied for; empty when no purpose is named.
        holder: the declaring party's name as printed; None when it speaks for the host's publisher.
        exception: the route that a denial leaves open, or what a conditional permission asks for.
        conditions: duties or terms, one short phrase each ("attribution", "fee: USD 0.01").
        non_commercial: True when only commercial use is denied, or only non-commercial use is permitted.
        grantable: True when a written grant from the holder lifts it (not so for a dead licence URL).
    """

    preference: Preference
    uses: frozenset[Use]
    standing: Standing = Standing.EFFECTIVE
    scope: Scope = Scope.ASSET
    purpose: frozenset[Use] = frozenset()
    party: Party = Party.PUBLISHER
    holder: str | None = None
    exception: ExceptionRoute = ExceptionRoute.NONE
    conditions: tuple[str, ...] = ()
    non_commercial: bool = False
    grantable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing read, with its evidence.

    Attributes:
        rule: stable id `<family>/<rule>`; the families are listed in data/signals.toml.
        message: one sentence for people, lower-case start, no full stop.
        situation: the row of the decision table that this finding falls under, where its statement
            alone does not tell (data/situations.toml); empty otherwise. Findings without a statement and
            without a situation never move a verdict.
        uses: for a finding with a situation but no statement, the uses it concerns; empty means all.
        holder, years: of a copyright notice or a credit; the holder as printed, years as printed.
        contact: where to ask for permission, when the source says so.
    """

    rule: str
    kind: Kind
    message: str
    evidence: Evidence
    confidence: Confidence = Confidence.HIGH
    statement: Statement | None = None
    situation: str = ""
    uses: frozenset[Use] = frozenset()
    holder: str | None = None
    party: Party = Party.PUBLISHER
    years: tuple[int, ...] = ()
    language: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A carrier that should have been read and was not. `reason` says why in one phrase."""

    carrier: Carrier
    source: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What was asked and what came of it: `read`, `absent`, `unread` or `not-applicable`."""

    carrier: Carrier
    source: str
    status: str
    detail: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A rights holder: a stable id, the name to print, and every name it is known by, normalised."""

    id: str
    name: str
    names: frozenset[str]
    contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A written permission. Dates are inclusive; `revoked` is the first day it no longer holds.

    `void` names the fault that makes it worthless whatever its dates (a document whose digest differs).
    `unverified` says what nobody has settled yet of the signed object that it rests on; empty when settled.
    """

    id: str
    grantor: str
    grantee: str
    uses: frozenset[Use]
    hosts: tuple[str, ...]
    paths: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    valid_from: date
    valid_until: date | None = None
    third_party: bool = False
    conditions: tuple[str, ...] = ()
    document: str = ""
    document_sha256: str = ""
    revoked: date | None = None
    void: str = ""
    unverified: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseDecision:
    """The answer for one use or group as asked.

    Attributes:
        determining: rule ids that decided, most restrictive first, without duplicates.
        situations: ids of the decision table's rows that decided.
        waivers: ids of the waivers that lifted a finding for this use.
        deciding: indices into the decision's findings, in order.
        obtainable: True when the denial names a route to permission (a licence, a written consent, a fee).
    """

    use: str
    verdict: Verdict
    layer: Layer
    situations: tuple[str, ...]
    determining: tuple[str, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()
    deciding: tuple[int, ...] = ()
    obtainable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer for one asset: the strictest over the uses asked, and each use's own in `uses`.

    `layer`, `situations`, `determining`, `reasons` and `conditions` are those of the strictest uses together.
    """

    asset: Asset
    request: Request
    profile: str
    verdict: Verdict
    layer: Layer
    situations: tuple[str, ...]
    determining: tuple[str, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    uses: tuple[UseDecision, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    examined: tuple[Examined, ...] = ()
    publisher: Holder | None = None
    third_parties: tuple[Holder, ...] = ()
    grants: tuple[str, ...] = ()
    waivers: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    crawl_delay: float | None = None
    expires_at: datetime | None = None

    @property
    def ok(self) -> bool:
        """True only for go."""
        return self.verdict is Verdict.GO

    def __bool__(self) -> bool:  # `if not checker.check_url(url): skip` must never pass a review
        return self.ok
