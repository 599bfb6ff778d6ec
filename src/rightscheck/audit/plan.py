"""The plan of a run: its request, its inputs with their sizes, and the parts they are read in.

Written down before the first document is read. A run that goes on keeps to it, whatever has become of the
inputs since.
"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Any

from rightscheck.audit.folder import PLAN, Folder, read_json, write_json
from rightscheck.audit.policies import PolicyChoice
from rightscheck.audit.request import AuditRequest, rules_digest
from rightscheck.errors import UsageError
from rightscheck.readers import Mapping, Source, format_of
from rightscheck.readers.columns import resolve
from rightscheck.readers.formats import known_suffixes
from rightscheck.version import __version__

_PROBED = 20
"""Files whose columns are looked at before the run begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One file as it was when the run began: bytes, and nanoseconds of its last change."""

    path: str
    size: int
    changed: int

    def fault(self) -> str:
        """Why the file is no longer what it was; empty when it is."""
        try:
            now = Path(self.path).stat()
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        if (now.st_size, now.st_mtime_ns) != (self.size, self.changed):
            return "changed since the run began"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """A piece of work: a part of an input, in the units of its format."""

    number: int
    input: int
    start: int
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the run does, in order. `digests` are those of the tool, the rules, the registry, the profile."""

    request: AuditRequest
    digests: dict[str, str]
    inputs: tuple[Input, ...]
    parts: tuple[PlannedPart, ...]

    def source(self, part: PlannedPart) -> Source:
        """Where the part is read from."""
        path = Path(self.inputs[part.input].path)
        return Source(path=path, mapping=self.request.mapping, start=part.start, end=part.end)


def make_plan(paths: Sequence[str], request: AuditRequest) -> Plan:
    """The plan for these files, folders and globs.

    Raises:
        UsageError: a path that does not exist, nothing to read, or no text column anywhere.
    """
    PolicyChoice.parse(request.policy_time)
    digests = digests_of(request)
    files = list(dict.fromkeys(find_files(paths)))
    _refuse_unknown_columns(files, request.mapping)
    inputs = []
    parts: list[PlannedPart] = []
    for place, file in enumerate(files):
        status = file.stat()
        inputs.append(Input(path=str(file), size=status.st_size, changed=status.st_mtime_ns))
        known = format_of(file)
        if known is None:
            raise UsageError(f"no reader for `{file}`")
        for part in known.parts(Source(path=file, mapping=request.mapping)):
            parts.append(PlannedPart(number=len(parts), input=place, start=part.start, end=part.end))
    return Plan(request=request, digests=digests, inputs=tuple(inputs), parts=tuple(parts))


def digests_of(request: AuditRequest) -> dict[str, str]:
    """The release, and the digests of the rules and facts that the request is judged by."""
    rules = request.checker().rules
    found = {
        "version": __version__,
        "rules_sha256": rules_digest(),
        "registry_sha256": rules.registry.sha256,
        "profile_sha256": rules.profile.sha256,
    }
    if request.robots_archive is not None:
        found["robots_archive_sha256"] = _file_digest(Path(request.robots_archive))
    return found


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"`{path}` cannot be read: {error.strerror or error}") from error


def find_files(paths: Iterable[str]) -> Iterator[Path]:
    """The files that the paths name, in order; of folders those that a reader knows, sorted.

    Raises:
        UsageError: every path that names nothing readable, at once.
    """
    faults = []
    found: list[Path] = []
    for text in paths:
        path = Path(text)
        if path.is_dir():
            inside = [
                p for p in sorted(path.rglob("*")) if p.is_file() and format_of(p) and not _hidden(p, path)
            ]
            found += inside
            if not inside:
                faults.append(f"`{text}` holds no file that a reader knows")
        elif path.exists():
            found.append(path)
            if format_of(path) is None:
                faults.append(f"no reader for `{text}`")
        else:
            matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - absolute patterns too
            readable = [Path(match) for match in matches if Path(match).is_file() and format_of(Path(match))]
            found += readable
            if not readable:
                faults.append(
                    f"`{text}` " + ("matches no readable file" if glob.has_magic(text) else "does not exist")
                )
    if faults:
        raise UsageError("; ".join(faults), hint=f"endings that readers know: {', '.join(known_suffixes())}")
    yield from found


_BESIDE = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
"""What Hugging Face datasets keep beside their data."""


def _hidden(path: Path, root: Path) -> bool:
    return path.name in _BESIDE or any(part.startswith((".", "_")) for part in path.relative_to(root).parts)


def _refuse_unknown_columns(files: Sequence[Path], mapping: Mapping) -> None:
    """A mapping that fits none of the first files is a mistake of the request, not of the files."""
    faults = []
    for file in files[:_PROBED]:
        known = format_of(file)
        names = known.columns(Source(path=file, mapping=mapping)) if known else None
        if names is None:
            return
        found = resolve(names, mapping)
        if not isinstance(found, str):
            return
        faults.append(f"`{file}`: {found}")
    if faults:
        raise UsageError(faults[0], hint="say where the text is: --map text=NAME,url=NAME")


def write_plan(folder: Folder, plan: Plan) -> None:
    """Write the plan down, whole or not at all."""
    value = {
        "request": plan.request.as_json(),
        "digests": plan.digests,
        "inputs": [asdict(item) for item in plan.inputs],
        "parts": [asdict(part) for part in plan.parts],
    }
    write_json(folder / PLAN, value)


def read_plan(folder: Folder) -> Plan:
    """The plan that was written down.

    Raises:
        UsageError: there is none, or another release wrote it.
    """
    value = read_json(folder / PLAN)
    try:
        return Plan(
            request=request_of(value["request"]),
            digests=value["digests"],
            inputs=tuple(Input(**item) for item in value["inputs"]),
            parts=tuple(PlannedPart(**part) for part in value["parts"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"`{folder / PLAN}` is not a plan of this release", hint="start a new run"
        ) from error


def request_of(asked: Any) -> AuditRequest:  # Any: JSON
    """The request that a plan or a manifest lists.

    Raises:
        KeyError, TypeError, ValueError: another release wrote it.
    """
    return AuditRequest(
        **{
            **asked,
            "uses": tuple(asked["uses"]),
            "agents": tuple(asked["agents"]),
            "on": date.fromisoformat(asked["on"]),
            "mapping": Mapping(**asked["mapping"]),
        }
    )


def refuse_other_run(begun: AuditRequest, begun_digests: dict[str, str], request: AuditRequest) -> None:
    """A run goes on only as it began.

    Raises:
        UsageError: another request, other rules or another release; the message names what differs.
    """
    before, now = begun.as_json(), request.as_json()
    differing = [name for name in before if before[name] != now[name]]
    digests = digests_of(request)
    differing += [name for name in digests if digests[name] != begun_digests.get(name)]
    if differing:
        raise UsageError(
            f"the run in this folder was begun otherwise: {', '.join(differing)} differ",
            hint="use the same options, or start a new run in another folder",
        )
