"""What is valid but needs a person: entries due for review, names that two holders share, idle hosts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rightscheck.errors import Problem
from rightscheck.registry.publishers import PublisherPolicy, RecordedStatement
from rightscheck.registry.store import Registry


def lint(registry: Registry, on: date) -> tuple[Problem, ...]:
    """Every remark on the entries as of a day, by file."""
    remarks = [remark for policy in registry.publishers for remark in _remarks(policy, on)]
    remarks += _shared_names(registry)
    return tuple(sorted(remarks, key=lambda remark: (remark.file, remark.key, remark.reason)))


def _remarks(policy: PublisherPolicy, on: date) -> Iterator[Problem]:
    if policy.review_by < on:
        yield Problem(policy.file, "review_by", f"was due for review on {policy.review_by.isoformat()}")
    for number, statement in enumerate(policy.statements):
        if statement.observed > on:
            yield Problem(policy.file, f"statement[{number}].observed", "lies in the future")
    for number, capture in enumerate(policy.captures):
        if capture.observed > on:
            yield Problem(policy.file, f"capture[{number}].observed", "lies in the future")
    for host in policy.hosts:
        above = [other for other in policy.hosts if host != other and host.endswith("." + other)]
        if above:
            yield Problem(policy.file, "hosts", f"`{host}` is covered by `{above[0]}`", "leave it out")


def _shared_names(registry: Registry) -> Iterator[Problem]:
    owners: dict[str, list[PublisherPolicy]] = {}
    for policy in registry.publishers:
        for name in policy.names:
            owners.setdefault(name, []).append(policy)
    for name, policies in owners.items():
        for policy in policies[1:]:
            reason = (
                f"`{name}` is also a name of {policies[0].id}: a grant or notice by that name names neither"
            )
            yield Problem(policy.file, "names", reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How many entries rest on what kind of evidence, and how old it is on the day `as_of`.

    Attributes:
        statements_with_evidence: statements that carry source, date and digest.
        share_with_evidence: the same of all statements, from 0 to 1; 1 where there are none.
        carriers: statements by the carrier they were read in.
        evidence: entries by the strongest thing they hold: `statement`, `capture` or `identity`.
        ages: statements and captures by age in days: `<=180`, `<=365`, `<=730`, `>730`.
        past_review: ids of entries past their review date.
    """

    as_of: date
    publishers: int
    countries: int
    hosts: int
    statements: int
    statements_with_evidence: int
    share_with_evidence: float
    captures: int
    carriers: dict[str, int]
    preferences: dict[str, int]
    evidence: dict[str, int]
    ages: dict[str, int]
    kinds: dict[str, int]
    origins: dict[str, int]
    past_review: tuple[str, ...]
    sha256: str


def summarise(registry: Registry, on: date) -> Stats:
    """The registry in numbers as of a day."""
    policies = registry.publishers
    statements = [statement for policy in policies for statement in policy.statements]
    captures = [capture for policy in policies for capture in policy.captures]
    observed = [*(item.observed for item in statements), *(item.observed for item in captures)]
    evident = sum(_has_evidence(statement) for statement in statements)
    return Stats(
        as_of=on,
        publishers=len(policies),
        countries=len({policy.country for policy in policies}),
        hosts=sum(len(policy.hosts) for policy in policies),
        statements=len(statements),
        statements_with_evidence=evident,
        share_with_evidence=round(evident / len(statements), 4) if statements else 1.0,
        captures=len(captures),
        carriers=_count(statement.carrier.value for statement in statements),
        preferences=_count(statement.preference.value for statement in statements),
        evidence=_count(_strongest(policy) for policy in policies),
        ages=_count(_age((on - day).days) for day in observed),
        kinds=_count(policy.kind for policy in policies),
        origins=_count(policy.origin for policy in policies),
        past_review=tuple(policy.id for policy in policies if policy.review_by < on),
        sha256=registry.sha256,
    )


def _count(values: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _has_evidence(statement: RecordedStatement) -> bool:
    return bool(statement.source and statement.observed and statement.sha256)


def _strongest(policy: PublisherPolicy) -> str:
    if policy.statements:
        return "statement"
    return "capture" if policy.captures else "identity"


def _age(days: int) -> str:
    return next((f"<={limit}" for limit in (180, 365, 730) if days <= limit), ">730")
