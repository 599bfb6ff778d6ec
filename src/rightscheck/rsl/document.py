"""RSL 1.0 documents: what a `content` covers and what each of its licences permits, prohibits and asks for.

The namespace decides what is RSL, not the media type. Tokens and comma lists of RSL 0.9 are read and
flagged. What breaks a rule of the grammar is kept as a fault: a faulty document permits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from xml.etree.ElementTree import Element

from rightscheck.syntax.xmltree import XmlFault, local_name, namespace, numbered, quote_of, read_xml, text_of
from rightscheck.vocab import AI_ALL, AI_TRAIN, COPYING, ExceptionRoute, Use

NAMESPACE = "https://rslstandard.org/rsl"
MAX_BYTES = 1024 * 1024
MAX_CONTENTS = 1_000
MAX_LICENCES = 2_000
MAX_PATTERN = 2_048

EVERY_USE = frozenset(Use) - {Use.CRAWL}
"""`all` is any automated processing; fetching stays with robots.txt (RSL 1.0 4.4)."""
_TOKENS: dict[str, frozenset[Use]] = {
    "all": EVERY_USE,
    "ai-all": AI_ALL,
    "ai-train": AI_TRAIN,
    "ai-input": frozenset({Use.AI_INPUT}),
    "ai-index": frozenset({Use.AI_INDEX}),
    "search": frozenset({Use.SEARCH}),
}
_RETIRED: dict[str, frozenset[Use]] = {
    "train-ai": AI_TRAIN,
    "train-genai": frozenset({Use.AI_TRAIN_GEN}),
    "ai-use": frozenset({Use.AI_INPUT}),
    "ai-include": frozenset({Use.AI_INPUT}),
    "ai-summarize": frozenset({Use.AI_INPUT}),
    "inference": frozenset({Use.AI_INPUT}),
    "research": frozenset({Use.TDM}),
}
_GUESSES: tuple[tuple[re.Pattern[str], frozenset[Use]], ...] = (
    (re.compile(r"train"), AI_TRAIN),
    (re.compile(r"tdm|mining"), frozenset({Use.TDM})),
    (re.compile(r"(?:\A|[^a-z])(?:ai|llm|genai)(?:[^a-z]|\Z)"), AI_ALL),
    (re.compile(r"index"), frozenset({Use.AI_INDEX})),
)
_PAID = frozenset({"purchase", "subscription", "training", "crawl", "use", "contribution", "inference"})
_CHILDREN = {
    "rsl": frozenset({"content"}),
    "content": frozenset({"license", "alternate", "schema", "copyright", "terms"}),
    "license": frozenset({"permits", "prohibits", "payment", "reporting", "legal"}),
    "payment": frozenset({"standard", "custom", "amount", "accepts"}),
}
_ATTRIBUTES = {
    "rsl": frozenset({"max-age"}),
    "content": frozenset({"url", "server", "encrypted", "lastmod"}),
    "license": frozenset[str](),
    "permits": frozenset({"type"}),
    "prohibits": frozenset({"type"}),
    "payment": frozenset({"type"}),
    "reporting": frozenset({"type", "profile", "endpoint"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """The usage tokens of a licence's `permits` or `prohibits`, as uses.

    `uses` by tokens of RSL 1.0, `inferred` what a token reaches without naming it (`ai-all`: evaluation),
    `retired` by tokens of RSL 0.9, `guessed` what an unknown token seems to mean.
    """

    path: str
    quote: str
    uses: frozenset[Use]
    inferred: frozenset[Use] = frozenset()
    retired: frozenset[Use] = frozenset()
    guessed: frozenset[Use] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """One offer. `permitted_users` and `permitted_places` are closed lists, None where there is none.

    `route` is the strongest demand: payment, then a licence (token, reporting), then attribution, else none.
    `paid_uses` are the uses that a payment without a `permits` list speaks of.
    """

    path: str
    quote: str
    permits: Clause | None = None
    prohibits: Clause | None = None
    permitted_users: frozenset[str] | None = None
    barred_users: frozenset[str] = frozenset()
    permitted_places: frozenset[str] | None = None
    barred_places: frozenset[str] = frozenset()
    route: ExceptionRoute = ExceptionRoute.NONE
    conditions: tuple[str, ...] = ()
    paid_uses: frozenset[Use] = frozenset()
    contact: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is licensed: a robots.txt path pattern, a URL, or empty for what the pointer stands on."""

    url: str
    path: str
    licences: tuple[Licence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RslDocument:
    """A document as read. `faults` break the grammar, `flags` were repaired; `max_age` is in days."""

    contents: tuple[Content, ...]
    max_age: int | None = None
    faults: tuple[str, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """The repairs made in any licence, without duplicates."""
        return tuple(
            dict.fromkeys(flag for content in self.contents for one in content.licences for flag in one.flags)
        )


@dataclass(slots=True)
class _Faults:
    found: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        if text not in self.found and len(self.found) < 20:
            self.found.append(text)


@lru_cache(maxsize=32)  # a corpus asks for the same few documents of a host again and again
def read_rsl(data: bytes) -> RslDocument | XmlFault:
    """The RSL document in the bytes, at most 1 MiB, or why there is none."""
    root = read_xml(data, max_bytes=MAX_BYTES)
    return root if isinstance(root, XmlFault) else read_rsl_element(root)


def read_rsl_element(root: Element, path: str = "") -> RslDocument | XmlFault:
    """The document in an `rsl` element or a feed's lone `content`; `path` leads to the element."""
    name = local_name(root.tag)
    if name not in ("rsl", "content") or (name == "content" and namespace(root.tag) != NAMESPACE):
        return XmlFault(f"the root element is `{name[:60]}`, not `rsl`")
    faults = _Faults()
    if namespace(root.tag) != NAMESPACE:
        faults.add(f"namespace `{namespace(root.tag)[:100]}` is not {NAMESPACE}")
    _check(root, faults)
    if name == "content":
        contents = [(root, path or "/content[1]")]
    else:
        own = namespace(root.tag)
        contents = [
            (child, where)
            for child, where in numbered(root, path or "/rsl")
            if child.tag == _tag(own, "content")
        ]
    if not contents:
        faults.add("no `content` element")
    if len(contents) > MAX_CONTENTS:
        return XmlFault(f"more than {MAX_CONTENTS} `content` elements")
    if sum(1 for _ in root.iter(_tag(namespace(root.tag), "license"))) > MAX_LICENCES:
        return XmlFault(f"more than {MAX_LICENCES} `license` elements")
    return RslDocument(
        contents=tuple(_content(element, path, faults) for element, path in contents),
        max_age=_max_age(root, faults),
        faults=tuple(faults.found),
    )


def _tag(space: str, name: str) -> str:
    return f"{{{space}}}{name}" if space else name


def _check(element: Element, faults: _Faults) -> None:
    """Children and attributes that the namespace does not define make the document non-conformant."""
    name = local_name(element.tag)
    space = namespace(element.tag)
    for child in element:
        if namespace(child.tag) == space and local_name(child.tag) not in _CHILDREN.get(name, frozenset()):
            faults.add(f"unknown element `{local_name(child.tag)[:60]}` in `{name}`")
    for key in element.attrib:
        if not namespace(key) and name in _ATTRIBUTES and key not in _ATTRIBUTES[name]:
            faults.add(f"unknown attribute `{key[:60]}` of `{name}`")


def _own(element: Element, path: str, name: str) -> list[tuple[Element, str]]:
    wanted = _tag(namespace(element.tag), name)
    return [(child, where) for child, where in numbered(element, path) if child.tag == wanted]


def _max_age(root: Element, faults: _Faults) -> int | None:
    value = root.get("max-age")
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{1,6}", value.strip()) and int(value) > 0:
        return int(value)
    faults.add(f'max-age="{value[:40]}" is not a positive number of days')
    return None


def _content(element: Element, path: str, faults: _Faults) -> Content:
    _check(element, faults)
    url = element.get("url")
    if url is None:
        faults.add("a `content` without `url`")
    elif len(url) > MAX_PATTERN:
        faults.add(f"a `content` url longer than {MAX_PATTERN} characters")
        url = None
    server = (element.get("server") or "").strip()
    demands = [f"licence token from {server[:200]}"] if server else []
    if (element.get("encrypted") or "").strip().lower() == "true" and not server:
        faults.add("`encrypted` without `server`")
        demands.append("decryption key")
    found = _own(element, path, "license")
    if not found:
        faults.add("a `content` without `license`")
    contact = _contact(element, path)
    licences = tuple(_licence(one, where, demands, contact, faults) for one, where in found)
    return Content(url=url.strip() if url is not None else "", path=path, licences=licences)


def _contact(element: Element, path: str) -> str:
    for child, _ in _own(element, path, "copyright"):
        for key in ("contactUrl", "contactEmail"):
            value = (child.get(key) or "").strip()
            if value:
                return value[:300]
    return ""


def _licence(element: Element, path: str, demands: list[str], contact: str, faults: _Faults) -> Licence:
    _check(element, faults)
    flags: list[str] = []
    permits = list(_terms(element, path, "permits", flags, faults))
    prohibits = list(_terms(element, path, "prohibits", flags, faults))
    route, conditions, payment_contact, paid_uses = _payment(element, path, flags, faults)
    conditions = [*conditions, *demands, *_reports(element, path, faults)]
    if route is not ExceptionRoute.PAYMENT and len(conditions) > (route is ExceptionRoute.ATTRIBUTION):
        standards = [text for text in conditions if text.startswith("terms: ")]
        if len(conditions) - len(standards) > (route is ExceptionRoute.ATTRIBUTION):
            route = ExceptionRoute.LICENCE
    users, places = _list(permits, "user"), _list(permits, "geo")
    return Licence(
        path=path,
        quote=quote_of(element),
        permits=_clause(permits, "usage", flags, guess=False),
        prohibits=_clause(prohibits, "usage", flags, guess=True),
        permitted_users=users,
        barred_users=_list(prohibits, "user") or frozenset(),
        permitted_places=frozenset(place.upper() for place in places) if places is not None else None,
        barred_places=frozenset(place.upper() for place in _list(prohibits, "geo") or ()),
        route=route,
        conditions=tuple(conditions),
        paid_uses=paid_uses,
        contact=payment_contact or _legal_contact(element, path) or contact,
        flags=tuple(dict.fromkeys(flags)),
    )


@dataclass(frozen=True, slots=True)
class _Term:
    type: str
    tokens: tuple[str, ...]
    path: str
    quote: str


def _terms(element: Element, path: str, name: str, flags: list[str], faults: _Faults) -> Iterator[_Term]:
    seen: set[str] = set()
    for child, where in _own(element, path, name):
        _check(child, faults)
        kind = (child.get("type") or "").strip().lower()
        if not kind:
            flags.append(f"`{name}` without `type`, read as usage")
            kind = "usage"
        elif kind not in ("usage", "user", "geo"):
            faults.add(f"unknown `{name}` type `{kind[:40]}`")
        if kind in seen:
            flags.append(f"several `{name}` of type {kind}")
        seen.add(kind)
        text = text_of(child)
        if "," in text or ";" in text:
            flags.append("comma-separated tokens as in RSL 0.9")
        tokens = tuple(re.split(r"[\s,;]+", text.strip(" ,;"))) if text.strip(" ,;") else ()
        yield _Term(kind, tokens, where, quote_of(child))


def _list(terms: list[_Term], kind: str) -> frozenset[str] | None:
    """The tokens of one type; None when no element of that type is there."""
    found = [term for term in terms if term.type == kind]
    return frozenset(token.lower() for term in found for token in term.tokens) if found else None


def _clause(terms: list[_Term], kind: str, flags: list[str], *, guess: bool) -> Clause | None:
    found = [term for term in terms if term.type == kind]
    if not found:
        return None
    uses: set[Use] = set()
    inferred: set[Use] = set()
    retired: set[Use] = set()
    guessed: set[Use] = set()
    for token in (token for term in found for token in term.tokens):
        plain = token.lower()
        if plain != token:
            flags.append(f"token `{token[:40]}` not in lower case")
        if plain in _TOKENS:
            uses |= _TOKENS[plain]
            inferred |= {Use.EVALUATE} if plain == "ai-all" else set()
        elif plain in _RETIRED:
            flags.append(f"token `{plain}` of RSL 0.9")
            retired |= _RETIRED[plain]
        elif ":" not in plain:  # a qualified name is an extension, to be ignored
            flags.append(f"unknown token `{token[:40]}`")
            guessed |= _guess(plain) if guess else set()
    inferred -= uses
    retired -= uses
    return Clause(
        path=found[0].path,
        quote=" ".join(term.quote for term in found)[:2000],
        uses=frozenset(uses),
        inferred=frozenset(inferred),
        retired=frozenset(retired),
        guessed=frozenset(guessed - uses - retired),
    )


def _guess(token: str) -> frozenset[Use]:
    return next((uses for pattern, uses in _GUESSES if pattern.search(token)), frozenset())


def _payment(
    element: Element, path: str, flags: list[str], faults: _Faults
) -> tuple[ExceptionRoute, list[str], str, frozenset[Use]]:
    """Route, conditions, contact and uses of a licence's payments; several are weighed by the costliest."""
    route = ExceptionRoute.NONE
    conditions: list[str] = []
    contact = ""
    uses: set[Use] = set()
    for payment, where in _own(element, path, "payment"):
        _check(payment, faults)
        kind = (payment.get("type") or "").strip().lower()
        if kind not in _PAID | {"attribution", "free"}:
            flags.append(f"unknown payment type `{kind[:40]}`")
        amounts = [_amount(child) for child, _ in _own(payment, where, "amount")]
        details = [text for text in amounts if text]
        standards = [text_of(child, 300) for child, _ in _own(payment, where, "standard")]
        customs = [text_of(child, 300) for child, _ in _own(payment, where, "custom")]
        contact = contact or next((text for text in customs if text), "")
        if kind == "attribution" and not details:
            conditions.append("attribution")
            route = ExceptionRoute.ATTRIBUTION if route is ExceptionRoute.NONE else route
        elif kind != "free" or details:
            route = ExceptionRoute.PAYMENT
            conditions.append(f"payment: {kind[:40] or 'unspecified'}")
            conditions += [f"fee: {text}" for text in details]
        if kind != "free" or details:
            conditions += [f"terms: {text}" for text in standards if text]
            uses |= _paid_uses(kind)
    return route, list(dict.fromkeys(conditions)), contact, frozenset(uses)


def _paid_uses(kind: str) -> frozenset[Use]:
    if kind == "training":
        return AI_TRAIN
    if kind in ("use", "inference"):
        return AI_ALL
    return EVERY_USE - COPYING


def _amount(element: Element) -> str:
    """`USD 0.01`; empty for an amount of nothing."""
    value = text_of(element, 40)
    if not value.strip("0. "):
        return ""
    return f"{(element.get('currency') or '').strip()[:10]} {value}".strip()


def _reports(element: Element, path: str, faults: _Faults) -> Iterator[str]:
    for child, _ in _own(element, path, "reporting"):
        _check(child, faults)
        kind = (child.get("type") or "").strip()[:40] or "unspecified"
        profile = (child.get("profile") or "").strip()[:200]
        yield f"reporting: {kind} {profile}".strip()


def _legal_contact(element: Element, path: str) -> str:
    for child, _ in _own(element, path, "legal"):
        if (child.get("type") or "").strip().lower() == "contact":
            return text_of(child, 300)
    return ""
