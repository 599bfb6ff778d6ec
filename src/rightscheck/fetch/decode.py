"""Content codings (RFC 9110 8.4.1), decoded in bounded steps: gzip and deflate, the two that we accept.

A compressed body can grow a thousandfold per step, and codings can be stacked; so never more is
inflated than the caller has room for, and a stack or a coding that we did not ask for is refused.
"""

from __future__ import annotations

import zlib

ACCEPTED = "gzip, deflate"
STEP = 64 * 1024
"""Bytes inflated at a time."""
_GZIP_MAGIC = b"\x1f\x8b"


class CodingError(Exception):
    """The body is not in a coding that we asked for, or it is damaged. `str()` is the failure label."""

    def __str__(self) -> str:
        return "coding"


class BodyDecoder:
    """Decodes one body piece by piece; `coding` is the value of Content-Encoding, None when absent."""

    def __init__(self, coding: str | None) -> None:
        names = [name.strip().lower() for name in (coding or "").split(",")]
        names = [name.removeprefix("x-") for name in names if name not in ("", "identity")]
        if len(names) > 1 or not set(names) <= {"gzip", "deflate"}:
            raise CodingError(f"content coding `{coding}`")
        self._coding = names[0] if names else ""
        self._held = b""
        self._inflater: zlib._Decompress | None = None
        self._members = 0
        self._ended = False

    @property
    def complete(self) -> bool:
        """False when a compressed body has begun and its end has not come."""
        if self._inflater is not None:
            return False
        return self._members > 0 or not self._held

    def feed(self, data: bytes, body: bytearray, limit: int) -> None:
        """Appends the decoded bytes of the next piece to the body until it holds `limit`; drops the rest.

        Raises:
            CodingError: the data are damaged.
        """
        if not self._coding:
            body += data[: max(limit - len(body), 0)]
            return
        data = self._held + data
        self._held = b""
        while data and len(body) < limit and not self._ended:
            if self._inflater is None:
                self._begin(data)
            if self._inflater is None:
                return
            data = self._inflate(self._inflater, data, body, limit)

    def _begin(self, data: bytes) -> None:
        """Starts a member: gzip bodies may be several, one after the other (RFC 1952 2.2)."""
        if len(data) < 2:
            self._held = data
        elif self._coding == "deflate":
            # Some servers send raw deflate (RFC 1951) where zlib's wrapper (RFC 1950) is meant.
            wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
        elif self._members and not data.startswith(_GZIP_MAGIC):
            self._ended = True  # padding after the last member
        else:
            self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def _inflate(self, inflater: zlib._Decompress, data: bytes, body: bytearray, limit: int) -> bytes:
        """Inflates one step; gives the data that are still to be inflated."""
        try:
            body += inflater.decompress(data, min(STEP, limit - len(body)))
        except zlib.error as error:
            raise CodingError(str(error)) from error
        if not inflater.eof:
            return inflater.unconsumed_tail
        self._inflater = None
        self._members += 1
        self._ended = self._coding == "deflate"
        return inflater.unused_data
