"""The kernel: batches of documents in, rows of decisions.parquet out, the same verdicts as `check_text`.

Documents without any passage that could hold a notice share the outcome of their host's situation; the
others are read whole.
"""

from __future__ import annotations

from functools import cached_property

import pyarrow as pa

from rightscheck.audit.outcomes import Outcome, decision_batch, outcome_of
from rightscheck.checker import Checker
from rightscheck.errors import UsageError
from rightscheck.model import Decision
from rightscheck.registry.addresses import host_of


class Kernel:
    """Judges batches for one checker. Keeps what it learned of hosts; not to be shared by threads."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker

    @cached_property
    def uses(self) -> tuple[str, ...]:
        """The uses asked, as named."""
        return self.checker.request.uses

    def judge(self, documents: pa.RecordBatch, file: str = "") -> pa.RecordBatch:
        """The decisions for the documents, in their order; every row has to have a text."""
        urls = documents.column("url").to_pylist()
        numbers: dict[Outcome, int] = {}
        places = []
        for text, url in zip(documents.column("text").to_pylist(), urls, strict=True):
            outcome = outcome_of(check_document(self.checker, text, url))
            places.append(numbers.setdefault(outcome, len(numbers)))
        hosts = [_host(url) for url in urls]
        return decision_batch(documents, hosts, list(numbers), places, self.uses, file)


def check_document(checker: Checker, text: str, url: str | None) -> Decision:
    """The decision for a document of a corpus, whose URL is data: one that is no URL counts as unknown."""
    try:
        return checker.check_text(text, url)
    except UsageError:
        return checker.check_text(text)


def _host(url: str | None) -> str | None:
    found = host_of(url) if url is not None else None
    return found[0] if found else None
