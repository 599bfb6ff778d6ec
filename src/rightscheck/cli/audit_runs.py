"""`rightscheck audit diff` and `rightscheck audit blocklist`: what finished runs say together and alone."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from rightscheck.errors import UsageError
from rightscheck.readers.records import load_arrow

if TYPE_CHECKING:
    from rightscheck.audit.blocklist import BlockedHost
    from rightscheck.audit.compare import Changed, Comparison, HostChanges
    from rightscheck.audit.finished import FinishedRun

_LISTED_HOSTS = 50
SCHEMA = "rightscheck-audit-diff/1"


def diff_command(
    before: Annotated[Path, typer.Argument(metavar="RUN1", help="The folder of the earlier run.")],
    after: Annotated[Path, typer.Argument(metavar="RUN2", help="The folder of the later run.")],
    by: Annotated[str, typer.Option("--by", metavar="id|url", help="What documents are matched by.")] = "id",
    fmt: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="text, json or jsonl.")
    ] = "text",
) -> int:
    """Show whose verdicts changed between two runs: for each use, by host, with the rule that decides now.

    jsonl has a line for each document and use. Exits with 0 whatever changed.
    """
    load_arrow()
    from rightscheck.audit.compare import NAMES, compare
    from rightscheck.audit.finished import finished_run

    _refuse("format", fmt, ("text", "json", "jsonl"))
    _refuse("name of documents", by, NAMES)
    runs = finished_run(before), finished_run(after)
    found = compare(*runs, by=by)
    if fmt == "jsonl":
        for change in found.changed:
            sys.stdout.write(json.dumps(_change(change), ensure_ascii=False) + "\n")
    elif fmt == "json":
        sys.stdout.write(json.dumps(_as_json(*runs, found), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(_as_text(*runs, found))
    return 0


def blocklist_command(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a finished run.")],
    use: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it at run time
        typer.Option(
            "--use", "-u", metavar="USE", help="The use that counts. [default: the strictest of all]"
        ),
    ] = None,
    review: Annotated[bool, typer.Option("--review", help="Documents to review count as no-go.")] = False,
    share: Annotated[
        float,
        typer.Option(
            "--share", metavar="PERCENT", help="Only hosts of which so much is no-go.", min=0, max=100
        ),
    ] = 0,
    fmt: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="text, jsonl or csv.")
    ] = "text",
) -> int:
    """Write the hosts that a run found reserved, one a line: any with a document that is no-go, or a share of them."""
    load_arrow()
    from rightscheck.audit.blocklist import block_list
    from rightscheck.audit.finished import finished_run

    _refuse("format", fmt, ("text", "jsonl", "csv"))
    listed = block_list(finished_run(run), use, review=review, share=share / 100)
    if fmt == "csv":
        writer = csv.DictWriter(sys.stdout, ["host", "documents", "no_go", "review", "share", "rule"])
        writer.writeheader()
        writer.writerows(map(_blocked, listed.hosts))
    else:
        for host in listed.hosts:
            line = json.dumps(_blocked(host), ensure_ascii=False) if fmt == "jsonl" else host.host
            sys.stdout.write(line + "\n")
    if listed.hostless:
        sys.stderr.write(
            f"rightscheck audit: {listed.hostless:,} documents are of no known host, and on no list of hosts\n"
        )
    return 0


def _refuse(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UsageError(f"unknown {what} `{given}`", hint=f"known: {', '.join(sorted(known))}")


def _blocked(host: BlockedHost) -> dict[str, object]:
    return {
        "host": host.host,
        "documents": host.documents,
        "no_go": host.no_go,
        "review": host.review,
        "share": round(host.share, 4),
        "rule": host.rule,
    }


def _change(change: Changed) -> dict[str, object]:
    return {
        "id": change.id,
        "url": change.url,
        "host": change.host,
        "file": change.file,
        "row": change.row,
        "use": change.use,
        "before": change.before,
        "after": change.after,
        "rule_before": change.rule_before,
        "rule_after": change.rule_after,
        "quote": change.quote,
    }


def _as_json(before: FinishedRun, after: FinishedRun, found: Comparison) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "before": _run(before),
        "after": _run(after),
        "differing": list(found.differing),
        "documents": {
            "matched": found.matched,
            "gone": found.gone,
            "new": found.new,
            "unnamed": found.unnamed,
        },
        "uses": {use: _moves(found.uses, use) for use in found.uses_compared},
        "hosts": [_host(host, found.uses_compared) for host in found.hosts],
    }


def _run(run: FinishedRun) -> dict[str, object]:
    return {"folder": str(run.folder.path), "as_of": run.request.on.isoformat(), **run.digests}


def _moves(uses: Counter[tuple[str, str, str]], wanted: str) -> list[dict[str, object]]:
    moves = sorted((before, after, count) for (use, before, after), count in uses.items() if use == wanted)
    return [{"before": before, "after": after, "documents": count} for before, after, count in moves]


def _host(host: HostChanges, uses: tuple[str, ...]) -> dict[str, object]:
    return {
        "host": host.host,
        "documents": host.documents,
        "closed": host.closed,
        "opened": host.opened,
        "uses": {use: _moves(host.uses, use) for use in uses if _moves(host.uses, use)},
        "rules": [rule for rule, _ in _rules(host)],
        "example": host.example,
    }


def _rules(host: HostChanges) -> list[tuple[str, int]]:
    found = ((rule, count) for rule, count in host.rules.items() if count and rule)
    return sorted(found, key=lambda item: (-item[1], item[0]))


def _as_text(before: FinishedRun, after: FinishedRun, found: Comparison) -> str:
    lines = [
        f"{before.folder.path} ({before.request.on}) -> {after.folder.path} ({after.request.on})",
        f"{found.matched:,} documents in both, {found.gone:,} gone, {found.new:,} new"
        + (f", {found.unnamed:,} without a URL" if found.unnamed else ""),
    ]
    if found.differing:
        lines.append(f"the runs also differ in: {', '.join(found.differing)}")
    moved = sorted(found.uses.items())
    lines += [f"{use}: {was} -> {now}  {count:,} documents" for (use, was, now), count in moved]
    lines += [] if moved else ["no verdict changed"]
    for word, hosts in (
        ("closed", [host for host in found.hosts if host.closed]),
        ("opened", sorted((h for h in found.hosts if h.opened), key=lambda h: (-h.opened, h.host))),
    ):
        if hosts:
            lines += ["", f"{word} since, by host:", *(_line(word, host) for host in hosts[:_LISTED_HOSTS])]
        if len(hosts) > _LISTED_HOSTS:
            lines.append(f"  and {len(hosts) - _LISTED_HOSTS:,} more hosts; --format json lists all")
    return "\n".join(lines) + "\n"


def _line(word: str, host: HostChanges) -> str:
    count = host.closed if word == "closed" else host.opened
    rules = ", ".join(rule for rule, _ in _rules(host)[:3]) if word == "closed" else ""
    text = f"  {host.host or '(no host)'}  {count:,} of {host.documents:,} documents"
    return f"{text}  {rules}" if rules else text
