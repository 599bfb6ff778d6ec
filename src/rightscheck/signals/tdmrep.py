"""TDM Reservation Protocol: tdmrep.json, response headers, HTML metas, ODRL policies.

W3C Community Group Final Report, 10 May 2024. A later layer replaces an earlier one, file < header <
meta; a layer that says nothing resets nothing. In the file the first matching entry speaks.
Layers inside EPUB and PDF files are read by the signals for embedded metadata.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from rightscheck.model import Document, Evidence, Finding, Gap, Statement
from rightscheck.robots import canonical_path, match_path, pattern_length
from rightscheck.sources import Sources, asset_evidence, digest, evidence
from rightscheck.syntax.json_text import JsonValue, array_slices, decode_json, parse_json
from rightscheck.vocab import AI_ALL, Carrier, Confidence, Kind, Preference, Standing, Use
from rightscheck.vocabularies.odrl import Offer, read_offer, route

MINING = frozenset({Use.TDM, Use.EVALUATE}) | AI_ALL
"""What may be done where mining is not reserved, or what a policy sets conditions for."""

WELL_KNOWN = "/.well-known/tdmrep.json"
MAX_ENTRIES = 10_000

_DENYING = frozenset({"true", "yes", "y", "on", "?1", '"1"', "'1'", "1;", "reserved", "deny", "disallow"})
_GRANTING = frozenset({"", "false", "no", "n", "off", "?0", '"0"', "'0'", "none", "null", "allow", "-"})
_ABSENT = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class _Said:
    """One value of `tdm-reservation`. `fault` says why it is not valid; then `reserved` is read leniently."""

    reserved: bool
    evidence: Evidence
    fault: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one layer says. `faulty` holds the values that the protocol takes as unset."""

    name: str
    said: _Said | None = None
    faulty: tuple[_Said, ...] = ()
    policy: tuple[str, Evidence] | None = None
    later: _Said | None = None


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The TDM policy that stands beside the last reservation, for machines or for people."""
    layers = [item for item in _file(sources) if isinstance(item, _Layer)]
    layers += [_header(sources), _meta(sources)]
    policies = [layer.policy[0] for layer in layers if layer.policy is not None]
    yield from ((Carrier.TERMS, url) for url in policies[-1:])


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What TDMRep says of the asset, and what of it could not be read."""
    layers: list[_Layer] = []
    for item in _file(sources):
        if isinstance(item, _Layer):
            layers.append(item)
        else:
            yield item
    layers += [_header(sources), _meta(sources)]
    yield from _weigh(sources, layers)
    for layer in layers:
        yield from _faults(layer)


def _weigh(sources: Sources, layers: list[_Layer]) -> Iterator[Finding]:
    speaking = [(layer, layer.said) for layer in layers if layer.said is not None]
    policies = [layer.policy for layer in layers if layer.policy is not None]
    if not speaking:
        for url, where in policies:
            yield _unread(url, where, "a TDM policy is named, though no valid reservation stands beside it")
        return
    _, winner = speaking[-1]
    conflict = any(said.reserved != winner.reserved for _, said in speaking)
    if winner.reserved:
        yield from _reserved(sources, winner, policies[-1] if policies else None, conflict)
    else:
        yield _allow(winner)
    for layer, said in speaking[:-1]:
        if said.reserved != winner.reserved:
            yield _overridden(layer.name, said)
    for layer, said in speaking:
        if layer.later is not None and not winner.reserved and said is winner:
            yield _overridden(
                "a later entry of the file, more specific than the first that matches", layer.later
            )


def _allow(said: _Said) -> Finding:
    return Finding(
        rule="tdmrep/allow",
        kind=Kind.PERMISSION,
        message="text and data mining is not reserved (tdm-reservation 0)",
        evidence=said.evidence,
        statement=Statement(preference=Preference.ALLOW, uses=MINING),
    )


def _overridden(name: str, said: _Said) -> Finding:
    if not said.reserved:
        return Finding(
            rule="tdmrep/layer-conflict",
            kind=Kind.NOTE,
            message=f"{name} says that mining is not reserved; a later layer says that it is",
            evidence=said.evidence,
        )
    return Finding(
        rule="tdmrep/layer-conflict",
        kind=Kind.RESERVATION,
        message=f"{name} reserves mining; by the protocol's order another statement replaces it",
        evidence=said.evidence,
        statement=Statement(
            preference=Preference.DISALLOW, uses=frozenset({Use.TDM}), standing=Standing.OVERRIDDEN
        ),
    )


