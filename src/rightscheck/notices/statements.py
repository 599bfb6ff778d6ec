"""From clauses to statements: the uses of sentences in the vocabulary of decisions."""

from __future__ import annotations

from collections.abc import Iterator

from rightscheck.model import Statement
from rightscheck.notices.reading import Clause, NoticeUse, Polarity
from rightscheck.vocab import AI_TRAIN, COPYING, Preference, Scope, Use

_USES = {
    NoticeUse.CRAWL: frozenset({Use.CRAWL}),
    NoticeUse.SEARCH: frozenset({Use.SEARCH}),
    NoticeUse.TDM: frozenset({Use.TDM}),
    NoticeUse.AI_TRAIN: AI_TRAIN,
    NoticeUse.AI_INPUT: frozenset({Use.AI_INPUT}),
    NoticeUse.REPRODUCE: frozenset({Use.REPRODUCE}),
    NoticeUse.REDISTRIBUTE: frozenset({Use.REDISTRIBUTE}),
}
_PREFERENCES = {
    Polarity.DENY: Preference.DISALLOW,
    Polarity.ALLOW: Preference.ALLOW,
    Polarity.CONDITIONAL: Preference.CONDITIONAL,
}


def statements_of(clause: Clause, *, scope: Scope, holder: str | None = None) -> Iterator[Statement]:
    """The statements that a clause makes: one over its uses, one more when it speaks of commercial use.

    `holder` stands in where the clause itself names nobody.
    """
    uses = _uses_of(clause.uses, clause.indexing)
    for concerned, commercial in ((uses, False), (frozenset[Use](), True)):
        if commercial and NoticeUse.COMMERCIAL not in clause.uses:
            continue
        if not commercial and not concerned:
            continue
        yield Statement(
            preference=_PREFERENCES[clause.polarity],
            uses=concerned,
            scope=scope,
            purpose=_uses_of(clause.purpose, clause.indexing),
            holder=clause.holder or holder,
            exception=clause.exception,
            non_commercial=commercial or clause.noncommercial,
        )


def is_classic(statement: Statement) -> bool:
    """Whether a statement only speaks of copying: the classic "no reproduction without permission"."""
    return bool(statement.uses) and statement.uses <= COPYING


def _uses_of(named: frozenset[NoticeUse], indexing: bool) -> frozenset[Use]:
    uses = frozenset[Use]().union(*(_USES.get(use, frozenset()) for use in named))
    return uses | {Use.AI_INDEX} if indexing and Use.AI_INPUT in uses else uses
