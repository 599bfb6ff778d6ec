"""A folder of policy files, each under the host that it was taken from.

`HOST/robots.txt` (and `HOST/.well-known/tdmrep.json` ...), `HOST.robots.txt`, `HOST.txt`; a date may follow
the host: `HOST-2025-06-19.robots.txt`. They are taken as https, and as files at hand: without a status.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rightscheck.errors import Problem, UsageError
from rightscheck.model import Document
from rightscheck.snapshots.opened import utc
from rightscheck.snapshots.places import carrier_of, cut, max_bytes
from rightscheck.sources import digest
from rightscheck.syntax.urls import check_url_form
from rightscheck.vocab import Carrier

_DATED = re.compile(r"(?P<host>[^/]+)-(?P<date>\d{4}-\d{2}-\d{2})")


def read_folder(folder: Path) -> Iterator[Document | Problem]:
    """The files below the folder, sorted by path. The time is the name's date, else the file's own.

    Symbolic links are not followed. A file whose name tells no host is a problem.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.name.startswith(".DS_"):
            continue
        yield _read_file(path, path.relative_to(folder).as_posix())


def _read_file(path: Path, name: str) -> Document | Problem:
    where = _address(name)
    if where is None:
        return Problem(str(path), "", "no host in its name", "HOST/robots.txt, HOST.robots.txt or HOST.txt")
    url, carrier, day = where
    try:
        with path.open("rb") as stream:
            body, over, fault = cut(carrier, stream.read(max_bytes(carrier) + 1))
            changed = path.stat().st_mtime
        when = utc(day) if day else datetime.fromtimestamp(changed, UTC)
    except OSError as error:
        return Problem(str(path), "", f"cannot be read: {error.strerror or error}")
    except ValueError:
        return Problem(str(path), "", f"no date: `{day}`")
    return Document(
        carrier=carrier,
        url=url,
        final_url=url,
        body=body,
        sha256=digest(body),
        retrieved_at=when,
        failure=fault,
        truncated=over,
    )


def _address(name: str) -> tuple[str, Carrier, str] | None:
    """URL, carrier and date (may be empty) by the file's path within the folder."""
    first, _, path = name.rpartition("/")
    host, path = (name.partition("/")[0], "/" + name.partition("/")[2]) if first else (name, "/robots.txt")
    if not first:
        host = host.removesuffix(".txt").removesuffix(".robots") if host.endswith(".txt") else ""
    dated = _DATED.fullmatch(host)
    host, day = (dated["host"], dated["date"]) if dated else (host, "")
    if "." not in host and host != "localhost":
        return None
    try:
        url = check_url_form(f"https://{host}{path}")
    except UsageError:
        return None
    carrier = carrier_of(url)
    return None if carrier is None else (url, carrier, day)
