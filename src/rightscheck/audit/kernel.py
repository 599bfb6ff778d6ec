"""The kernel: batches of documents in, rows of decisions.parquet out, the same decisions as `check_text`.

One scan tells the documents that could say anything of their own use; they are read whole. The others, which
are most, share the decision of their host's situation: it is made once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from rightscheck.audit.outcomes import Outcome, decision_batch, outcome_of
from rightscheck.audit.sites import Site, Sites
from rightscheck.checker import Checker
from rightscheck.notices.credit_scan import may_hold_credits
from rightscheck.notices.credits import find_credits
from rightscheck.notices.scan import NOWHERE, scanner

REMEMBERED = 64 * 1024 * 1024
"""Code points of texts whose outcomes are remembered: corpora repeat themselves."""
MOST_SITUATIONS = 200_000
_HIDDEN = ("C2PA MANIFEST", "\U000e0133")
"""What announces a manifest inside a text: the second is the first byte that hides one (C2PA A.8)."""


class Kernel:
    """Judges batches for one checker. Keeps what it learned; not to be shared by threads."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.uses = checker.request.uses
        self._sites = Sites(checker.rules)
        self._silent: dict[Hashable, Outcome] = {}
        self._spoken = _Memory(REMEMBERED)

    def judge(self, documents: pa.RecordBatch, file: str = "") -> pa.RecordBatch:
        """The decisions for the documents, in their order; every row has to have a text."""
        numbers: dict[Outcome, int] = {}
        places = []
        hosts = []
        texts, urls = documents.column("text"), documents.column("url").to_pylist()
        for row, (text, url) in enumerate(zip(texts, urls, strict=True)):
            site = self._sites.site(url)
            hosts.append(site.host)
            if text.is_valid:
                outcome = self.outcome(text.as_py(), site)
            else:
                outcome = self._check_page(documents.slice(row, 1).to_pylist()[0], site)
            places.append(numbers.setdefault(outcome, len(numbers)))
        return decision_batch(documents, hosts, list(numbers), places, self.uses, file)

    def outcome(self, text: str, site: Site) -> Outcome:
        """What is decided for one document."""
        if is_silent(text):
            known = self._silent.get(site.situation)
            if known is None:
                if len(self._silent) >= MOST_SITUATIONS:
                    self._silent.clear()
                known = self._silent[site.situation] = self._check(text, site)
            return known
        key = (text, site.origin, site.situation)
        remembered = self._spoken.get(key)
        if remembered is None:
            remembered = self._check(text, site)
            self._spoken.put(key, remembered, len(text))
        return remembered

    def _check_page(self, row: dict[str, Any], site: Site) -> Outcome:  # Any: a row as Arrow gives it
        """What is decided for a document of which more than its text is at hand."""
        page = row["page"]
        headers = [(header["name"], header["value"]) for header in page["headers"] or ()]
        if page["status"] is None and not headers:
            return outcome_of(
                self.checker.check_bytes(page["body"], site.url, source=row["id"] or "page.html")
            )
        url = site.url or "https://unknown.invalid/"
        checked = self.checker.check_response(
            url, page["status"] or 200, headers, page["body"], retrieved_at=_moment(row["date"])
        )
        return outcome_of(checked)

    def _check(self, text: str, site: Site) -> Outcome:
        return outcome_of(self.checker.check_text(text, site.url))


def is_silent(text: str) -> bool:
    """Whether the text certainly says nothing of its own use: no notice, no credit, no manifest."""
    if scanner().regions(text) is not NOWHERE:
        return False
    if may_hold_credits(text) and next(find_credits(text), None) is not None:
        return False
    return not any(mark in text for mark in _HIDDEN)


def _moment(text: str | None) -> datetime | None:
    """The time of retrieval, UTC where it does not say otherwise; None when it cannot be read."""
    try:
        when = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


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
