"""A registry that does not hold: a precise message for each fault, never a traceback, never half of it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightscheck.errors import PolicyError, Problem
from rightscheck.registry.publishers import read_layer
from rightscheck.registry.store import Registry

CASES = Path(__file__).parent / "cases" / "registry"
GOOD = (CASES / "entry.toml").read_text("utf-8")


@dataclass(frozen=True)
class Fault:
    """One edit of the good entry, and the problem that it must give."""

    title: str
    old: str
    new: str
    key: str
    reason: str


FAULTS = [
    *(Fault(**fault) for fault in tomllib.loads((CASES / "faults.toml").read_text("utf-8"))["fault"]),
    Fault("lists within lists", "conditions = [", "conditions = " + "[" * 5000, "", "nested too deeply"),
    Fault("a number of 5,000 digits", '"newspaper"', "9" * 5000, "end of file", "not TOML"),
]


def read(folder: Path) -> list[Problem]:
    """The problems of the layer; what they say must be printable, one line each, and name a file."""
    problems: list[Problem] = []
    read_layer(folder, "own", problems)
    for problem in problems:
        str(problem).encode("utf-8")
        assert "\n" not in str(problem)
        assert problem.file
    return problems


def entry(folder: Path, country: str = "gb", name: str = "gazette") -> Path:
    path = folder / "publishers" / country / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_the_entry_that_faults_are_made_of_is_good(tmp_path: Path) -> None:
    entry(tmp_path).write_text(GOOD, "utf-8")

    assert read(tmp_path) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.title)
def test_a_fault_is_named_by_file_key_and_reason(fault: Fault, tmp_path: Path) -> None:
    assert fault.old in GOOD
    entry(tmp_path).write_bytes(GOOD.replace(fault.old, fault.new, 1).encode())

    problems = read(tmp_path)

    assert any(
        problem.file == "publishers/gb/gazette.toml"
        and problem.key.startswith(fault.key)
        and fault.reason in str(problem)
        for problem in problems
    ), [str(problem) for problem in problems]


def test_titles_of_faults_differ() -> None:
    assert len({fault.title for fault in FAULTS}) == len(FAULTS) >= 60


def latin_1(path: Path) -> None:
    path.write_bytes(GOOD.replace("Gazette", "Gazétte").encode("latin-1"))


def utf_16(path: Path) -> None:
    path.write_bytes(GOOD.encode("utf-16"))


def windows_lines(path: Path) -> None:
    path.write_bytes(GOOD.replace("\n", "\r\n").encode())


def ten_megabytes(path: Path) -> None:
    path.write_text(GOOD + "# padding\n" * 1_048_576, "utf-8")


def folder_in_its_place(path: Path) -> None:
    (path / "nothing").mkdir(parents=True)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def link_to_nothing(path: Path) -> None:
    path.symlink_to(path.with_name("gone.toml"))


def folder_that_links_back(path: Path) -> None:
    path.write_text(GOOD, "utf-8")
    (path.parent / "again").symlink_to(path.parent.parent, target_is_directory=True)


def yaml_file(path: Path) -> None:
    path.with_suffix(".yaml").write_text("id: gazette\n", "utf-8")


def backup_file(path: Path) -> None:
    path.with_suffix(".toml.bak").write_text(GOOD, "utf-8")


def empty_file(path: Path) -> None:
    path.write_bytes(b"")


def no_evidence(path: Path) -> None:
    path.write_text(GOOD[: GOOD.index("[identity]")], "utf-8")


def same_id_elsewhere(path: Path) -> None:
    path.write_text(GOOD, "utf-8")
    other = entry(path.parents[2], "ie")
    other.write_text(GOOD.replace('"gb"', '"ie"').replace("gazette.example", "other.example"), "utf-8")


def same_host_elsewhere(path: Path) -> None:
    path.write_text(GOOD, "utf-8")
    other = entry(path.parents[2], "gb", "herald")
    other.write_text(GOOD.replace('id = "gazette"', 'id = "herald"').replace("/gazette", "/herald"), "utf-8")


def outside_a_country(path: Path) -> None:
    (path.parents[1] / "gazette.toml").write_text(GOOD, "utf-8")


def in_a_deeper_folder(path: Path) -> None:
    (path.parent / "old").mkdir()
    (path.parent / "old" / path.name).write_text(GOOD, "utf-8")


def name_that_is_not_utf_8(path: Path) -> None:
    Path(os.fsdecode(os.fsencode(path.parent) + b"/gaz\xffette.toml")).write_text(GOOD, "utf-8")


PLACES: list[tuple[Callable[[Path], None], str, str]] = [
    (latin_1, "publishers/gb/gazette.toml", "line 2: not UTF-8"),
    (utf_16, "publishers/gb/gazette.toml", "line 1: not UTF-8 (this looks like UTF-16)"),
    (
        windows_lines,
        "publishers/gb/gazette.toml",
        "line 1: a carriage return ends the line (save with LF line ends)",
    ),
    (ten_megabytes, "publishers/gb/gazette.toml", "more than the 1,048,576 allowed"),
    (pipe, "publishers/gb/gazette.toml", "not a regular file"),
    (link_to_itself, "publishers/gb/gazette.toml", "cannot be read: too many levels of symbolic links"),
    (link_to_nothing, "publishers/gb/gazette.toml", "cannot be read: no such file or directory"),
    (folder_that_links_back, "again", "a symbolic link leads back"),
    (yaml_file, "publishers/gb/gazette.yaml", "not a .toml file"),
    (backup_file, "publishers/gb/gazette.toml.bak", "not a .toml file"),
    (empty_file, "publishers/gb/gazette.toml", "id: missing"),
    (no_evidence, "publishers/gb/gazette.toml", "nothing is recorded"),
    (
        same_id_elsewhere,
        "publishers/ie/gazette.toml",
        "id: `gazette` is also the id of publishers/gb/gazette.toml",
    ),
    (same_host_elsewhere, "publishers/gb/herald.toml", "hosts: `gazette.example` is also claimed by"),
    (outside_a_country, "publishers/gazette.toml", "country: `gb` differs from the folder"),
    (in_a_deeper_folder, "publishers/gb/old/gazette.toml", "country: `gb` differs from the folder"),
    (name_that_is_not_utf_8, "publishers/gb/gaz", "id: `gazette` differs from the file name"),
]


@pytest.mark.parametrize(("make", "file", "reason"), PLACES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_of_the_file_system_is_named(
    make: Callable[[Path], None], file: str, reason: str, tmp_path: Path
) -> None:
    make(entry(tmp_path))

    problems = read(tmp_path)

    assert any(file in problem.file and reason in str(problem) for problem in problems), problems


def test_a_folder_named_as_an_entry_holds_none(tmp_path: Path) -> None:
    folder_in_its_place(entry(tmp_path))

    assert read(tmp_path) == []  # its (empty) inside was looked through


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads what nobody may")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = entry(tmp_path)
    path.write_text(GOOD, "utf-8")
    path.chmod(0)

    (problem,) = read(tmp_path)

    assert "cannot be read: permission denied" in str(problem)


def test_all_faults_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    entry(tmp_path).write_text(GOOD.replace('"gb"', '"uk"').replace('"disallow"', '"deny"', 1), "utf-8")
    entry(tmp_path, "gb", "herald").write_text("id = herald\n", "utf-8")

    with pytest.raises(PolicyError) as caught:
        Registry.load(tmp_path)

    assert [(problem.file, problem.key) for problem in caught.value.problems] == [
        ("publishers/gb/gazette.toml", "country"),
        ("publishers/gb/gazette.toml", "statement[0].preference"),
        ("publishers/gb/herald.toml", "line 1, column 6"),
    ]


BYTES = GOOD.encode()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(BYTES) - 1), st.integers(0, 40), st.binary(max_size=12))
def test_any_damage_is_a_problem_or_a_good_entry(start: int, length: int, new: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        folder = Path(name)
        entry(folder).write_bytes(BYTES[:start] + new + BYTES[start + length :])
        problems: list[Problem] = []

        layer = read_layer(folder, "own", problems)

        assert len(layer.policies) == (0 if problems else 1)
