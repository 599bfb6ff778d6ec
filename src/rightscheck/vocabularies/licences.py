"""Licences by URL or name: an SPDX id, what the licence asks, and the findings that follow from it.

Creative Commons URLs and names are taken apart into their elements; all others stand in
data/licences.toml. Plain SPDX expressions are read by license-expression.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from license_expression import ExpressionError, Licensing, get_spdx_licensing

from rightscheck.model import Evidence, Finding, Statement
from rightscheck.vocab import ExceptionRoute, Kind, Preference, Scope, Use, parse_uses

MAX_LENGTH = 500
"""Code points; longer names and URLs are no licences."""

_CC_HOSTS = frozenset({"creativecommons.org", "www.creativecommons.org"})
_SPDX_PAGES = (
    "spdx.org/licenses/",
    "opensource.org/licenses/",
    "opensource.org/license/",
    "choosealicense.com/licenses/",
)
_VERSION = re.compile(r"v?(\d\.\d)\Z")
_PORT = re.compile(r"[a-z]{2,3}\Z|scotland\Z")
_OPERATORS = frozenset({"AND", "OR", "WITH", "and", "or", "with"})
_NOT_TO_SHARE = frozenset({Use.CRAWL, Use.SEARCH})


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence that a page names.

    Attributes:
        id: SPDX where SPDX has one; without the version where the page gives none.
        traits: what it asks, in the words of data/licences.toml.
        unclear: uses for which the versions differ, where the page names none.
    """

    id: str
    traits: frozenset[str]
    unclear: frozenset[Use] = frozenset()


@lru_cache(maxsize=1024)
def read_licences(text: str) -> tuple[Licence, ...]:
    """The licences that a URL, a name or an SPDX expression stands for; empty for what is none of ours."""
    text = text.strip()
    if not text or len(text) > MAX_LENGTH:
        return ()
    if is_url(text):
        found = _by_url(text)
        return (found,) if found else ()
    named = _by_name(text)
    return (named,) if named else _by_expression(text)


_IN_SENTENCE = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/[A-Za-z0-9+./\-]{1,120}"
    r"|\bCC[ -]?(?:BY(?:[ -](?:NC|ND|SA)\b){0,3}|0\b)(?:[ -]\d\.\d)?"
    r"|\bCreative Commons[ :]{1,3}Attribution"
    r"(?:[ \-–—]{1,3}(?:Non-?Commercial|No-?Deriv(?:ative)?s|Share-?Alike)\b){0,3}(?:[ ,]{1,2}\d\.\d)?",
    re.IGNORECASE,
)


def licences_in_sentence(sentence: str) -> tuple[Licence, ...]:
    """The Creative Commons licences that a sentence names, by address, code or English name, each once."""
    names = (
        match[0].rstrip(".").replace("–", "-").replace("—", "-") for match in _IN_SENTENCE.finditer(sentence)
    )
    found = (licence for name in names for licence in read_licences(name))
    return tuple({licence.id: licence for licence in found}.values())


def is_url(text: str) -> bool:
    """Whether it is an absolute or protocol-relative web address."""
    return text.lower().startswith(("http://", "https://", "//"))


# --- URLs -------------------------------------------------------------------------------------------------


def _by_url(url: str) -> Licence | None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    address = (host.removeprefix("www.") + parts.path).lower().rstrip("/")
    for prefix in _SPDX_PAGES:
        if address.startswith(prefix):
            return _by_id(re.sub(r"\.(?:html|php|txt|json)\Z", "", address.removeprefix(prefix)))
    listed = _listed_url(address)
    if listed is not None:
        return listed
    return _cc_url(parts.path) if host in _CC_HOSTS else None


def _listed_url(address: str) -> Licence | None:
    """The listed licence whose address this is or continues behind a slash, a dot or a hyphen."""
    for known, licence in _urls().items():
        if address == known or (address.startswith(known) and address[len(known)] in "/.-"):
            return licence
    return None


