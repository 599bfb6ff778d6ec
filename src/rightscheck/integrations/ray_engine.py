"""Audits on Ray: the parts of a run judged by actors, on this machine or on a cluster that is there already.

Each part is judged by the same code as without Ray and written to the same folder, which every node has to
reach; so the results have the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rightscheck.audit.folder import Folder
from rightscheck.audit.part import PartResult, run_part
from rightscheck.audit.plan import Plan, PlannedPart
from rightscheck.audit.request import kernel_for
from rightscheck.errors import IncompleteError, MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType


def run_on_ray(
    plan: Plan, parts: Sequence[PlannedPart], folder: Folder, workers: int
) -> Iterator[PartResult]:
    """What came of each part, as they are done.

    `RAY_ADDRESS` names a cluster; without it one is started here, and stopped at the end.

    Raises:
        MissingExtraError: Ray is not installed.
        IncompleteError: an actor died for good, or no Ray answers under the address.
    """
    ray = load_ray()
    ours = not ray.is_initialized()
    if ours:
        _start(ray, workers)
    try:
        yield from _run(ray, plan, parts, folder, workers)
    except ray.exceptions.RayActorError as error:
        raise IncompleteError(
            "a Ray actor died", hint="what was finished is kept; go on with --resume"
        ) from error
    finally:
        if ours:
            ray.shutdown()


def load_ray() -> ModuleType:
    """The ray module.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        module = import_module("ray")
        import_module("ray.util")
    except ImportError as error:
        raise MissingExtraError(
            "--engine ray needs Ray, which is not installed", hint="pip install 'rightscheck[ray]'"
        ) from error
    return module


def _start(ray: Any, workers: int) -> None:  # Any: a module has no type of its own
    address = os.environ.get("RAY_ADDRESS", "local")
    if address == "local":  # said to Ray, which else joins what it started last on this machine
        ray.init(
            "local", num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="ERROR"
        )
        return
    try:
        ray.init(log_to_driver=False)
    except ConnectionError as error:
        raise IncompleteError(
            f"no Ray answers at `{address}`", hint="RAY_ADDRESS names it; unset, one is started here"
        ) from error


def _run(
    ray: Any, plan: Plan, parts: Sequence[PlannedPart], folder: Folder, workers: int
) -> Iterator[PartResult]:
    actor = ray.remote(num_cpus=1, max_restarts=3, max_task_retries=3)(_Auditor)
    shared = ray.put(plan)
    actors = [actor.remote(shared, folder) for _ in range(max(1, min(workers, len(parts))))]
    pool = ray.util.ActorPool(actors)
    yield from pool.map_unordered(lambda auditor, part: auditor.run.remote(part), list(parts))


class _Auditor:
    """Judges parts in a process of Ray's. The folder is named in full, for a process may start elsewhere."""

    def __init__(self, plan: Plan, folder: Folder) -> None:
        self._plan, self._folder = plan, folder
        self._kernel = kernel_for(plan.request)

    def run(self, part: PlannedPart) -> PartResult:
        return run_part(self._plan, part, self._folder, self._kernel)
