"""The lexicons compiled: literals, anchors and the sources of the patterns, without what only checks them.

Made from the language files and named by the digest of those files and of the code that makes it, so it is never
stale. A checksum, then one line of JSON per part; a part is read when it is first needed.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any
from zlib import crc32

from rightscheck.notices.cues import Cues, Run
from rightscheck.notices.lexicon import Language, Lexicon
from rightscheck.notices.literals import Need, Told, folded_literals, literals

FORMAT = 1
_MAKERS = ("compiled", "cues", "fold", "lexicon", "literals", "pattern")
_PARTS = ("literals", "folded", "lexicon")


class Compiled:
    """What one compiled file holds; its parts are parsed on demand."""

    __slots__ = ("_lines",)

    def __init__(self, lines: Mapping[str, bytes]) -> None:
        self._lines = lines

    def literals(self) -> dict[bytes, Told]:
        """As `scan.literals` makes them."""
        return _told_from(json.loads(self._lines["literals"]))

    def folded_literals(self) -> dict[bytes, Told]:
        """As `scan.folded_literals` makes them."""
        return _told_from(json.loads(self._lines["folded"]))

    def lexicon(self) -> Lexicon:
        """As `lexicon.build` makes it, with patterns that are parsed when an anchor of theirs is met."""
        return _lexicon_from(json.loads(self._lines["lexicon"]))


def digest_of(heads: Iterable[tuple[str, bytes]]) -> str:
    """The digest of the language files, the code that compiles them and its Unicode tables.

    Empty when the code is not there as text: what it would make cannot be told apart from what other code made.
    """
    digest = sha256(f"{FORMAT} {unicodedata.unidata_version}".encode())
    folder = files("rightscheck.notices")
    try:
        makers = [(name, folder.joinpath(f"{name}.py").read_bytes()) for name in _MAKERS]
    except OSError:
        return ""
    for name, body in (*makers, *heads):
        digest.update(name.encode() + b"\0" + sha256(body).digest())
    return digest.hexdigest()


def compile_lexicon(lexicon: Lexicon, digest: str) -> bytes:
    """The compiled file of a lexicon; the same bytes for the same lexicon."""
    parts = {
        "literals": _told_stored(literals(lexicon)),
        "folded": _told_stored(folded_literals(lexicon)),
        "lexicon": _lexicon_stored(lexicon),
    }
    body = b"".join(_line(parts[name]) for name in _PARTS)
    return f"{digest} {crc32(body)}\n".encode() + body


def parse_compiled(body: bytes, digest: str) -> Compiled | None:
    """The compiled file of that digest; None when the bytes are another one's or not whole."""
    end = body.find(b"\n") + 1
    if body[:end] != f"{digest} {crc32(memoryview(body)[end:])}\n".encode():
        return None
    return Compiled(dict(zip(_PARTS, body[end:].split(b"\n")[:-1], strict=True)))


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _told_stored(known: Mapping[bytes, Told]) -> dict[str, Any]:
    """Literals with the place of what they tell: a few hundred answers serve tens of thousands.

    One text for all of them is read many times faster than a list; no literal holds a tab.
    """
    places: dict[Told, int] = {}
    numbers = [places.setdefault(told, len(places)) for told in known.values()]
    return {"literals": b"\t".join(known).decode(), "places": numbers, "told": list(places)}


def _told_from(data: dict[str, Any]) -> dict[bytes, Told]:
    told = [
        Told(bits, acts, modes, tuple(map(_need_from, needs))) for bits, acts, modes, needs in data["told"]
    ]
    return dict(
        zip(data["literals"].encode().split(b"\t"), map(told.__getitem__, data["places"]), strict=True)
    )


def _need_from(item: list[Any]) -> Need:
    bits, acts, modes, groups = item
    return Need(bits, acts, modes, tuple(map(tuple, groups)))


def _lexicon_stored(lexicon: Lexicon) -> dict[str, Any]:
    return {
        "languages": [[code, item.name, item.window] for code, item in lexicon.languages.items()],
        "runs": lexicon.cues.runs,
        "anchors": "\n".join(lexicon.anchors),
        "bounds": lexicon.bounds,
        "numbers": lexicon.numbers,
    }


def _lexicon_from(data: dict[str, Any]) -> Lexicon:
    return Lexicon(
        languages={
            code: Language(code=code, name=name, window=window) for code, name, window in data["languages"]
        },
        cues=Cues(
            Run(kind, language, tuple(prefixes), count, lines)
            for kind, language, prefixes, count, lines in data["runs"]
        ),
        anchors=data["anchors"].split("\n"),
        bounds=data["bounds"],
        numbers=data["numbers"],
    )
