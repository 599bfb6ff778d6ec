"""The compiled lexicons: read like the files they were made from, and never a reason to read otherwise or fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rightscheck.cache_folder import VARIABLE, cache_folder, keep, read_kept
from rightscheck.notices import loading
from rightscheck.notices.compiled import compile_lexicon, digest_of, parse_compiled
from rightscheck.notices.engine import read
from rightscheck.notices.lexicon import build, examples, language_files, language_heads
from rightscheck.notices.scan import Scanner, folded_literals, literals

TEXTS = [e.text for name, text in language_files() for e in examples(name, text)]
BUILT = build(language_files())
DIGEST = digest_of(language_heads())
COMPILED = compile_lexicon(BUILT, DIGEST)
NOTICE = "© 2026 Tarn Herald. Scraping is forbidden without written permission."
READ = f"from rightscheck import read_notices; print(read_notices({NOTICE!r}))"
posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")


def forget() -> None:
    for made in (loading.load, loading.scanner, loading.speaking, loading._compiled):
        made.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache, and a process that has read nothing yet."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    forget()
    yield tmp_path / "cache"
    forget()


def kept(folder: Path) -> Path:
    (path,) = folder.glob("notices-*.jsonl")
    return path


def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the language files were parsed, counted from here."""
    counted: list[int] = []

    def counting(sources: object) -> object:
        counted.append(1)
        return BUILT

    def compiling(lexicon: object, digest: str) -> bytes:
        assert lexicon is BUILT
        assert digest == DIGEST
        return COMPILED

    monkeypatch.setattr(loading, "build", counting)
    monkeypatch.setattr(loading, "compile_lexicon", compiling)
    return counted


def test_compiled_and_built_say_the_same() -> None:
    compiled = parse_compiled(COMPILED, DIGEST)
    assert compiled is not None
    lexicon = compiled.lexicon()
    assert list(compiled.literals().items()) == list(literals(BUILT).items())
    assert list(compiled.folded_literals().items()) == list(folded_literals(BUILT).items())
    assert list(lexicon.cues) == list(BUILT.cues)
    assert lexicon.languages == BUILT.languages
    assert list(lexicon.anchors) == list(BUILT.anchors)
    assert (list(lexicon.bounds), list(lexicon.numbers)) == (list(BUILT.bounds), list(BUILT.numbers))


def test_readings_are_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = TEXTS[::5]
    first = [read(text) for text in texts]
    forget()
    counted = builds(monkeypatch)
    assert [read(text) for text in texts] == first
    assert counted == []
    monkeypatch.setattr("rightscheck.notices.engine.load", lambda: BUILT)
    made = Scanner(literals(BUILT), lambda: folded_literals(BUILT))
    monkeypatch.setattr("rightscheck.notices.engine.scanner", lambda: made)
    assert [read(text) for text in texts] == first


def test_the_same_lexicon_compiles_to_the_same_bytes(folder: Path) -> None:
    loading.load()
    assert kept(folder).read_bytes() == COMPILED


def test_a_kept_file_is_read_instead(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = builds(monkeypatch)
    loading.load()
    forget()
    loading.load()
    loading.scanner()
    assert counted == [1]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\n",
        COMPILED[:-1],
        COMPILED[: len(COMPILED) // 2],
        COMPILED + b"{}\n",
        COMPILED.replace(b"forbidden", b"forbiddem", 1),
        b"\0" * 4096,
        COMPILED.replace(DIGEST.encode(), b"0" * 64, 1),
    ],
    ids=["empty", "line", "short", "half", "long", "letter", "zeros", "of other files"],
)
def test_a_damaged_file_is_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    counted = builds(monkeypatch)
    loading.load()
    kept(folder).write_bytes(damage)
    forget()
    assert read(NOTICE).clauses
    assert counted == [1, 1]
    assert kept(folder).read_bytes() == COMPILED


def test_an_edit_takes_effect_at_once() -> None:
    """A file's digest covers what is read of it; its examples are not."""
    heads = dict(language_heads())
    edited = heads | {"en.toml": heads["en.toml"] + b"\n"}
    assert digest_of(heads.items()) == DIGEST == digest_of(language_heads())
    assert digest_of(edited.items()) != DIGEST
    assert parse_compiled(COMPILED, digest_of(edited.items())) is None
    assert all(b"[[example]]" not in head for head in heads.values())


def test_a_folder_that_cannot_be_made_costs_time_only(folder: Path) -> None:
    folder.write_text("a file stands where the folder would be")
    assert read(NOTICE).clauses
    assert folder.is_file()


def test_no_cache_when_the_variable_is_empty(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")
    assert cache_folder() is None
    assert read(NOTICE).clauses
    assert not folder.exists()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="other platforms have other folders")
@pytest.mark.parametrize(
    ("named", "expected"),
    [("/kept", "/kept/rightscheck"), ("", "/home/ada/.cache/rightscheck"), ("x", "/home/ada/.cache/rightscheck")],
)  # fmt: skip
def test_the_platforms_folder(monkeypatch: pytest.MonkeyPatch, named: str, expected: str) -> None:
    """XDG Base Directory: a relative path in XDG_CACHE_HOME is invalid and ignored."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    assert str(cache_folder()) == expected


@posix
def test_what_others_could_have_written_is_not_read(folder: Path) -> None:
    path = folder / "kind-1-a.jsonl"
    keep(path, b"ours")
    assert read_kept(path) == b"ours"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o622)
    assert read_kept(path) is None


@posix
def test_a_pipe_in_the_way_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "kind-1-a.jsonl"
    os.mkfifo(path)
    assert read_kept(path) is None


def test_old_files_go(folder: Path) -> None:
    for number in range(9):
        keep(folder / f"kind-1-{number}.jsonl", b"x")
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 4
    assert "kind-1-8.jsonl" in names


def test_processes_that_start_together(tmp_path: Path) -> None:
    environment = os.environ | {VARIABLE: str(tmp_path)}
    started = [
        subprocess.Popen([sys.executable, "-c", READ], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(answers) == 1
    assert [path.name for path in tmp_path.iterdir()] == [f"notices-1-{DIGEST}.jsonl"]
    assert kept(tmp_path).read_bytes() == COMPILED


def test_threads_that_start_together(folder: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    expected = [read(text) for text in TEXTS[:40]]
    forget()
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, TEXTS[:40])) == expected
