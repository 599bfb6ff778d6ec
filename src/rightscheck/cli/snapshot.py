"""`rightscheck snapshot`: the policy store, filled from archives, shown, and compared over time."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Optional

import typer

from rightscheck.cli.text_or_json import Format, is_json, write_json
from rightscheck.errors import Problem, UsageError
from rightscheck.model import Document
from rightscheck.snapshots import Change, Resource, SnapshotStore, build, expires_at
from rightscheck.snapshots.places import carrier_of
from rightscheck.syntax.urls import check_url_form

app = typer.Typer(help="The policy store: robots.txt and well-known files over time.", no_args_is_help=True)
StoreFile = Annotated[Path, typer.Argument(metavar="STORE", help="The policy store, one SQLite file.")]
_LISTED_PROBLEMS = 100
_LISTED_AGENTS = 12


@app.command("build")
def build_store(
    store: StoreFile,
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="SOURCE...", help="WARC files, JSON lines, folders of robots.txt files."),
    ],
) -> int:
    """Put what archives hold into the store; exits with 3 when a part of them could not be read."""
    missing = [f"`{source}` does not exist" for source in sources if not source.exists()]
    if missing:
        raise UsageError("; ".join(missing))
    told = 0

    def report(problem: Problem) -> None:
        nonlocal told
        told += 1
        if told <= _LISTED_PROBLEMS:
            sys.stderr.write(f"rightscheck: {problem}\n")

    with SnapshotStore.open(store) as target:
        built = build(target, sources, report)
    if built.problems > _LISTED_PROBLEMS:
        sys.stderr.write(f"rightscheck: {built.problems - _LISTED_PROBLEMS:,} more problems\n")
    sys.stderr.write(
        f"rightscheck snapshot: {built.read:,} observations read, {built.added:,} of them new, "
        f"{built.problems:,} problems\n"
    )
    return 3 if built.problems or not built.read else 0


@app.command("show")
def show_store(
    store: StoreFile,
    url: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it at run time
        typer.Argument(metavar="[URL]", help="A policy file, or any page: then its site's files."),
    ] = None,
    fmt: Format = "text",
) -> int:
    """Show what is known, since when, and with which answers; exits with 3 when that is nothing."""
    as_json = is_json(fmt)
    with SnapshotStore.open(store, read_only=True) as source:
        if url is None:
            return _show_summary(source, as_json)
        where = check_url_form(url)
        origin = "/".join(where.split("/", 3)[:3])
        wanted = [
            resource
            for resource in source.resources(origin)
            if carrier_of(where) is None or resource.url == where
        ]
        if not wanted:
            sys.stderr.write(f"rightscheck: nothing is stored of `{where}`\n")
        if as_json:
            write_json([_resource(source, resource) for resource in wanted])
        else:
            for resource in wanted:
                sys.stdout.write(f"{resource.url} ({resource.carrier})\n")
                for document in source.history(resource.url, resource.carrier):
                    sys.stdout.write(f"  {_line(document)}\n")
    return 0 if wanted else 3


def _show_summary(source: SnapshotStore, as_json: bool) -> int:
    summary = source.summary()
    if as_json:
        return write_json(
            {
                "origins": summary.origins,
                "resources": summary.resources,
                "observations": summary.observations,
                "bodies": summary.bodies,
                "body_bytes": summary.body_bytes,
                "stored_bytes": summary.stored_bytes,
                "first": _iso(summary.first),
                "last": _iso(summary.last),
                "answers": dict(summary.statuses),
            }
        )
    sys.stdout.write(
        f"{summary.observations:,} observations of {summary.resources:,} files of {summary.origins:,} origins\n"
        f"{summary.bodies:,} different bodies, {summary.body_bytes:,} bytes, stored in {summary.stored_bytes:,}\n"
    )
    if summary.first and summary.last:
        sys.stdout.write(f"from {_iso(summary.first)} to {_iso(summary.last)}\n")
    for answer, count in summary.statuses:
        sys.stdout.write(f"  {answer}: {count:,}\n")
    return 0


@app.command("diff")
def diff_store(
    store: StoreFile,
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="From this day on.")],
    until: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--until", metavar="DATE", help="Up to this day. [default: now]"),
    ] = None,
    fmt: Format = "text",
) -> int:
    """Show what changed between two times, and which AI training agents were closed or opened.

    A DATE is a day or a moment (ISO 8601, UTC unless it says otherwise). Both days count as a whole.
    """
    as_json = is_json(fmt)
    begin = _moment(since, first=True)
    end = datetime.now(UTC) if until is None else _moment(until, first=False)
    with SnapshotStore.open(store, read_only=True) as source:
        changes = source.diff(begin, end)
        if as_json:
            with _json_array() as write:
                for change in changes:
                    write(_change(change))
            return 0
        for change in changes:
            sys.stdout.write(_change_line(change))
    return 0


def _change_line(change: Change) -> str:
    before = "not seen" if change.before is None else _line(change.before)
    lines = [f"{change.url}  {change.kind}\n", f"  - {before}\n", f"  + {_line(change.after)}\n"]
    for word, agents in (("closed", change.closed), ("opened", change.opened)):
        if agents:
            more = len(agents) - _LISTED_AGENTS
            listed = ", ".join(agents[:_LISTED_AGENTS]) + (f" and {more} more" if more > 0 else "")
            lines.append(f"  training agents {word} at /: {listed}\n")
    return "".join(lines)


def _change(change: Change) -> dict[str, object]:
    return {
        "origin": change.origin,
        "carrier": change.carrier.value,
        "url": change.url,
        "change": change.kind,
        "before": None if change.before is None else _observation(change.before),
        "after": _observation(change.after),
        "closed": list(change.closed),
        "opened": list(change.opened),
    }


def _resource(source: SnapshotStore, resource: Resource) -> dict[str, object]:
    return {
        "origin": resource.origin,
        "carrier": resource.carrier.value,
        "url": resource.url,
        "observations": [
            _observation(document) for document in source.history(resource.url, resource.carrier)
        ],
    }


def _observation(document: Document) -> dict[str, object]:
    return {
        "retrieved_at": _iso(document.retrieved_at),
        "expires_at": _iso(expires_at(document)),
        "status": document.status,
        "failure": document.failure,
        "bytes": len(document.body),
        "sha256": document.sha256,
        "truncated": document.truncated,
        "redirects": list(document.redirects),
        "final_url": document.final_url,
    }


def _line(document: Document) -> str:
    answer = document.failure or ("a file" if document.status is None else str(document.status))
    cut = ", cut short" if document.truncated else ""
    way = f", from {document.final_url}" if document.redirects else ""
    digest = f", sha256 {document.sha256[:12]}" if document.sha256 else ""
    return f"{_iso(document.retrieved_at)}  {answer}, {len(document.body):,} bytes{cut}{digest}{way}"


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat().replace("+00:00", "Z")


def _moment(text: str, *, first: bool) -> datetime:
    """The moment that the text names; for a day the last one before it, or its own last one."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"no date: `{text}`", hint="write it as 2026-11-24 or 2026-11-24T10:00Z") from error
    if len(text) > len("2026-11-24"):
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when
    day = datetime.combine(when.date() if first else when.date() + timedelta(days=1), time(), UTC)
    return day - timedelta(microseconds=1)


class _ArrayWriter:
    """Writes JSON values as the items of one array, one at a time."""

    def __init__(self) -> None:
        self._between = "[\n"

    def __call__(self, value: object) -> None:
        sys.stdout.write(self._between + json.dumps(value, ensure_ascii=False))
        self._between = ",\n"

    def close(self) -> None:
        sys.stdout.write("[]\n" if self._between == "[\n" else "\n]\n")


@contextmanager
def _json_array() -> Iterator[_ArrayWriter]:
    writer = _ArrayWriter()
    yield writer
    writer.close()
