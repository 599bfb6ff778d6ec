"""The kernel: batches of documents in, rows of decisions.parquet out, the same decisions as `check_text`.

The gate tells the documents that could say anything of their own use. The others, which are most, share the
decision of their host's situation: it is made once. Of those that speak, the ones that say the same share too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from rightscheck.assets import file_asset, page_asset, text_asset
from rightscheck.audit.gate import Passed, gate
from rightscheck.audit.host_files import HostFiles
from rightscheck.audit.memory import Memory, said_in, template_of
from rightscheck.audit.outcomes import Outcome, decision_batch, outcome_of
from rightscheck.audit.policies import NOTHING, Kept, Policies, moment
from rightscheck.audit.sites import Site, Sites
from rightscheck.check import check
from rightscheck.checker import Checker
from rightscheck.model import Asset, Decision, Document
from rightscheck.notices.loading import scanner
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


class Kernel:
    """Judges batches for one checker. Keeps what it learned; not to be shared by threads.

    With `policies`, what a store knows of the documents' hosts is read too.
    """

    def __init__(self, checker: Checker, policies: Policies | None = None) -> None:
        self.checker = checker
        self.uses = checker.request.uses
        self._policies = policies
        self._files = HostFiles()
        self._sites = Sites(checker.rules)
        self._silent: dict[Hashable, Outcome] = {}
        self._spoken = Memory(REMEMBERED)

    def judge(self, documents: pa.RecordBatch, file: str = "") -> pa.RecordBatch:
        """The decisions for the documents, in their order; every row has to have a text or a page."""
        urls = documents.column("url").to_pylist()
        numbers, sites = self._sites.numbered(urls)
        crawled = documents.column("date").to_pylist() if self._policies is not None else None
        texts = documents.column("text")
        told = _Told(len(numbers))
        for row in np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False)).tolist():
            page = documents.slice(row, 1).to_pylist()[0]
            told.add(row, self._check_page(page, self._sites.site(urls[row])))
        for row, passed in self._passed(texts):
            site = self._sites.site(urls[row])
            known = self._known(site, crawled[row]) if crawled else None
            told.add(row, self._outcome(texts[row].as_py(), site, known, passed))
        if crawled is None:
            told.fill([self._silence(site, None) for site in sites], numbers)
        else:
            for row in told.left():
                site = self._sites.site(urls[row])
                told.add(row, self._silence(site, self._known(site, crawled[row])))
        hosts = pa.array([site.host for site in sites], pa.string()).take(pa.array(numbers, pa.int64()))
        return decision_batch(documents, hosts, told.outcomes, told.numbers, self.uses, file)

    def _passed(self, texts: pa.LargeStringArray) -> Iterator[tuple[int, Passed]]:
        """The rows whose text could say something."""
        if not texts.null_count:
            yield from ((passed.row, passed) for passed in gate().sift(texts))
            return
        rows = np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False)).tolist()
        yield from ((rows[passed.row], passed) for passed in gate().sift(texts.drop_null()))

    def _silence(self, site: Site, known: Kept | None) -> Outcome:
        """What is decided where the text says nothing: once for all documents in the situation."""
        situation = self._situation(site, known)
        silent = self._silent.get(situation)
        if silent is None:
            if len(self._silent) >= MOST_SITUATIONS:
                self._silent.clear()
            silent = self._silent[situation] = self._check("", site, known)
        return silent

    def _outcome(self, text: str, site: Site, known: Kept | None, passed: Passed) -> Outcome:
        """What is decided for a text that could say something: once for all that say the same in the situation."""
        said = said_in(text, passed, scanner())
        if said is None:
            return self._check(text, site, known)
        if not said.pieces:
            return self._silence(site, known)
        key = (said.key, site.origin, self._situation(site, known))
        template = self._spoken.get(key)
        if template is None:
            outcome = self._check(text, site, known)
            template = template_of(outcome, said)
            if template is None:
                return outcome
            self._spoken.put(key, template, said.size)
        return template.outcome_at(said)

    def _situation(self, site: Site, known: Kept | None) -> Hashable:
        """What decides beside the text."""
        return site.situation if known is None else self._files.key(site, known)

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


class _Told:
    """Which outcome each row has, as places among those that there are."""

    def __init__(self, rows: int) -> None:
        self.outcomes: list[Outcome] = []
        self.numbers = np.full(rows, -1, np.int64)
        self._places: dict[int, int] = {}

    def add(self, row: int, outcome: Outcome) -> None:
        """The row has this outcome."""
        self.numbers[row] = self._place(outcome)

    def fill(self, outcomes: Sequence[Outcome], numbers: Sequence[int]) -> None:
        """The rows that have none yet have those of their numbers."""
        places = np.array([self._place(outcome) for outcome in outcomes], np.int64)
        left = self.numbers < 0
        self.numbers[left] = places[np.array(numbers, np.int64)[left]]

    def left(self) -> list[int]:
        """The rows that have none yet."""
        return np.flatnonzero(self.numbers < 0).tolist()

    def _place(self, outcome: Outcome) -> int:
        # Outcomes are kept in the list, so that no other one can have the same identity.
        place = self._places.get(id(outcome))
        if place is None:
            place = self._places[id(outcome)] = len(self.outcomes)
            self.outcomes.append(outcome)
        return place
