"""Single entries of a ZIP file from strangers: directory, entries and inflation bounded (APPNOTE 6.3)."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO

MAX_DIRECTORY = 4 * 1024 * 1024
MAX_ENTRY = 2 * 1024 * 1024
_END = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_UNREADABLE = (
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class Archive:
    """A ZIP file whose entries are read by name. Make one with `open_archive`."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def read(self, name: str) -> bytes | None:
        """The entry's bytes; None when it is missing, damaged, encrypted or larger than 2 MiB."""
        try:
            info = self._archive.getinfo(name)
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 1:
                return None
            with self._archive.open(info) as entry:
                data = entry.read(MAX_ENTRY + 1)
        except _UNREADABLE:
            return None
        return data if len(data) <= MAX_ENTRY else None


def open_archive(data: bytes) -> Archive | str:
    """The archive, or why it cannot be read. A directory over 4 MiB or of the 64-bit kind is not read."""
    end = data.rfind(_END, max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        return "no ZIP directory"
    (size,) = struct.unpack("<L", data[end + 12 : end + 16])
    if size > MAX_DIRECTORY or data[max(0, end - 20) : end].startswith(_ZIP64_LOCATOR):
        return "a ZIP directory larger than we read"
    try:
        return Archive(zipfile.ZipFile(BytesIO(data)))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError):
        return "a damaged ZIP directory"
