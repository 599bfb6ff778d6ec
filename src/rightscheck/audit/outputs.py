"""What a run leaves: decisions.parquet, report.json, report.html, and manifest.json last of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rightscheck.audit.folder import (
    DECISIONS,
    MANIFEST,
    PAGE,
    REPORT,
    Folder,
    replacing,
    write_bytes,
    write_json,
)
from rightscheck.audit.page import render_page
from rightscheck.audit.part import DecisionWriter, PartResult
from rightscheck.audit.plan import Plan
from rightscheck.audit.site_findings import SiteFindings
from rightscheck.audit.split import SPLIT, split
from rightscheck.audit.summary import Summary, as_report
from rightscheck.report import FailOn, exit_code
from rightscheck.vocab import Verdict

SCHEMA = "rightscheck-audit/1"


def finish(plan: Plan, results: Sequence[PartResult], folder: Folder, fail_on: FailOn) -> dict[str, object]:
    """Put the parts together and write the reports; the report comes back.

    Raises:
        IncompleteError: the folder cannot be written.
    """
    uses = plan.request.uses
    summary, sites = Summary(uses), SiteFindings()
    with replacing(folder / DECISIONS) as target, DecisionWriter(target, uses) as writer:
        for batch in _decisions(results, folder):
            summary.add(batch)
            sites.add(batch)
            writer.write(batch)
    if plan.request.split:
        split(plan, results, folder)
    counts = {
        "files": len({part.input for part in results}),
        **as_report(summary, results, [item.path for item in plan.inputs]),
        "sites": sites.as_json(),
        "sites_are_lower_bounds": sites.dropped,
    }
    report = {**_head(plan), **_gate(counts, fail_on), **counts}
    write_json(folder / REPORT, report)
    write_bytes(folder / PAGE, render_page(report))
    write_json(folder / MANIFEST, _manifest(plan, results))
    folder.tidy()
    return report


def _decisions(results: Sequence[PartResult], folder: Folder) -> Iterator[pa.RecordBatch]:
    """The decisions in the order of the plan: rows numbered from 1 in each file, nameless documents named."""
    before: Counter[int] = Counter()
    for part in results:
        with pq.ParquetFile(folder.part(part.number, ".parquet")) as file:
            for batch in file.iter_batches():
                yield _placed(batch, before[part.input] + 1)
        before[part.input] += part.rows


def _placed(batch: pa.RecordBatch, first: int) -> pa.RecordBatch:
    rows = pc.add(batch.column("row"), first)
    batch = batch.set_column(batch.schema.get_field_index("row"), "row", rows)
    place = batch.schema.get_field_index("id")
    if batch.column(place).null_count:
        named = pc.binary_join_element_wise(batch.column("file"), rows.cast(pa.string()), ":")
        batch = batch.set_column(place, "id", pc.coalesce(batch.column(place), named))
    return batch


def _head(plan: Plan) -> dict[str, object]:
    request = plan.request
    return {
        "schema": SCHEMA,
        "tool": {"name": "rightscheck", **plan.digests},
        "as_of": request.on.isoformat(),
        "request": {
            "uses": list(request.uses),
            "grantee": request.grantee,
            "collection": request.collection,
            "agents": list(request.agents),
            "commercial": request.commercial,
        },
        "profile": request.profile,
    }


def _gate(counts: dict[str, Any], fail_on: FailOn) -> dict[str, object]:  # Any: JSON
    """The strictest verdict of the counts, and how they pass the gate."""
    found = [verdict for verdict in Verdict if counts["verdicts"][verdict.value]]
    incomplete = not found or bool(counts["rows"]["unreadable"] or counts["unreadable_files"])
    code = exit_code(found, incomplete=incomplete, fail_on=fail_on)
    return {
        "verdict": max(found, key=lambda verdict: verdict.severity).value if found else None,
        "passed": code == 0,
        "exit_code": code,
    }


def regated(report: dict[str, Any], fail_on: FailOn) -> dict[str, Any]:  # Any: JSON
    """The report with the exit code that it has at another gate."""
    return {**report, **_gate(report, fail_on)}


def _manifest(plan: Plan, results: Sequence[PartResult]) -> dict[str, object]:
    digests = {part.input: part.sha256 for part in results if part.sha256}
    rows: Counter[int] = Counter()
    decided: Counter[int] = Counter()
    for part in results:
        rows[part.input] += part.rows
        decided[part.input] += part.decided
    return {
        "schema": "rightscheck-audit-manifest/1",
        "tool": {"name": "rightscheck", **plan.digests},
        "options": plan.request.as_json(),
        "inputs": [
            {
                "path": item.path,
                "size": item.size,
                "sha256": digests.get(place, ""),
                "rows": rows[place],
                "decided": decided[place],
            }
            for place, item in enumerate(plan.inputs)
        ],
        "outputs": [DECISIONS, REPORT, PAGE, *([f"{SPLIT}/"] if plan.request.split else [])],
    }
