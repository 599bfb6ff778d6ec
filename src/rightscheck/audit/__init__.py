"""Corpus runs: every document of any number of files judged, crash-safe, with reports and a manifest."""

from __future__ import annotations
