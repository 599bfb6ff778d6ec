"""What the URL of a document alone decides, worked out once per host: its host, whether it is a URL at all,
and which documents without any notice are in the same situation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rightscheck.check import Rules
from rightscheck.errors import UsageError
from rightscheck.registry.addresses import host_of, is_plain_origin, path_of
from rightscheck.syntax.urls import MAX_URL_LENGTH, check_url_form

MOST_ORIGINS = 400_000
Situation = tuple[str, ...]
"""Equal for documents that are decided alike as long as their texts say nothing."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a document's URL. `url` is None where it is none that could be checked."""

    host: str | None
    url: str | None
    situation: Situation
    origin: str


@dataclass(frozen=True, slots=True)
class _Origin:
    host: str | None
    valid: bool
    publisher: str
    by_path: bool


class Sites:
    """Sites by URL, for one set of rules."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        # A grant, a waiver or a house rule may speak of any host: then nothing is shared across them.
        self._by_url = any(grant.paths for grant in rules.grants)
        self._by_origin = bool(rules.grants or rules.waivers or rules.profile.house)
        self._origins: dict[str, _Origin] = {}

    def site(self, url: str | None) -> Site:
        """What is known of the URL of a document, which is data: anything may stand there."""
        if url is None:
            return Site(None, None, ("none",), "")
        end = url.find("/", 8)
        origin = url[:end] if end > 0 else url
        known = self._origins.get(origin)
        if known is None:
            if not is_plain_origin(origin):
                return self._unusual(url)
            known = self._learn(origin)
        if not (url.isascii() and url.isprintable() and len(url) <= MAX_URL_LENGTH):
            return self._unusual(url)
        if not known.valid:
            return Site(known.host, None, ("none",), "")
        if self._by_url:
            situation: Situation = ("url", url)
        elif self._by_origin:
            situation = ("origin", origin, path_of(url) if known.by_path else "")
        else:
            situation = ("publisher", known.publisher, path_of(url) if known.by_path else "")
        return Site(known.host, url, situation, origin)

    def numbered(self, urls: Sequence[str | None]) -> tuple[list[int], list[Site]]:
        """For each URL the place of its site among those that come back: documents of one place are alike.

        The site's URL is then that of the first document there.
        """
        sites: list[Site] = []
        places: dict[str, int] = {}
        plain: dict[Situation | str, int] = {}
        numbers = []
        for url in urls:
            if url is not None:
                end = url.find("/", 8)
                place = places.get(url[:end] if end > 0 else url)
                if place is not None and url.isascii() and url.isprintable() and len(url) <= MAX_URL_LENGTH:
                    numbers.append(place)
                    continue
            site = self.site(url)
            known = self._origins.get(site.origin) if site.url and site.situation[0] != "url" else None
            shared = known is not None and not known.by_path
            key: Situation | str = site.origin if shared else (site.host or "", *site.situation)
            place = plain.get(key)
            if place is None:
                place = plain[key] = len(sites)
                sites.append(site)
            if shared:
                places[site.origin] = place
            numbers.append(place)
        return numbers, sites

    def _learn(self, origin: str) -> _Origin:
        if len(self._origins) >= MOST_ORIGINS:
            self._origins.clear()
        found = host_of(origin)
        policy = self._rules.registry.publisher_of(origin + "/")
        learned = _Origin(
            host=found[0] if found else None,
            valid=is_url(origin + "/"),
            publisher=policy.id if policy else "",
            by_path=self._depends_on_path(origin),
        )
        self._origins[origin] = learned
        return learned

    def _depends_on_path(self, origin: str) -> bool:
        """Whether what is recorded differs between the paths of the origin."""
        registry = self._rules.registry
        found = host_of(origin)
        host = found[0] if found else ""
        while host:
            for _, path, place in registry.hosts.get(host, ()):
                if path or any(statement.paths for statement in registry.publishers[place].statements):
                    return True
            host = host.partition(".")[2]
        return False

    def _unusual(self, url: str) -> Site:
        """A URL that has to be looked at by itself."""
        found = host_of(url)
        host = found[0] if found else None
        if not is_url(url):
            return Site(host, None, ("none",), "")
        return Site(host, url, ("url", url), url)


def is_url(url: str) -> bool:
    """Whether it has the form of a URL that can be checked."""
    try:
        check_url_form(url)
    except UsageError:
        return False
    return True
