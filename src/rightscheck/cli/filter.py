"""`rightscheck filter`: JSONL in, only the passing lines out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Optional

import typer

from rightscheck.checker import DEFAULT_USES, Checker
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
from rightscheck.filter import Counts, filter_lines, parse_keys


def filter_command(
    source: Annotated[
        str, typer.Argument(metavar="[IN|-]", help="A JSONL file, or - for standard input.")
    ] = "-",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="OUT|-", help="Where passing lines go.")
    ] = "-",
    rejected: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it at run time
        typer.Option("--rejected", metavar="FILE", help="Where the other lines go, with reasons."),
    ] = None,
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
        str, typer.Option("--map", metavar="text=KEY,url=KEY", help="Where records keep text and URL.")
    ] = "",
    fail_on: FailOn = FailOnChoice.NO_GO,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit 0 although lines were rejected.")
    ] = False,
) -> int:
    """Pass on the lines that may be used as you intend, byte for byte, and keep back the rest."""
    keys = parse_keys(columns)
    _refuse_bad_paths(source, output, rejected)
    checker = Checker(
        profile=profile,
        use=use or DEFAULT_USES,
        agent=agent,
        policies=policies,
        grants=grants,
        grantee=grantee,
        collection=collection,
        waivers=waivers,
        commercial=not non_commercial,
        on=day(as_of),
    )
    with ExitStack() as stack:
        counts = filter_lines(
            stack.enter_context(_reading(source)),
            checker,
            passed=stack.enter_context(_writing(output)),
            rejected=stack.enter_context(_writing(str(rejected))) if rejected else None,
            keys=keys,
            fail_on=fail_on.value,
        )
    sys.stderr.write(
        f"rightscheck filter: {counts.read} lines in = {counts.passed} passed + {counts.rejected} rejected "
        f"+ {counts.unreadable} unreadable\n"
    )
    return _exit_code(counts, exit_zero)


def _exit_code(counts: Counts, exit_zero: bool) -> int:
    if counts.rejected and not exit_zero:
        return 1
    return 3 if counts.unreadable > counts.blank or counts.read == counts.blank else 0


def _refuse_bad_paths(source: str, output: str, rejected: Path | None) -> None:
    faults = []
    if source != "-" and not Path(source).is_file():
        faults.append(f"`{source}` is a directory" if Path(source).is_dir() else f"`{source}` does not exist")
    targets = [Path(output)] if output != "-" else []
    for path in [*targets, *([rejected] if rejected else [])]:
        target = str(path)
        if not path.parent.is_dir():
            faults.append(f"the folder of `{target}` does not exist")
        if source != "-" and path.resolve() == Path(source).resolve():
            faults.append(f"`{target}` is the input itself")
    if rejected is not None and output != "-" and rejected.resolve() == Path(output).resolve():
        faults.append("passing and rejected lines cannot go to one file")
    if faults:
        raise UsageError("; ".join(faults))


@contextmanager
def _reading(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(source).open("rb"))
        except OSError as error:
            raise UsageError(f"`{source}` cannot be read: {error.strerror or error}") from error
        yield stream


@contextmanager
def _writing(target: str) -> Iterator[BinaryIO]:
    """A stream whose file appears under its name only when all was written."""
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = Path(target).with_name(Path(target).name + ".part")
    try:
        stream = partial.open("wb")
    except OSError as error:
        raise UsageError(f"`{target}` cannot be written: {error.strerror or error}") from error
    try:
        with stream:
            yield stream
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
