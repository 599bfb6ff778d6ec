"""The plan of a run: its request, its inputs with their sizes, and the parts they are read in.

Written down before the first document is read. A run that goes on keeps to it, whatever has become of the
inputs since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from hashlib import file_digest
from pathlib import Path
from typing import Any

from rightscheck.audit.folder import PLAN, Folder, read_json, write_json
from rightscheck.audit.inputs import Input, find_files, parts_of, refuse_unknown_columns, status_of
from rightscheck.audit.policies import PolicyChoice
from rightscheck.audit.request import AuditRequest, rules_digest
from rightscheck.errors import UsageError
from rightscheck.readers import Mapping, Source
from rightscheck.readers.formats import local
from rightscheck.version import __version__


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

    @contextmanager
    def source(self, part: PlannedPart) -> Iterator[Source]:
        """Where the part is read from: the file, or a copy of the URL.

        Raises:
            ReadError: it cannot be copied.
        """
        with local(self.inputs[part.input].path) as source:
            yield replace(source, mapping=self.request.mapping, start=part.start, end=part.end)


def make_plan(paths: Sequence[str], request: AuditRequest) -> Plan:
    """The plan for these files, folders, globs and URLs.

    Raises:
        UsageError: a path that does not exist, nothing to read, or no text column anywhere.
        MissingExtraError: URLs need an extra that is not installed.
    """
    PolicyChoice.parse(request.policy_time)
    digests = digests_of(request)
    files = list(dict.fromkeys(find_files(paths)))
    refuse_unknown_columns(files, request.mapping)
    inputs = []
    parts: list[PlannedPart] = []
    for place, file in enumerate(files):
        status = status_of(file)
        inputs.append(Input(path=file, size=status.size, changed=status.changed))
        for part in parts_of(file, request.mapping):
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
