"""Publisher entries: one rights holder per file, `publishers/<country>/<id>.toml` below a folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from rightscheck.errors import PolicyError, Problem
from rightscheck.model import Holder
from rightscheck.registry.names import normalise_name
from rightscheck.registry.policies_dir import policies_dir
from rightscheck.registry.toml_files import TomlFile, find_files, parse_toml, printable, read_bytes
from rightscheck.vocab import Carrier, Confidence, ExceptionRoute, Preference, Use, parse_uses

if TYPE_CHECKING:
    from rightscheck.registry.schema import CaptureTable, PublisherFile, StatementTable

SHIPPED = "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedStatement:
    """One statement of a publisher as recorded. `paths` empty means the whole of the entry's hosts."""

    preference: Preference
    uses: frozenset[Use]
    purpose: frozenset[Use]
    exception: ExceptionRoute
    conditions: tuple[str, ...]
    non_commercial: bool
    paths: tuple[str, ...]
    carrier: Carrier
    source: str
    locator: str
    archive: str
    observed: date
    observed_precision: str
    sha256: str
    confidence: Confidence
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedStatement:
    """A statement that no longer holds, and since when (`event` is `withdrawn` or `replaced`)."""

    statement: RecordedStatement
    ended: date
    event: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What a dated capture shows about single agents. It never moves a verdict."""

    carrier: Carrier
    source: str
    archive: str
    observed: date
    observed_precision: str
    sha256: str
    closed_agents: tuple[str, ...]
    open_agents: tuple[str, ...]
    wildcard_closed: bool
    pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherPolicy:
    """What one rights holder is known to say.

    Attributes:
        names: its own names, normalised; `holder.names` also has those of its owners, whose grants count.
        hosts: `host`, `host:port` or `host/path`, canonical; a host covers its subdomains.
        origin: `shipped`, or the folder of the organisation's own layer.
        file: the file's path relative to that folder, `publishers/id/antara.toml`.
    """

    id: str
    holder: Holder
    names: frozenset[str]
    country: str
    kind: str
    hosts: tuple[str, ...]
    statements: tuple[RecordedStatement, ...]
    captures: tuple[Capture, ...]
    history: tuple[EndedStatement, ...]
    identity_source: str
    review_by: date
    origin: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One entry's file as bytes; `name` is its path relative to the policies, with forward slashes."""

    name: str
    path: Path
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The entries of one folder, in the order of their ids, and the digest of their files' names and bytes."""

    policies: tuple[PublisherPolicy, ...]
    sha256: str


def read_layer(policies: Path, origin: str, problems: list[Problem]) -> Layer:
    """Every entry below `publishers/`; faults are added to `problems`."""
    return parse_layer(read_sources(policies, problems), origin, problems)


def read_sources(policies: Path, problems: list[Problem]) -> tuple[Source, ...]:
    """The bytes of every entry below `publishers/`, by name; files that are none are problems."""
    folder = policies / "publishers"
    sources: list[Source] = []
    for path in find_files(folder, problems) if folder.is_dir() else ():
        name = printable(path.relative_to(policies).as_posix())
        if path.name.startswith(".") or path.name == "README.md":
            continue
        if path.suffix != ".toml":
            hint = "entries are TOML; keep other files elsewhere"
            problems.append(Problem(name, "", "not a .toml file", hint))
            continue
        body = read_bytes(path, name, problems)
        if body is not None:
            sources.append(Source(name=name, path=path, body=body))
    return tuple(sorted(sources, key=lambda source: source.name))


def digest_sources(sources: Iterable[Source]) -> str:
    """The sha256 of the files' names and bytes, the same in whatever order they were found."""
    digest = sha256()
    for source in sorted(sources, key=lambda source: source.name):
        digest.update(source.name.encode("utf-8", "replace") + b"\0" + sha256(source.body).digest())
    return digest.hexdigest()


def parse_layer(sources: Iterable[Source], origin: str, problems: list[Problem]) -> Layer:
    """The entries that the files hold; faults are added to `problems`."""
    entries: list[PublisherPolicy] = []
    sources = tuple(sources)
    for source in sources:
        file = parse_toml(source.path, source.name, source.body, problems, canonical=True)
        entry = _read_entry(file, origin, problems) if file is not None else None
        if entry is not None:
            entries.append(entry)
    _report_duplicates(entries, problems)
    ordered = tuple(sorted(entries, key=lambda entry: entry.id))
    return Layer(policies=ordered, sha256=digest_sources(sources))


