"""ODRL offers as TDM policies use them (TDMRep section 7, ODRL Information Model 2.2).

Only what the TDM profile defines is read: permissions for `tdm:mine`, their duties, their purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from rightscheck.model import Document, Evidence
from rightscheck.sources import evidence
from rightscheck.syntax.json_text import JsonValue, decode_json, parse_json
from rightscheck.vocab import ExceptionRoute

_MINING = frozenset({"mine", "textmining", "datamining"})
_RESEARCH = "research"
_OTHERWISE = "non-research"
_ROUTES = {
    "obtainconsent": ("consent", ExceptionRoute.PERMISSION),
    "compensate": ("payment", ExceptionRoute.PAYMENT),
    "pay": ("payment", ExceptionRoute.PAYMENT),
    "attribute": ("attribution", ExceptionRoute.ATTRIBUTION),
}
_STRENGTH = (
    ExceptionRoute.PERMISSION,
    ExceptionRoute.LICENCE,
    ExceptionRoute.PAYMENT,
    ExceptionRoute.ATTRIBUTION,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a TDM policy offers.

    Attributes:
        general: what must be done first by whoever asks ("consent", "payment"), sorted; None where mining
            is offered for research only.
        research: the same for research; None where nothing is said of it, empty where it is free.
        contact: the assigner's e-mail address, telephone or URL.
    """

    evidence: Evidence
    general: tuple[str, ...] | None = None
    research: tuple[str, ...] | None = None
    assigner: str = ""
    contact: str = ""


def route(duties: tuple[str, ...]) -> ExceptionRoute:
    """The strongest route among duties; what nobody knows cannot be met without asking."""
    known = dict(_ROUTES.values())
    routes = {known.get(duty, ExceptionRoute.PERMISSION) for duty in duties}
    return next((step for step in _STRENGTH if step in routes), ExceptionRoute.NONE)


def read_offer(document: Document, url: str) -> Offer | None:
    """What a policy document offers for the URL; None where it is no ODRL in JSON or offers no mining."""
    try:
        value = parse_json(decode_json(document.body))
    except ValueError:
        return None
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict) or any(_concerns_mining(item) for item in _items(value, "prohibition")):
        return None
    general: set[str] | None = None
    research: set[str] | None = None
    for permission in _items(value, "permission"):
        if not _concerns_mining(permission) or not _covers(permission, url):
            continue
        duties = set(_duties(permission))
        purposes, others = _purposes(permission)
        if others:
            duties.add("terms of the policy")
        if purposes == {_RESEARCH}:
            research = (research or set()) | duties
        else:
            general = (general or set()) | duties
    if not general and research is None:  # a reservation and a permission without duties: nobody knows
        return None
    assigner, contact = _assigner(value, document)
    return Offer(
        evidence=evidence(document, "json:/permission"),
        general=tuple(sorted(general)) if general else None,
        research=None if research is None else tuple(sorted(research)),
        assigner=assigner,
        contact=contact,
    )


def _concerns_mining(rule: dict[str, JsonValue]) -> bool:
    action = rule.get("action")
    names = [_name(item) for item in action] if isinstance(action, list) else [_name(action)]
    return any(name in _MINING for name in names)


def _covers(permission: dict[str, JsonValue], url: str) -> bool:
    """Whether a permission is for the URL. A target that is no web address is the policy's own name for it."""
    target = permission.get("target")
    targets = [_iri(item) for item in (target if isinstance(target, list) else [target])]
    addresses = [item.rstrip("*") for item in targets if item.startswith(("http://", "https://"))]
    return not addresses or any(url.startswith(address) for address in addresses)


def _iri(value: JsonValue) -> str:
    if isinstance(value, dict):
        value = value.get("@id", value.get("uid"))
    return value.strip() if isinstance(value, str) else ""


def _purposes(permission: dict[str, JsonValue]) -> tuple[set[str], bool]:
    """The purposes of the TDM profile that limit a permission, and whether anything else limits it."""
    purposes: set[str] = set()
    others = "refinement" in permission
    for constraint in _items(permission, "constraint"):
        purpose = _name(constraint.get("rightOperand"))
        known = purpose in (_RESEARCH, _OTHERWISE) and _name(constraint.get("operator")) in ("eq", "isa")
        if known and _name(constraint.get("leftOperand")) == "purpose":
            purposes.add(purpose)
        else:
            others = True
    return purposes, others


def _duties(permission: dict[str, JsonValue]) -> Iterator[str]:
    for duty in _items(permission, "duty"):
        action = duty.get("action")
        for item in action if isinstance(action, list) else [action]:
            name = _name(item)
            yield _ROUTES[name][0] if name in _ROUTES else name or "an unnamed duty"


def _items(node: dict[str, JsonValue], key: str) -> list[dict[str, JsonValue]]:
    """The objects under a key that may hold one or several, with or without the `odrl:` prefix."""
    value = node.get(key, node.get(f"odrl:{key}"))
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]


def _name(value: JsonValue) -> str:
    """The local name of a term, lower-case: `tdm:mine`, an IRI, or an object with one."""
    if isinstance(value, dict):
        value = value.get("@id", value.get("@value", value.get("rdf:value")))
        if isinstance(value, dict):
            value = value.get("@id")
    if not isinstance(value, str):
        return ""
    local = value.rsplit("#", 1)[-1].rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return local.strip().lower()


def _assigner(value: dict[str, JsonValue], document: Document) -> tuple[str, str]:
    assigner = value.get("assigner", value.get("odrl:assigner"))
    if isinstance(assigner, list):
        assigner = assigner[0] if assigner else None
    if isinstance(assigner, str):
        return "", assigner
    if not isinstance(assigner, dict):
        return "", ""
    by_name = {_name(key): _plain(item) for key, item in assigner.items()}
    names = [by_name.get(key, "") for key in ("fn", "name", "organization-name", "nickname")]
    contacts = [by_name.get(key, "") for key in ("hasemail", "hastelephone", "hasurl", "uid")]
    contact = next(filter(None, contacts), "")
    for scheme in ("mailto:", "tel:"):
        if contact.startswith(scheme):
            return next(filter(None, names), ""), contact.removeprefix(scheme)
    try:
        address = urljoin(document.final_url or document.url, contact) if contact else ""
    except ValueError:
        address = contact
    return next(filter(None, names), ""), contact if "@" in contact else address


def _plain(value: JsonValue) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = next(
            (item for key, item in value.items() if _name(key) in ("id", "@id", "hasvalue", "value")), ""
        )
        return _plain(value) if isinstance(value, dict) else (value if isinstance(value, str) else "")
    return value if isinstance(value, str) else ""