def _reserved(
    sources: Sources, said: _Said, policy: tuple[str, Evidence] | None, conflict: bool
) -> Iterator[Finding]:
    offer = _offer(sources, policy[0]) if policy else None
    if offer is not None:
        yield _offered(sources, said, offer)
        return
    yield Finding(
        rule="tdmrep/disallow",
        kind=Kind.RESERVATION,
        message="text and data mining is reserved (tdm-reservation 1)",
        evidence=said.evidence,
        statement=Statement(preference=Preference.DISALLOW, uses=frozenset({Use.TDM})),
        situation="denial/winning-layer" if conflict else "",
        contact=policy[0] if policy else "",
    )
    if policy is not None:
        yield _unread(*policy, "the TDM policy that says how to get permission was not read")


def _offered(sources: Sources, said: _Said, offer: Offer) -> Finding:
    """A reservation with a policy at hand: its duties are conditions; research may be free of them."""
    duties = offer.general
    if not sources.request.commercial and offer.research is not None:
        duties = offer.research
        if not duties:
            return Finding(
                rule="tdmrep/policy",
                kind=Kind.PERMISSION,
                message="the TDM policy permits mining for research",
                evidence=offer.evidence,
                statement=Statement(preference=Preference.ALLOW, uses=MINING, non_commercial=True),
            )
    asked = ", ".join(duties or ())
    return Finding(
        rule="tdmrep/conditional" if duties else "tdmrep/disallow",
        kind=Kind.RESERVATION,
        message="text and data mining is reserved; the TDM policy "
        + (f"asks: {asked}" if asked else "offers it for research only"),
        evidence=said.evidence,
        statement=Statement(
            preference=Preference.CONDITIONAL if duties else Preference.DISALLOW,
            uses=MINING if duties else frozenset({Use.TDM}),
            exception=route(duties or ()),
            conditions=duties or (),
            holder=offer.assigner or None,
        ),
        contact=offer.contact,
    )


def _offer(sources: Sources, url: str) -> Offer | None:
    document = sources.document_at(url)
    return read_offer(document, sources.asset.uri or "") if document is not None else None


def _unread(url: str, where: Evidence, message: str) -> Finding:
    return Finding(
        rule="tdmrep/policy-unread",
        kind=Kind.POINTER,
        message=message,
        evidence=where,
        situation="pointer/unread",
        uses=MINING,
        contact=url,
    )


def _faults(layer: _Layer) -> Iterator[Finding]:
    for said in layer.faulty:
        if said.reserved:
            yield Finding(
                rule="tdmrep/malformed",
                kind=Kind.RESERVATION,
                message=f"{layer.name}: {said.fault}; read leniently it reserves mining",
                evidence=said.evidence,
                confidence=Confidence.MEDIUM,
                statement=Statement(
                    preference=Preference.DISALLOW, uses=frozenset({Use.TDM}), standing=Standing.MALFORMED
                ),
            )
        else:
            yield _note(f"{layer.name}: {said.fault}", said.evidence)
    if layer.said is not None and layer.said.remark:
        yield _note(f"{layer.name}: {layer.said.remark}", layer.said.evidence)


def _note(message: str, where: Evidence) -> Finding:
    return Finding(rule="tdmrep/note", kind=Kind.NOTE, message=message, evidence=where)


# --- values -------------------------------------------------------------------------------------------


def _of_text(raw: str, where: Evidence) -> _Said:
    """A value in a header or a meta: `1` or `0`, anything else is a protocol error."""
    value = raw.strip()
    if value in ("0", "1"):
        return _Said(value == "1", where)
    if value.lower() in _GRANTING:
        return _Said(False, where, fault=f"`{value[:40]}` is not a value of tdm-reservation")
    return _Said(True, where, fault=f"`{value[:40]}` is not a value of tdm-reservation")


def _of_json(raw: JsonValue, where: Evidence) -> _Said:
    if isinstance(raw, bool):
        return _Said(raw, where, fault=f"tdm-reservation is the boolean {str(raw).lower()}, not a number")
    if isinstance(raw, (int, float)) and raw in (0, 1):
        return _Said(raw == 1, where)
    if isinstance(raw, str):
        said = _of_text(raw, where)
        return (
            said
            if said.fault
            else _Said(said.reserved, where, remark="tdm-reservation is a string, not a number")
        )
    if raw is None:
        return _Said(False, where, fault="tdm-reservation is null")
    return _Said(True, where, fault="tdm-reservation is not a number")


def _strictest(name: str, found: list[_Said], policy: tuple[str, Evidence] | None) -> _Layer:
    """One layer that may say several things: the valid reservation before the valid zero."""
    valid = sorted((said for said in found if not said.fault), key=lambda said: not said.reserved)
    faulty = tuple(dict.fromkeys(said for said in found if said.fault))
    said = valid[0] if valid else None
    if said is not None and valid[-1].reserved != said.reserved:
        said = _Said(
            said.reserved, said.evidence, remark="the layer holds both 1 and 0; the reservation counts"
        )
    return _Layer(name, said, faulty, policy)


# --- response headers and metas --------------------------------------------------------------------------


