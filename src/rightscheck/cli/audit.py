"""`rightscheck audit`: corpora of any size judged, with decisions, reports and a manifest in a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from rightscheck.checker import DEFAULT_USES
from rightscheck.cli.options import (
    Agents,
    AsOf,
    Collection,
    FailOn,
    FailOnChoice,
    Grantee,
    Grants,
    NonCommercial,
    Policies,
    ProfileName,
    Uses,
    Waivers,
    day,
)
from rightscheck.errors import UsageError
from rightscheck.readers import parse_mapping
from rightscheck.readers.records import load_arrow
from rightscheck.readers.remote import is_remote

if TYPE_CHECKING:
    from rightscheck.audit.part import PartResult
    from rightscheck.audit.run import Engine, Progress


def audit_command(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Corpus files, folders of them, globs, or URLs.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder for results.")],
    use: Uses = None,
    profile: ProfileName = "standard",
    agent: Agents = None,
    policies: Policies = None,
    grants: Grants = None,
    grantee: Grantee = None,
    collection: Collection = None,
    waivers: Waivers = None,
    non_commercial: NonCommercial = False,
    as_of: AsOf = None,
    columns: Annotated[
        str,
        typer.Option(
            "--map", metavar="text=NAME,url=NAME", help="Where documents keep text, url, date, id, dump."
        ),
    ] = "",
    workers: Annotated[int, typer.Option("--workers", "-w", metavar="N", help="Processes.", min=1)] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run that DIR holds.")] = False,
    split: Annotated[
        bool, typer.Option("--split", help="Also write each input divided into go, review and no-go.")
    ] = False,
    robots_archive: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it at run time
        typer.Option(
            "--robots-archive", metavar="STORE", help="A policy store, as `snapshot build` makes it."
        ),
    ] = None,
    policy_time: Annotated[
        str,
        typer.Option("--policy-time", metavar="TIME", help="as-crawled, latest, union, or a day."),
    ] = "latest",
    attributes: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it at run time
        typer.Option(
            "--attributes", metavar="DIR", help="Also write Dolma attributes, in files named as the inputs."
        ),
    ] = None,
    engine: Annotated[str, typer.Option("--engine", metavar="ENGINE", help="local or ray.")] = "local",
    fail_on: FailOn = FailOnChoice.NO_GO,
) -> int:
    """Judge every document of a corpus, and write decisions, reports and a manifest to a folder."""
    load_arrow()
    if engine not in ("local", "ray"):
        raise UsageError(f"unknown engine `{engine}`", hint="engines: local, ray")
    from rightscheck.audit.folder import Folder
    from rightscheck.audit.request import AuditRequest
    from rightscheck.audit.run import audit, resumed_request

    folder = Folder(out.absolute() if engine == "ray" else out)
    asked = day(as_of)
    begun = resumed_request(folder) if resume and asked is None else None
    request = AuditRequest(
        uses=tuple(dict.fromkeys(use or DEFAULT_USES)),
        profile=profile,
        agents=tuple(agent or ()),
        policies=str(policies) if policies else None,
        grants=str(grants) if grants else None,
        grantee=grantee,
        collection=collection,
        waivers=str(waivers) if waivers else None,
        commercial=not non_commercial,
        on=asked or (begun.on if begun else datetime.now(UTC).date()),
        mapping=parse_mapping(columns),
        split=split,
        robots_archive=str(robots_archive) if robots_archive else None,
        policy_time=policy_time,
    )
    with _progress() as progress:
        report = audit(
            _everywhere(paths) if engine == "ray" else paths,
            folder,
            request,
            workers=workers,
            resume=resume,
            fail_on=fail_on.value,
            progress=progress,
            engine=_engine(engine),
        )
    if attributes is not None:
        from rightscheck.audit.attributes import write_attributes
        from rightscheck.audit.finished import finished_run

        write_attributes(finished_run(folder.path), attributes)
    return _tell(report, out)


def _everywhere(paths: list[str]) -> list[str]:
    """The paths in full: a process of Ray's may start in another folder."""
    return [path if is_remote(path) else str(Path(path).absolute()) for path in paths]


def _engine(name: str) -> Engine | None:
    """The engine of that name; None is this machine's own."""
    if name != "ray":
        return None
    from rightscheck.integrations.ray_engine import load_ray, run_on_ray

    load_ray()
    return run_on_ray


def _tell(report: dict[str, object], out: Path) -> int:
    rows, verdicts, faults = report["rows"], report["verdicts"], report["unreadable_files"]
    code = report["exit_code"]
    if not (isinstance(rows, dict) and isinstance(verdicts, dict) and isinstance(faults, list)):
        raise UsageError(f"`{out}` holds no report of this release")
    for fault in faults[:20]:
        sys.stderr.write(f"rightscheck audit: `{fault['file']}`: {fault['reason']}\n")
    if len(faults) > 20:
        sys.stderr.write(f"rightscheck audit: {len(faults) - 20:,} more files with faults\n")
    sys.stderr.write(
        f"rightscheck audit: {rows['in']:,} documents in = {rows['decided']:,} decided + "
        f"{rows['unreadable']:,} unreadable\n"
        f"rightscheck audit: {verdicts['go']:,} go, {verdicts['review']:,} review, {verdicts['no-go']:,} no-go; "
        f"see {out / 'report.html'}\n"
    )
    return code if isinstance(code, int) else 3


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar with rate, time left and verdicts so far, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    counts = {"go": 0, "review": 0, "no-go": 0}
    bar = Progress(
        TextColumn("audit"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("parts, {task.fields[told]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("audit", total=None, told="")

        def advance(total: int, part: PartResult) -> None:
            for verdict, count in part.verdicts.items():
                counts[verdict] += count
            rate = sum(counts.values()) / max(0.001, bar.tasks[0].elapsed or 0.001)
            told = ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items())
            bar.update(task, total=total, advance=1, told=f"{told}, {rate:,.0f}/s")

        yield advance
