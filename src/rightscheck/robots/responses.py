"""What an HTTP answer to `GET /robots.txt` means, and how long it holds (RFC 9309 2.3.1 and 2.4).

A table, not branches. Where RFC 9309 lets a crawler go on (401, 403, 429, 451, redirect loops), the answer
is neither consent nor absence here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from rightscheck.model import Document
from rightscheck.robots.document import RobotsTxt

MAX_AGE = timedelta(hours=24)
MIN_AGE = timedelta(minutes=5)


class RobotsState(StrEnum):
    """What is known after asking for robots.txt."""

    RULES = "rules"
    """A file whose rules decide."""
    ABSENT = "absent"
    """There is no file: nothing is said."""
    UNREACHABLE = "unreachable"
    """No answer was had: complete disallow for now (RFC 9309 2.3.1.4)."""
    REFUSED = "refused"
    """The server would not hand it out, or led nowhere."""
    INVALID = "invalid"
    """What came is no robots.txt."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A state, the rule id suffix that reports it ("" for none), and why in one phrase."""

    state: RobotsState
    rule: str = ""
    because: str = ""


_UNREACHABLE = Meaning(RobotsState.UNREACHABLE, "unreachable", "robots.txt cannot be read for now")
_LOST = Meaning(RobotsState.REFUSED, "redirect-loop", "robots.txt is redirected without end")
_REFUSED = Meaning(RobotsState.REFUSED, "refused", "the server refuses robots.txt")
_ABSENT = Meaning(RobotsState.ABSENT)
_OTHER_4XX = Meaning(RobotsState.ABSENT, "absent", "RFC 9309 2.3.1.3 takes this status for no robots.txt")
_RULES = Meaning(RobotsState.RULES)
_INVALID = Meaning(
    RobotsState.INVALID, "invalid-body", "what is served as robots.txt is a page or no text at all"
)

# First and last status, and what an answer in that range means: the first row that fits counts.
_STATUSES: tuple[tuple[int, int, Meaning], ...] = (
    (200, 299, _RULES),
    (300, 399, _LOST),
    (401, 401, _REFUSED),
    (403, 403, _REFUSED),
    (404, 404, _ABSENT),
    (408, 408, _UNREACHABLE),
    (410, 410, _ABSENT),
    (429, 429, _UNREACHABLE),
    (451, 451, _REFUSED),
    (400, 499, _OTHER_4XX),
)

_FAILURES = {"redirect-loop": _LOST, "too-many-redirects": _LOST, "too-large": _RULES, "": _RULES}


def interpret(document: Document) -> Meaning:
    """What the document means, whoever asks. A document without status is a file at hand."""
    meaning = _FAILURES.get(document.failure, _UNREACHABLE)
    if meaning is _RULES and document.status is not None:
        status = document.status
        meaning = next((row for first, last, row in _STATUSES if first <= status <= last), _UNREACHABLE)
    if meaning is not _RULES:
        return meaning
    if not document.body.strip():
        return _ABSENT
    return _INVALID if parse_document(document).is_html else _RULES


def classify(document: Document) -> RobotsState:
    """The state that the document leaves us in."""
    return interpret(document).state


def parse_document(document: Document) -> RobotsTxt:
    """The parsed body; the last few are kept, since several signals read the same file."""
    return _parse(complete_body(document))


def complete_body(document: Document) -> bytes:
    """The body up to its last complete line: in a truncated one, half a path would say something else."""
    body = document.body
    return body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1] if document.truncated else body


@lru_cache(maxsize=16)
def _parse(body: bytes) -> RobotsTxt:
    return RobotsTxt.parse(body)


def expires_after(document: Document) -> timedelta:
    """How long the document may be relied on: `max-age`, between 5 minutes and 24 hours (RFC 9309 2.4).

    An unreachable one is asked for again after 5 minutes, for as long as it takes: RFC 9309 2.3.1.4 lets a
    crawler treat it as absent after some 30 days, but silence never turns into permission by itself here.
    """
    if classify(document) is RobotsState.UNREACHABLE:
        return MIN_AGE
    age = _max_age(document)
    return MAX_AGE if age is None else min(MAX_AGE, max(MIN_AGE, age))


_DIRECTIVE = re.compile(r'[\s,]*+([^\s,=]++)(?:\s*+=\s*+"?([^\s,"]*+)"?)?')


def _max_age(document: Document) -> timedelta | None:
    """The lifetime by Cache-Control (RFC 9111 5.2.2), less the time spent in caches; None if unsaid."""
    ages: list[int] = []
    for name, value in _DIRECTIVE.findall(document.header("cache-control") or ""):
        if name.lower() in ("no-store", "no-cache"):
            ages.append(0)
        elif name.lower() == "max-age" and value.isascii() and value.isdigit():
            ages.append(int(value[:9]))
    if not ages:
        return None
    age = (document.header("age") or "").strip()
    spent = int(age[:9]) if age.isascii() and age.isdigit() else 0
    return timedelta(seconds=max(0, min(ages) - spent))
