"""What the files of the registry may say: one model per kind of file (pydantic, extra keys forbidden).

JSON Schemas for editors are exported from here to policies/schema/.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from rightscheck.registry.addresses import canonical_host, canonical_pattern, is_public_suffix, normalise_path
from rightscheck.registry.names import normalise_name
from rightscheck.robots import may_name_agent
from rightscheck.vocab import GROUPS, Carrier, Confidence, ExceptionRoute, Outcome, Preference, Use

COUNTRIES = frozenset(
    "ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt "
    "bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh "
    "er es et fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht "
    "hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls "
    "lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni "
    "nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg "
    "sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug "
    "um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw".split()
)
"""ISO 3166-1 alpha-2, in lower case."""

USE_NAMES = (*Use, *GROUPS)


def _a_use(name: str) -> str:
    if name not in GROUPS and name not in Use._value2member_map_:
        near = difflib.get_close_matches(name, USE_NAMES, 1)
        raise ValueError(f"unknown use `{name}`" + (f"; did you mean `{near[0]}`?" if near else ""))
    return name


def _a_host_scope(text: str) -> str:
    authority, slash, path = text.partition("/")
    host = canonical_pattern(authority)
    if not host or host == "*":
        raise ValueError(f"`{text}` is not a host; write `news.example` or `portal.example/agency`")
    if host.startswith("*."):
        raise ValueError(f"`{text}`: a domain covers its subdomains, leave `*.` out")
    name = host.partition(":")[0] if host.count(":") == 1 else host
    if is_public_suffix(name):
        raise ValueError(f"`{text}` is a public suffix: it would cover the hosts of many holders")
    return host + (normalise_path("/" + path) if slash and path else "")


def _a_host_pattern(text: str) -> str:
    pattern = canonical_pattern(text)
    if not pattern:
        raise ValueError(f"`{text}` is not a host; write `news.example`, `*.news.example` or `*`")
    if pattern.startswith("*.") and is_public_suffix(pattern[2:].partition(":")[0]):
        raise ValueError(f"`{text}` spans a public suffix: it would cover the hosts of many holders")
    return pattern


def _a_path(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError(f"`{text}` is not a path; it starts with `/`")
    return normalise_path(text)


def _a_name(text: str) -> str:
    if not normalise_name(text):
        raise ValueError(f"`{text}` is no name: it holds neither letters nor digits")
    return text


def _an_agent(text: str) -> str:
    if not may_name_agent(text):
        raise ValueError(
            f"`{text}` is no product token; name the crawler as robots.txt would, such as `MyBot`"
        )
    return text


def _a_country(text: str) -> str:
    if text not in COUNTRIES:
        hint = "; the United Kingdom is `gb`" if text == "uk" else ""
        raise ValueError(f"`{text}` is not a country code of ISO 3166-1 alpha-2 in lower case{hint}")
    return text


def _an_id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", text):
        raise ValueError(f"`{text}` is not an id; use lower-case letters, digits and single hyphens")
    return text


def _a_digest(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("not a sha256 digest: 64 hexadecimal digits in lower case")
    return text


def _a_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", text) or not canonical_host(
        re.split(r"[/:?#]", text[8:].lstrip("/"))[0]
    ):
        raise ValueError(f"`{text}` is not an http or https URL")
    return text


def _a_carrier(carrier: Carrier) -> Carrier:
    if carrier in {Carrier.REGISTRY, Carrier.GRANTS}:
        raise ValueError(f"`{carrier}` is ours; name the carrier in which the publisher said it")
    return carrier


UseName = Annotated[str, AfterValidator(_a_use), Field(json_schema_extra={"enum": list(USE_NAMES)})]
Name = Annotated[str, AfterValidator(_a_name)]
AgentToken = Annotated[str, AfterValidator(_an_agent)]
Identifier = Annotated[str, AfterValidator(_an_id), Field(max_length=100)]
Digest = Annotated[str, AfterValidator(_a_digest), Field(json_schema_extra={"pattern": "^[0-9a-f]{64}$"})]
HostScopeText = Annotated[str, AfterValidator(_a_host_scope)]
HostPattern = Annotated[str, AfterValidator(_a_host_pattern)]
PathPrefix = Annotated[str, AfterValidator(_a_path)]
Url = Annotated[str, AfterValidator(_a_url), Field(json_schema_extra={"format": "uri"})]
Country = Annotated[str, AfterValidator(_a_country), Field(json_schema_extra={"pattern": "^[a-z]{2}$"})]
Uses = Annotated[list[UseName], Field(min_length=1)]
# Enumerations are written as their wire values; everything else keeps its TOML type.
TheirCarrier = Annotated[Carrier, Field(strict=False), AfterValidator(_a_carrier)]
AnyCarrier = Annotated[Carrier, Field(strict=False)]
Stance = Annotated[Preference, Field(strict=False)]
Route = Annotated[ExceptionRoute, Field(strict=False)]
Band = Annotated[Confidence, Field(strict=False)]
OutcomeName = Annotated[Outcome, Field(strict=False)]


class FileModel(BaseModel):
    """A table that outsiders write: keys we do not know are faults, values keep the types TOML gave them."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class StatementTable(FileModel):
    """What the publisher said, where, and when it was seen: facts, not its prose."""

    preference: Stance
    uses: Uses
    purpose: list[UseName] = []
    exception: Route = ExceptionRoute.NONE
    conditions: list[str] = []
    non_commercial: bool = False
    paths: list[PathPrefix] = []
    carrier: TheirCarrier
    source: Url
    locator: str = ""
    archive: str = ""
    observed: date
    observed_precision: Literal["day", "month", "no-later"] = "day"
    sha256: Digest
    confidence: Band
    quote: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.purpose and "crawl" not in self.uses and "all" not in self.uses:
            raise ValueError("`purpose` belongs to a statement about `crawl`")
        if self.preference is Preference.ALLOW and self.exception is not ExceptionRoute.NONE:
            raise ValueError("`exception` is the way out of a denial; an `allow` has none")
        return self


