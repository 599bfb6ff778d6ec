"""Synchronous use: one event loop in a background thread, so that connections outlive a call.

Works whether or not the caller's thread runs a loop of its own. All synchronous callers of a process
share it, and with it the limits per host and the requests already under way.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


class _Background:
    """A loop in a daemon thread, started when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.thread: threading.Thread | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self.thread = threading.Thread(
                    target=self._loop.run_forever, name="rightscheck-fetch", daemon=True
                )
                self.thread.start()
            return self._loop

    def forget(self) -> None:
        """In a forked child the thread does not exist: the next call starts another."""
        self._lock = threading.Lock()
        self._loop = self.thread = None

    def stop(self) -> None:
        with self._lock:
            loop, thread, self._loop, self.thread = self._loop, self.thread, None, None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(1.0)
        if not loop.is_running():
            loop.close()


_background = _Background()
atexit.register(_background.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_background.forget)


def run_sync(coroutine: Coroutine[object, object, T]) -> T:
    """What the coroutine returns, waited for in this thread; errors are raised here.

    Raises:
        RuntimeError: called from within a coroutine that `run_sync` itself runs.
    """
    loop = _background.loop()
    if threading.current_thread() is _background.thread:
        coroutine.close()
        raise RuntimeError("run_sync called from a coroutine that it runs: await instead")
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    try:
        return future.result()
    except KeyboardInterrupt:
        future.cancel()
        raise
