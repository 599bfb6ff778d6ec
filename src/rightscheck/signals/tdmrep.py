"""TDM Reservation Protocol: tdmrep.json, response headers, HTML metas, metadata of the file, ODRL policies.

W3C Community Group Final Report, 10 May 2024. A later layer replaces an earlier one, file < header <
meta < metadata; a layer that says nothing resets nothing. In the file the first matching entry speaks.
What the metadata of EPUB and PDF files say is reported by their own signals; here it replaces what is
said around them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.media.embedded import files, properties
from rightscheck.media.epub import package_metas
from rightscheck.model import Evidence, Finding, Gap, Statement
from rightscheck.site.tdmrep_file import read_file
from rightscheck.site.tdmrep_values import Layer, Said, absolute, of_text, strictest
from rightscheck.sources import Sources, asset_evidence, evidence
from rightscheck.vocab import Carrier, Confidence, Kind, Preference, Scope, Standing, Use
from rightscheck.vocabularies.odrl import Offer, read_offer, route
from rightscheck.vocabularies.reservation import MINING


def points_to(sources: Sources) -> Iterator[tuple[Carrier, str]]:
    """The TDM policy that stands beside the last reservation, for machines or for people."""
    layers = [item for item in read_file(sources) if isinstance(item, Layer)]
    layers += [_header(sources), _meta(sources), _embedded(sources)]
    policies = [layer.policy[0] for layer in layers if layer.policy is not None]
    yield from ((Carrier.TERMS, url) for url in policies[-1:])


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What TDMRep says of the asset, and what of it could not be read."""
    layers: list[Layer] = []
    for item in read_file(sources):
        if isinstance(item, Layer):
            layers.append(item)
        else:
            yield item
    layers += [_header(sources), _meta(sources)]
    last = _embedded(sources).said
    if last is not None:
        yield from _replaced(layers, last)
        layers = [layer for layer in layers if layer.said is None or layer.said.reserved == last.reserved]
    yield from _weigh(sources, layers)
    for layer in layers:
        yield from _faults(layer)


def _replaced(layers: list[Layer], last: Said) -> Iterator[Finding]:
    """The layers that the file's own metadata contradict."""
    for layer in layers:
        if layer.said is not None and layer.said.reserved != last.reserved:
            yield _overridden(layer.name, layer.said)


def _weigh(sources: Sources, layers: list[Layer]) -> Iterator[Finding]:
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


def _allow(said: Said) -> Finding:
    return Finding(
        rule="tdmrep/allow",
        kind=Kind.PERMISSION,
        message="text and data mining is not reserved (tdm-reservation 0)",
        evidence=said.evidence,
        statement=Statement(preference=Preference.ALLOW, uses=MINING),
    )


def _overridden(name: str, said: Said) -> Finding:
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
    sources: Sources, said: Said, policy: tuple[str, Evidence] | None, conflict: bool
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


def _offered(sources: Sources, said: Said, offer: Offer) -> Finding:
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


def _faults(layer: Layer) -> Iterator[Finding]:
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


# --- response headers and metas --------------------------------------------------------------------------


def _header(sources: Sources) -> Layer:
    page = sources.asset.page
    if page is None:
        return Layer("the response header")
    found = [
        of_text(item, evidence(page, "header:tdm-reservation", line.strip()))
        for line in page.header_lines("tdm-reservation")
        for item in line.split(",")[:16]
    ]
    for name in _MISNAMED_FIELDS:
        for line in page.header_lines(name):
            if line.strip() == "1":
                where = evidence(page, f"header:{name}", line.strip())
                found.append(Said(True, where, fault=f"`{name}` is not a name of the protocol"))
    policies = [line.strip() for line in page.header_lines("tdm-policy") if line.strip()]
    policy = (
        (absolute(page.final_url or page.url, policies[0]), evidence(page, "header:tdm-policy", policies[0]))
        if policies
        else None
    )
    return strictest("the response header", found, policy)


_MISNAMED_FIELDS = ("tdm_reservation", "tdm-reservations", "tdm-reserved", "tdmrep", "x-tdm-reservation")
_MISNAMED = ("tdm:reservation", "tdm_reservation", "tdmrep", "tdm-reservations")


def _meta(sources: Sources) -> Layer:
    name = "the page's meta"
    if sources.html is None:
        return Layer(name)
    found: list[Said] = []
    policy: tuple[str, Evidence] | None = None
    for key, content, attribute in sources.html.metas():
        if key == "tdm-reservation":
            said = of_text(content, asset_evidence(sources, "meta:tdm-reservation", content))
            if attribute != "name" and not said.fault:
                said = Said(said.reserved, said.evidence, fault=f"named by `{attribute}` instead of `name`")
            found.append(said)
        elif key in _MISNAMED and content.strip() == "1":
            where = asset_evidence(sources, f"meta:{key}", content)
            found.append(Said(True, where, fault=f"`{key}` is not a name of the protocol"))
        elif key == "tdm-policy" and policy is None and content:
            policy = (absolute(_base(sources), content), asset_evidence(sources, "meta:tdm-policy", content))
    return strictest(name, found, policy)


def _embedded(sources: Sources) -> Layer:
    """The last layer: what the asset's own metadata say, as XMP or in an EPUB package."""
    name = "the file's metadata"
    found: list[Said] = []
    policy: tuple[str, Evidence] | None = None
    for document, scope in files(sources):
        if scope is not Scope.ASSET:
            continue
        said = [
            (item.name, value, evidence(document, item.locator, value))
            for item in properties(document.body)
            if item.main
            for value in item.values
        ]
        metas = package_metas(document, sources.asset.media_type)
        if not isinstance(metas, str):
            said += [(meta.name, meta.value, meta.where) for meta in metas]
        found += [of_text(value, where) for key, value, where in said if key == "tdm:reservation"]
        policies = [(value, where) for key, value, where in said if key == "tdm:policy" and value]
        policy = policy or next(iter(policies), None)
    return strictest(name, found, policy)


def _base(sources: Sources) -> str:
    page = sources.asset.page
    return (page.final_url or page.url) if page is not None else (sources.asset.uri or "")