class HistoryTable(StatementTable):
    """A statement that no longer holds: withdrawn, or replaced by one that does."""

    ended: date
    event: Literal["withdrawn", "replaced"]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ended < self.observed:
            raise ValueError(f"`ended` {self.ended} lies before `observed` {self.observed}")
        return self


class CaptureTable(FileModel):
    """What a dated capture of a file shows: facts that speak to some agents only, never a permission."""

    carrier: TheirCarrier
    source: Url
    archive: str = ""
    observed: date
    observed_precision: Literal["day", "month", "no-later"] = "day"
    sha256: Digest
    closed_agents: list[str] = []
    open_agents: list[str] = []
    wildcard: Literal["open", "closed"] = "open"
    pointers: list[str] = []


class IdentityTable(FileModel):
    """Where the names and hosts are from, for an entry without statements."""

    source: Url
    observed: date
    sha256: Digest


class PublisherFile(FileModel):
    """publishers/<country>/<id>.toml: one rights holder and what it is known to say.

    `names` are its own. `owners` are companies that publish more than it: their grant counts here, but their
    name on a host that is not listed does not make the words there this holder's.
    """

    id: Identifier
    name: Name
    names: list[Name] = []
    owners: list[Name] = []
    country: Country
    kind: Literal[
        "wire",
        "newspaper",
        "magazine",
        "broadcaster",
        "digital",
        "portal",
        "journal",
        "news",
        "platform",
        "reference",
        "marketplace",
        "other",
    ]
    hosts: list[HostScopeText] = []
    contact: str = ""
    review_by: date
    identity: IdentityTable | None = None
    statement: list[StatementTable] = []
    capture: list[CaptureTable] = []
    history: list[HistoryTable] = []

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not (self.statement or self.capture or self.history or self.identity):
            raise ValueError(
                "nothing is recorded: give a `statement`, a `capture` or an `identity` with its source"
            )
        seen = [*(table.observed for table in self.statement), *(table.observed for table in self.capture)]
        if seen and max(seen) > self.review_by:
            raise ValueError(f"`review_by` {self.review_by} lies before the observation of {max(seen)}")
        twice = sorted({host for host in self.hosts if self.hosts.count(host) > 1})
        if twice:
            raise ValueError(f"`hosts` names `{twice[0]}` twice")
        return self


