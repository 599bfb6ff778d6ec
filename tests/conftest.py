"""What several test files need: the repository, the user's document, the command line run in process."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from rightscheck.cli.app import run

# A busy machine is no fault of the code: nothing here is judged by how long it takes.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

ROOT = Path(__file__).parent.parent
SEED = ROOT / "seeds" / "000_bbda12ee46ec3871.txt"
SHARED = ROOT.parent / "shared"
CLAUSE = (
    "Dilarang keras mengambil konten, melakukan crawling atau pengindeksan otomatis untuk AI di situs web ini "
    "tanpa izin tertulis dari Kantor Berita ANTARA."
)


@dataclass(frozen=True)
class Ran:
    """What a command wrote and how it ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


class _Stream(io.TextIOWrapper):
    """A standard stream that keeps its bytes."""

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", errors="surrogateescape", write_through=True)

    def value(self) -> bytes:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


@pytest.fixture
def cli(monkeypatch):
    """Runs `rightscheck` with arguments and standard input, in this process."""

    def call(*arguments: object, stdin: bytes = b"") -> Ran:
        out, err = _Stream(), _Stream()
        monkeypatch.setattr(sys, "stdin", _Stream(stdin))
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        code = run([str(argument) for argument in arguments])
        monkeypatch.undo()
        return Ran(code, out.value(), err.value().decode())

    return call


@pytest.fixture
def antara_robots(tmp_path):
    """A robots.txt that, like the real one of 2025, closes ClaudeBot and leaves everybody else open."""
    path = tmp_path / "robots.txt"
    path.write_text("User-agent: *\nAllow: /\nDisallow: /ajax/*\n\nUser-agent: ClaudeBot\nDisallow: /\n")
    return path
