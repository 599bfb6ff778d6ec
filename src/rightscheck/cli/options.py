"""Options that several commands share, and what they mean together."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from rightscheck.errors import UsageError


class FailOnChoice(StrEnum):
    NO_GO = "no-go"
    REVIEW = "review"
    NEVER = "never"


Uses = Annotated[
    Optional[list[str]],  # noqa: UP045 - typer reads it at run time
    typer.Option(
        "--use",
        "-u",
        metavar="USE",
        help="A use or group; repeat for several. [default: the five usual ones]",
    ),
]
ProfileName = Annotated[
    str, typer.Option("--profile", "-p", metavar="NAME|FILE", help="What silence and doubt mean.")
]
Agents = Annotated[
    Optional[list[str]],  # noqa: UP045
    typer.Option(
        "--agent", "-a", metavar="TOKEN", help="Product token of your crawler, as robots.txt names it."
    ),
]
Policies = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--policies", metavar="DIR", help="Your own publishers and profiles, laid over the shipped ones."
    ),
]
Grants = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--grants", metavar="PATH", help="Written permissions: a TOML file, or a folder of them."),
]
Grantee = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--grantee",
        metavar="NAME",
        envvar="RIGHTSCHECK_GRANTEE",
        help="Who you are, as your grants write it.",
    ),
]
Collection = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--collection", metavar="NAME", help="The collection you ask for, where a grant is limited to one."
    ),
]
Waivers = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--waivers", metavar="FILE", help="Dated, owned exceptions to single findings."),
]
Robots = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--robots", metavar="FILE", help="A robots.txt to take as the host's."),
]
Store = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--store", metavar="FILE", help="A policy store to read site files from and keep them in."),
]
NonCommercial = Annotated[
    bool, typer.Option("--non-commercial", help="The request has no commercial purpose.")
]
AsOf = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--as-of", metavar="DATE", help="Judge grants and dates as of this day. [default: today, UTC]"
    ),
]
FailOn = Annotated[
    FailOnChoice, typer.Option("--fail-on", help="The verdict from which the gate fails (exit 1).")
]


def robots_file(path: Path | None) -> bytes | None:
    """The bytes of the file that the option names, None when it was not given.

    Raises:
        UsageError: it cannot be read.
    """
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"robots file `{path}` cannot be read: {error.strerror or error}") from error


def day(text: str | None) -> date | None:
    """The date that the option names, None when it was not given.

    Raises:
        UsageError: not an ISO 8601 date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"no date: `{text}`", hint="write it as 2026-11-24") from error


def today(as_of: str | None) -> date:
    """The day that the option names, or else today (UTC).

    Raises:
        UsageError: not an ISO 8601 date.
    """
    return day(as_of) or datetime.now(UTC).date()
