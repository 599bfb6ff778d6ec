"""The policy store with real processes: many that write and read at once, one that is killed, one that forks."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime

import pytest

from conftest import ROOT
from rightscheck.model import Document
from rightscheck.snapshots import SnapshotStore
from rightscheck.vocab import Carrier

BENCH = ROOT / "bench" / "snapshots.py"
ORIGINS = os.environ.get("RIGHTSCHECK_STORE_ORIGINS", "300")

WRITER = textwrap.dedent(
    """
    import sys
    from dataclasses import replace
    from datetime import UTC, datetime, timedelta
    from rightscheck.model import Document
    from rightscheck.snapshots import SnapshotStore
    from rightscheck.vocab import Carrier

    store = SnapshotStore.open(sys.argv[1])
    first = int(sys.argv[2])
    for number in range(first, first + 100_000):
        store.put(
            Document(
                carrier=Carrier.ROBOTS_TXT,
                url=f"https://h{number}.example/robots.txt",
                status=200,
                body=f"# {number}\\n".encode() * 200,
                retrieved_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
            )
        )
        print(number, flush=True)
    """
)


def test_eight_processes_that_write_and_read_lose_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, BENCH, "--origins", ORIGINS, tmp_path / "store.sqlite"],
        capture_output=True,
        text=True,
        timeout=1800,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "lost: 0"


def test_a_killed_writer_leaves_a_store_without_its_last_record_at_most(tmp_path):
    path = tmp_path / "store.sqlite"
    dice = random.Random(4)  # noqa: S311 - moments to kill at, not secrets
    told: set[int] = set()
    for round_ in range(6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, path, str(round_ * 100_000)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        told.add(int(writer.stdout.readline()))
        time.sleep(dice.uniform(0.0, 0.4))
        writer.send_signal(signal.SIGKILL)
        told |= {int(line) for line in writer.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")}
        writer.stdout.close()
        assert writer.wait(30) == -signal.SIGKILL

        with SnapshotStore.open(path) as store:
            kept = {
                int(origin.removeprefix("https://h").removesuffix(".example")) for origin in store.origins()
            }
            for number in kept - told:
                told.add(number)
                assert store.latest(f"https://h{number}.example/robots.txt").body, "whole, or not there"
            assert told <= kept, "what was reported as put is there"
            last = store.latest(f"https://h{max(kept)}.example/robots.txt")
            assert last.body == f"# {max(kept)}\n".encode() * 200
            assert store.put(last) is False
    assert len(told) > 100


def test_a_killed_batch_is_there_as_a_whole_or_not_at_all(tmp_path):
    path = tmp_path / "store.sqlite"
    script = WRITER.replace("store.put(\n", "batch.append(\n").replace(
        "    print(number, flush=True)",
        "    if len(batch) == 50:\n        print(store.put_many(batch), flush=True)\n        batch.clear()",
    )
    script = script.replace("first = int", "batch = []\nfirst = int")
    for round_ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", script, path, str(round_ * 100_000)], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"50\n"
        time.sleep(0.05 * round_)
        writer.kill()
        writer.stdout.close()
        writer.wait(30)
        with SnapshotStore.open(path) as store:
            count = store.summary().observations
            assert count % 50 == 0
            assert count >= 50 * (round_ + 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_opens_the_file_anew(tmp_path):
    def observation(number: int) -> Document:
        return Document(
            carrier=Carrier.ROBOTS_TXT,
            url=f"https://h{number}.example/robots.txt",
            status=404,
            retrieved_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    context = multiprocessing.get_context("fork")
    with SnapshotStore.open(tmp_path / "store.sqlite") as store:
        store.put(observation(1))
        children = [context.Process(target=store.put, args=(observation(n),)) for n in range(2, 6)]
        for child in children:
            child.start()
        store.put(observation(6))
        for child in children:
            child.join(30)
        assert [child.exitcode for child in children] == [0] * 4
        assert store.summary().observations == 6


def _open_at_once(path, barrier, answers):
    barrier.wait(60)
    with SnapshotStore.open(path) as store:
        answers.put(store.summary().observations)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_processes_that_make_the_store_at_once_all_get_it(tmp_path):
    context = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
    for round_ in range(10):
        barrier, answers = context.Barrier(6), context.Queue()
        arguments = (tmp_path / f"{round_}.sqlite", barrier, answers)
        children = [context.Process(target=_open_at_once, args=arguments) for _ in range(6)]
        for child in children:
            child.start()
        assert [answers.get(timeout=60) for _ in children] == [0] * 6
        for child in children:
            child.join(60)
