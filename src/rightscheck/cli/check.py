"""`rightscheck check`: files, URLs or standard input in, a report out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from rightscheck.assets import media_type_of
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
    Robots,
    Store,
    Uses,
    Waivers,
    day,
    robots_file,
)
from rightscheck.errors import UsageError
from rightscheck.formats import renderer
from rightscheck.model import Decision
from rightscheck.report import Unread, build_report
from rightscheck.syntax.charset import is_binary

STDIN = "-"


def check_command(
    targets: Annotated[
        list[str], typer.Argument(metavar="TARGET...", help="Text or HTML files, URLs, or - for stdin.")
    ],
    use: Uses = None,
    profile: ProfileName = "standard",
    url: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it at run time
        typer.Option("--url", metavar="URL", help="Where the one file given came from."),
    ] = None,
    agent: Agents = None,
    robots: Robots = None,
    policies: Policies = None,
    grants: Grants = None,
    grantee: Grantee = None,
    collection: Collection = None,
    waivers: Waivers = None,
    store: Store = None,
    non_commercial: NonCommercial = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Fetch nothing: judge by what is at hand.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also fetch from addresses that are not public.")
    ] = False,
    as_of: AsOf = None,
    fmt: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="text, json, jsonl or markdown.")
    ] = "text",
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the report there instead of standard output."
        ),
    ] = None,
    fail_on: FailOn = FailOnChoice.NO_GO,
) -> int:
    """Say whether texts or pages may be used as you intend: go, review or no-go, with the evidence."""
    render = renderer(fmt)
    _refuse_bad_targets(targets, url)
    checker = Checker(
        profile=profile,
        use=use or DEFAULT_USES,
        agent=agent,
        policies=policies,
        grants=grants,
        grantee=grantee,
        collection=collection,
        waivers=waivers,
        store=store,
        commercial=not non_commercial,
        on=day(as_of),
        allow_private=allow_private,
    )
    robots_body = robots_file(robots)
    answers: list[tuple[str, Decision]] = []
    unread: list[Unread] = []
    for target in targets:
        result = _check_one(checker, target, url, robots_body, offline)
        if isinstance(result, Unread):
            unread.append(result)
        else:
            answers.append((target, result))
    report = build_report(
        answers,
        request=checker.request,
        profile=checker.rules.profile.id,
        registry_sha256=checker.rules.registry.sha256,
        profile_sha256=checker.rules.profile.sha256,
        unread=unread,
        waivers=checker.rules.waivers,
        fail_on=fail_on.value,
    )
    text = "".join(render(report))
    if output is None:
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    else:
        output.write_text(text, encoding="utf-8")
    for item in unread:
        sys.stderr.write(f"rightscheck: {item.target}: {item.reason}\n")
    return report.exit_code


def is_url(target: str) -> bool:
    """Whether a target is meant as a URL: it names a scheme with `://`."""
    return "://" in target.split("/", 3)[0] + "//" and "://" in target


def _refuse_bad_targets(targets: list[str], url: str | None) -> None:
    """All faults of the command line at once, before anything is read or fetched."""
    faults = []
    hints = []
    for target in targets:
        if target == STDIN or is_url(target):
            continue
        path = Path(target)
        if path.is_dir():
            faults.append(f"`{target}` is a directory")
            hints.append("name files, or use `rightscheck audit` for folders")
        elif not path.exists():
            faults.append(f"`{target}` does not exist")
            if "." in target.split("/")[0] and "/" in target:
                hints.append(f"for a URL write the scheme: https://{target}")
    if url is not None and len(targets) > 1:
        faults.append("--url says where one file came from, and several targets were given")
    if targets.count(STDIN) > 1:
        faults.append("standard input can be read once only")
    if faults:
        raise UsageError("; ".join(faults), hint="; ".join(dict.fromkeys(hints)))


def _check_one(
    checker: Checker, target: str, url: str | None, robots: bytes | None, offline: bool
) -> Decision | Unread:
    if is_url(target):
        if offline:
            return checker.check_known_url(target, robots=robots)
        return checker.check_url(target, robots=robots)
    body = _read_target(target)
    if isinstance(body, Unread):
        return body
    source = "stdin" if target == STDIN else target
    return checker.check_bytes(body, url, robots=robots, source=source)


def _read_target(target: str) -> bytes | Unread:
    try:
        body = sys.stdin.buffer.read() if target == STDIN else Path(target).read_bytes()
    except OSError as error:
        return Unread(target=target, reason=f"cannot be read: {error.strerror or error}")
    if not body.strip():
        return Unread(target=target, reason="empty: there is nothing to check")
    if is_binary(body) and not media_type_of(body):
        return Unread(target=target, reason="binary: no text, no HTML, no file whose metadata is read")
    return body
