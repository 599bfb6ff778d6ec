"""Where what was made from other files is kept between runs: a user's cache folder, or the one of RIGHTSCHECK_CACHE.

Nothing depends on it: what is missing, damaged, unwritable or not this user's own is made anew.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

VARIABLE = "RIGHTSCHECK_CACHE"
_LARGEST = 256 * 1024 * 1024
_KEPT = 4
"""Files of one kind that stay: several installations may share the folder."""


def cache_folder() -> Path | None:
    """The folder named by RIGHTSCHECK_CACHE, else the platform's own; None when the variable is empty."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    try:
        return _user_cache() / "rightscheck"
    except RuntimeError:  # nobody's home
        return None


def _user_cache() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".cache"


def read_kept(path: Path) -> bytes | None:
    """The file's bytes; None when it cannot be read, or when another user could have written it."""
    try:
        if not path.is_file():  # opening a pipe would wait for its writer
            return None
        with path.open("rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST or not _is_own(status):
                return None
            return stream.read()
    except (OSError, ValueError):
        return None


def _is_own(status: os.stat_result) -> bool:
    if sys.platform == "win32":
        return True  # a user's local folder is closed to others
    return status.st_uid in (0, os.geteuid()) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def keep(path: Path, body: bytes) -> None:
    """Put the bytes there, whole or not at all. What cannot be written costs time at the next start, no more."""
    import tempfile  # seldom needed, and slow to import

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as stream:
            try:
                stream.write(body)
                stream.close()
                Path(stream.name).replace(path)
            except OSError:
                Path(stream.name).unlink()
                raise
        _forget_older(path)
    except (OSError, ValueError):
        return


def _forget_older(path: Path) -> None:
    """Delete the oldest files of the same kind: those whose names differ from the path's in the digest only."""
    kind = path.name.rpartition("-")[0]
    others = [other for other in path.parent.glob(f"{kind}-*{path.suffix}") if other != path]
    others.sort(key=lambda other: other.stat().st_mtime_ns, reverse=True)
    for other in others[_KEPT - 1 :]:
        other.unlink(missing_ok=True)
