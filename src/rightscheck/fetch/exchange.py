"""One request and its answer, bounded in seconds, bytes and header lines (RFC 9110, RFC 9112)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from rightscheck.fetch.decode import BodyDecoder, CodingError
from rightscheck.fetch.limits import FetchLimits
from rightscheck.fetch.transport import AsyncTransport, HttpLibrary, Response, body_of, failure_label

REDIRECTS = frozenset({301, 302, 303, 307, 308})
WIRE_SLACK = 64 * 1024
"""Bytes by which a coded body may be longer than what it decodes to."""


class _RefusedError(Exception):
    """The answer breaks a rule of ours; the message is the failure label."""


@dataclass(slots=True)
class Answer:
    """What one request brought, filled as it arrives: a time-out keeps what came before it."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytearray = field(default_factory=bytearray)
    truncated: bool = False
    failure: str = ""

    def header(self, name: str) -> str | None:
        """The header's lines joined by `, `; None when absent."""
        values = [value for key, value in self.headers if key.lower() == name]
        return ", ".join(values) if values else None

    @property
    def location(self) -> str | None:
        """Where it redirects to; None when it is no redirect or names no target, and so is an answer."""
        if self.failure or self.status not in REDIRECTS:
            return None
        values = (value.strip() for key, value in self.headers if key.lower() == "location")
        return next((value for value in values if value), None)


async def ask(
    transport: AsyncTransport,
    library: HttpLibrary,
    url: str,
    headers: dict[str, str],
    *,
    limits: FetchLimits,
    max_bytes: int,
    seconds: float,
) -> Answer:
    """The answer to one GET, its body cut at `max_bytes`; the body of a redirect is not read.

    What went wrong is in `failure`; a body that ends early or is cut has `truncated` set.
    """
    answer = Answer()
    timeouts = {
        "connect": limits.connect_seconds,
        "read": limits.read_seconds,
        "write": limits.read_seconds,
        "pool": None,
    }
    try:
        async with asyncio.timeout(seconds):
            request = library.request("GET", url, headers=headers, extensions={"timeout": timeouts})
            response = await transport.handle_async_request(request)
            await _receive(response, answer, limits, max_bytes)
    except (_RefusedError, CodingError) as refused:
        answer.failure = str(refused)
    except library.errors as error:  # OSError among them, and so the TimeoutError of asyncio.timeout
        answer.failure = failure_label(error, library)
    answer.truncated |= bool(answer.failure) and answer.status is not None
    return answer


async def _receive(response: Response, answer: Answer, limits: FetchLimits, max_bytes: int) -> None:
    stream = body_of(response)
    pieces = aiter(stream)
    try:
        _take_head(response, answer, limits)
        if answer.location is None:
            decoder = BodyDecoder(answer.header("content-encoding"))
            wire = 0
            async for piece in pieces:
                wire += len(piece)
                decoder.feed(piece, answer.body, max_bytes + 1)
                if len(answer.body) > max_bytes or wire > max_bytes + WIRE_SLACK:
                    del answer.body[max_bytes:]
                    raise _RefusedError("too-large")
            if not decoder.complete:
                raise CodingError
    finally:
        # The generator first: a suspended one would be closed by the collector, at no known time.
        for part in (pieces, stream):
            close = getattr(part, "aclose", None)
            if close is not None:
                await close()


def _take_head(response: Response, answer: Answer, limits: FetchLimits) -> None:
    """Status and headers, or refusal: too many of them, or a message whose end two parties may see apart."""
    raw = response.headers.raw
    size = sum(len(name) + len(value) + 4 for name, value in raw)
    if len(raw) > limits.max_headers or size > limits.max_header_bytes:
        raise _RefusedError("protocol")
    if response.status_code < 200 or _ambiguous_length(raw):
        raise _RefusedError("protocol")
    answer.status = response.status_code
    answer.headers = tuple((_decode(name), _decode(value)) for name, value in raw)


def _ambiguous_length(raw: Sequence[tuple[bytes, bytes]]) -> bool:
    """True for both lengths in one message or differing ones (RFC 9112 6.3: a sign of smuggling)."""
    lengths = {value.strip() for name, value in raw if name.lower() == b"content-length"}
    chunked = any(name.lower() == b"transfer-encoding" for name, _ in raw)
    return len(lengths) > 1 or (chunked and bool(lengths))


def _decode(raw: bytes) -> str:
    """Header bytes as text: UTF-8 where they are, else ISO-8859-1, which fits any."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")
