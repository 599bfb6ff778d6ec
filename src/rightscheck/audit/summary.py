"""The numbers of a run: documents by verdict, use, host, rule and clause, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from rightscheck.audit.outcomes import verdict_column
from rightscheck.audit.part import PartResult

TOP_HOSTS, TOP_CLAUSES, TOP_PROBLEMS = 1000, 200, 1000
_KEPT = 200_000
"""Different clauses that are counted at a time: beyond it the rarest are dropped."""


@dataclass(slots=True)
class Summary:
    """Counts over decisions; `add` takes them batch by batch."""

    uses: tuple[str, ...]
    verdicts: Counter[str] = field(default_factory=Counter)
    by_use: dict[str, Counter[str]] = field(default_factory=dict)
    layers: Counter[str] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    gaps: Counter[str] = field(default_factory=Counter)
    hosts: Counter[tuple[str, str]] = field(default_factory=Counter)
    clauses: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], str] = field(default_factory=dict)
    clauses_dropped: bool = False

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the decisions of the batch."""
        table = pa.Table.from_batches([batch])
        self.verdicts.update(dict(_counted(table, "verdict")))
        self.layers.update(dict(_counted(table, "layer")))
        for use in self.uses:
            self.by_use.setdefault(use, Counter()).update(dict(_counted(table, verdict_column(use))))
        for (host, verdict), count in _grouped(table, ["host", "verdict"]):
            self.hosts[host or "", verdict] += count
        for verdict, rules, count in _by_list(table, "rules"):
            self.rules.update({(rule, verdict): count for rule in rules})
        for _, gaps, count in _by_list(table, "gaps"):
            self.gaps.update(dict.fromkeys(gaps, count))
        self._add_clauses(table)

    def _add_clauses(self, table: pa.Table) -> None:
        quoted = table.filter(pc.is_valid(table.column("quote")))
        if not quoted.num_rows:
            return
        columns = ("rule", "verdict", "quote", "id")
        for rule, verdict, quote, name in zip(*(quoted.column(c).to_pylist() for c in columns), strict=True):
            key = (rule, verdict, " ".join(quote.split()))
            self.clauses[key] += 1
            self.examples.setdefault(key, name)
        if len(self.clauses) > _KEPT:
            self.clauses_dropped = True
            self.clauses = Counter(dict(self.clauses.most_common(_KEPT // 2)))
            self.examples = {key: self.examples[key] for key in self.clauses}


def _counted(table: pa.Table, column: str) -> Iterator[tuple[str, int]]:
    for item in table.column(column).value_counts().to_pylist():
        yield item["values"], item["counts"]


def _grouped(table: pa.Table, names: list[str]) -> Iterator[tuple[tuple[str, ...], int]]:
    grouped = table.group_by(names).aggregate([([], "count_all")])
    columns = [grouped.column(name).to_pylist() for name in names]
    yield from zip(zip(*columns, strict=True), grouped.column("count_all").to_pylist(), strict=True)


def _by_list(table: pa.Table, name: str) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Each list of the column with its verdict and how often both occur."""
    lists = map(tuple, table.column(name).to_pylist())
    seen = Counter(zip(table.column("verdict").to_pylist(), lists, strict=True))
    for (verdict, values), count in seen.items():
        yield verdict, values, count


def as_report(summary: Summary, results: Iterable[PartResult], files: list[str]) -> dict[str, object]:
    """The counts as report.json lists them; sorted, the most frequent first."""
    parts = list(results)
    base: Counter[int] = Counter()
    problems = []
    for part in parts:
        for row, count, reason in part.problems:
            problems.append(
                {
                    "file": files[part.input],
                    "row": base[part.input] + row + 1,
                    "rows": count,
                    "reason": reason,
                }
            )
        base[part.input] += part.rows
    return {
        "rows": {
            "in": sum(part.rows for part in parts),
            "decided": sum(part.decided for part in parts),
            "unreadable": sum(part.unreadable for part in parts),
        },
        "verdicts": _named(summary.verdicts),
        "uses": {use: _named(summary.by_use.get(use, Counter())) for use in summary.uses},
        "layers": dict(sorted(summary.layers.items())),
        "rules": _rules(summary),
        "hosts": _hosts(summary),
        "hosts_in_all": len({host for host, _ in summary.hosts if host}),
        "clauses": _clauses(summary),
        "clauses_are_lower_bounds": summary.clauses_dropped,
        "gaps": dict(sorted(summary.gaps.items())),
        "unreadable_rows": problems[:TOP_PROBLEMS],
        "unreadable_rows_listed": len(problems) <= TOP_PROBLEMS,
        "unreadable_files": [{"file": files[p.input], "reason": p.fault} for p in parts if p.fault],
    }


def _named(counts: Counter[str]) -> dict[str, int]:
    return {verdict: counts.get(verdict, 0) for verdict in ("go", "review", "no-go")}


def _rules(summary: Summary) -> list[dict[str, object]]:
    rows = [
        {"rule": rule, "verdict": verdict, "documents": count}
        for (rule, verdict), count in summary.rules.items()
    ]
    return sorted(rows, key=lambda row: (-_number(row["documents"]), str(row["rule"]), str(row["verdict"])))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _hosts(summary: Summary) -> list[dict[str, object]]:
    """The hosts with most documents that are no-go, then review, then any."""
    names = sorted({host for host, _ in summary.hosts if host})
    counts = {name: {v: summary.hosts.get((name, v), 0) for v in ("go", "review", "no-go")} for name in names}
    names.sort(key=lambda name: (-counts[name]["no-go"], -counts[name]["review"], -counts[name]["go"], name))
    return [{"host": name, **counts[name]} for name in names[:TOP_HOSTS]]


def _clauses(summary: Summary) -> list[dict[str, object]]:
    ranked = sorted(summary.clauses.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "rule": r,
            "verdict": v,
            "quote": quote,
            "documents": count,
            "example": summary.examples[r, v, quote],
        }
        for (r, v, quote), count in ranked[:TOP_CLAUSES]
    ]