def _header(sources: Sources) -> _Layer:
    page = sources.asset.page
    if page is None:
        return _Layer("the response header")
    found = [
        _of_text(item, evidence(page, "header:tdm-reservation", line.strip()))
        for line in page.header_lines("tdm-reservation")
        for item in line.split(",")[:16]
    ]
    policies = [line.strip() for line in page.header_lines("tdm-policy") if line.strip()]
    policy = (
        (_absolute(page.final_url or page.url, policies[0]), evidence(page, "header:tdm-policy", policies[0]))
        if policies
        else None
    )
    return _strictest("the response header", found, policy)


_MISNAMED = ("tdm:reservation", "tdm_reservation", "tdmrep", "tdm-reservations")


def _meta(sources: Sources) -> _Layer:
    name = "the page's meta"
    if sources.html is None:
        return _Layer(name)
    found: list[_Said] = []
    policy: tuple[str, Evidence] | None = None
    for key, content, attribute in sources.html.metas():
        if key == "tdm-reservation":
            said = _of_text(content, asset_evidence(sources, "meta:tdm-reservation", content))
            if attribute != "name" and not said.fault:
                said = _Said(said.reserved, said.evidence, fault=f"named by `{attribute}` instead of `name`")
            found.append(said)
        elif key in _MISNAMED and content.strip() == "1":
            where = asset_evidence(sources, f"meta:{key}", content)
            found.append(_Said(True, where, fault=f"`{key}` is not a name of the protocol"))
        elif key == "tdm-policy" and policy is None and content:
            policy = (_absolute(_base(sources), content), asset_evidence(sources, "meta:tdm-policy", content))
    return _strictest(name, found, policy)


def _base(sources: Sources) -> str:
    page = sources.asset.page
    return (page.final_url or page.url) if page is not None else (sources.asset.uri or "")


