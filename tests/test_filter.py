"""The JSONL gate: clean lines pass byte for byte and in order, the rest is kept back, nothing is lost."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CLAUSE
from rightscheck.checker import Checker
from rightscheck.errors import UsageError
from rightscheck.filter import Counts, Keys, filter_lines, parse_keys

CLEAN = "Rain fell on the hill all morning, and the market opened late."
RESERVED = f"Rain fell on the hill. {CLAUSE}"
CHECKER = Checker(profile="text-only", use="ai-train", on="2026-11-24")


def ran(data: bytes, **options) -> tuple[Counts, bytes, list[dict]]:
    passed, rejected = io.BytesIO(), io.BytesIO()
    counts = filter_lines(io.BytesIO(data), CHECKER, passed=passed, rejected=rejected, **options)
    return counts, passed.getvalue(), [json.loads(line) for line in rejected.getvalue().splitlines()]


def line(text: object, **more: object) -> bytes:
    return json.dumps({"text": text, **more}, ensure_ascii=False).encode()


def test_passing_lines_keep_their_bytes_and_their_order():
    first = b'{"text":"' + CLEAN.encode() + b'" ,  "n":1.0}\r\n'
    second = line(CLEAN, n=2) + b"\n"
    last = line(CLEAN, n=3)

    counts, passed, rejected = ran(first + line(RESERVED) + b"\n" + second + last)

    assert passed == first + second + last
    assert (counts.read, counts.passed, counts.rejected, counts.unreadable) == (4, 3, 1, 0)
    (entry,) = rejected
    assert (entry["line"], entry["verdict"], entry["record"]) == (2, "no-go", {"text": RESERVED})
    assert entry["rules"] == ["notice/reservation"]
    assert entry["quotes"][0]["quote"] == CLAUSE


UNREADABLE = [
    (b"{broken", "not JSON"),
    (b"[1, 2]", "not a JSON object"),
    (b'"text"', "not a JSON object"),
    (b'{"id": 1}', "no `text` with a string; its keys are id"),
    (b'{"text": null}', "no `text` with a string"),
    (b'{"text": 5}', "no `text` with a string"),
    (b'{"text": "\xff"}', "not UTF-8"),
    (b"[" * 200_000, "nested too deeply"),
    (b"", "empty line"),
    (b"   ", "empty line"),
]


@pytest.mark.parametrize(("bad", "reason"), UNREADABLE, ids=[str(case[0][:20]) for case in UNREADABLE])
def test_what_cannot_be_read_never_passes(bad, reason):
    good = line(CLEAN) + b"\n"

    counts, passed, rejected = ran(good + bad + b"\n" + good)

    assert passed == good + good
    assert (counts.read, counts.unreadable) == (3, 1)
    assert rejected[0]["line"] == 2
    assert reason in rejected[0]["unreadable"]


def test_a_line_of_fifty_megabytes_is_read():
    long = line(CLEAN + " word" * 10_000_000 + f"\n{CLAUSE}") + b"\n"

    counts, passed, _ = ran(long + line(CLEAN) + b"\n")

    assert (counts.rejected, counts.passed) == (1, 1)
    assert passed == line(CLEAN) + b"\n"


def test_a_line_beyond_the_limit_is_unreadable_and_the_next_one_is_not_lost(monkeypatch):
    monkeypatch.setattr("rightscheck.filter.MAX_LINE", 200)
    long = line(CLEAN * 20) + b"\n"

    counts, passed, rejected = ran(long + line(CLEAN) + b"\n")

    assert (counts.unreadable, counts.passed) == (1, 1)
    assert passed == line(CLEAN) + b"\n"
    assert "longer than 200 bytes" in rejected[0]["unreadable"]


def test_columns_can_be_named():
    record = json.dumps({"text": CLEAN, "meta": {"body": RESERVED}}).encode() + b"\n"

    assert ran(record)[0].passed == 1
    assert ran(record, keys=Keys(text="meta.body"))[0].rejected == 1


@pytest.mark.parametrize("mapping", ["text", "text=", "title=x", "text=a;url=b=", "=x"])
def test_a_mapping_of_another_form_is_refused(mapping):
    if mapping == "text=a;url=b=":
        assert parse_keys(mapping) == Keys(text="a;url=b=")
    else:
        with pytest.raises(UsageError):
            parse_keys(mapping)


def test_a_url_that_is_none_counts_as_unknown():
    assert ran(line(CLEAN, url="http://[broken") + b"\n" + line(CLEAN, url=5) + b"\n")[0].passed == 2


records = st.one_of(
    st.sampled_from([CLEAN, RESERVED]).map(line),
    st.binary(max_size=40).filter(lambda data: b"\n" not in data),
    st.just(b""),
    st.text(max_size=30).map(line),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2).map(
        lambda record: json.dumps(record).encode()
    ),
)


@given(st.lists(st.tuples(records, st.sampled_from([b"\n", b"\r\n"])), max_size=8), st.booleans())
@settings(max_examples=150, deadline=None)
def test_lines_in_are_lines_passed_rejected_and_unreadable(lines, final_end):
    data = b"".join(body + end for body, end in lines)
    if not final_end:
        data = data.rstrip(b"\r\n")
    expected = len(io.BytesIO(data).readlines())

    counts, passed, rejected = ran(data)

    assert counts.read == expected == counts.passed + counts.rejected + counts.unreadable
    assert len(rejected) == counts.rejected + counts.unreadable
    kept = io.BytesIO(passed).readlines()
    assert len(kept) == counts.passed
    everything = iter(io.BytesIO(data).readlines())
    assert all(line in everything for line in kept), "passing lines keep bytes and order"


def test_the_command_reports_counts_and_fails_the_gate(cli, tmp_path):
    data = line(CLEAN) + b"\n" + line(RESERVED) + b"\n{broken\n"
    path = tmp_path / "in.jsonl"
    path.write_bytes(data)

    ran = cli(
        "filter", path, "-o", tmp_path / "out.jsonl", "--rejected", tmp_path / "no.jsonl", "-p", "text-only"
    )

    assert ran.code == 1
    assert ran.out == b""
    assert "3 lines in = 1 passed + 1 rejected + 1 unreadable" in ran.err
    assert (tmp_path / "out.jsonl").read_bytes() == line(CLEAN) + b"\n"
    assert len((tmp_path / "no.jsonl").read_bytes().splitlines()) == 2
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("data", "more", "code"),
    [
        (line(CLEAN) + b"\n", (), 0),
        (line(CLEAN) + b"\n\n", (), 0),
        (line(CLEAN) + b"\n{", (), 3),
        (b"", (), 3),
        (line(RESERVED), (), 1),
        (line(RESERVED), ("--exit-zero",), 0),
        (line(RESERVED), ("--fail-on", "never"), 0),
    ],
)
def test_exit_codes_of_the_filter(cli, data, more, code):
    assert cli("filter", "-p", "text-only", *more, stdin=data).code == code


def test_output_onto_the_input_is_refused_and_the_input_survives(cli, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(line(CLEAN))

    ran = cli("filter", path, "-o", path)

    assert ran.code == 2
    assert "is the input itself" in ran.err
    assert path.read_bytes() == line(CLEAN)
