"""ODRL offers as TDM policies use them (TDMRep section 7, ODRL Information Model 2.2).

Only what the TDM profile defines is read: permissions for `tdm:mine`, their duties, their purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rightscheck.json_text import JsonValue, decode_json, parse_json
from rightscheck.model import Document, Evidence
from rightscheck.sources import evidence
from rightscheck.vocab import ExceptionRoute

_MINING = frozenset({"mine", "extract", "use"})
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
        duties: what must be done first ("consent", "payment"), sorted; of the general offer.
        route: the strongest of them as a route.
        research_only: True when mining for research is permitted without a duty.
        contact: the assigner's e-mail address, telephone or URL.
    """

    evidence: Evidence
    duties: tuple[str, ...] = ()
    route: ExceptionRoute = ExceptionRoute.NONE
    research_only: bool = False
    assigner: str = ""
    contact: str = ""


def read_offer(document: Document) -> Offer | None:
    """The offer in a policy document; None where it is not ODRL in JSON or says nothing of mining."""
    try:
        value = parse_json(decode_json(document.body))
    except ValueError:
        return None
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return None
    duties: set[tuple[str, ExceptionRoute]] = set()
    research = False
    for permission in _items(value, "permission"):
        if not _concerns_mining(permission):
            continue
        asked = set(_duties(permission))
        purposes = {_name(item.get("rightOperand")) for item in _items(permission, "constraint")}
        if purposes == {"research"} and not asked:
            research = True
        elif "research" not in purposes or len(purposes) > 1:
            duties |= asked
    if not duties and not research:
        return None
    assigner, contact = _assigner(value)
    routes = {route for _, route in duties}
    return Offer(
        evidence=evidence(document, "json:/permission"),
        duties=tuple(sorted(name for name, _ in duties)),
        route=next((route for route in _STRENGTH if route in routes), ExceptionRoute.NONE),
        research_only=research,
        assigner=assigner,
        contact=contact,
    )


def _concerns_mining(permission: dict[str, JsonValue]) -> bool:
    action = permission.get("action")
    names = [_name(item) for item in action] if isinstance(action, list) else [_name(action)]
    return any(name in _MINING for name in names)


def _duties(permission: dict[str, JsonValue]) -> Iterator[tuple[str, ExceptionRoute]]:
    for duty in _items(permission, "duty"):
        action = duty.get("action")
        for item in action if isinstance(action, list) else [action]:
            name = _name(item)
            # A duty that nobody knows cannot be met: permission must be asked.
            yield _ROUTES.get(name, (name or "an unnamed duty", ExceptionRoute.PERMISSION))


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


def _assigner(value: dict[str, JsonValue]) -> tuple[str, str]:
    assigner = value.get("assigner", value.get("odrl:assigner"))
    if isinstance(assigner, list):
        assigner = assigner[0] if assigner else None
    if isinstance(assigner, str):
        return assigner, ""
    if not isinstance(assigner, dict):
        return "", ""
    by_name = {_name(key): _plain(item) for key, item in assigner.items()}
    name = next(
        (by_name[key] for key in ("fn", "name", "organization-name", "nickname") if by_name.get(key)), ""
    )
    contact = next(
        (by_name[key] for key in ("hasemail", "hastelephone", "hasurl", "uid") if by_name.get(key)), ""
    )
    return name, contact.removeprefix("mailto:").removeprefix("tel:")


def _plain(value: JsonValue) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = next(
            (item for key, item in value.items() if _name(key) in ("id", "@id", "hasvalue", "value")), ""
        )
        return _plain(value) if isinstance(value, dict) else (value if isinstance(value, str) else "")
    return value if isinstance(value, str) else ""
