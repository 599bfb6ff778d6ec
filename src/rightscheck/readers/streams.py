"""Bytes and lines of files that may be compressed: gzip, zstd, bzip2, xz.

Everything that can be decompressed comes out before a fault is told; output per step is bounded.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path, PurePath
from types import ModuleType
from typing import IO, Any, BinaryIO, Protocol

from rightscheck.errors import MissingExtraError
from rightscheck.readers.records import ReadError, Source

CHUNK = 1 << 20
_ZSTD_CHUNK = 2048
"""Compressed bytes per step: a zstd decoder cannot be told how much to give, at most 128 KiB per 4 bytes."""
_GZIP_CHUNK = 4096
"""Compressed bytes per step: what one step would have given is lost where it meets damage."""
MAX_LINE = 256 * 1024 * 1024
"""Bytes; a longer line is unreadable."""
SUFFIXES = (".gz", ".zst", ".zstd", ".bz2", ".xz")


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def feed(self, data: bytes) -> bytes: ...
    @property
    def pending(self) -> bool: ...


@cache
def _zlib() -> Any:  # two modules with one protocol
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib
    return isal_zlib


class _Inflate:
    """zlib's decoder, or isal's where it is installed, which is twice as fast."""

    def __init__(self) -> None:
        self._inner = _zlib().decompressobj(31)

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    @property
    def pending(self) -> bool:
        return bool(self._inner.unconsumed_tail)

    def feed(self, data: bytes) -> bytes:
        return bytes(self._inner.decompress(self._inner.unconsumed_tail + data, CHUNK))


class _Bounded:
    """bzip2 and xz, which share a protocol."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def pending(self) -> bool:
        return not self._inner.needs_input and not self._inner.eof

    def feed(self, data: bytes) -> bytes:
        return self._inner.decompress(data, CHUNK)


def load_zstandard() -> ModuleType:
    """The zstandard module.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtraError(
            "zstd files need zstandard, which is not installed", hint="pip install 'rightscheck[corpus]'"
        ) from error
    return zstandard


class _Zstd:
    def __init__(self) -> None:
        self._inner = load_zstandard().ZstdDecompressor(max_window_size=1 << 27).decompressobj()

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    @property
    def pending(self) -> bool:
        return False

    def feed(self, data: bytes) -> bytes:
        return bytes(self._inner.decompress(data))


def compression_of(path: PurePath) -> str:
    """The compression that the name says: `gz`, `zst`, `bz2`, `xz` or empty."""
    suffix = path.suffix.lower()
    return {".zstd": "zst"}.get(suffix, suffix[1:]) if suffix in SUFFIXES else ""


def _decoder(compression: str) -> _Decoder:
    if compression == "gz":
        return _Inflate()
    if compression == "zst":
        return _Zstd()
    return _Bounded(bz2.BZ2Decompressor() if compression == "bz2" else lzma.LZMADecompressor())


def chunks(stream: BinaryIO, compression: str = "") -> Iterator[bytes]:
    """The bytes of the stream, decompressed, in pieces of about a mebibyte.

    Raises:
        ReadError: damaged or cut short; after all that could be had.
    """
    if not compression:
        while data := _read(stream, CHUNK):
            yield data
        return
    size = {"zst": _ZSTD_CHUNK, "gz": _GZIP_CHUNK}.get(compression, 64 * 1024)
    decoder = _decoder(compression)
    errors = _errors(compression)
    started = False
    data = b""
    while data or (data := _read(stream, size)):
        if not started and not data.strip(b"\0"):  # padding after the last member
            data = b""
            continue
        started = True
        yield from _step(decoder, data, compression, errors)
        data = b""
        if decoder.eof:
            data = decoder.unused_data
            decoder, started = _decoder(compression), False
    if started:
        raise ReadError(f"{compression} data ends before its end mark")


def _step(
    decoder: _Decoder, data: bytes, compression: str, errors: tuple[type[Exception], ...]
) -> Iterator[bytes]:
    while True:
        try:
            out = decoder.feed(data)
        except errors as error:
            raise ReadError(f"damaged {compression} data: {error}") from error
        if out:
            yield out
        if decoder.eof or not decoder.pending:
            return
        data = b""


def _errors(compression: str) -> tuple[type[Exception], ...]:
    """What the decoders raise for damaged data."""
    common = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)
    if compression == "zst":
        return (*common, load_zstandard().ZstdError)
    return (*common, _zlib().error) if compression == "gz" else common


def _read(stream: BinaryIO, size: int) -> bytes:
    try:
        return stream.read(size)
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}") from error


def lines(pieces: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines without their ends, each with its length in bytes, end included.

    A line longer than MAX_LINE comes cut to MAX_LINE + 1 bytes. A fault of the pieces is raised after every
    whole line before it; a last line cut by it is not given.
    """
    held: list[bytes] = []
    size = kept = 0
    for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for line in whole:
            length = size + len(line) + 1
            if held:
                line = b"".join([*held, line])[: MAX_LINE + 1]
                held.clear()
                size = kept = 0
            yield length, line
        if rest:
            size += len(rest)
            if kept <= MAX_LINE:
                held.append(rest)
                kept += len(rest)
    if held:
        yield size, b"".join(held)[: MAX_LINE + 1]


def content(source: Source) -> Iterator[bytes]:
    """The bytes of the file, decompressed, in pieces.

    Raises:
        ReadError: it cannot be read, or is damaged; after all that could be had.
    """
    with open_file(source.path) as stream:
        yield from chunks(stream, compression_of(source.named))


def whole(source: Source, most: int) -> bytes:
    """The bytes of the file, decompressed.

    Raises:
        ReadError: it cannot be read, is damaged, or holds more than `most` bytes.
    """
    parts = []
    size = 0
    for piece in content(source):
        size += len(piece)
        if size > most:
            raise ReadError(f"larger than {most} bytes")
        parts.append(piece)
    return b"".join(parts)


def open_file(path: Path) -> BinaryIO:
    """The file, opened for reading.

    Raises:
        ReadError: it is not there any more, or may not be read.
    """
    try:
        return path.open("rb")
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}") from error


@contextmanager
def packed(path: Path, compression: str) -> Iterator[IO[bytes]]:
    """A file to write bytes to, which are compressed with `gz`, `zst` or not at all; no time, no name in it.

    Raises:
        MissingExtraError: zstandard is not installed.
    """
    with path.open("wb") as file:
        if compression == "gz":
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0) as packing:
                yield packing  # type: ignore[misc]  # a file to write bytes to
        elif compression == "zst":
            with load_zstandard().ZstdCompressor(level=6).stream_writer(file, closefd=False) as packing:
                yield packing
        else:
            yield file
