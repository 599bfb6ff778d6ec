"""The active manifest of a C2PA manifest store, in a file or by itself (C2PA 2.4 11, Appendix A).

Found by the store's JUMBF type; read and verified by c2pa-python, the extra `c2pa`, which must not go to the
network for it.
"""

from __future__ import annotations

import importlib.util
import io
import re
from dataclasses import dataclass

from rightscheck.media.embedded import MAX_SCAN
from rightscheck.syntax.json_text import JsonValue, parse_json

MEDIA_TYPE = "application/c2pa"
MISSING = "install rightscheck[c2pa] to read it"

# The type of a store's superbox, which begins 16 bytes before it: its size, `jumb`, then a `jumd` box.
_STORE = b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
_BEFORE = 16
_IN_SVG = b"<c2pa:manifest"
_ELSEWHERE = re.compile(rb"""\bdcterms:provenance(?:\s?=\s?["']|>)(https?://[^\s"'<>]{1,2000})""")
_INSTANCE = re.compile(r"__\d{1,9}\Z")
_SETTINGS = {"verify": {"remote_manifest_fetch": False, "ocsp_fetch": False}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The active manifest: its assertions in order as (label, data), and what its signature is worth.

    `state` is `Trusted` (valid, by a signer on a trust list), `Valid` or `Invalid` (C2PA 2.4 14.3).
    """

    assertions: tuple[tuple[str, dict[str, JsonValue]], ...]
    state: str


def carries_manifest(data: bytes) -> bool:
    """Whether a file of any format holds a manifest store, looked for in its first 64 MiB."""
    return data.find(_STORE, 0, MAX_SCAN) >= 0 or data.find(_IN_SVG, 0, MAX_SCAN) >= 0


def manifest_elsewhere(data: bytes) -> str:
    """The address of the manifest that a file's XMP names instead of carrying it; empty without one (A.2.4)."""
    found = _ELSEWHERE.search(data, 0, MAX_SCAN)
    return found[1].decode("utf-8", "replace") if found else ""


def can_read() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("c2pa") is not None


def read_manifest(data: bytes, media_type: str) -> Manifest | str:
    """The active manifest of a file or, as `application/c2pa`, of a store; or why it cannot be read.

    A file that is damaged, or of a type that is not known, is read for its store alone, whose signature then
    counts as invalid.
    """
    try:
        import c2pa
    except ImportError:
        return MISSING
    reasons: list[str] = []
    context = c2pa.Context.from_dict(_SETTINGS)
    for kind, body in _ways(data, media_type):
        try:
            with c2pa.Reader(kind, io.BytesIO(body), None, context) as reader:
                return _active(reader.json())
        except c2pa.C2paError as fault:
            reasons.append(f"it cannot be read ({' '.join(str(fault).split())[:200]})")
        except ValueError as fault:
            reasons.append(f"its content cannot be read ({fault})")
    return reasons[0]


def _ways(data: bytes, media_type: str) -> list[tuple[str | None, bytes]]:
    """The types to read the bytes as: the declared one, the one they look like, and the bare store in them."""
    ways: list[tuple[str | None, bytes]] = [(media_type, data)] if media_type else []
    if media_type != MEDIA_TYPE:
        ways.append((None, data))
        start = data.find(_STORE, 0, MAX_SCAN) - _BEFORE
        if start >= 0:
            ways.append((MEDIA_TYPE, data[start : start + int.from_bytes(data[start : start + 4])]))
    return ways


def _active(text: str) -> Manifest:
    """The active manifest of the store that the text describes; ValueError where it is not as described."""
    store = parse_json(text)
    if not isinstance(store, dict):
        raise ValueError("no object")
    manifests = store.get("manifests")
    active = manifests.get(str(store.get("active_manifest"))) if isinstance(manifests, dict) else None
    if not isinstance(active, dict):
        raise ValueError("no active manifest")
    listed = active.get("assertions")
    assertions = []
    for assertion in listed if isinstance(listed, list) else ():
        if isinstance(assertion, dict) and isinstance(assertion.get("data"), dict):
            label, content = str(assertion.get("label")), assertion["data"]
            if isinstance(content, dict):
                assertions.append((_INSTANCE.sub("", label), content))
    return Manifest(assertions=tuple(assertions), state=str(store.get("validation_state")))
