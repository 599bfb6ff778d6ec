"""The registry in memory: publishers by host and by name, shipped entries under an organisation's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from rightscheck.errors import PolicyError, Problem
from rightscheck.model import Evidence, Finding, Holder, Statement
from rightscheck.registry.addresses import host_of, path_of, path_within
from rightscheck.registry.compiled import read_compiled, write_compiled
from rightscheck.registry.names import normalise_name
from rightscheck.registry.policies_dir import policies_dir
from rightscheck.registry.publishers import (
    SHIPPED,
    Capture,
    Layer,
    PublisherPolicy,
    RecordedStatement,
    digest_sources,
    parse_layer,
    read_sources,
)
from rightscheck.registry.toml_files import printable
from rightscheck.vocab import AI_ALL, Confidence, ExceptionRoute, Kind, Preference, Scope, use_names

_ORIGINS_KEPT = 262_144
_PLAIN_URL = re.compile(r"https?://([a-z0-9.\-]*[a-z0-9])(?=[/?#]|\Z)")
"""A web address without user, port, escapes or capitals in its host, as nearly all are."""


# One claim on a host: on a port and below a path, or everywhere (None, empty), and the entry's place.
HostScope = tuple[int | None, str, int]


@dataclass(frozen=True, slots=True)
class Registry:
    """Publisher policies, looked up by URL or by name. Immutable; loaded whole or not at all.

    Attributes:
        publishers: every entry, in the order of their ids.
        sha256: digest of the files of every layer.
        hosts: canonical host to the claims on it, the most specific first.
        names: normalised name to the places in `publishers` of those known by it.
    """

    publishers: Sequence[PublisherPolicy]
    sha256: str
    hosts: Mapping[str, Sequence[HostScope]] = field(repr=False)
    names: Mapping[str, Sequence[int]] = field(repr=False)
    _made: dict[tuple[str, date], tuple[Finding, ...]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def load(cls, policies: Path | None = None, cache: Path | None = None) -> Registry:
        """The shipped entries with an organisation's own folder layered over them.

        An own entry replaces the shipped one of the same id, and takes the hosts that it names. With a
        `cache` folder, what was compiled from the same bytes before is taken from there.

        Raises:
            PolicyError: every fault of every file, at once.
        """
        problems: list[Problem] = []
        shipped = policies_dir()
        read = [(SHIPPED, read_sources(shipped, problems))]
        if policies is not None and policies.resolve() != shipped:
            problems += _missing_layer(policies)
            read.append((printable(policies), read_sources(policies, problems)))
        digest = _digest_layers((origin, digest_sources(sources)) for origin, sources in read)
        stored = read_compiled(cache, digest) if cache is not None and not problems else None
        if stored is not None:
            return cls(stored.publishers, digest, stored.hosts, stored.names)
        layers = [parse_layer(sources, origin, problems) for origin, sources in read]
        if problems:
            raise PolicyError(problems)
        registry = cls.of(layers, digest)
        if cache is not None:
            write_compiled(cache, digest, registry.publishers, registry.hosts, registry.names)
        return registry

    @classmethod
    def of(cls, layers: Sequence[Layer], digest: str = "") -> Registry:
        """The registry of the layers, later ones over earlier ones."""
        chosen: dict[str, PublisherPolicy] = {}
        for layer in layers:
            taken = {host for policy in layer.policies for host in policy.hosts}
            chosen = {
                key: replace(policy, hosts=tuple(host for host in policy.hosts if host not in taken))
                if taken.intersection(policy.hosts)
                else policy
                for key, policy in chosen.items()
            }
            chosen |= {policy.id: policy for policy in layer.policies}
        publishers = tuple(chosen[key] for key in sorted(chosen))
        digest = digest or _digest_layers(("", layer.sha256) for layer in layers)
        return cls(publishers, digest, _index_hosts(publishers), _index_names(publishers))

    def publisher_of(self, url: str) -> PublisherPolicy | None:
        """The policy of the most specific host scope that holds the URL; None when no entry claims it."""
        found = host_of(url)
        if found is None:
            return None
        host, port = found
        hosts = self.hosts
        while True:
            for wanted, path, place in hosts.get(host, ()):
                if (wanted is None or wanted == port) and (not path or path_within(path_of(url), path)):
                    return self.publishers[place]
            dot = host.find(".")
            if dot < 0:
                return None
            host = host[dot + 1 :]

    def publishers_of(self, urls: Iterable[str]) -> Iterator[PublisherPolicy | None]:
        """The policy of each URL, in order; most URLs of a corpus are of hosts that no entry knows."""
        known: dict[str, PublisherPolicy | None] = {}
        domains = frozenset(map(_last_labels, self.hosts))
        sieved = all("." in domain for domain in domains)  # a bare name would claim all that lies below it
        match = _PLAIN_URL.match
        for url in urls:
            plain = match(url)
            if plain is not None and sieved:
                host = plain[1]
                if host[host.rfind(".", 0, host.rfind(".")) + 1 :] not in domains:  # written out for speed
                    yield None
                    continue
            # Only what is a whole origin, plainly written, may stand for the URLs that begin with it.
            origin = plain[0] if plain is not None else ""
            if origin in known:
                yield known[origin]
                continue
            policy = self.publisher_of(url)
            if plain is not None and not self._depends_on_path(url):
                if len(known) >= _ORIGINS_KEPT:
                    known.clear()
                known[origin] = policy
            yield policy

    def _depends_on_path(self, url: str) -> bool:
        """True when a claim on the host, or on a domain above it, is limited to a path."""
        found = host_of(url)
        host = found[0] if found else ""
        while host:
            if any(path for _, path, _ in self.hosts.get(host, ())):
                return True
            host = host.partition(".")[2]
        return False

    def holder_of(self, url: str) -> Holder | None:
        """The holder of the URL's host; None when no entry claims it."""
        policy = self.publisher_of(url)
        return policy.holder if policy else None

    def known_by(self, name: str) -> tuple[PublisherPolicy, ...]:
        """Every entry that knows its holder by that name; several holders may share one."""
        return tuple(self.publishers[place] for place in self.names.get(normalise_name(name), ()))

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
        if any(statement.paths for statement in policy.statements):
            return _findings(policy, path_of(url), on)
        made = self._made.get((policy.id, on))
        if made is None:
            made = self._made[policy.id, on] = _findings(policy, "/", on)
        return made


