"""`rightscheck registry`: what publishers are known to say, and on what evidence."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Optional

import typer

from rightscheck.cli.options import AsOf, Policies, today
from rightscheck.cli.text_or_json import Format, is_json, write_json
from rightscheck.errors import PolicyError, Problem, UsageError
from rightscheck.registry import load_profile, odrl, policies_dir
from rightscheck.registry.changes import compare
from rightscheck.registry.export import denying_hosts, entry, plain
from rightscheck.registry.host_lists import read_host_list, render_house_rules
from rightscheck.registry.lint import lint, summarise
from rightscheck.registry.publishers import PublisherPolicy, RecordedStatement, read_entries, read_layer
from rightscheck.registry.store import Registry
from rightscheck.registry.toml_files import printable, read_json_file
from rightscheck.registry.toml_text import render_model
from rightscheck.vocab import GROUPS, parse_uses, use_names

app = typer.Typer(help="What publishers are known to say, and on what evidence.", no_args_is_help=True)


@app.command("list")
def list_publishers(
    policies: Policies = None,
    country: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it at run time
        typer.Option("--country", metavar="CC", help="Only this country (ISO 3166-1 alpha-2)."),
    ] = None,
    kind: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--kind", metavar="KIND", help="Only this kind: wire, newspaper, broadcaster, ..."),
    ] = None,
    fmt: Format = "text",
) -> int:
    """List the publishers on record."""
    chosen = [
        policy
        for policy in Registry.load(policies).publishers
        if country in {None, policy.country} and kind in {None, policy.kind}
    ]
    if is_json(fmt):
        return write_json([entry(policy) for policy in chosen])
    width = max((len(policy.id) for policy in chosen), default=0)
    for policy in chosen:
        stance = "; ".join(_stance(statement) for statement in policy.statements) or _without_statement(
            policy
        )
        own = "" if policy.origin == "shipped" else f"  [{policy.origin}]"
        sys.stdout.write(f"{policy.id:{width}}  {policy.country}  {', '.join(policy.hosts)}  {stance}{own}\n")
    return 0


def _stance(statement: RecordedStatement) -> str:
    uses = "all uses" if statement.uses == GROUPS["all"] else ", ".join(use_names(statement.uses))
    limit = (
        " for non-commercial purposes" if statement.preference != "disallow" else " for commercial purposes"
    )
    return f"{statement.preference} {uses}{limit if statement.non_commercial else ''}"


def _without_statement(policy: PublisherPolicy) -> str:
    return "no statement, only captures" if policy.captures else "no statement"


@app.command("show")
def show_publisher(
    target: Annotated[str, typer.Argument(help="An id, a URL, a host or a name.")],
    policies: Policies = None,
    fmt: Format = "text",
) -> int:
    """Show one entry: by id, by URL or by a name of the holder."""
    registry = Registry.load(policies)
    found = [policy for policy in registry.publishers if policy.id == target]
    if not found:
        at_url = registry.publisher_of(target)
        found = [at_url] if at_url else list(registry.known_by(target))
    if not found:
        raise UsageError(f"no entry for `{target}`", hint="`rightscheck registry list` names them all")
    if is_json(fmt):
        return write_json([entry(policy) for policy in found] if len(found) > 1 else entry(found[0]))
    for policy in found:
        sys.stdout.write("\n".join(_lines(policy)) + "\n")
    return 0


def _lines(policy: PublisherPolicy) -> Iterator[str]:
    yield f"{policy.holder.name}  ({policy.id}, {policy.kind}, {policy.country})"
    yield f"  hosts      {', '.join(policy.hosts) or 'none'}"
    if policy.holder.contact:
        yield f"  contact    {policy.holder.contact}"
    yield f"  review by  {policy.review_by.isoformat()}"
    yield f"  entry      {policy.file} ({policy.origin})"
    for statement in policy.statements:
        yield f"  says       {_stance(statement)}" + _terms(statement)
        yield f"             {statement.carrier} of {statement.observed.isoformat()}, {statement.source}"
        if statement.quote:
            yield f'             "{statement.quote}"'
    for capture in policy.captures:
        closed = ", ".join(capture.closed_agents) or "no AI agent"
        yield f"  captured   {capture.carrier} of {capture.observed.isoformat()} closes {closed}"
    for ended in policy.history:
        yield f"  {ended.event:9}  {_stance(ended.statement)}, until {ended.ended.isoformat()}"


def _terms(statement: RecordedStatement) -> str:
    exception = "" if statement.exception == "none" else f", except by {statement.exception}"
    purpose = f" for {', '.join(use_names(statement.purpose))}" if statement.purpose else ""
    return purpose + exception + "".join(f"; {condition}" for condition in statement.conditions)


@app.command("lint")
def lint_registry(policies: Policies = None, as_of: AsOf = None, fmt: Format = "text") -> int:
    """Check every entry: faults exit with 2, entries that need a person with 1."""
    remarks = lint(Registry.load(policies), today(as_of))
    if is_json(fmt):
        write_json([plain(remark) for remark in remarks])
    else:
        for remark in remarks:
            sys.stdout.write(f"{remark}\n")
        sys.stderr.write(f"{len(remarks)} remarks\n" if remarks else "clean\n")
    return 1 if remarks else 0


@app.command("stats")
def show_stats(policies: Policies = None, as_of: AsOf = None, fmt: Format = "text") -> int:
    """Show how many entries rest on what evidence, and how old it is."""
    stats = plain(summarise(Registry.load(policies), today(as_of)))
    if is_json(fmt):
        return write_json(stats)
    for key, value in stats.items():
        shown = (
            ", ".join(f"{name} {count}" for name, count in value.items())
            if isinstance(value, dict)
            else value
        )
        shown = (", ".join(value) or "none") if isinstance(value, list) else shown
        sys.stdout.write(f"{key.replace('_', ' '):26}{shown}\n")
    return 0


@app.command("export")
def export_registry(
    policies: Policies = None,
    use: Annotated[
        str, typer.Option("--use", "-u", metavar="USE", help="With `-f hosts`: the use.")
    ] = "ai-train",
    fmt: Annotated[
        str,
        typer.Option("--format", "-f", metavar="FORMAT", help="json; hosts: a denying host a line; odrl."),
    ] = "json",
) -> int:
    """Export the entries, or the hosts whose publishers deny a use."""
    registry = Registry.load(policies)
    if fmt == "hosts":
        hosts = {host for one in parse_uses([use]) for host in denying_hosts(registry, one)}
        sys.stdout.write("".join(f"{host}\n" for host in sorted(hosts)))
        return 0
    if fmt == "odrl":
        return write_json(odrl.document(odrl.offer(item) for item in read_entries(policies)))
    if fmt != "json":
        raise UsageError(f"unknown format `{fmt}`", hint="formats: json, hosts, odrl")
    return write_json({"sha256": registry.sha256, "publishers": [entry(p) for p in registry.publishers]})


@app.command("import")
def import_registry(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="ODRL offers, as `export -f odrl` writes.")],
    target: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="An own policies folder.")],
) -> int:
    """Import ODRL offers as entries of an own folder; what is not understood is a fault."""
    problems: list[Problem] = []
    data = read_json_file(source, problems)
    entries = () if problems else odrl.read_offers(data, printable(source), problems)
    files = {
        target / "publishers" / entry.country / f"{entry.id}.toml": render_model(entry) for entry in entries
    }
    if problems:
        raise PolicyError(problems)
    _write_new(files)
    sys.stderr.write(f"{len(files)} entries written to {target}\n")
    return 0


@app.command("import-hosts")
def import_hosts(
    source: Annotated[
        Path, typer.Argument(metavar="FILE", help="One host a line; hosts and filter lists too.")
    ],
    target: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="An own policies folder.")],
    reason: Annotated[str, typer.Option("--reason", help="Why they are blocked, as reports will say.")],
    profile: Annotated[
        str, typer.Option("--profile", help="The profile that the rule is added to.")
    ] = "standard",
    uses: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--use", "-u", help="Block this use only; repeat. Otherwise every use."),
    ] = None,
) -> int:
    """Import a list of hosts as a house rule that blocks them, in a profile of an own folder."""
    if not reason.strip():
        raise UsageError("no reason given", hint="write --reason with the list's name and date")
    hosts = read_host_list(source)
    parse_uses(uses or [])
    load_profile(profile)
    path = target / "profiles" / f"{profile}.toml"
    _write_new({path: render_house_rules(hosts, profile=profile, reason=reason, uses=uses or ())})
    sys.stderr.write(f"{len(hosts)} hosts blocked by {path}; use it with --policies {target}\n")
    return 0


@app.command("diff")
def diff_registries(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A policies folder, or `shipped`.")],
    new: Annotated[
        Optional[str],  # noqa: UP045
        typer.Argument(metavar="[NEW]", help="Another. Left out: OLD laid over the shipped, against these."),
    ] = None,
    fmt: Format = "text",
) -> int:
    """Show which entries, statements and captures came, went and changed; exits with 1 when some did."""
    if new is None:
        changes = compare(Registry.load().publishers, Registry.load(Path(old)).publishers)
    else:
        changes = compare(_alone(old), _alone(new))
    if is_json(fmt):
        write_json([plain(change) for change in changes])
    else:
        for change in changes:
            sys.stdout.write(f"{change.event:8}{change.publisher}  {change.part}  {change.what}\n")
            for name, was, now in change.fields:
                sys.stdout.write(f"          {name}: {_short(was)} -> {_short(now)}\n")
        sys.stderr.write(f"{len(changes)} differences\n")
    return 1 if changes else 0


def _alone(folder: str) -> tuple[PublisherPolicy, ...]:
    """The entries of one folder, without the shipped ones below them."""
    path = policies_dir() if folder == "shipped" else Path(folder)
    problems: list[Problem] = []
    if not (path / "publishers").is_dir():
        problems.append(Problem(printable(path), "", "holds no `publishers/`"))
    layer = read_layer(path, "", problems)
    if problems:
        raise PolicyError(problems)
    return layer.policies


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else text[:99] + "…"


def _write_new(files: Mapping[Path, str]) -> None:
    """Write the files, none of which may be there: what people wrote is never overwritten."""
    present = [path for path in files if path.exists()]
    if present:
        raise UsageError(
            f"`{present[0]}` is there already", hint="name another folder, or move the file away"
        )
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"cannot write `{path}`: {error.strerror}") from error