class GrantTable(FileModel):
    """One written permission. Dates are inclusive; `revoked` is the first day it no longer holds.

    `collections` limits it to requests for one of these named bodies of works ("archive 1990-2010").
    `credential` names a signed object (credential, token, receipt) beside this file. It cannot be checked
    offline, so the grant leads to review until somebody did and says so in `verified_by` and `verified_on`.
    """

    id: Annotated[str, Field(min_length=1, max_length=200)]
    grantor: Name
    grantee: Name
    uses: Uses
    hosts: Annotated[list[HostPattern], Field(min_length=1)]
    paths: list[PathPrefix] = []
    collections: list[Name] = []
    valid_from: date
    valid_until: date | None = None
    third_party: bool = False
    conditions: list[str] = []
    document: str = ""
    document_sha256: Digest | None = None
    revoked: date | None = None
    signatory: str = ""
    reference: str = ""
    credential: str = ""
    verified_by: str = ""
    verified_on: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if bool(self.verified_by.strip()) != (self.verified_on is not None):
            raise ValueError("`verified_by` and `verified_on` belong together: who settled it, and when")
        if self.verified_by and not self.credential:
            raise ValueError("`verified_by` speaks of a `credential`, and none is named")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError(f"`valid_until` {self.valid_until} lies before `valid_from` {self.valid_from}")
        return self


class GrantsFile(FileModel):
    """A grants file: an array of `[[grant]]` tables."""

    grant: list[GrantTable] = []


def _shape_of_row(value: object) -> str:
    return "outcomes-by-use" if isinstance(value, dict) else "one-outcome"


Row = Annotated[
    Annotated[OutcomeName, Tag("one-outcome")] | Annotated[dict[str, OutcomeName], Tag("outcomes-by-use")],
    Discriminator(_shape_of_row),
]


class HouseTable(FileModel):
    """One of our own rules; each list that is given must match, one member of a list is enough."""

    action: Literal["block", "allow"]
    hosts: list[HostPattern] = []
    holders: list[Name] = []
    licences: list[str] = []
    uses: list[UseName] = []
    reason: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not (self.hosts or self.holders or self.licences):
            raise ValueError(
                'names neither `hosts`, `holders` nor `licences`; for every host write hosts = ["*"]'
            )
        return self


class LawTable(FileModel):
    """A legal fact that the profile rests on, dated: `effect` says what the rows make of it."""

    jurisdiction: str = ""
    title: str
    effect: str = ""
    source: Url
    checked: date


class ProfileFile(FileModel):
    """profiles/<id>.toml: what each situation means for each use.

    `agents` are the product tokens of your crawlers, for requests that name none.
    """

    id: Identifier
    inherits: str = ""
    title: Annotated[str, Field(min_length=1)]
    description: str = ""
    required: list[AnyCarrier] | None = None
    stale_after_days: Annotated[int, Field(ge=0)] | None = None
    expiring_within_days: Annotated[int, Field(ge=0)] | None = None
    accepts_duties: bool | None = None
    agents: list[AgentToken] | None = None
    situations: dict[str, Row] = {}
    non_commercial: dict[str, Row] = {}
    notes: dict[str, str] = {}
    house: list[HouseTable] = []
    law: list[LawTable] = []


class WaiverTable(FileModel):
    """A dated, owned, expiring exception to one finding, on the hosts and for the uses named."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    fingerprint: Digest
    uses: Uses
    hosts: Annotated[list[HostPattern], Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    evidence: str = ""
    created: date
    expires: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.expires < self.created:
            raise ValueError(f"`expires` {self.expires} lies before `created` {self.created}")
        return self


class WaiversFile(FileModel):
    """A waivers file: an array of `[[waiver]]` tables."""

    waiver: list[WaiverTable] = []


SCHEMAS: dict[str, type[FileModel]] = {
    "publisher": PublisherFile,
    "grants": GrantsFile,
    "profile": ProfileFile,
    "waivers": WaiversFile,
}

JSON_SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    name: model.model_json_schema for name, model in SCHEMAS.items()
}
"""The JSON Schema (draft 2020-12) of each kind of file."""
