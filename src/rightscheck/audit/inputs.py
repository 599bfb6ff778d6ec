"""The inputs of a run: files, folders, globs and URLs found, watched for changes, and their columns looked at."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from rightscheck.audit.folder import read_json
from rightscheck.errors import UsageError
from rightscheck.readers import Mapping, Part, ReadError, Source, format_of, remote
from rightscheck.readers.columns import resolve
from rightscheck.readers.formats import known_suffixes, name_of
from rightscheck.readers.parquet import columns_of as parquet_columns

_PROBED = 20
"""Files whose columns are looked at before the run begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One file as it was when the run began: bytes, and nanoseconds of its last change.

    Of a URL, `changed` is a number for what its storage says of the version.
    """

    path: str
    size: int
    changed: int

    def fault(self) -> str:
        """Why the file is no longer what it was; empty when it is."""
        try:
            now = status_of(self.path)
        except OSError as error:
            return f"cannot be read: {error.strerror or error}"
        except ReadError as error:
            return error.message
        return "" if (now.size, now.changed) == (self.size, self.changed) else "changed since the run began"


def status_of(path: str) -> remote.Status:
    """Size and version of the file or URL.

    Raises:
        OSError, ReadError: it cannot be had.
    """
    if remote.is_remote(path):
        return remote.status(path)
    found = Path(path).stat()
    return remote.Status(found.st_size, found.st_mtime_ns)


def parts_of(path: str, mapping: Mapping) -> tuple[Part, ...]:
    """The parts of the file; a URL is one, so that it is copied once."""
    known = format_of(name_of(path))
    if known is None:
        raise UsageError(f"no reader for `{path}`")
    if remote.is_remote(path):
        return (Part(0, None),)
    return known.parts(Source(path=Path(path), mapping=mapping))


def find_files(paths: Iterable[str]) -> Iterator[str]:
    """The files and URLs that the paths name, in order; of folders those that a reader knows, sorted.

    Raises:
        UsageError: every path that names nothing readable, at once.
    """
    faults = []
    found: list[str] = []
    for text in paths:
        named, fault = _find(text)
        found += named
        if fault:
            faults.append(fault)
    if faults:
        raise UsageError("; ".join(faults), hint=f"endings that readers know: {', '.join(known_suffixes())}")
    yield from found


def _find(text: str) -> tuple[list[str], str]:
    """The files that one path names, and why it names none."""
    path = Path(text)
    if remote.is_remote(text):
        return _find_remote(text)
    if path.is_dir():
        inside = [str(each) for each in _inside(path)]
        return inside, "" if inside else f"`{text}` holds no file that a reader knows"
    if path.exists():
        return [str(path)], "" if format_of(path) else f"no reader for `{text}`"
    matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - absolute patterns too
    readable = [str(Path(each)) for each in matches if Path(each).is_file() and format_of(Path(each))]
    missing = "matches no readable file" if glob.has_magic(text) else "does not exist"
    return readable, "" if readable else f"`{text}` {missing}"


def _find_remote(text: str) -> tuple[list[str], str]:
    try:
        found = remote.find(text)
    except ReadError as error:
        return [], f"`{text}` {error.message}"
    root = remote.name_in(text)
    readable = [
        url
        for url in found
        if format_of(name_of(url)) and (url == text or not _is_hidden(name_of(url), root))
    ]
    if found == [text] and not readable:
        return [], f"no reader for `{text}`"
    return readable, "" if readable else f"`{text}` names no file that a reader knows"


def _inside(folder: Path) -> Iterator[Path]:
    """The data files below a folder. Of a saved dataset, those that its state names: others are remains."""
    state = folder / "state.json"
    named = _named_by(state) if state.is_file() else None
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")) or path.name in _BESIDE:
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _inside(path)
        elif path.is_file() and format_of(path) and (named is None or path.name in named):
            yield path


def _named_by(state: Path) -> frozenset[str]:
    value = read_json(state)
    files = value.get("_data_files") if isinstance(value, dict) else None
    return frozenset(
        item["filename"] for item in files or () if isinstance(item, dict) and "filename" in item
    )


_BESIDE = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json"})
"""What Hugging Face datasets keep beside their data."""


def _is_hidden(path: PurePath, root: PurePath) -> bool:
    """Whether a remote name is none of data, below what was asked for."""
    below = path.parts[len(root.parts) :] or (path.name,)
    return path.name in _BESIDE or any(part.startswith((".", "_")) for part in below)


def _columns(path: str, mapping: Mapping) -> frozenset[str] | None:
    """The names of the file's columns, None when they cannot be told."""
    known = format_of(name_of(path))
    if known is None:
        return None
    if not remote.is_remote(path):
        return known.columns(Source(path=Path(path), mapping=mapping))
    try:
        if known.name == "parquet":
            with remote.opened(path) as stream:
                return parquet_columns(stream)
        with remote.beginning(path) as head:
            return known.columns(Source(path=head, name=path, mapping=mapping))
    except ReadError:
        return None


def refuse_unknown_columns(files: Sequence[str], mapping: Mapping) -> None:
    """A mapping that fits none of the first files is a mistake of the request, not of the files."""
    faults = []
    for file in files[:_PROBED]:
        names = _columns(file, mapping)
        if names is None:
            return
        found = resolve(names, mapping)
        if not isinstance(found, str):
            return
        faults.append(f"`{file}`: {found}")
    if faults:
        raise UsageError(faults[0], hint="say where the text is: --map text=NAME,url=NAME")
