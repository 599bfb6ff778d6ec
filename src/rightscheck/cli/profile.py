"""`rightscheck profile`: what each situation means for each use, and how two profiles differ."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from rightscheck.cli.options import Policies
from rightscheck.cli.text_or_json import Format, is_json, write_json
from rightscheck.registry.export import plain
from rightscheck.registry.profiles import Profile, load_profile, profile_names, situations
from rightscheck.vocab import Outcome, Use, use_names

app = typer.Typer(help="What each situation means for each use.", no_args_is_help=True)
NonCommercial = Annotated[
    bool, typer.Option("--non-commercial", help="As for a request that is not commercial.")
]


@app.command("list")
def list_profiles(policies: Policies = None) -> int:
    """List the profiles at hand."""
    for name in profile_names(policies):
        sys.stdout.write(f"{name:14}{load_profile(name, policies).title}\n")
    return 0


@app.command("show")
def show_profile(
    name: Annotated[str, typer.Argument(help="A profile's name, or a file.")],
    policies: Policies = None,
    non_commercial: NonCommercial = False,
    fmt: Format = "text",
) -> int:
    """Show a profile with its inheritance resolved."""
    profile = load_profile(name, policies)
    if is_json(fmt):
        return write_json(plain(profile))
    out = sys.stdout.write
    out(f"{profile.title}  ({' < '.join(profile.lineage)})\n{profile.description}\n")
    duties = "accepted" if profile.accepts_duties else "not accepted"
    agents = ", ".join(profile.agents) or "none named"
    out(f"required: {', '.join(sorted(profile.required))}; duties: {duties}; agents: {agents}\n\n")
    width = max(len(situation) for situation in situations())
    for situation in situations():
        note = f"  ({profile.notes[situation]})" if situation in profile.notes else ""
        out(f"{situation:{width}}  {_row(profile, situation, not non_commercial)}{note}\n")
    for rule in profile.house:
        named = ", ".join([*rule.hosts, *sorted(rule.holders), *sorted(rule.licences)])
        out(f"house: {rule.action} {named}: {rule.reason}\n")
    for fact in profile.law:
        out(
            f"law: {fact.jurisdiction or '-'}, checked {fact.checked.isoformat()}: {fact.title} {fact.effect}\n"
        )
    return 0


def _row(profile: Profile, situation: str, commercial: bool) -> str:
    return _grouped({use: profile.outcome(situation, use, commercial) for use in Use})


def _grouped(answers: Mapping[Use, Outcome]) -> str:
    """The commonest outcome last, the uses that differ from it before."""
    outcomes = list(answers.values())
    common = max(Outcome, key=outcomes.count)
    rare = [outcome for outcome in Outcome if outcome is not common and outcome in outcomes]
    parts = [
        f"{', '.join(use_names(use for use in Use if answers[use] is outcome))}: {outcome}"
        for outcome in rare
    ]
    return "; ".join([*parts, f"{'others: ' if parts else ''}{common}"])


@app.command("diff")
def diff_profiles(
    first: Annotated[str, typer.Argument(help="A profile's name, or a file.")],
    second: Annotated[str, typer.Argument(help="The other.")],
    policies: Policies = None,
    non_commercial: NonCommercial = False,
    fmt: Format = "text",
) -> int:
    """Show the situations that two profiles answer differently."""
    one, other = load_profile(first, policies), load_profile(second, policies)
    commercial = not non_commercial
    rows = [
        (situation, _row(one, situation, commercial), _row(other, situation, commercial))
        for situation in situations()
    ]
    changed = [row for row in rows if row[1] != row[2]]
    if is_json(fmt):
        return write_json([{"situation": row[0], one.id: row[1], other.id: row[2]} for row in changed])
    for situation, left, right in changed:
        sys.stdout.write(f"{situation}\n  {one.id}: {left}\n  {other.id}: {right}\n")
    return 0
