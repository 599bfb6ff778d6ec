"""The registry in memory: publishers by host and by name, shipped entries under an organisation's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Self

from rightscheck.errors import PolicyError, Problem
from rightscheck.model import Evidence, Finding, Holder, Statement
from rightscheck.registry.addresses import host_of, path_of, path_within
from rightscheck.registry.names import normalise_name
from rightscheck.registry.policies_dir import policies_dir
from rightscheck.registry.publishers import (
    SHIPPED,
    Capture,
    Layer,
    PublisherPolicy,
    RecordedStatement,
    read_layer,
)
from rightscheck.registry.toml_files import printable
from rightscheck.vocab import Confidence, ExceptionRoute, Kind, Preference, Scope, use_names

_HOSTS_KEPT = 262_144


@dataclass(frozen=True, slots=True)
class _HostScope:
    """One claim on a host: on a port and below a path, or everywhere (None, empty)."""

    port: int | None
    path: str
    policy: PublisherPolicy


@dataclass(frozen=True, slots=True)
class Registry:
    """Publisher policies, looked up by URL or by name. Immutable; loaded whole or not at all."""

    publishers: tuple[PublisherPolicy, ...]
    sha256: str
    _hosts: Mapping[str, tuple[_HostScope, ...]] = field(repr=False)
    _names: Mapping[str, tuple[PublisherPolicy, ...]] = field(repr=False)

    @classmethod
    def load(cls, policies: Path | None = None) -> Self:
        """The shipped entries with an organisation's own folder layered over them.

        An own entry replaces the shipped one of the same id, and takes the hosts that it names.

        Raises:
            PolicyError: every fault of every file, at once.
        """
        problems: list[Problem] = []
        shipped = policies_dir()
        layers = [read_layer(shipped, SHIPPED, problems)]
        if policies is not None and policies.resolve() != shipped:
            if not policies.is_dir():
                problems.append(Problem(printable(policies), "", "not a folder"))
            layers.append(read_layer(policies, printable(policies), problems))
        if problems:
            raise PolicyError(problems)
        return cls.of(layers)

    @classmethod
    def of(cls, layers: Iterable[Layer]) -> Self:
        """The registry of the layers, later ones over earlier ones."""
        chosen: dict[str, PublisherPolicy] = {}
        digest = sha256()
        for layer in layers:
            digest.update(b"layer\0")
            for name, body in layer.sources:
                digest.update(name.encode("utf-8", "replace") + b"\0" + sha256(body).digest())
            taken = {host for policy in layer.policies for host in policy.hosts}
            chosen = {
                key: replace(policy, hosts=tuple(host for host in policy.hosts if host not in taken))
                if taken.intersection(policy.hosts)
                else policy
                for key, policy in chosen.items()
            }
            chosen |= {policy.id: policy for policy in layer.policies}
        publishers = tuple(chosen[key] for key in sorted(chosen))
        return cls(publishers, digest.hexdigest(), _index_hosts(publishers), _index_names(publishers))

    def publisher_of(self, url: str) -> PublisherPolicy | None:
        """The policy of the most specific host scope that holds the URL; None when no entry claims it."""
        found = host_of(url)
        if found is None:
            return None
        host, port = found
        while True:
            scopes = self._hosts.get(host)
            if scopes is not None:
                for scope in scopes:
                    if (scope.port is None or scope.port == port) and (
                        not scope.path or path_within(path_of(url), scope.path)
                    ):
                        return scope.policy
            dot = host.find(".")
            if dot < 0:
                return None
            host = host[dot + 1 :]

    def publishers_of(self, urls: Iterable[str]) -> Iterator[PublisherPolicy | None]:
        """The policy of each URL, in order. Hosts repeat in a corpus: each is looked up once."""
        seen: dict[str, PublisherPolicy | None] = {}
        for url in urls:
            # All before the third slash decides the host, however odd the URL.
            parts = url.split("/", 3)
            origin = f"{parts[0]}//{parts[2]}" if len(parts) == 4 and not parts[1] else url
            try:
                yield seen[origin]
                continue
            except KeyError:
                policy = self.publisher_of(url)
            if len(seen) >= _HOSTS_KEPT:
                seen.clear()
            found = host_of(url)
            if found is None or not any(scope.path for scope in self._scopes_above(found[0])):
                seen[origin] = policy
            yield policy

    def _scopes_above(self, host: str) -> Iterator[_HostScope]:
        """Every claim on the host or a domain above it, the most specific first."""
        while host:
            yield from self._hosts.get(host, ())
            host = host.partition(".")[2]

    def holder_of(self, url: str) -> Holder | None:
        """The holder of the URL's host; None when no entry claims it."""
        policy = self.publisher_of(url)
        return policy.holder if policy else None

    def known_by(self, name: str) -> tuple[PublisherPolicy, ...]:
        """Every entry that knows its holder by that name; several holders may share one."""
        return self._names.get(normalise_name(name), ())

    def resolve(self, name: str) -> Holder:
        """The holder known by that name; one of its own when nobody, or more than one, is known by it."""
        known = self.known_by(name)
        if len(known) == 1:
            return known[0].holder
        normal = normalise_name(name) or name.strip().casefold()
        return Holder(id=f"name:{normal}", name=name.strip(), names=frozenset({normal}))

    def findings(self, url: str, on: date) -> tuple[Finding, ...]:
        """What the registry records for the URL, as findings on the day `on`.

        A permission first seen after `on` is left out; one past its review date says so in its situation.
        A denial counts whatever its age.
        """
        policy = self.publisher_of(url)
        if policy is None:
            return ()
        path = path_of(url) if any(statement.paths for statement in policy.statements) else "/"
        stated = tuple(
            _finding(policy, number, statement, on)
            for number, statement in enumerate(policy.statements)
            if _applies(statement, path, on)
        )
        return stated + tuple(
            _note(policy, number, capture) for number, capture in enumerate(policy.captures)
        )