def read_entries(policies: Path | None) -> tuple[PublisherFile, ...]:
    """The shipped entries as their files have them, an own folder's in place of those of their ids; by id.

    Raises:
        PolicyError: every fault of every file, at once.
    """
    from rightscheck.registry.schema import PublisherFile
    from rightscheck.registry.validation import validate

    problems: list[Problem] = []
    chosen: dict[str, PublisherFile] = {}
    for folder in (policies_dir(), *([policies] if policies else [])):
        for source in read_sources(folder, problems):
            file = parse_toml(source.path, source.name, source.body, problems, canonical=True)
            entry = validate(PublisherFile, file.data, file.name, problems) if file is not None else None
            chosen |= {entry.id: entry} if entry is not None else {}
    if problems:
        raise PolicyError(problems)
    return tuple(chosen[key] for key in sorted(chosen))


def _read_entry(file: TomlFile, origin: str, problems: list[Problem]) -> PublisherPolicy | None:
    from rightscheck.registry.schema import PublisherFile  # the models cost more than a kept registry
    from rightscheck.registry.validation import validate

    entry = validate(PublisherFile, file.data, file.name, problems)
    if entry is None:
        return None
    before = len(problems)
    if entry.id != file.path.stem:
        reason = f"`{entry.id}` differs from the file name"
        problems.append(Problem(file.name, "id", reason, f"name the file {entry.id}.toml"))
    parts = Path(file.name).parts
    if parts[1:-1] != (entry.country,):
        reason = f"`{entry.country}` differs from the folder"
        problems.append(
            Problem(file.name, "country", reason, f"move the file to publishers/{entry.country}/")
        )
    return policy_of(entry, origin, file.name) if len(problems) == before else None


def policy_of(entry: PublisherFile, origin: str, file: str) -> PublisherPolicy:
    """The validated entry as the registry keeps it."""
    plain_hosts = [host for host in entry.hosts if "/" not in host and ":" not in host]
    names = frozenset(normalise_name(name) for name in (entry.name, *entry.names, *plain_hosts))
    all_names = names | {normalise_name(name) for name in entry.owners}
    holder = Holder(id=entry.id, name=entry.name, names=all_names, contact=entry.contact)
    return PublisherPolicy(
        id=entry.id,
        holder=holder,
        names=names,
        country=entry.country,
        kind=entry.kind,
        hosts=tuple(sorted(entry.hosts)),
        statements=tuple(_statement(table) for table in entry.statement),
        captures=tuple(_capture(table) for table in entry.capture),
        history=tuple(
            EndedStatement(statement=_statement(table), ended=table.ended, event=table.event)
            for table in entry.history
        ),
        identity_source=entry.identity.source if entry.identity else "",
        review_by=entry.review_by,
        origin=origin,
        file=file,
    )


def _statement(table: StatementTable) -> RecordedStatement:
    return RecordedStatement(
        preference=table.preference,
        uses=parse_uses(table.uses),
        purpose=parse_uses(table.purpose),
        exception=table.exception,
        conditions=tuple(table.conditions),
        non_commercial=table.non_commercial,
        paths=tuple(table.paths),
        carrier=table.carrier,
        source=table.source,
        locator=table.locator,
        archive=table.archive,
        observed=table.observed,
        observed_precision=table.observed_precision,
        sha256=table.sha256,
        confidence=table.confidence,
        quote=table.quote,
    )


def _capture(table: CaptureTable) -> Capture:
    return Capture(
        carrier=table.carrier,
        source=table.source,
        archive=table.archive,
        observed=table.observed,
        observed_precision=table.observed_precision,
        sha256=table.sha256,
        closed_agents=tuple(table.closed_agents),
        open_agents=tuple(table.open_agents),
        wildcard_closed=table.wildcard == "closed",
        pointers=tuple(table.pointers),
    )


def _report_duplicates(entries: Iterable[PublisherPolicy], problems: list[Problem]) -> None:
    ids: dict[str, str] = {}
    hosts: dict[str, str] = {}
    for entry in sorted(entries, key=lambda entry: entry.file):
        if entry.id in ids:
            problems.append(Problem(entry.file, "id", f"`{entry.id}` is also the id of {ids[entry.id]}"))
        ids.setdefault(entry.id, entry.file)
        for host in entry.hosts:
            if host in hosts:
                problems.append(Problem(entry.file, "hosts", f"`{host}` is also claimed by {hosts[host]}"))
            hosts.setdefault(host, entry.file)
