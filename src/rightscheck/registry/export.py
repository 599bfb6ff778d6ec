"""The registry for other tools: entries as plain JSON values, and lists of hosts that deny a use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from rightscheck.registry.publishers import PublisherPolicy
from rightscheck.registry.store import Registry
from rightscheck.vocab import Preference, Use


def plain(value: object) -> Any:
    """The value as JSON has it: dates in ISO 8601, sets as sorted lists, dataclasses as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value) if item.name[0] != "_"}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def entry(policy: PublisherPolicy) -> dict[str, Any]:
    """One entry as a JSON object."""
    exported: dict[str, Any] = plain(policy)
    return exported


def denying_hosts(registry: Registry, use: Use) -> tuple[str, ...]:
    """The hosts whose publishers deny the use on the whole host, or make it conditional; sorted."""
    return tuple(
        sorted({host for policy in registry.publishers if _denies(policy, use) for host in policy.hosts})
    )


def _denies(policy: PublisherPolicy, use: Use) -> bool:
    return any(
        statement.preference is not Preference.ALLOW and use in statement.uses and not statement.paths
        for statement in policy.statements
    )
