"""tdmrep.json: which entry of a site's file speaks for a URL (TDMRep 2024-05-10, 5.1).

The first valid entry whose location matches; locations are patterns as in robots.txt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from rightscheck.model import Document, Evidence, Gap
from rightscheck.robots import canonical_path, match_path, pattern_length
from rightscheck.site.tdmrep_values import Layer, Said, absolute, of_json
from rightscheck.sources import Sources, digest, evidence
from rightscheck.syntax.json_text import JsonValue, array_slices, decode_json, parse_json
from rightscheck.vocab import Carrier

WELL_KNOWN = "/.well-known/tdmrep.json"
MAX_ENTRIES = 10_000
NAME = "the file"
_ABSENT = frozenset({404, 410})


def read_file(sources: Sources) -> Iterator[Layer | Gap]:
    """What the site's file says of the asset, at most one layer, and what of it could not be read."""
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
        if not text.lstrip().startswith("<"):
            yield from (item for item in _broken(document, text, "no JSON") if isinstance(item, Layer))
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


def _broken(document: Document, text: str, reason: str) -> Iterator[Layer | Gap]:
    """A file that is not JSON: a reservation to be seen in it counts as malformed, else nothing was read."""
    compact = "".join(text[:200_000].split()).lower()
    quote = next((sign for sign in _SIGNS if sign in compact), "")
    if quote:
        said = Said(True, evidence(document, "json:"), fault=f"tdmrep.json is {reason}")
        yield Layer(NAME, faulty=(said,))
    else:
        yield Gap(carrier=Carrier.TDMREP, source=document.url, reason=reason)


_SIGNS = tuple(
    f"{mark}tdm-reservation{mark}:{value}"
    for mark in ('"', "'", "")
    for value in ("1", '"1', "'1", "true", '"yes')
)


def _entries(sources: Sources, document: Document, value: JsonValue, text: str) -> Iterator[Layer | Gap]:
    shape = "" if isinstance(value, list) else "tdmrep.json is an object instead of an array"
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        shape, elements = "tdmrep.json is an array in an array", [(item, "") for item in value[0]]
        pointers = [f"json:/0/{index}" for index in range(len(elements))]
    elif isinstance(value, list):
        elements = list(zip(value, array_slices(text), strict=True))
        pointers = [f"json:/{index}" for index in range(len(elements))]
    else:
        elements, pointers = _of_object(value, text)
    if not isinstance(value, list) and not any(
        isinstance(item, dict) and _reservation_key(item) for item, _ in elements
    ):
        fault = "tdmrep.json is no array and says nothing of reservations"
        yield Layer(NAME, faulty=(Said(False, evidence(document, "json:"), fault=fault),))
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
_MEANT = frozenset({"tdmreservation", "tdmrep", "tdmreserved", "tdmreservations", "reservation", "reserved"})


def _without_path(
    document: Document, cited: list[tuple[JsonValue, Evidence]], shape: str
) -> Iterator[Layer | Gap]:
    """Without the asset's URL only an entry for the whole site can be applied."""
    first = cited[0][0] if cited else None
    if isinstance(first, dict) and first.get("location") in ("/", "/*", "*"):
        yield _match("/", document, cited[:1], shape)
    elif cited:
        yield Gap(carrier=Carrier.TDMREP, source=document.url, reason="the URL of the text is unknown")


def _match(uri: str, document: Document, cited: list[tuple[JsonValue, Evidence]], shape: str) -> Layer:
    """The first valid entry whose location matches; invalid ones on the way are kept as faults."""
    path = canonical_path(uri)
    said: Said | None = None
    matched = 0
    later: Said | None = None
    policy: tuple[str, Evidence] | None = None
    faulty: list[Said] = []
    for item, where in cited:
        found = _entry(item, where, uri, path)
        if found is None or not isinstance(item, dict):
            continue
        entry, length = found
        if shape and not entry.fault:
            entry = Said(entry.reserved, where, fault=shape)
        if said is None and entry.fault:
            faulty.append(entry)
        elif said is None:
            said, matched = entry, length
            policy = _policy(item, document, where)
        elif entry.reserved and not said.reserved and length > matched and later is None:
            later = entry
    return Layer(NAME, said, tuple(faulty[:16]), policy, later)


def _policy(item: dict[str, JsonValue], document: Document, where: Evidence) -> tuple[str, Evidence] | None:
    url = item.get("tdm-policy")
    if not isinstance(url, str) or not url.strip():
        return None
    return absolute(document.final_url or document.url, url.strip()), where


def _entry(item: JsonValue, where: Evidence, uri: str, path: str) -> tuple[Said, int] | None:
    """What an entry says of the path and the length of its pattern; None where it does not concern it."""
    key = _reservation_key(item) if isinstance(item, dict) else ""
    if not isinstance(item, dict) or not key:
        return None
    said = of_json(item[key], where)
    if key != "tdm-reservation" and not said.fault:
        said = Said(said.reserved, where, fault=f"`{key[:40]}` is written for `tdm-reservation`")
    location = item.get("location")
    if not isinstance(location, str) or not location.strip():
        # Both properties are mandatory: without a location nobody knows what is reserved.
        return (Said(said.reserved, where, fault="an entry without location"), 0) if said.reserved else None
    pattern = location.strip()
    fault = ""
    if not pattern.startswith(("/", "*")):
        pattern, fault = _lenient_pattern(pattern, uri)
    if not pattern or not match_path(pattern, path):
        return None
    if fault and not said.fault:
        said = Said(said.reserved, where, fault=fault)
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
