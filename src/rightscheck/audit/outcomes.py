"""Outcomes: what decisions.parquet says of a document beside who it is, and the schema of that file.

Documents of which the same is to be said share one outcome, so that a column is made by looking up numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rightscheck.model import Decision, Finding

_SPAN = re.compile(r"(?:char|text):(\d+)-(\d+)")
_LONGEST_QUOTE = 2000
_EVIDENCE = pa.list_(
    pa.struct(
        [("rule", pa.string()), ("source", pa.string()), ("locator", pa.string()), ("quote", pa.string())]
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A decision in plain values. `start` and `end` are code points, half-open, of the deciding passage."""

    verdict: str
    by_use: tuple[str, ...]
    layer: str
    quote: str | None
    start: int | None
    end: int | None
    rules: tuple[str, ...]
    situations: tuple[str, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    evidence: tuple[tuple[str, str, str, str], ...]
    gaps: tuple[str, ...]


def outcome_of(decision: Decision) -> Outcome:
    """The outcome of a decision; `quote` and span are those of the first deciding finding that has them."""
    deciding = deciding_findings(decision)
    told = [finding for finding in deciding if finding.evidence.quote]
    passage = next((finding for finding in told if _SPAN.fullmatch(finding.evidence.locator)), None)
    first = passage or (told[0] if told else None)
    span = _SPAN.fullmatch(passage.evidence.locator) if passage else None
    return Outcome(
        verdict=decision.verdict.value,
        by_use=tuple(answer.verdict.value for answer in decision.uses),
        layer=decision.layer.value,
        quote=first.evidence.quote[:_LONGEST_QUOTE] if first else None,
        start=int(span[1]) if span else None,
        end=int(span[2]) if span else None,
        rules=decision.determining,
        situations=decision.situations,
        reasons=decision.reasons,
        conditions=decision.conditions,
        evidence=tuple(
            (f.rule, f.evidence.source, f.evidence.locator, f.evidence.quote[:_LONGEST_QUOTE])
            for f in deciding
        ),
        gaps=tuple(dict.fromkeys(gap.carrier.value for gap in decision.gaps)),
    )


def deciding_findings(decision: Decision) -> list[Finding]:
    """The findings that decided the strictest uses, in order."""
    worst = [answer for answer in decision.uses if answer.verdict is decision.verdict]
    return [decision.findings[i] for i in sorted({i for answer in worst for i in answer.deciding})]


def verdict_column(use: str) -> str:
    """The column of decisions.parquet that holds the verdict for the use."""
    return f"verdict_{use.replace('-', '_')}"


@cache
def decision_schema(uses: tuple[str, ...]) -> pa.Schema:
    """The schema of decisions.parquet; one column `verdict_USE` for each use asked, `-` written as `_`."""
    text, texts = pa.string(), pa.list_(pa.string())
    return pa.schema(
        [
            ("id", text),
            ("url", text),
            ("host", text),
            ("verdict", text),
            *((verdict_column(use), text) for use in uses),
            ("layer", text),
            ("rule", text),
            ("quote", text),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("file", text),
            ("row", pa.int64()),
            ("rules", texts),
            ("situations", texts),
            ("reasons", texts),
            ("conditions", texts),
            ("evidence", _EVIDENCE),
            ("gaps", texts),
        ]
    )


def decision_batch(
    documents: pa.RecordBatch,
    hosts: pa.Array,
    outcomes: Sequence[Outcome],
    numbers: npt.NDArray[np.int64],
    uses: tuple[str, ...],
    file: str,
) -> pa.RecordBatch:
    """The rows of decisions.parquet for documents whose outcomes are `outcomes[number]`."""
    kinds = decision_schema(uses)
    table = pa.table({name: _column(name, outcomes, uses, kinds) for name in _said(uses)})
    said = table.take(pa.array(numbers))
    count = documents.num_rows
    own = {
        "id": documents.column("id"),
        "url": documents.column("url"),
        "host": hosts,
        "file": pa.repeat(pa.scalar(file, pa.string()), count),
        "row": documents.column("row"),
    }
    columns = [own[name] if name in own else _whole(said.column(name)) for name in kinds.names]
    return pa.RecordBatch.from_arrays(columns, schema=kinds)


def _said(uses: tuple[str, ...]) -> list[str]:
    return [name for name in decision_schema(uses).names if name not in ("id", "url", "host", "file", "row")]


def _whole(column: pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks()
    return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)


def _column(name: str, outcomes: Sequence[Outcome], uses: tuple[str, ...], kinds: pa.Schema) -> pa.Array:
    kind = kinds.field(name).type
    if name.startswith("verdict_"):
        place = [verdict_column(use) for use in uses].index(name)
        return pa.array([outcome.by_use[place] for outcome in outcomes], kind)
    if name == "rule":
        return pa.array([outcome.rules[0] if outcome.rules else None for outcome in outcomes], kind)
    if name == "evidence":
        keys = ("rule", "source", "locator", "quote")
        rows = [[dict(zip(keys, item, strict=True)) for item in outcome.evidence] for outcome in outcomes]
        return pa.array(rows, kind)
    values = [getattr(outcome, name) for outcome in outcomes]
    return pa.array([list(value) if isinstance(value, tuple) else value for value in values], kind)
