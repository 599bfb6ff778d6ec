"""The kernel: batches of documents in, rows of decisions.parquet out, the same decisions as `check_text`.

One scan tells the documents that could say anything of their own use; they are read whole. The others, which
are most, share the decision of their host's situation: it is made once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from rightscheck.audit.outcomes import Outcome, decision_batch, outcome_of
from rightscheck.audit.policies import NOTHING, Kept, Policies, moment
from rightscheck.audit.sites import Site, Sites
from rightscheck.check import check, file_asset, page_asset, text_asset
from rightscheck.checker import Checker
from rightscheck.model import Asset, Decision, Document
from rightscheck.notices.credit_scan import may_hold_credits
from rightscheck.notices.credits import find_credits
from rightscheck.notices.loading import scanner
from rightscheck.notices.scan import NOWHERE
from rightscheck.snapshots import Known
from rightscheck.sources import digest
from rightscheck.syntax.html import HtmlDocument
from rightscheck.syntax.urls import check_url_form
from rightscheck.vocab import Carrier, Mode

REMEMBERED = 64 * 1024 * 1024
"""Code points of texts whose outcomes are remembered: corpora repeat themselves."""
MOST_SITUATIONS = 200_000
_NOWHERE = "https://unknown.invalid/"
"""Stands for the URL of a page that names none."""
_HIDDEN = ("C2PA MANIFEST", "\U000e0133")
"""What announces a manifest inside a text: the second is the first byte that hides one (C2PA A.8)."""


class Kernel:
    """Judges batches for one checker. Keeps what it learned; not to be shared by threads.

    With `policies`, what a store knows of the documents' hosts is read too.
    """

    def __init__(self, checker: Checker, policies: Policies | None = None) -> None:
        self.checker = checker
        self.uses = checker.request.uses
        self._policies = policies
        self._sites = Sites(checker.rules)
        self._silent: dict[Hashable, Outcome] = {}
        self._spoken = _Memory(REMEMBERED)

    def judge(self, documents: pa.RecordBatch, file: str = "") -> pa.RecordBatch:
        """The decisions for the documents, in their order; every row has to have a text or a page."""
        numbers: dict[Outcome, int] = {}
        places = []
        hosts = []
        columns = (documents.column("text"), *(documents.column(n).to_pylist() for n in ("url", "date")))
        for row, (text, url, crawled) in enumerate(zip(*columns, strict=True)):
            site = self._sites.site(url)
            hosts.append(site.host)
            if text.is_valid:
                outcome = self.outcome(text.as_py(), site, crawled)
            else:
                outcome = self._check_page(documents.slice(row, 1).to_pylist()[0], site)
            places.append(numbers.setdefault(outcome, len(numbers)))
        return decision_batch(documents, hosts, list(numbers), places, self.uses, file)

    def outcome(self, text: str, site: Site, crawled: str | None = None) -> Outcome:
        """What is decided for one document, which was retrieved at that time (ISO 8601)."""
        known = self._known(site, crawled)
        # What a host's files say may depend on the path.
        situation: Hashable = site.situation if known is None else (site.url, known.number)
        if is_silent(text):
            silent = self._silent.get(situation)
            if silent is None:
                if len(self._silent) >= MOST_SITUATIONS:
                    self._silent.clear()
                silent = self._silent[situation] = self._check(text, site, known)
            return silent
        key = (text, site.origin, situation)
        remembered = self._spoken.get(key)
        if remembered is None:
            remembered = self._check(text, site, known)
            self._spoken.put(key, remembered, len(text))
        return remembered

    def _known(self, site: Site, crawled: str | None) -> Kept | None:
        if self._policies is None or site.url is None:
            return None
        return self._policies.known(site.url, crawled)

    def _check(self, text: str, site: Site, known: Kept | None) -> Outcome:
        if known is None:
            return outcome_of(self.checker.check_text(text, site.url))
        asset = text_asset(text, url=check_url_form(site.url) if site.url else None)
        return self._strictest(asset, None, known.versions)

    def _check_page(self, row: dict[str, Any], site: Site) -> Outcome:  # Any: a row as Arrow gives it
        """What is decided for a document of which more than its text is at hand."""
        page = row["page"]
        headers = tuple((header["name"], header["value"]) for header in page["headers"] or ())
        kept = self._known(site, row["date"])
        known = kept.versions if kept else (NOTHING,)
        if page["status"] is None and not headers and not page["partial"]:
            asset, html = file_asset(row["id"] or "page.html", page["body"], url=site.url)
            return self._strictest(asset, html, known)
        url = check_url_form(site.url) if site.url else _NOWHERE
        sent = Document(
            carrier=Carrier.HTML,
            url=url,
            final_url=url,
            status=page["status"],
            headers=headers,
            body=page["body"],
            sha256=digest(page["body"]),
            retrieved_at=moment(row["date"]),
        )
        asset, html = page_asset(sent, url=url, mode=Mode.HELD)
        if site.url is None:
            asset = replace(asset, uri=None)
        if page["partial"]:
            asset = replace(asset, text=None)  # its words are unread, which is not their silence
        return self._strictest(asset, html, known)

    def _strictest(self, asset: Asset, html: HtmlDocument | None, known: Sequence[Known]) -> Outcome:
        """The decision; of several versions of the host's files the one that allows least, the last of equals."""
        rules, request = self.checker.rules, self.checker.request
        decisions = [
            check(asset, request, rules, documents=each.documents, html=html, extra=each.gaps)
            for each in known
        ]
        return outcome_of(max(reversed(decisions), key=_severity))


def _severity(decision: Decision) -> tuple[int, ...]:
    return decision.verdict.severity, *(use.verdict.severity for use in decision.uses)


def is_silent(text: str) -> bool:
    """Whether the text certainly says nothing of its own use: no notice, no credit, no manifest."""
    if scanner().regions(text) is not NOWHERE:
        return False
    if may_hold_credits(text) and next(find_credits(text), None) is not None:
        return False
    return not any(mark in text for mark in _HIDDEN)


class _Memory:
    """Outcomes of the documents seen last, up to a size in code points."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[str, ...] | Hashable, tuple[Outcome, int]] = OrderedDict()

    def get(self, key: Hashable) -> Outcome | None:
        """The outcome remembered under the key."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, outcome: Outcome, size: int) -> None:
        """Remember the outcome, and forget the oldest until there is room."""
        if size > self._most // 4:
            return
        self._kept[key] = outcome, size
        self._size += size
        while self._size > self._most:
            _, (_, freed) = self._kept.popitem(last=False)
            self._size -= freed
