"""The fetch layer: the only sockets. `Fetcher.get` answers with a Document, whatever the web did.

`check_url_form` judges a URL that a user gave, before any I/O; `run_sync` waits for a coroutine from
synchronous code. Limits are in `FetchLimits`; what the guard refuses is in `guard`.
"""

from __future__ import annotations

from rightscheck.fetch.background import run_sync
from rightscheck.fetch.client import USER_AGENT, Fetcher, MayFollow
from rightscheck.fetch.guard import GuardedBackend, GuardedTransport, Resolve
from rightscheck.fetch.limits import FetchLimits
from rightscheck.fetch.transport import AsyncTransport
from rightscheck.syntax.urls import check_url_form

__all__ = [
    "USER_AGENT",
    "AsyncTransport",
    "FetchLimits",
    "Fetcher",
    "GuardedBackend",
    "GuardedTransport",
    "MayFollow",
    "Resolve",
    "check_url_form",
    "run_sync",
]
