"""`rightscheck grants`: the book of written permissions."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Optional

import typer

from rightscheck.cli.options import AsOf, day, today
from rightscheck.cli.text_or_json import Format, is_json, write_json
from rightscheck.errors import PolicyError, Problem, UsageError
from rightscheck.model import Grant
from rightscheck.registry import odrl
from rightscheck.registry.export import plain
from rightscheck.registry.grants import (
    digest_of,
    load_grants,
    read_grant_tables,
    state_of,
    verify_documents,
)
from rightscheck.registry.permissions import PresentedPermission, Standing, read_permission
from rightscheck.registry.schema import GrantsFile
from rightscheck.registry.toml_files import printable, read_bytes, read_json_file
from rightscheck.registry.toml_text import render_model, toml_value
from rightscheck.registry.validation import validate
from rightscheck.vocab import use_names

app = typer.Typer(help="The book of written permissions.", no_args_is_help=True)
BookArgument = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads it at run time
    typer.Argument(metavar="PATH", help="A TOML file of grants, or a folder of them."),
]
BookOption = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option("--grants", metavar="PATH", help="The same, as the other commands take it."),
]
Names = Optional[list[str]]  # noqa: UP045


def _book(argument: Path | None, option: Path | None) -> Path:
    path = argument or option
    if path is None:
        raise UsageError("no grants named", hint="give a file or folder of grants")
    return path


@app.command("list")
def list_grants(
    path: BookArgument = None, grants: BookOption = None, as_of: AsOf = None, fmt: Format = "text"
) -> int:
    """List the grants and how they stand on a day."""
    on = today(as_of)
    return _print_grants(
        [(grant, state_of(grant, on, 30)) for grant in load_grants(_book(path, grants))], fmt
    )


@app.command("expiring")
def list_expiring(
    path: BookArgument = None,
    grants: BookOption = None,
    within: Annotated[
        int, typer.Option("--within", metavar="DAYS", min=0, help="How far to look ahead.")
    ] = 30,
    as_of: AsOf = None,
    fmt: Format = "text",
) -> int:
    """List the grants that end soon; exits with 1 when there are any."""
    on = today(as_of)
    stated = [(grant, state_of(grant, on, within)) for grant in load_grants(_book(path, grants))]
    ending = [(grant, state) for grant, state in stated if state == "expiring"]
    _print_grants(ending, fmt)
    return 1 if ending else 0


def _print_grants(stated: list[tuple[Grant, str]], fmt: str) -> int:
    if is_json(fmt):
        return write_json([{**plain(grant), "state": state} for grant, state in stated])
    for grant, state in stated:
        until = grant.valid_until.isoformat() if grant.valid_until else "open end"
        line = f"{grant.id}  {state}  {grant.grantor} to {grant.grantee}: {', '.join(use_names(grant.uses))}"
        line += f"; {', '.join(grant.hosts)}{' '.join(['', *grant.paths])}"
        line += f"; {grant.valid_from.isoformat()} to {until}"
        sys.stdout.write("; ".join((line, *filter(None, (grant.void, *grant.unverified)))) + "\n")
    return 0


@app.command("verify")
def verify_grants(path: BookArgument = None, grants: BookOption = None, fmt: Format = "text") -> int:
    """Hash every document anew: exits with 1 when one differs, with 3 when one is missing."""
    checks = verify_documents(_book(path, grants))
    if is_json(fmt):
        rows = [
            {"id": c.grant.id, "document": c.grant.document, "result": c.result, "sha256": c.sha256}
            for c in checks
        ]
        write_json(rows)
    else:
        for check in checks:
            sys.stdout.write(f"{check.grant.id}  {check.result}  {check.grant.document}\n")
    results = {check.result for check in checks}
    return 1 if "differs" in results else 3 if "missing" in results else 0


@app.command("add")
def add_grant(
    path: BookArgument = None,
    grants: BookOption = None,
    grant_id: Annotated[str, typer.Option("--id", help="An id of your own, unique in the book.")] = "",
    grantor: Annotated[str, typer.Option("--grantor", help="Who permits.")] = "",
    grantee: Annotated[str, typer.Option("--grantee", help="Who may.")] = "",
    uses: Annotated[Names, typer.Option("--use", "-u", help="A use or group; repeat.")] = None,
    hosts: Annotated[Names, typer.Option("--host", help="`h`, `*.h` or `*`; repeat.")] = None,
    paths: Annotated[Names, typer.Option("--path", help="A path prefix; repeat.")] = None,
    collections: Annotated[Names, typer.Option("--collection", help="A named collection; repeat.")] = None,
    valid_from: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")] = "",
    valid_until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day.")] = "",
    third_party: Annotated[bool, typer.Option("--third-party", help="Also third parties' content.")] = False,
    conditions: Annotated[Names, typer.Option("--condition", help="A duty; repeat.")] = None,
    document: Annotated[str, typer.Option("--document", help="The document, relative to the file.")] = "",
    signatory: Annotated[str, typer.Option("--signatory", help="Who signed.")] = "",
    reference: Annotated[str, typer.Option("--reference", help="The contract's reference.")] = "",
    credential: Annotated[
        str,
        typer.Option("--credential", help="A signed object, relative to the file; review until verified."),
    ] = "",
    verified_by: Annotated[str, typer.Option("--verified-by", help="Who checked the credential.")] = "",
    verified_on: Annotated[str, typer.Option("--verified-on", metavar="DATE", help="And when.")] = "",
) -> int:
    """Add a grant to a file, made when it is not there. Nothing is written unless all of it holds."""
    target = _book(path, grants)
    if target.is_dir():
        target /= f"{grant_id or 'grant'}.toml"
    table: dict[str, object] = {
        "id": grant_id,
        "grantor": grantor,
        "grantee": grantee,
        "uses": uses or [],
        "hosts": hosts or [],
        "paths": paths or [],
        "collections": collections or [],
        "valid_from": day(valid_from or None),
        "valid_until": day(valid_until or None),
        "third_party": third_party,
        "conditions": conditions or [],
        "document": document,
        "document_sha256": _digest(target, document),
        "signatory": signatory,
        "reference": reference,
        "credential": credential,
        "verified_by": verified_by,
        "verified_on": day(verified_on or None),
    }
    kept = {key: value for key, value in table.items() if value not in (None, "", [], False)}
    _append(target, kept)
    sys.stderr.write(f"added {grant_id} to {target}\n")
    return 0


@app.command("inspect")
def inspect_permission(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A credential, token or receipt.")],
    as_of: AsOf = None,
    fmt: Format = "text",
) -> int:
    """Show what a permission object says and what is left to check: exits with 1 for a person, 2 when void."""
    problems: list[Problem] = []
    body = read_bytes(source, printable(source), problems, kind="permission")
    if body is None:
        raise PolicyError(problems)
    found = read_permission(body, today(as_of))
    if is_json(fmt):
        write_json({**plain(found), "standing": found.standing})
    else:
        sys.stdout.write("\n".join(_permission_lines(found)) + "\n")
    return 2 if found.standing is Standing.VOID else 1


def _permission_lines(found: PresentedPermission) -> Iterator[str]:
    yield f"{found.standing}: {found.form} of {found.issuer or 'nobody named'} for {found.holder or 'nobody named'}"
    start, end = (day.isoformat() if day else "open" for day in (found.valid_from, found.valid_until))
    yield f"  valid       {start} to {end}"
    yield from (f"  says        {name}: {value}" for name, value in found.claims)
    yield from (f"  void        {fault}" for fault in found.faults)
    yield from (f"  unverified  {question}" for question in found.unverified)


@app.command("export")
def export_grants(path: BookArgument = None, grants: BookOption = None) -> int:
    """Export the book as ODRL agreements in JSON-LD, without loss."""
    tables = read_grant_tables(_book(path, grants))
    return write_json(odrl.document(odrl.agreement(table) for table in tables))


@app.command("import")
def import_grants(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="ODRL agreements, as export writes them.")],
    target: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A TOML file, made new.")],
) -> int:
    """Import ODRL agreements as a new file of grants; what is not understood is a fault."""
    problems: list[Problem] = []
    book = odrl.read_agreements(read_json_file(source, problems), printable(source), problems)
    if problems or book is None:
        raise PolicyError(problems)
    if target.exists():
        raise UsageError(
            f"`{target}` is there already", hint="name a new file; grants may be a folder of files"
        )
    _write_whole(target, render_model(book))
    load_grants(target)
    sys.stderr.write(f"{len(book.grant)} grants written to {target}\n")
    return 0


def _digest(target: Path, document: str) -> str | None:
    path = target.parent / document
    return digest_of(path) if document and path.is_file() else None


def _append(target: Path, table: dict[str, object]) -> None:
    problems: list[Problem] = []
    validate(GrantsFile, {"grant": [table]}, str(target), problems)
    present = load_grants(target) if target.exists() and not problems else ()
    if table.get("id") in {grant.id for grant in present}:
        problems.append(Problem(str(target), "grant", f"the id `{table['id']}` is already in use"))
    if problems:
        raise PolicyError(problems)
    before = target.read_text("utf-8-sig").rstrip() + "\n\n" if target.exists() else ""
    lines = [f"{key} = {toml_value(value)}" for key, value in table.items()]
    _write_whole(target, before + "[[grant]]\n" + "\n".join(lines) + "\n")


def _write_whole(target: Path, text: str) -> None:
    """Write beside the file and put it in its place, so that a failure leaves the old one."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as stream:
            stream.write(text)
        Path(stream.name).replace(target)
    except OSError as error:
        raise UsageError(f"cannot write `{target}`: {error.strerror}") from error