def _cc_url(path: str) -> Licence | None:
    """A licence from the path of its deed: `/licenses/by-nc/4.0/deed.de` (order and port as they come)."""
    segments = [segment.lower() for segment in path.split("/") if segment][:6]
    if len(segments) < 2 or segments[0] not in ("licenses", "license"):
        return None
    elements = frozenset(segments[1].split("-"))
    rest = segments[2:]
    version = _VERSION.match(rest[0]) if rest else None
    port = rest[1] if len(rest) > 1 and version and _PORT.match(rest[1]) else ""
    if not elements <= _table()["cc"].keys():  # sampling, devnations: retired, each with terms of its own
        return Licence(f"LicenseRef-CC-{segments[1][:40]}", frozenset({"unclear"}))
    return _cc(elements, version[1] if version else "", port)


def _cc(elements: frozenset[str], version: str, port: str = "") -> Licence:
    table = _table()
    codes = "-".join(code.upper() for code in table["cc"] if code in elements)
    traits = frozenset(table["cc"][code] for code in elements)
    name = f"CC-{codes}-{version}" if version else f"CC-{codes}"
    ported = f"{name}-{port.upper()}"
    if port and ported.lower() in _spdx_ids():
        name = ported
    unclear: frozenset[Use] = frozenset()
    if not version:
        for code in elements:
            unclear |= parse_uses(table["cc_versions_differ"].get(code, ()))
    return Licence(name, traits, unclear)


# --- names ------------------------------------------------------------------------------------------------


def normalise(name: str) -> str:
    """A name as the table writes it: lower-case, separators as single spaces, without `licence` around it."""
    words = re.sub(r"[\s\-_/,;:()\"']+", " ", name.lower()).strip(" .")
    words = re.sub(r"\Athe ", "", words)
    return re.sub(r"(?: public)? licen[sc]e\Z", "", words)


def _by_name(name: str) -> Licence | None:
    words = normalise(name)
    listed = _names().get(words) or _names().get(f"{words} license")
    return listed or _cc_name(words)


def _cc_name(words: str) -> Licence | None:
    """A Creative Commons licence by the words of its name, every one of which must be understood."""
    for start in ("creative commons", "cc"):
        if words == start:
            return Licence("LicenseRef-CC", frozenset({"unclear"}))
        if words.startswith(start + " "):
            words = words.removeprefix(start + " ")
            break
    else:
        return None
    words = words.replace("non commercial", "noncommercial").replace("share alike", "sharealike")
    words = words.replace("no derivatives", "noderivatives").replace("no derivs", "noderivs")
    words = words.replace(" licence", "").replace(" license", "").removeprefix("cc ")
    elements: set[str] = set()
    version = port = ""
    for word in words.split():
        match = _VERSION.match(word)
        code = _table()["cc_words"].get(word)
        if match:
            version = match[1]
        elif code:
            elements.add(code)
        elif code is None and elements and _PORT.match(word):
            port = word
        elif code is None:
            return None
    return _cc(frozenset(elements), version, port) if elements else None


def _by_expression(text: str) -> tuple[Licence, ...]:
    """The licences of an SPDX expression, each for itself: of a choice the strictest will count."""
    words = text.replace("(", " ").replace(")", " ").split()
    known = [word for word in words if word.lower() in _spdx_ids()]
    if len(text) > 200 or not known or len(known) + len(_OPERATORS.intersection(words)) < len(set(words)):
        return ()
    try:
        parsed = _licensing().parse(text, validate=True)
    except ExpressionError:
        return ()
    keys = sorted(parsed.objects) if parsed is not None else []
    found = [_by_id(str(key)) for key in keys]
    return tuple(licence for licence in found if licence is not None)


def _by_id(identifier: str) -> Licence | None:
    """A licence by its SPDX id, whatever its case; unclear where nobody has said what it means for us."""
    canonical = _spdx_ids().get(identifier.lower())
    if canonical is None:
        return None
    listed = _ids().get(canonical)
    if listed is not None:
        return listed
    if canonical.startswith("CC-"):
        words = _cc_name("cc " + canonical.removeprefix("CC-").replace("-", " ").lower())
        if words is not None:
            return replace(words, id=canonical)
    return Licence(canonical, frozenset({"unclear"}))


