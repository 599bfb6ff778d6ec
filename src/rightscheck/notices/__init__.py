"""The natural-language engine: copyright notices and clauses on crawling, mining and AI, in many languages.

One automaton over all languages finds likely places; only those are folded, cut into sentences and read.
How it decides and how a language is added is in docs/notices.md.
"""

from __future__ import annotations

from rightscheck.notices.engine import read
from rightscheck.notices.explanation import ExplainedClause, Explanation, Reason, explain
from rightscheck.notices.reading import (
    Clause,
    CopyrightNotice,
    Credit,
    NoticeReading,
    NoticeUse,
    Ownership,
    Polarity,
)
from rightscheck.notices.summary import Notices, read_notices, summarise

__all__ = [
    "Clause",
    "CopyrightNotice",
    "Credit",
    "ExplainedClause",
    "Explanation",
    "NoticeReading",
    "NoticeUse",
    "Notices",
    "Ownership",
    "Polarity",
    "Reason",
    "explain",
    "read",
    "read_notices",
    "summarise",
]
