"""The policy store: one SQLite file that keeps every robots.txt and well-known file that was seen, and when.

`SnapshotStore` is the file; `StoredFetcher` and `known_documents` put it between a check and the network;
`build` fills it from archives.
"""

from __future__ import annotations

from rightscheck.snapshots.build import Built, build
from rightscheck.snapshots.changes import Change, closed_training_agents
from rightscheck.snapshots.lifetimes import expires_at
from rightscheck.snapshots.read_through import Known, StoredFetcher, known_documents
from rightscheck.snapshots.schema import StoreError
from rightscheck.snapshots.store import PolicyTime, Resource, SnapshotStore, StoreSummary

__all__ = [
    "Built",
    "Change",
    "Known",
    "PolicyTime",
    "Resource",
    "SnapshotStore",
    "StoreError",
    "StoreSummary",
    "StoredFetcher",
    "build",
    "closed_training_agents",
    "expires_at",
    "known_documents",
]
