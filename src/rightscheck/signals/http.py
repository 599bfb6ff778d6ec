"""The page's own answer: refused, to be paid for, gone, failed; and what a price or a challenge says.

RFC 9110 15, RFC 7725, Cloudflare pay per crawl (crawler-price), RSL 1.0 (the License scheme). An answer
that is not the page leaves the page unread; silence in it is nobody's consent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rightscheck.model import Document, Finding, Gap, Statement
from rightscheck.sources import Sources, evidence
from rightscheck.syntax.http_fields import auth_schemes
from rightscheck.vocab import Carrier, ExceptionRoute, Kind, Preference, Use

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_REFUSED = frozenset({401, 403})
_GONE = frozenset({404, 410})
_PRICE = re.compile(r"([A-Za-z]{3})\s+(\d{1,12}(?:\.\d{1,12})?)")
_PARTIAL = 206


def read(sources: Sources) -> Iterator[Finding | Gap]:
    """What the answer's status and headers say, and which of the asset's carriers it leaves unread."""
    page = sources.asset.page
    if page is None:
        yield Gap(carrier=Carrier.HTTP_HEADERS, source=sources.asset.source, reason="not read")
        if _is_html(sources) and sources.html is None:
            yield Gap(carrier=Carrier.HTML, source=sources.asset.source, reason="not read")
        return
    if not page.headers and (page.status is None or page.failure):
        yield Gap(carrier=Carrier.HTTP_HEADERS, source=page.url, reason=page.failure or "not read")
    yield from _fields(page)
    if page.failure or _is_failure(page.status):
        yield from _no_page(page)
    elif _is_html(sources):
        reason = _missing(sources, page)
        if reason:
            yield Gap(carrier=Carrier.HTML, source=page.url, reason=reason)


def _is_html(sources: Sources) -> bool:
    return sources.asset.media_type.partition(";")[0].strip().lower() in _HTML


def _is_failure(status: int | None) -> bool:
    return status is not None and not 200 <= status < 300


def _missing(sources: Sources, page: Document) -> str:
    """Why the HTML of a page that did answer is not, or not wholly, read; empty when it is."""
    if _is_challenge(page):
        return "a challenge instead of the page"
    if sources.html is None or not page.body.strip():
        return "not read"
    if page.truncated or sources.html.truncated:
        return "cut short"
    if sources.html.needs_scripts():
        return "no text without running its scripts"
    return "part of the page only" if page.status == _PARTIAL else ""


def _no_page(page: Document) -> Iterator[Finding | Gap]:
    """What stands in for a page that did not come: a refusal, a price, an absence, a failure."""
    answer = page.failure or f"status {page.status}"
    if page.failure:
        yield _unread(page, f"the page could not be fetched: {page.failure}")
    elif page.status in _REFUSED:
        yield Finding(
            rule="http/refused",
            kind=Kind.RESERVATION,
            message=f"the page is refused to us (status {page.status})",
            evidence=evidence(page, "status", str(page.status)),
            situation="page/refused",
        )
    elif page.status == 402:
        yield _payment(page)
    elif page.status in _GONE:
        yield Finding(
            rule="http/gone",
            kind=Kind.NOTE,
            message=f"the page is not there (status {page.status})",
            evidence=evidence(page, "status", str(page.status)),
        )
    else:
        yield _unread(page, f"the page was not delivered (status {page.status})")
    yield Gap(carrier=Carrier.HTML, source=page.url, reason=answer)


def _unread(page: Document, message: str) -> Finding:
    return Finding(
        rule="http/unread",
        kind=Kind.NOTE,
        message=message,
        evidence=evidence(page, "status", "" if page.status is None else str(page.status)),
        situation="page/unread",
    )


def _payment(page: Document) -> Finding:
    """402: access against payment; a readable price becomes a condition."""
    price = (page.header("crawler-price") or "").strip()
    match = _PRICE.fullmatch(price)
    fee = (f"fee: {match[1].upper()} {match[2]}",) if match else ("fee",)
    where = evidence(page, "header:crawler-price", price) if price else evidence(page, "status", "402")
    return Finding(
        rule="http/payment-required",
        kind=Kind.RESERVATION,
        message="the page is delivered against payment only" + (f" ({price[:80]})" if price else ""),
        evidence=where,
        situation="page/payment-required",
        statement=Statement(
            preference=Preference.CONDITIONAL,
            uses=frozenset({Use.CRAWL}),
            exception=ExceptionRoute.PAYMENT,
            conditions=fee,
        ),
    )


def _fields(page: Document) -> Iterator[Finding]:
    for line in page.header_lines("www-authenticate"):
        if "license" in auth_schemes(line):
            yield _licence_required(page, line)
            break
    if _is_challenge(page):
        yield Finding(
            rule="http/challenge",
            kind=Kind.RESERVATION,
            message="the answer is a challenge to prove that no machine asks, not the page",
            evidence=evidence(page, "header:cf-mitigated", page.header("cf-mitigated") or ""),
            situation="page/refused",
        )
    for name, message in _NOTED:
        value = page.header(name)
        if value is not None and (name, page.status) != ("crawler-price", 402):
            yield Finding(
                rule=f"http/{name}",
                kind=Kind.NOTE,
                message=message,
                evidence=evidence(page, f"header:{name}", value),
            )


def _is_challenge(page: Document) -> bool:
    return any("challenge" in line.lower() for line in page.header_lines("cf-mitigated"))


_NOTED = (
    ("crawler-price", "a price for crawling is named, though the answer is not 402"),
    ("crawler-charged", "access to this copy was paid for, which licenses no further use"),
    ("crawler-error", "the payment gate reports an error"),
)


def _licence_required(page: Document, line: str) -> Finding:
    """The challenge of RSL's License scheme: no access without a licence. On a delivered page a note."""
    message = "the server asks for a licence token (WWW-Authenticate: License)"
    where = evidence(page, "header:WWW-Authenticate", line)
    if not _is_failure(page.status):
        return Finding(rule="http/licence-required", kind=Kind.NOTE, message=message, evidence=where)
    return Finding(
        rule="http/licence-required",
        kind=Kind.RESERVATION,
        message=message,
        evidence=where,
        statement=Statement(
            preference=Preference.CONDITIONAL,
            uses=frozenset(Use),
            exception=ExceptionRoute.LICENCE,
            conditions=("licence token",),
        ),
    )
