"""What decided about documents without standing in them: files of hosts, the registry, terms. Once per host."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

TOP_SITES = 1000
_KEPT = 200_000
"""Different findings that are counted at a time: beyond it the rarest are dropped."""
_LONGEST = 300
_Key = tuple[str, str, str, str]


@dataclass(slots=True)
class SiteFindings:
    """Counts of documents by host, rule, source and words; `add` takes decisions batch by batch."""

    found: Counter[_Key] = field(default_factory=Counter)
    dropped: bool = False

    def add(self, batch: pa.RecordBatch) -> None:
        """Count what decided about the documents of the batch from elsewhere."""
        told = batch.filter(pc.greater(pc.list_value_length(batch.column("evidence")), 0))
        columns = (told.column(name).to_pylist() for name in ("id", "url", "host", "evidence"))
        for name, url, host, evidence in zip(*columns, strict=True):
            own = {name, url, "text", host and f"https://{host}", host and f"http://{host}"}
            for item in evidence:
                if item["source"] not in own and not _is_same_page(item["source"], url):
                    key = (host or "", item["rule"], item["source"], item["quote"][:_LONGEST])
                    self.found[key] += 1
        if len(self.found) > _KEPT:
            self.dropped = True
            self.found = Counter(dict(self.found.most_common(_KEPT // 2)))

    def as_json(self) -> list[dict[str, object]]:
        """The findings as report.json lists them: of most documents first."""
        ranked = sorted(self.found.items(), key=lambda item: (-item[1], item[0]))
        return [
            {"host": host, "rule": rule, "source": source, "quote": quote, "documents": count}
            for (host, rule, source, quote), count in ranked[:TOP_SITES]
        ]


def _is_same_page(source: str, url: str | None) -> bool:
    """Whether the source is the document's own URL, written in normal form."""
    if url is None or "://" not in source:
        return False
    return source.rstrip("/").lower() == url.partition("#")[0].rstrip("/").lower()
