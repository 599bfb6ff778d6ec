"""The lexicon and the prefilter of all languages that ship, once per process, from the cache when it has them."""

from __future__ import annotations

from functools import cache

from rightscheck.cache_folder import cache_folder, keep, read_kept
from rightscheck.notices.compiled import FORMAT, Compiled, compile_lexicon, digest_of, parse_compiled
from rightscheck.notices.lexicon import Lexicon, build, language_heads
from rightscheck.notices.scan import Scanner
from rightscheck.notices.speaking import Speaking


@cache
def load() -> Lexicon:
    """The lexicon of all languages that ship. Read once per process.

    Raises:
        PolicyError: the faults of all files, as `file:key: reason`.
    """
    return _compiled().lexicon()


@cache
def scanner() -> Scanner:
    """The scanner over all languages; compiled once per process.

    Raises:
        PolicyError: the faults of all files, as `file:key: reason`.
    """
    compiled = _compiled()
    return Scanner(compiled.literals(), compiled.folded_literals)


@cache
def speaking() -> Speaking:
    """What tells which passages could say anything; once per process.

    Raises:
        PolicyError: the faults of all files, as `file:key: reason`.
    """
    return Speaking(load())


@cache
def _compiled() -> Compiled:
    """The language files compiled. Kept and fresh ones go the same way, so that neither reads otherwise."""
    heads = tuple(language_heads())
    digest = digest_of(heads)
    folder = cache_folder() if digest else None
    path = folder / f"notices-{FORMAT}-{digest}.jsonl" if folder is not None else None
    kept = read_kept(path) if path is not None else None
    known = parse_compiled(kept, digest) if kept is not None else None
    if known is not None:
        return known
    lexicon = build((name, head.decode()) for name, head in heads)
    body = compile_lexicon(lexicon, digest)
    if path is not None:
        keep(path, body)
    compiled = parse_compiled(body, digest)
    assert compiled is not None  # noqa: S101 - just made
    return compiled