@cache
def _licensing() -> Licensing:
    return get_spdx_licensing()


@cache
def _spdx_ids() -> dict[str, str]:
    return {str(key).lower(): str(key) for key in _licensing().known_symbols}


# --- the table --------------------------------------------------------------------------------------------


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("rightscheck").joinpath("data/licences.toml").read_text("utf-8"))


@cache
def _ids() -> dict[str, Licence]:
    return {row["id"]: Licence(row["id"], frozenset(row["traits"])) for row in _table()["licence"]}


@cache
def _urls() -> dict[str, Licence]:
    return {url: _ids()[row["id"]] for row in _table()["licence"] for url in row["urls"]}


@cache
def _names() -> dict[str, Licence]:
    return {name: _ids()[row["id"]] for row in _table()["licence"] for name in row["names"]}


# --- findings ---------------------------------------------------------------------------------------------


def licence_findings(
    licence: Licence, *, rule: str, where: Evidence, scope: Scope, commercial: bool
) -> Iterator[Finding]:
    """What the licence means for the request, as rows of the decision table.

    `rule` is the id of the findings; `scope` says whether it covers the page, the site or a picture.
    """
    if scope is Scope.MEDIA:
        yield Finding(
            rule=rule,
            kind=Kind.NOTE,
            message=f"{licence.id} covers a picture or other media, not the text",
            evidence=where,
            situation="licence/media",
        )
        return
    if "reserved" in licence.traits:
        yield _row(rule, licence, where, Kind.COPYRIGHT, "notice/classic", frozenset())
    elif "unclear" in licence.traits:
        yield _row(rule, licence, where, Kind.POINTER, "licence/unclear", frozenset(Use) - _NOT_TO_SHARE)
    elif "non-commercial" in licence.traits and commercial:
        yield _non_commercial(rule, licence, where, scope)
    else:
        yield _permission(rule, licence, where, scope)
        if licence.unclear:
            yield _row(rule, licence, where, Kind.NOTE, "licence/unclear", licence.unclear)


def _row(
    rule: str, licence: Licence, where: Evidence, kind: Kind, situation: str, uses: frozenset[Use]
) -> Finding:
    words = {
        "notice/classic": f"the rights statement {licence.id} says that the work is in copyright",
        "licence/unclear": f"what {licence.id} allows cannot be told for sure",
    }
    return Finding(
        rule=rule, kind=kind, message=words[situation], evidence=where, situation=situation, uses=uses
    )


def _non_commercial(rule: str, licence: Licence, where: Evidence, scope: Scope) -> Finding:
    return Finding(
        rule=rule,
        kind=Kind.RESERVATION,
        message=f"{licence.id} does not cover commercial use",
        evidence=where,
        situation="licence/non-commercial",
        statement=Statement(
            preference=Preference.DISALLOW, uses=frozenset(Use), scope=scope, non_commercial=True
        ),
    )


def _permission(rule: str, licence: Licence, where: Evidence, scope: Scope) -> Finding:
    traits = licence.traits
    free = "public-domain" in traits
    conditions = tuple(trait for trait in ("attribution", "share-alike", "no-derivatives") if trait in traits)
    situation = ""
    if "no-derivatives" in traits:
        situation = "licence/no-derivatives"
    elif "share-alike" in traits:
        situation = "licence/share-alike"
    return Finding(
        rule=rule,
        kind=Kind.PERMISSION,
        message=f"{licence.id} permits the use" + (f" with {', '.join(conditions)}" if conditions else ""),
        evidence=where,
        situation=situation,
        statement=Statement(
            preference=Preference.ALLOW if free else Preference.CONDITIONAL,
            uses=frozenset(Use),
            scope=scope,
            exception=ExceptionRoute.NONE if free else ExceptionRoute.ATTRIBUTION,
            conditions=conditions,
            non_commercial="non-commercial" in traits,
        ),
    )
