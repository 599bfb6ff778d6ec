"""Hosts to leave out: those of a finished run whose documents are reserved, with how many of them are."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

import pyarrow as pa

from rightscheck.audit.finished import FinishedRun
from rightscheck.audit.outcomes import verdict_column
from rightscheck.errors import UsageError
from rightscheck.vocab import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedHost:
    """A host, its documents by verdict, and the rule that decided most of those that are not go."""

    host: str
    documents: int
    no_go: int
    review: int
    rule: str

    @property
    def share(self) -> float:
        """The share of its documents that are no-go, from 0 to 1."""
        return self.no_go / self.documents


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockList:
    """The hosts, sorted by name. `hostless` documents are no-go and of no known host: no list of hosts
    leaves them out."""

    hosts: tuple[BlockedHost, ...]
    hostless: int


def block_list(
    run: FinishedRun, use: str | None = None, *, review: bool = False, share: float = 0.0
) -> BlockList:
    """The hosts of which at least one document is no-go, and at least that share of them.

    Args:
        use: the use that counts; None is the strictest of all that were asked.
        review: documents that are review count as if they were no-go.
        share: from 0 to 1, of the host's documents.

    Raises:
        UsageError: the run did not ask for the use, or its decisions cannot be read.
    """
    if use is not None and use not in run.request.uses:
        raise UsageError(
            f"the run did not ask for `{use}`", hint=f"it asked for {', '.join(run.request.uses)}"
        )
    column = verdict_column(use) if use else "verdict"
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    rules: dict[str, Counter[str]] = defaultdict(Counter)
    for batch in run.decisions(["host", column, "rule"]):
        grouped = (
            pa.Table.from_batches([batch]).group_by(["host", column, "rule"]).aggregate([([], "count_all")])
        )
        for host, verdict, rule, count in zip(
            *(grouped.column(name).to_pylist() for name in ("host", column, "rule", "count_all")), strict=True
        ):
            counts[host or ""][verdict] += count
            if verdict != Verdict.GO.value:
                rules[host or ""][rule or ""] += count
    hostless = _counted(counts.pop("", Counter()), review=review)
    hosts = [
        _host(name, counts[name], rules[name])
        for name in sorted(counts)
        if 0 < _counted(counts[name], review=review) >= share * sum(counts[name].values())
    ]
    return BlockList(hosts=tuple(hosts), hostless=hostless)


def _counted(verdicts: Counter[str], *, review: bool) -> int:
    return verdicts[Verdict.NO_GO.value] + (verdicts[Verdict.REVIEW.value] if review else 0)


def _host(name: str, verdicts: Counter[str], rules: Counter[str]) -> BlockedHost:
    most = min(rules.items(), key=lambda item: (-item[1], item[0]))[0]
    return BlockedHost(
        host=name,
        documents=sum(verdicts.values()),
        no_go=verdicts[Verdict.NO_GO.value],
        review=verdicts[Verdict.REVIEW.value],
        rule=most,
    )
