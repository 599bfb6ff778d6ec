"""`rightscheck replay`: judge the files of a kept report again, offline, and say what came out differently."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rightscheck.checker import Checker
from rightscheck.cli.options import Grants, Policies, ProfileName, Robots, Store, Waivers, robots_file
from rightscheck.errors import UsageError
from rightscheck.model import Decision, UseDecision
from rightscheck.report import AssetReport, from_json
from rightscheck.sources import digest


def replay_command(
    source: Annotated[Path, typer.Argument(metavar="REPORT.json", help="What `check -f json` wrote.")],
    robots: Robots = None,
    store: Store = None,
    profile: ProfileName = "",
    policies: Policies = None,
    grants: Grants = None,
    waivers: Waivers = None,
) -> int:
    """Judge again what a report judged: exit 0 when all is the same, 1 when it differs, 3 when a file is gone."""
    try:
        report = from_json(source.read_bytes(), str(source))
    except OSError as error:
        raise UsageError(f"`{error.filename}` cannot be read: {error.strerror}") from error
    rules = robots_file(robots)
    checker = Checker(
        profile=profile or report.profile,
        use=report.request.uses,
        agent=report.request.agents,
        policies=policies,
        grants=grants,
        waivers=waivers,
        grantee=report.request.grantee,
        collection=report.request.collection,
        commercial=report.request.commercial,
        jurisdiction=report.request.jurisdiction,
        store=store,
        on=report.as_of,
    )
    codes = [_replay(checker, asset, rules) for asset in report.assets]
    if checker.rules.registry.sha256 != report.tool.registry_sha256:
        sys.stdout.write("the registry is another one than the report was judged by\n")
    if checker.rules.profile.sha256 != report.tool.profile_sha256:
        sys.stdout.write("the profile is another one than the report was judged by\n")
    return 1 if 1 in codes else 3 if 3 in codes or not codes else 0


def _replay(checker: Checker, asset: AssetReport, robots: bytes | None) -> int:
    path = Path(asset.target)
    if not path.is_file():
        return _say(asset, "not a file at hand: cannot be judged again offline", 3)
    body = path.read_bytes()
    if digest(body) != asset.sha256:
        return _say(asset, "its bytes have changed since the report", 3)
    decision = checker.check_bytes(body, asset.uri, robots=robots, source=asset.target)
    changes = [
        f"{was.use}: {was.verdict} by {', '.join(was.determining)}, "
        f"now {now.verdict.value} by {', '.join(now.determining)}"
        for was, now in zip(asset.uses, _by_use(decision, asset), strict=True)
        if (was.verdict, was.determining) != (now.verdict.value, now.determining)
    ]
    return _say(asset, "; ".join(changes), 1) if changes else _say(asset, "the same", 0)


def _by_use(decision: Decision, asset: AssetReport) -> list[UseDecision]:
    answers = {answer.use: answer for answer in decision.uses}
    return [answers[was.use] for was in asset.uses]


def _say(asset: AssetReport, what: str, code: int) -> int:
    sys.stdout.write(f"{asset.target}: {what}\n")
    return code
