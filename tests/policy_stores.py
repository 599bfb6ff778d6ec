"""Policy stores that know one robots.txt over time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from rightscheck.model import Document
from rightscheck.snapshots import SnapshotStore
from rightscheck.vocab import Carrier


def robots_store(path: Path, url: str, versions: Iterable[tuple[datetime, bytes]], status: int = 200) -> Path:
    """The store at the path, made anew: the answers of the URL, each from its moment on."""
    path.unlink(missing_ok=True)
    with SnapshotStore.open(path) as store:
        for moment, body in versions:
            store.put(
                Document(
                    carrier=Carrier.ROBOTS_TXT,
                    url=url,
                    final_url=url,
                    status=status,
                    body=body,
                    sha256=hashlib.sha256(body).hexdigest(),
                    retrieved_at=moment,
                )
            )
    return path
