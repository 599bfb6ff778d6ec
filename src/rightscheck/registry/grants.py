"""Written permissions: read from TOML, their documents checked by digest, and what each of them covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from rightscheck.errors import PolicyError, Problem
from rightscheck.model import Grant, Holder
from rightscheck.registry.addresses import host_matches, host_of, path_of, path_within
from rightscheck.registry.names import normalise_name
from rightscheck.registry.permissions import MAX_BYTES, read_permission
from rightscheck.registry.store import Registry
from rightscheck.registry.toml_files import find_files, printable, read_toml
from rightscheck.vocab import Use, parse_uses

if TYPE_CHECKING:
    from rightscheck.registry.schema import GrantTable


def load_grants(path: Path) -> tuple[Grant, ...]:
    """The grants of a file, or of every `.toml` file below a folder, in the order of their ids.

    A document that is there and whose sha256 differs makes its grant void, with the reason; it is no error.

    Raises:
        PolicyError: every fault of every file, at once.
    """
    problems: list[Problem] = []
    grants: list[Grant] = []
    for file in _grant_files(path, problems):
        grants.extend(_read_grants(file, path, problems))
    _report_duplicates(grants, problems)
    if problems:
        raise PolicyError(problems)
    return tuple(sorted(grants, key=lambda grant: grant.id))


def read_grant_tables(path: Path) -> tuple[GrantTable, ...]:
    """The grants as their files have them, in the order of their ids, with what is kept for people.

    Raises:
        PolicyError: every fault of every file, at once.
    """
    load_grants(path)
    problems: list[Problem] = []
    from rightscheck.registry.schema import GrantsFile  # costly, and few have grants
    from rightscheck.registry.validation import validate

    tables: list[GrantTable] = []
    for file in _grant_files(path, problems):
        toml = read_toml(file, printable(file), problems)
        book = validate(GrantsFile, toml.data, printable(file), problems) if toml else None
        tables += book.grant if book else []
    if problems:
        raise PolicyError(problems)
    return tuple(sorted(tables, key=lambda table: table.id))


def _grant_files(path: Path, problems: list[Problem]) -> list[Path]:
    if path.is_dir():
        found = find_files(path, problems)
        return [file for file in found if file.suffix == ".toml" and not file.name.startswith(".")]
    return [path]


def _read_grants(path: Path, root: Path, problems: list[Problem]) -> Iterable[Grant]:
    name = printable(path.relative_to(root).as_posix() if path != root else path)
    file = read_toml(path, name, problems)
    if file is None:
        return
    from rightscheck.registry.schema import GrantsFile  # costly, and few have grants
    from rightscheck.registry.validation import validate

    tables = validate(GrantsFile, file.data, name, problems)
    if tables is None:
        return
    for table in tables.grant:
        yield _grant(table, path.parent, name)


def _grant(table: GrantTable, folder: Path, source: str) -> Grant:
    grant = Grant(
        id=table.id,
        grantor=table.grantor,
        grantee=table.grantee,
        uses=parse_uses(table.uses),
        hosts=tuple(table.hosts),
        paths=tuple(table.paths),
        collections=tuple(table.collections),
        valid_from=table.valid_from,
        valid_until=table.valid_until,
        third_party=table.third_party,
        conditions=tuple(table.conditions),
        document=table.document,
        document_sha256=table.document_sha256 or "",
        revoked=table.revoked,
        void=_fault_of_document(folder, table.document, table.document_sha256 or ""),
        source=source,
    )
    return _on_credential(grant, folder, table) if table.credential else grant


def _on_credential(grant: Grant, folder: Path, table: GrantTable) -> Grant:
    """The grant within the dates of the signed object that it rests on, void when that is worth nothing."""
    try:
        with (folder / table.credential).open("rb") as stream:
            shown = read_permission(stream.read(MAX_BYTES + 1), None)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return replace(grant, void=f"credential `{table.credential}` beside the grants cannot be read: {why}")
    ends = [day for day in (grant.valid_until, shown.valid_until) if day is not None]
    return replace(
        grant,
        valid_from=max(grant.valid_from, shown.valid_from or grant.valid_from),
        valid_until=min(ends, default=None),
        void=grant.void or "; ".join(f"credential: {fault}" for fault in shown.faults),
        unverified=() if table.verified_by else shown.unverified,
    )


def _fault_of_document(folder: Path, document: str, expected: str) -> str:
    """Why the document makes the grant void; empty when it matches, is elsewhere or has no digest."""
    if not document or not expected:
        return ""
    path = folder / document
    try:
        if not path.is_file():
            return ""
        actual = digest_of(path)
    except (OSError, ValueError) as error:
        return f"document `{document}` cannot be read: {error}"
    return (
        "" if actual == expected else f"document `{document}` has sha256 {actual[:12]}…, not {expected[:12]}…"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCheck:
    """What came of hashing a document: `verified`, `differs`, `missing`, `no-digest` or `no-document`."""

    grant: Grant
    result: str
    sha256: str = ""


def verify_documents(path: Path) -> tuple[DocumentCheck, ...]:
    """Every grant of the file or folder with its document hashed anew.

    Raises:
        PolicyError: the grants themselves do not hold.
    """
    return tuple(_check_document(grant, path) for grant in load_grants(path))


def _check_document(grant: Grant, root: Path) -> DocumentCheck:
    folder = (root / grant.source).parent if root.is_dir() else root.parent
    document = folder / grant.document
    if not grant.document:
        return DocumentCheck(grant=grant, result="no-document")
    if not document.is_file():
        return DocumentCheck(grant=grant, result="missing")
    actual = digest_of(document)
    if not grant.document_sha256:
        return DocumentCheck(grant=grant, result="no-digest", sha256=actual)
    result = "verified" if actual == grant.document_sha256 else "differs"
    return DocumentCheck(grant=grant, result=result, sha256=actual)


def digest_of(document: Path) -> str:
    """The sha256 of the file, in hex."""
    with document.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def state_of(grant: Grant, on: date, within_days: int = 0) -> str:
    """`active`, `expiring` (active, ends within that many days), `unverified`, `expired`, `future`, `revoked`, `void`.

    `unverified` is in force, and rests on a signed object that nobody has checked: it leads to review.
    """
    if grant.void:
        return "void"
    if grant.revoked is not None and on >= grant.revoked:
        return "revoked"
    if on < grant.valid_from:
        return "future"
    ends = [day for day in (grant.valid_until, grant.revoked) if day is not None]
    if grant.valid_until is not None and on > grant.valid_until:
        return "expired"
    if grant.unverified:
        return "unverified"
    return "expiring" if ends and (min(ends) - on).days <= within_days else "active"


def _report_duplicates(grants: Iterable[Grant], problems: list[Problem]) -> None:
    seen: dict[str, str] = {}
    for grant in grants:
        if grant.id in seen:
            problems.append(
                Problem(grant.source, "grant", f"the id `{grant.id}` is also used in {seen[grant.id]}")
            )
        seen.setdefault(grant.id, grant.source)


def covers(
    grant: Grant,
    *,
    holder: Holder,
    grantee: str | None,
    use: Use,
    url: str | None,
    on: date,
    registry: Registry,
    collection: str | None = None,
) -> str:
    """Why the grant does not cover the use by that grantee on that day; empty when it does.

    Dates are inclusive; `revoked` is the first day without. `host` names itself, `*.host` its subdomains
    only, and `*` every host and texts whose URL nobody knows. The holder must be the grantor: content of
    third parties is asked about with the publisher as holder, of a grant whose `third_party` is true.
    """
    return (
        _not_in_force(grant, on)
        or _other_party(grant, holder, grantee, registry)
        or ("" if use in grant.uses else f"`{use}` is not among its uses")
        or _outside(grant, url)
        or _other_collection(grant, collection)
    )


def _not_in_force(grant: Grant, on: date) -> str:
    if grant.void:
        return f"void: {grant.void}"
    if grant.revoked is not None and on >= grant.revoked:
        return f"revoked on {grant.revoked.isoformat()}"
    if on < grant.valid_from:
        return f"not valid before {grant.valid_from.isoformat()}"
    if grant.valid_until is not None and on > grant.valid_until:
        return f"expired on {grant.valid_until.isoformat()}"
    return ""


def _other_party(grant: Grant, holder: Holder, grantee: str | None, registry: Registry) -> str:
    grantor = normalise_name(grant.grantor)
    if grantor not in holder.names and registry.resolve(grant.grantor).id != holder.id:
        return f"granted by {grant.grantor}, not by {holder.name}"
    if grantee is None or not normalise_name(grantee):
        return f"granted to {grant.grantee}, and the request names no grantee"
    if normalise_name(grantee) != normalise_name(grant.grantee):
        return f"granted to {grant.grantee}, not to {grantee}"
    return ""


def _other_collection(grant: Grant, collection: str | None) -> str:
    if not grant.collections:
        return ""
    if collection is None:
        return f"limited to {', '.join(grant.collections)}, and the request names no collection"
    known = {normalise_name(name) for name in grant.collections}
    return "" if normalise_name(collection) in known else f"`{collection}` is not among its collections"


def _outside(grant: Grant, url: str | None) -> str:
    if url is None:
        if "*" not in grant.hosts:
            return f"limited to {', '.join(grant.hosts)}, and the URL is unknown"
        return "limited to some paths, and the URL is unknown" if grant.paths else ""
    found = host_of(url)
    if found is None:
        return f"`{url}` names no host"
    host, port = found
    if not any(host_matches(host, port, pattern) for pattern in grant.hosts):
        return f"`{host}` is not among its hosts"
    if grant.paths and not any(path_within(path_of(url), prefix) for prefix in grant.paths):
        return "the path is not among its paths"
    return ""
