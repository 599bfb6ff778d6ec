"""Which links of a page lead to what its site says of use: declared ones, and the best by name.

HTML and RFC 8288 know `terms-of-service` (RFC 6903) as a relation; other sites only call the link so, in
data/terms_links.toml's words. Links beside the text name topics, products and sections as often.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from unicodedata import category, normalize
from urllib.parse import SplitResult, parse_qsl, urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborNode

from rightscheck.sources import Sources
from rightscheck.syntax.html import HtmlDocument, Link
from rightscheck.syntax.http_fields import parse_links

RELATION = "terms-of-service"
MAX_DECLARED = 2
"""Declared pages that are read."""
_LISTS = ("ai", "terms", "copyright", "legal")
_LONGEST = 60
"""Code points of a link's text; a longer one is a sentence, not the name of a page."""
_BESIDE = 24
"""Code points that may stand beside a phrase in a link's text."""
_MAX_CLIMB = 64
_TEXTS = frozenset({"article", "main"})
_FOOTER = re.compile(r"footer|(?:^|[\s_-])(?:foot|legal|imprint|meta-?nav)(?:$|[\s_-])", re.IGNORECASE)


_SIGNS = re.compile(r"[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class TermsLink:
    """A link to a page about use: absolute URL, the link's text, and whether a relation declares it."""

    url: str
    text: str
    declared: bool = False


def terms_links(sources: Sources) -> tuple[TermsLink, ...]:
    """The pages to read, at most three: those declared, else the best named one; and a page on AI or mining.

    Empty where the page links to none, or its URL is unknown.
    """
    if sources.asset.uri is None:
        return ()
    here = urldefrag(sources.asset.uri).url
    declared = list(_declared(sources, here))[:MAX_DECLARED]
    named = sorted(_named(sources.html, here), key=lambda found: found[0]) if sources.html else []
    best = [link for rank, link in named if rank[0] == 0][:1]
    if not declared:
        best += [link for rank, link in named if rank[0] > 0][:1]
    chosen: dict[str, TermsLink] = {}
    for link in (*declared, *best):
        chosen.setdefault(link.url, link)
    return tuple(chosen.values())


def _declared(sources: Sources, here: str) -> Iterator[TermsLink]:
    page = sources.asset.page
    for line in page.header_lines("link") if page is not None else ():
        for value in parse_links(line):
            url = _absolute(value.target, here)
            if RELATION in value.rel and not value.param("anchor") and url:
                yield TermsLink(url, value.raw, declared=True)
    for link in sources.html.links() if sources.html is not None else ():
        url = _absolute(link.href, here) if RELATION in link.rel else ""
        if url:
            yield TermsLink(url, _text_of(link) or RELATION, declared=True)


def _absolute(reference: str, here: str) -> str:
    """The address without its fragment; empty for what is no web address, or the page itself."""
    try:
        url = urldefrag(urljoin(here, reference.strip())).url if reference.strip() else ""
        usable = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        return ""
    return url if usable and url != here else ""


def _named(html: HtmlDocument, here: str) -> Iterator[tuple[tuple[int, ...], TermsLink]]:
    """Links of the same host that are called so, with their rank; the smallest is the best."""
    host = urlsplit(here).hostname or ""
    others, paths = _words()["relations"], _words()["paths"]
    for order, link in enumerate(html.links()):
        if not link.href or link.tag == "link" or (link.rel and link.rel & others):
            continue
        text = _text_of(link)
        is_name, rank = _rank_of_text(text[: _LONGEST * 4]) if _may_name(text) else (True, None)
        if rank is None and is_name and _step_of(link.href) in paths:
            rank = len(_LISTS), 0
        if rank is None:
            continue
        url = _absolute(link.href, here)
        parts = urlsplit(url) if url else None
        if parts is None or not _same_site(parts.hostname or "", host) or _is_listing(parts):
            continue
        if not _is_in_text(link.node) or _looks_so(parts):
            yield (*rank, order), TermsLink(url, text or parts.path)


def _may_name(text: str) -> bool:
    """Whether a text could be the name of a page about use, by its first and last words."""
    if len(text) > _LONGEST * 4 or not text.isascii():
        return True
    first, last = text.partition(" ")[0], text.rpartition(" ")[2]
    plain = first.isalnum() and last.isalnum() and len(text) <= _LONGEST
    return not plain or first.lower() in _ends()[0] or last.lower() in _ends()[1]


def _step_of(href: str) -> str:
    """The last step of an address that names a page: small, so that most links are told at once."""
    return _last_step(href.partition("#")[0].partition("?")[0])


def _same_site(one: str, other: str) -> bool:
    """Whether two hosts are one but for a leading `www.`."""
    return one.removeprefix("www.") == other.removeprefix("www.")


def _text_of(link: Link) -> str:
    """The words of a link: its text, else its label or title."""
    words = " ".join(link.text[:1000].split())
    if words:
        return words
    attributes = link.node.attributes
    labels = (attributes.get("aria-label") or "", attributes.get("title") or "")
    return next((words for label in labels if (words := " ".join(label[:1000].split()))), "")


@lru_cache(maxsize=4096)
def _rank_of_text(text: str) -> tuple[bool, tuple[int, int] | None]:
    """Whether the text may be a name that its address explains, and its rank where it says so itself."""
    folded = _folded(text)
    if len(folded) > _LONGEST:
        return False, None
    rank = _ranks().get(folded)
    named = (rank, 0) if rank is not None else _longer(folded)
    if named is None:
        return True, None
    is_other = any(_stands_in(word, folded) for word in _words()["others"])
    return False, None if is_other else named


def _longer(text: str) -> tuple[int, int] | None:
    """The list with a phrase that begins or ends the text, a little beside it.

    Single short words say too little for that.
    """
    words = text.split()
    if not words or (words[0] not in _ends()[0] and words[-1] not in _ends()[1]):
        return None
    found = [
        rank
        for count in range(1, len(words))
        for phrase in (" ".join(words[:count]), " ".join(words[count:]))
        if (rank := _ranks().get(phrase)) is not None
        and _is_telling(phrase)
        and len(text) <= len(phrase) + _BESIDE
    ]
    return (min(found), 1) if found else None


def _is_telling(phrase: str) -> bool:
    return " " in phrase or len(phrase) >= 10


@cache
def _ranks() -> dict[str, int]:
    """The list that each phrase is in, the first of several, by number."""
    return {phrase: rank for rank, name in reversed([*enumerate(_LISTS)]) for phrase in _words()[name]}


@cache
def _ends() -> tuple[frozenset[str], frozenset[str]]:
    """The first words and the last words of all phrases."""
    phrases = [phrase.split() for phrase in _ranks()]
    return frozenset(words[0] for words in phrases), frozenset(words[-1] for words in phrases)


def _stands_in(word: str, text: str) -> bool:
    """Whether a word of the text begins so; in scripts without spaces, whether it stands anywhere."""
    return word in text if word > "\u0e00" else f" {word}" in f" {text}"


def _last_step(path: str) -> str:
    return _as_name(path.rstrip("/").rpartition("/")[2].partition(".")[0])


def _as_name(step: str) -> str:
    return step[:200].lower().replace("_", "-")


def _looks_so(parts: SplitResult) -> bool:
    """Whether the address itself names such a page: its last step, or a value of its query."""
    steps = [_last_step(parts.path), *(_as_name(value) for _, value in parse_qsl(parts.query[:500])[:8])]
    return any(step in _words()["paths"] for step in steps)


def _is_listing(parts: SplitResult) -> bool:
    """Whether the address is a topic, a search, a product list: its name is what is listed there."""
    steps = {_as_name(step) for step in parts.path.split("/")[:8]}
    return bool(steps & _words()["listings"]) or (bool(parts.query) and not _looks_so(parts))


def _is_in_text(node: LexborNode) -> bool:
    """Whether a link stands in the page's own text, not in its footer or navigation."""
    parent, level = node.parent, 0
    while parent is not None and level < _MAX_CLIMB:
        attributes = parent.attributes
        if parent.tag in ("footer", "nav") or attributes.get("role") in ("contentinfo", "navigation"):
            return False
        if parent.tag not in ("body", "html") and any(
            _FOOTER.search((attributes.get(key) or "")[:300]) for key in ("class", "id")
        ):
            return False
        if parent.tag in _TEXTS:
            return True
        parent, level = parent.parent, level + 1
    return False


def _folded(text: str) -> str:
    """Case, marks, dotless i, apostrophes and punctuation at the ends apart, as footers in capitals differ."""
    if text.isascii():
        return " ".join(text[: _LONGEST * 4].lower().split()).strip(" .:>|-")
    plain = normalize("NFKD", text[: _LONGEST * 4]).casefold().replace("ı", "i").replace("’", "'")
    kept = "".join(sign for sign in plain if category(sign) != "Mn")
    return normalize("NFC", " ".join(kept.split())).strip(" .:»›>|·-–—•→")


@cache
def _words() -> dict[str, frozenset[str]]:
    data = tomllib.loads(files("rightscheck").joinpath("data/terms_links.toml").read_text("utf-8"))
    names = frozenset({*_LISTS, "others", "missing"})
    return {
        key: frozenset(_folded(phrase) if key in names else phrase for phrase in phrases)
        for key, phrases in data.items()
    }


def says_missing(title: str) -> bool:
    """Whether a page's title says that the page asked for is not there, whatever the status."""
    words = _folded(_SIGNS.sub(" ", title[:200]))
    return any(_stands_in(phrase, words) for phrase in _words()["missing"])