def _index_hosts(publishers: Iterable[PublisherPolicy]) -> dict[str, tuple[_HostScope, ...]]:
    index: dict[str, list[_HostScope]] = {}
    for policy in publishers:
        for text in policy.hosts:
            authority, slash, path = text.partition("/")
            host, _, port = authority.partition(":") if authority.count(":") == 1 else (authority, "", "")
            index.setdefault(host, []).append(_HostScope(int(port) if port else None, slash + path, policy))
    return {host: tuple(sorted(scopes, key=_specific_first)) for host, scopes in sorted(index.items())}


def _specific_first(scope: _HostScope) -> tuple[bool, int, str]:
    return scope.port is None, -len(scope.path), scope.path


def _index_names(publishers: Iterable[PublisherPolicy]) -> dict[str, tuple[PublisherPolicy, ...]]:
    index: dict[str, list[PublisherPolicy]] = {}
    for policy in publishers:
        for name in policy.holder.names:
            index.setdefault(name, []).append(policy)
    return {name: tuple(policies) for name, policies in sorted(index.items())}


def _applies(statement: RecordedStatement, path: str, on: date) -> bool:
    if statement.preference is Preference.ALLOW and statement.observed > on:
        return False
    return not statement.paths or any(path_within(path, prefix) for prefix in statement.paths)


def _finding(policy: PublisherPolicy, number: int, recorded: RecordedStatement, on: date) -> Finding:
    permits = recorded.preference is not Preference.DISALLOW
    words = {
        Preference.ALLOW: "permits",
        Preference.DISALLOW: "denies",
        Preference.CONDITIONAL: "permits on conditions",
    }
    stale = on > policy.review_by
    message = (
        f"{policy.holder.name} {words[recorded.preference]} {', '.join(use_names(recorded.uses))}, "
        f"seen in its {recorded.carrier} on {recorded.observed.isoformat()}"
    )
    if stale:
        message += f"; the entry was due for review on {policy.review_by.isoformat()}"
    return Finding(
        rule={Preference.ALLOW: "registry/allow", Preference.DISALLOW: "registry/disallow"}.get(
            recorded.preference, "registry/conditional"
        ),
        kind=Kind.PERMISSION if permits else Kind.RESERVATION,
        message=message,
        evidence=Evidence(
            source=recorded.source,
            sha256=recorded.sha256,
            locator=f"key:{policy.file}#statement[{number}]",
            quote=recorded.quote,
        ),
        confidence=recorded.confidence,
        statement=Statement(
            preference=recorded.preference,
            uses=recorded.uses,
            scope=Scope.SITE,
            purpose=recorded.purpose,
            exception=recorded.exception,
            conditions=recorded.conditions,
            non_commercial=recorded.non_commercial,
        ),
        situation=_situation(recorded, stale),
        contact=policy.holder.contact,
    )


def _situation(recorded: RecordedStatement, stale: bool) -> str:
    """The row of the decision table. A conditional permission has its own rows until it is stale."""
    if recorded.preference is Preference.DISALLOW:
        return "registry/denial"
    if recorded.preference is Preference.CONDITIONAL and (
        not stale or recorded.exception is not ExceptionRoute.ATTRIBUTION
    ):
        return ""
    return "registry/permission-stale" if stale else "registry/permission"


def _note(policy: PublisherPolicy, number: int, capture: Capture) -> Finding:
    closed = ", ".join(capture.closed_agents[:5]) or "no agent"
    more = f" and {len(capture.closed_agents) - 5} more" if len(capture.closed_agents) > 5 else ""
    rest = "closed" if capture.wildcard_closed else "open"
    day = capture.observed.isoformat()
    seen = day if capture.observed_precision == "day" else day[:7]
    return Finding(
        rule="registry/capture",
        kind=Kind.NOTE,
        message=f"{policy.holder.name} closed {closed}{more} by name in its {capture.carrier} of {seen}; "
        f"agents not named found it {rest}",
        evidence=Evidence(
            source=capture.source, sha256=capture.sha256, locator=f"key:{policy.file}#capture[{number}]"
        ),
        confidence=Confidence.HIGH,
        contact=policy.holder.contact,
    )
