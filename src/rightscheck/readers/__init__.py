"""Corpus files as Arrow record batches of documents, whatever their format.

One file per format, found by name. Every reader yields batches with the columns of `records.COLUMNS`; what
cannot be read of a file comes as rows with a `problem`, or ends the file with a `ReadError`.
"""

from __future__ import annotations

from rightscheck.readers.columns import Mapping, parse_mapping
from rightscheck.readers.formats import FORMATS, Format, Part, format_of, open_source
from rightscheck.readers.records import COLUMNS, ReadError, Source

__all__ = [
    "COLUMNS",
    "FORMATS",
    "Format",
    "Mapping",
    "Part",
    "ReadError",
    "Source",
    "format_of",
    "open_source",
    "parse_mapping",
]