def _absolute(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


# --- the file ---------------------------------------------------------------------------------------------


def _file(sources: Sources) -> Iterator[_Layer | Finding | Gap]:
    document = sources.document(Carrier.TDMREP)
    if document is None:
        yield Gap(carrier=Carrier.TDMREP, source=_well_known(sources), reason="not read")
        return
    document = replace(document, sha256=document.sha256 or digest(document.body))
    reason = _unreadable(document)
    if reason:
        yield Gap(carrier=Carrier.TDMREP, source=document.url, reason=reason)
        return
    if document.catch_all or document.status in _ABSENT:
        return
    text = decode_json(document.body)
    if text.lstrip()[:1] not in ("[", "{"):  # an HTML page, an empty body: the site does not take part
        return
    try:
        value = parse_json(text)
    except ValueError as fault:
        yield from _broken(document, text, "cut short" if document.truncated else f"not valid JSON ({fault})")
        return
    yield from _entries(sources, document, value, text)


def _well_known(sources: Sources) -> str:
    try:
        return urljoin(sources.asset.uri or "", WELL_KNOWN) if sources.asset.uri else sources.asset.source
    except ValueError:
        return sources.asset.source


def _unreadable(document: Document) -> str:
    if document.failure:
        return document.failure
    if document.status is None or document.status in _ABSENT or 200 <= document.status < 300:
        return ""
    return f"status {document.status}"


def _broken(document: Document, text: str, reason: str) -> Iterator[_Layer | Gap]:
    """A file that is not JSON: a reservation to be seen in it counts as malformed, else nothing was read."""
    compact = "".join(text[:200_000].split()).lower()
    quote = next((sign for sign in _SIGNS if sign in compact), "")
    if quote:
        said = _Said(True, evidence(document, "json:"), fault=f"tdmrep.json is {reason}")
        yield _Layer("the file", faulty=(said,))
    else:
        yield Gap(carrier=Carrier.TDMREP, source=document.url, reason=reason)


_SIGNS = tuple(
    f"{mark}tdm-reservation{mark}:{value}"
    for mark in ('"', "'", "")
    for value in ("1", '"1', "'1", "true", '"yes')
)


def _entries(
    sources: Sources, document: Document, value: JsonValue, text: str
) -> Iterator[_Layer | Finding | Gap]:
    shape = "" if isinstance(value, list) else "tdmrep.json is an object instead of an array"
    if isinstance(value, list):
        elements = list(zip(value, array_slices(text), strict=True))
        pointers = [f"json:/{index}" for index in range(len(elements))]
    else:
        elements, pointers = _of_object(value, text)
    if not isinstance(value, list) and not any(
        isinstance(item, dict) and _reservation_key(item) for item, _ in elements
    ):
        yield _note("tdmrep.json is no array and says nothing of reservations", evidence(document, "json:"))
        return
    cited = [
        (item, evidence(document, pointer, quote))
        for (item, quote), pointer in zip(elements[:MAX_ENTRIES], pointers, strict=False)
    ]
    if len(elements) > MAX_ENTRIES:
        yield Gap(
            carrier=Carrier.TDMREP,
            source=document.url,
            reason=f"only the first {MAX_ENTRIES:,} entries were read",
        )
    if sources.asset.uri is None:
        yield from _without_path(document, cited, shape)
    else:
        yield _match(sources.asset.uri, document, cited, shape)


def _of_object(value: JsonValue, text: str) -> tuple[list[tuple[JsonValue, str]], list[str]]:
    """The entries of a file that is an object: itself, or the objects of a list in it."""
    if isinstance(value, dict) and not _reservation_key(value):
        for key, inner in value.items():
            if isinstance(inner, list) and any(
                isinstance(item, dict) and _reservation_key(item) for item in inner
            ):
                step = key.replace("~", "~0").replace("/", "~1")
                return [(item, "") for item in inner], [
                    f"json:/{step}/{index}" for index in range(len(inner))
                ]
    return [(value, text.strip())], ["json:"]


def _reservation_key(item: dict[str, JsonValue]) -> str:
    """The key of an entry that holds its reservation, as written; empty when there is none."""
    if "tdm-reservation" in item:
        return "tdm-reservation"
    return next((key for key in item if _SEPARATORS.sub("", key).lower() in _MEANT), "")


_SEPARATORS = re.compile(r"[\s_:.\-]+")
_MEANT = frozenset({"tdmreservation", "tdmrep", "tdmreserved", "tdmreservations"})


def _without_path(
    document: Document, cited: list[tuple[JsonValue, Evidence]], shape: str
) -> Iterator[_Layer | Gap]:
    """Without the asset's URL only an entry for the whole site can be applied."""
    first = cited[0][0] if cited else None
    if isinstance(first, dict) and first.get("location") in ("/", "/*", "*"):
        yield _match("/", document, cited[:1], shape)
    elif cited:
        yield Gap(carrier=Carrier.TDMREP, source=document.url, reason="the URL of the text is unknown")


def _match(uri: str, document: Document, cited: list[tuple[JsonValue, Evidence]], shape: str) -> _Layer:
    """The first valid entry whose location matches; invalid ones on the way are kept as faults."""
    path = canonical_path(uri)
    said: _Said | None = None
    matched = 0
    later: _Said | None = None
    policy: tuple[str, Evidence] | None = None
    faulty: list[_Said] = []
    for item, where in cited:
        found = _entry(item, where, uri, path)
        if found is None or not isinstance(item, dict):
            continue
        entry, length = found
        if shape and not entry.fault:
            entry = _Said(entry.reserved, where, fault=shape)
        if said is None and entry.fault:
            faulty.append(entry)
        elif said is None:
            said, matched = entry, length
            policy = _policy(item, document, where)
        elif entry.reserved and not said.reserved and length > matched and later is None:
            later = entry
    return _Layer("the file", said, tuple(faulty[:16]), policy, later)


def _policy(item: dict[str, JsonValue], document: Document, where: Evidence) -> tuple[str, Evidence] | None:
    url = item.get("tdm-policy")
    if not isinstance(url, str) or not url.strip():
        return None
    return _absolute(document.final_url or document.url, url.strip()), where


def _entry(item: JsonValue, where: Evidence, uri: str, path: str) -> tuple[_Said, int] | None:
    """What an entry says of the path and the length of its pattern; None where it does not concern it."""
    key = _reservation_key(item) if isinstance(item, dict) else ""
    if not isinstance(item, dict) or not key:
        return None
    said = _of_json(item[key], where)
    if key != "tdm-reservation" and not said.fault:
        said = _Said(said.reserved, where, fault=f"`{key[:40]}` is written for `tdm-reservation`")
    location = item.get("location")
    if not isinstance(location, str) or not location.strip():
        # Both properties are mandatory: without a location nobody knows what is reserved.
        return (_Said(said.reserved, where, fault="an entry without location"), 0) if said.reserved else None
    pattern = location.strip()
    fault = ""
    if not pattern.startswith(("/", "*")):
        pattern, fault = _lenient_pattern(pattern, uri)
    if not pattern or not match_path(pattern, path):
        return None
    if fault and not said.fault:
        said = _Said(said.reserved, where, fault=fault)
    return said, pattern_length(pattern)


def _lenient_pattern(location: str, uri: str) -> tuple[str, str]:
    """A location that is no path: a whole URL of the same host, or a path without its slash."""
    try:
        parts = urlsplit(location)
        same_host = parts.hostname is not None and parts.hostname == urlsplit(uri).hostname
    except ValueError:
        return "", ""
    if parts.scheme in ("http", "https"):
        rest = location.partition("://")[2].partition("/")[2]
        return (f"/{rest}", "the location is a URL instead of a path") if same_host else ("", "")
    return f"/{location}", "the location does not start with a slash"