def _last_labels(host: str) -> str:
    """The last two labels of the host, or the whole of it."""
    return host[host.rfind(".", 0, host.rfind(".")) + 1 :]


def _missing_layer(policies: Path) -> list[Problem]:
    """A folder that holds none of our files was named by mistake: its rules would be missed in silence."""
    if not policies.is_dir():
        return [Problem(printable(policies), "", "not a folder")]
    if any((policies / name).is_dir() for name in ("publishers", "profiles")):
        return []
    return [Problem(printable(policies), "", "holds neither `publishers/` nor `profiles/`")]


def _digest_layers(layers: Iterable[tuple[str, str]]) -> str:
    """One digest for all layers; an origin counts, for entries carry it."""
    digest = sha256()
    for origin, sources in layers:
        digest.update(origin.encode("utf-8", "replace") + b"\0" + sources.encode() + b"\n")
    return digest.hexdigest()


def _findings(policy: PublisherPolicy, path: str, on: date) -> tuple[Finding, ...]:
    stated = tuple(
        _finding(policy, number, statement, on)
        for number, statement in enumerate(policy.statements)
        if _applies(statement, path, on)
    )
    return stated + tuple(_note(policy, number, capture) for number, capture in enumerate(policy.captures))


def _index_hosts(publishers: Sequence[PublisherPolicy]) -> dict[str, tuple[HostScope, ...]]:
    index: dict[str, list[HostScope]] = {}
    for place, policy in enumerate(publishers):
        for text in policy.hosts:
            authority, slash, path = text.partition("/")
            host, _, port = authority.partition(":") if authority.count(":") == 1 else (authority, "", "")
            index.setdefault(host, []).append((int(port) if port else None, slash + path, place))
    return {host: tuple(sorted(scopes, key=_specific_first)) for host, scopes in sorted(index.items())}


def _specific_first(scope: HostScope) -> tuple[bool, int, str]:
    port, path, _ = scope
    return port is None, -len(path), path


def _index_names(publishers: Sequence[PublisherPolicy]) -> dict[str, tuple[int, ...]]:
    index: dict[str, list[int]] = {}
    for place, policy in enumerate(publishers):
        for name in policy.names:
            index.setdefault(name, []).append(place)
    return {name: tuple(places) for name, places in sorted(index.items())}


def _applies(statement: RecordedStatement, path: str, on: date) -> bool:
    if statement.preference is Preference.ALLOW and statement.observed > on:
        return False
    return not statement.paths or any(path_within(path, prefix) for prefix in statement.paths)


_RULES = {
    Preference.ALLOW: ("registry/allow", "permits"),
    Preference.DISALLOW: ("registry/disallow", "denies"),
    Preference.CONDITIONAL: ("registry/conditional", "permits on conditions"),
}


def _finding(policy: PublisherPolicy, number: int, recorded: RecordedStatement, on: date) -> Finding:
    stale = on > policy.review_by
    denies = recorded.preference is Preference.DISALLOW
    return Finding(
        rule=_RULES[recorded.preference][0],
        kind=Kind.RESERVATION if denies else Kind.PERMISSION,
        message=_message(policy, recorded, stale),
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
        holder=policy.holder.name,
        contact=policy.holder.contact,
    )


def _message(policy: PublisherPolicy, recorded: RecordedStatement, stale: bool) -> str:
    says = f"{policy.holder.name} {_RULES[recorded.preference][1]} {', '.join(use_names(recorded.uses))}"
    seen = f", seen in its {recorded.carrier} on {recorded.observed.isoformat()}"
    due = f"; the entry was due for review on {policy.review_by.isoformat()}" if stale else ""
    return says + _purpose(recorded) + seen + due


def _purpose(recorded: RecordedStatement) -> str:
    denies = recorded.preference is Preference.DISALLOW
    commerce = f" for {'' if denies else 'non-'}commercial purposes" if recorded.non_commercial else ""
    if not recorded.purpose:
        return commerce
    served = "AI" if recorded.purpose == AI_ALL else ", ".join(use_names(recorded.purpose))
    return f"{commerce}, the crawling where it is for {served}"


def _situation(recorded: RecordedStatement, stale: bool) -> str:
    """The row of the decision table. A conditional permission has rows of its own until it is stale."""
    on_terms = recorded.preference is Preference.CONDITIONAL
    with_credit = on_terms and recorded.exception is ExceptionRoute.ATTRIBUTION
    if recorded.confidence is not Confidence.HIGH:
        permits = with_credit or recorded.preference is Preference.ALLOW
        return "permission/weak" if permits else "sentence/unclear"
    if recorded.preference is Preference.DISALLOW:
        return "registry/denial"
    if on_terms and not (stale and with_credit):
        return ""
    if recorded.non_commercial:
        return "licence/non-commercial"
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
