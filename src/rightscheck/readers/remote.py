"""Files that fsspec reaches (s3://, gs://, hf://, https://, ...): listed, watched, and copied here to be read.

A file is copied whole before it is read, and the copy removed afterwards: what was judged is then what was
hashed, and every format is read as a local file is.
"""

from __future__ import annotations

import errno
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from rightscheck.errors import IncompleteError, MissingExtraError, UsageError
from rightscheck.readers.records import ReadError

HEAD = 4 * 1024 * 1024
"""Bytes read to learn a file's columns."""
_TRIES = 3
_MARKS = (
    "ETag",
    "etag",
    "LastModified",
    "last_modified",
    "Last-Modified",
    "mtime",
    "created",
    "sha256",
    "oid",
)
"""What storage says of a file's version, under the names of different storages."""


@dataclass(frozen=True, slots=True)
class Status:
    """Bytes, and a number that changes with the file as far as its storage tells (0 where it does not)."""

    size: int
    changed: int


def is_remote(text: str) -> bool:
    """Whether the name of an input is a URL."""
    scheme, separator, _ = text.partition("://")
    return bool(separator) and scheme.replace("+", "").isalnum()


def name_in(url: str) -> PurePosixPath:
    """The path of the URL, without query: its ending tells the format."""
    return PurePosixPath(urlsplit(url).path or urlsplit(url).netloc)


def status(url: str) -> Status:
    """What the storage says of the file.

    Raises:
        ReadError: it is not there, or may not be read.
    """
    system, path = _reach(url)
    with _faults():
        known = system.info(path)
    marks = [f"{name}={known[name]}" for name in _MARKS if known.get(name)]
    changed = int.from_bytes(sha256(";".join(marks).encode()).digest()[:7]) if marks else 0
    return Status(known.get("size") or 0, changed)


def find(url: str) -> list[str]:
    """The URLs of the files that the URL names: itself, the matches of a glob, or all in the folder, sorted.

    Raises:
        UsageError: no such storage.
        ReadError: it cannot be listed.
    """
    system, path = _reach(url)
    with _faults():
        if any(mark in name_in(url).name or mark in path for mark in "*[") or path.endswith("?"):
            found = system.glob(path)
        elif url.startswith(("http://", "https://")):  # a folder would be a crawl of links
            return [url] if system.exists(path) else []
        else:
            found = system.find(path)
        return sorted(str(system.unstrip_protocol(each)) for each in found)


@contextmanager
def copied(url: str) -> Iterator[Path]:
    """A local file with the bytes of the URL, removed afterwards.

    Raises:
        ReadError: it cannot be copied, after three tries.
    """
    system, path = _reach(url)
    with tempfile.TemporaryDirectory(prefix="rightscheck-") as folder:
        target = Path(folder) / "copy"
        for left in reversed(range(_TRIES)):
            try:
                with _faults():
                    system.get_file(path, str(target))
                break
            except ReadError:
                if not left:
                    raise
                time.sleep(_TRIES - left)
        yield target


@contextmanager
def beginning(url: str) -> Iterator[Path]:
    """A local file with the first bytes of the URL, removed afterwards.

    Raises:
        ReadError: they cannot be read.
    """
    system, path = _reach(url)
    with tempfile.NamedTemporaryFile(prefix="rightscheck-") as file:
        with _faults(), system.open(path, "rb", block_size=HEAD) as stream:
            file.write(stream.read(HEAD))
        file.flush()
        yield Path(file.name)


@contextmanager
def opened(url: str) -> Iterator[Any]:  # a file object of fsspec's, which has no types
    """The file itself, to be read from any place.

    Raises:
        ReadError: it cannot be opened, or not be read from any place.
    """
    system, path = _reach(url)
    with _faults(), system.open(path, "rb") as stream:
        yield stream


def _reach(url: str) -> tuple[Any, str]:  # fsspec has no types
    """The storage and the path within it."""
    try:
        import fsspec
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise MissingExtraError(
            f"`{url}` is read with fsspec, which is not installed", hint="pip install 'rightscheck[fsspec]'"
        ) from error
    options: dict[str, object] = {}
    if url.startswith(("http://", "https://")):
        import aiohttp

        # fsspec's own limit is five minutes for a whole file.
        limits = aiohttp.ClientTimeout(total=None, sock_connect=60, sock_read=60)
        # A server that packs a packed file once more would have it unpacked on the way.
        options = {"client_kwargs": {"timeout": limits}, "headers": {"Accept-Encoding": "identity"}}
    try:
        system, path = url_to_fs(url, **options)
    except ImportError as error:
        raise MissingExtraError(f"`{url}` cannot be reached: {error}", hint=str(error)) from error
    except ValueError as error:
        known = ", ".join(sorted(fsspec.available_protocols())[:30])
        raise UsageError(f"`{url}` cannot be reached: {error}", hint=f"fsspec knows {known}") from error
    return system, path


@contextmanager
def _faults() -> Iterator[None]:
    """Turns what storages raise into a fault of the file."""
    try:
        yield
    except _errors() as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise IncompleteError(
                f"no room for a copy in `{tempfile.gettempdir()}`",
                hint="TMPDIR names a larger place; --resume",
            ) from error
        if isinstance(error, FileNotFoundError):
            raise ReadError("cannot be read: no such file") from error
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise ReadError(f"cannot be read: {reason}") from error


def _errors() -> tuple[type[Exception], ...]:
    """What reading from a storage may raise: the clients that are loaded share no root of their errors."""
    found: list[type[Exception]] = [OSError, EOFError, ValueError, RuntimeError]
    for module, name in (
        ("aiohttp", "ClientError"),
        ("botocore.exceptions", "BotoCoreError"),
        ("botocore.exceptions", "ClientError"),
        ("httpx", "HTTPError"),
    ):
        error = getattr(sys.modules.get(module), name, None)
        if isinstance(error, type) and issubclass(error, Exception):
            found.append(error)
    return tuple(found)
