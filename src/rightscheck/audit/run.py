"""A run from paths to reports: parts judged one after the other or in several processes, then put together.

A process may be killed at any moment: parts that are done stay done, `resume` goes on, and the bytes of the
decisions are those of an undisturbed run.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing.connection import wait as wait_for

from rightscheck.audit.finished import finished_run
from rightscheck.audit.folder import MANIFEST, PLAN, REPORT, Folder, read_json
from rightscheck.audit.kernel import Kernel
from rightscheck.audit.outputs import finish, regated
from rightscheck.audit.part import PartResult, done_part, run_part
from rightscheck.audit.plan import (
    Plan,
    PlannedPart,
    make_plan,
    read_plan,
    refuse_other_run,
    write_plan,
)
from rightscheck.audit.request import AuditRequest, kernel_for
from rightscheck.audit.split import refuse_indivisible
from rightscheck.errors import IncompleteError, UsageError
from rightscheck.report import FailOn

Progress = Callable[[int, PartResult], None]
"""Called after each part with the number of all parts and what came of this one."""
Engine = Callable[[Plan, Sequence[PlannedPart], Folder, int], Iterator[PartResult]]
"""Judges parts of the plan with so many workers, and gives what came of each, in any order."""


def audit(
    paths: Sequence[str],
    folder: Folder,
    request: AuditRequest,
    *,
    workers: int = 1,
    resume: bool = False,
    fail_on: FailOn = "no-go",
    progress: Progress | None = None,
    engine: Engine | None = None,
) -> dict[str, object]:
    """The report of the run, as report.json holds it; everything else is in the folder.

    Raises:
        UsageError: paths, options or a folder that do not fit.
        IncompleteError: the folder cannot be written, or a worker died.
    """
    if resume and (folder / MANIFEST).exists():
        return _finished(folder, request, fail_on)
    plan = _begin(paths, folder, request, resume=resume)
    results = _run_parts(plan, folder, workers, progress, engine)
    return finish(plan, results, folder, fail_on)


def resumed_request(folder: Folder) -> AuditRequest | None:
    """The request of the run that was begun or finished in the folder; None when there is none.

    Raises:
        UsageError: another release wrote it.
    """
    if (folder / MANIFEST).exists():
        return finished_run(folder.path).request
    return read_plan(folder).request if (folder / PLAN).exists() else None


def _finished(folder: Folder, request: AuditRequest, fail_on: FailOn) -> dict[str, object]:
    """The report of the run that the folder holds, for this gate."""
    begun = finished_run(folder.path)
    refuse_other_run(begun.request, begun.digests, request)
    folder.tidy()
    report: dict[str, object] = read_json(folder / REPORT)
    return regated(report, fail_on)


def _begin(paths: Sequence[str], folder: Folder, request: AuditRequest, *, resume: bool) -> Plan:
    if (folder / MANIFEST).exists() or ((folder / PLAN).exists() and not resume):
        raise UsageError(
            f"`{folder.path}` holds a run already", hint="go on with --resume, or give another folder"
        )
    if resume and (folder / PLAN).exists():
        plan = read_plan(folder)
        refuse_other_run(plan.request, plan.digests, request)
        folder.make()
        return plan
    plan = make_plan(paths, request)
    if request.split:
        refuse_indivisible(plan)
    folder.make()
    write_plan(folder, plan)
    return plan


def _run_parts(
    plan: Plan, folder: Folder, workers: int, progress: Progress | None, engine: Engine | None
) -> list[PartResult]:
    results: dict[int, PartResult] = {}
    left = []
    for part in plan.parts:
        done = done_part(folder, part)
        if done is None:
            left.append(part)
        else:
            results[part.number] = done
            if progress:
                progress(len(plan.parts), done)
    own = _in_processes if workers > 1 and len(left) > 1 else _in_this_process
    for result in (engine or own)(plan, left, folder, workers):
        results[result.number] = result
        if progress:
            progress(len(plan.parts), result)
    return [results[part.number] for part in plan.parts]


def _in_this_process(
    plan: Plan, parts: Sequence[PlannedPart], folder: Folder, _workers: int
) -> Iterator[PartResult]:
    kernel = kernel_for(plan.request)
    for part in parts:
        yield run_part(plan, part, folder, kernel)


def _in_processes(
    plan: Plan, parts: Sequence[PlannedPart], folder: Folder, workers: int
) -> Iterator[PartResult]:
    context = multiprocessing.get_context("spawn")
    rest = iter(parts)
    with ProcessPoolExecutor(
        min(workers, len(parts)), mp_context=context, initializer=_start_worker, initargs=(plan, folder)
    ) as pool:
        try:
            with _interrupts_held():
                running: set[Future[PartResult]] = {
                    pool.submit(_run_in_worker, part) for part in islice(rest, 2 * workers)
                }
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {pool.submit(_run_in_worker, part) for part in islice(rest, len(done))}
                yield from sorted((future.result() for future in done), key=lambda result: result.number)
        except BrokenProcessPool as error:
            raise IncompleteError(
                "a worker process died, of lack of memory perhaps",
                hint="what was finished is kept; go on with --resume and fewer --workers",
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Holds interrupts back while workers are started: they inherit it, and are silent until they ignore them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_worker: tuple[Plan, Folder, Kernel] | None = None


def _start_worker(plan: Plan, folder: Folder) -> None:
    global _worker  # a worker process has one plan for its life
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers for an interrupt
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _worker = plan, folder, kernel_for(plan.request)


def _die_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _run_in_worker(part: PlannedPart) -> PartResult:
    if _worker is None:
        raise IncompleteError("a worker was not started")
    plan, folder, kernel = _worker
    return run_part(plan, part, folder, kernel)
