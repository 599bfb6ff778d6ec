"""What a host's kept files say of a URL, as a key: documents with equal keys share one decision.

A robots.txt that only opens and closes paths says the same of two paths that the same of its patterns match
(RFC 9309 2.2.2). A host whose files say more than that, or say it faultily, is asked for every URL.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from rightscheck.audit.policies import Kept
from rightscheck.audit.sites import Site
from rightscheck.model import Document
from rightscheck.robots.document import RobotsTxt
from rightscheck.robots.paths import canonical_path, match_path
from rightscheck.robots.responses import RobotsState, interpret, parse_document
from rightscheck.snapshots import Known
from rightscheck.vocab import Carrier

MAX_PATTERNS = 500
"""Of the files of one host: with more of them, a decision costs no more than the comparison."""
_REMEMBERED = 20_000
_SILENT_KEYS = frozenset({"sitemap", "crawl-delay", "host"})
"""Keys of lines that say nothing of use, and nothing of paths."""
_NOT_THERE = (404, 410)


@dataclass(frozen=True, slots=True)
class _Files:
    """The patterns of the files, and what stands for the files; no patterns where every URL is asked for."""

    mark: Hashable
    patterns: tuple[str, ...] | None


class HostFiles:
    """The keys by URL, for what a `Policies` gave. Keeps what it worked out."""

    def __init__(self) -> None:
        self._files: OrderedDict[int, _Files] = OrderedDict()

    def key(self, site: Site, known: Kept) -> Hashable:
        """Equal for documents of which all that is at hand beside their texts decides alike."""
        files = self._files.get(known.number)
        if files is None:
            files = self._files[known.number] = _files(known)
            if len(self._files) > _REMEMBERED:
                self._files.popitem(last=False)
        if site.url is None or files.patterns is None:
            return site.url, files.mark
        path = canonical_path(site.url)
        matched = tuple(number for number, each in enumerate(files.patterns) if match_path(each, path))
        return site.situation, site.origin, files.mark, matched, path == "/robots.txt"


def _files(known: Kept) -> _Files:
    mark = tuple(_mark(version) for version in known.versions)
    patterns: dict[str, None] = {}
    for version in known.versions:
        found = _patterns(version)
        if found is None:
            return _Files(mark, None)
        patterns.update(dict.fromkeys(found))
    return _Files(mark, tuple(patterns) if len(patterns) <= MAX_PATTERNS else None)


def _mark(version: Known) -> Hashable:
    """All of a version that a decision shows: contents and answers, not the times they were had at."""
    documents = [document for each in version.documents.values() for document in each]
    shown = (
        (d.carrier, d.url, d.final_url, d.status, d.failure, d.sha256, d.truncated, d.headers)
        for d in documents
    )
    return (tuple(sorted(shown, key=repr)), tuple((gap.carrier, gap.source) for gap in version.gaps))


def _patterns(version: Known) -> tuple[str, ...] | None:
    """The patterns of a version that says no more than they do; None of another one."""
    found: list[str] = []
    for document in (d for each in version.documents.values() for d in each):
        if document.carrier is not Carrier.ROBOTS_TXT:
            if document.failure or document.status not in _NOT_THERE:
                return None
            continue
        mine = _robots_patterns(document)
        if mine is None:
            return None
        found += mine
    return tuple(found)


def _robots_patterns(document: Document) -> list[str] | None:
    state = interpret(document).state
    if state in (RobotsState.ABSENT, RobotsState.UNREACHABLE, RobotsState.REFUSED):
        return []
    robots = parse_document(document)
    if state is not RobotsState.RULES or not _is_plain(robots):
        return None
    return [rule.path for group in robots.groups for rule in group.rules]


def _is_plain(robots: RobotsTxt) -> bool:
    """Whether the file is without faults and holds rules alone, but for lines that say nothing of use."""
    return not robots.repairs and not robots.truncated and robots.other_keys <= _SILENT_KEYS
