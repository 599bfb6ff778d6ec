"""Stores built from archives, JSON lines and folders; hostile archives; the command line."""

from __future__ import annotations

import base64
import builtins
import gzip
import json
import os
import random
import time
import tracemalloc
import zlib
from datetime import UTC, datetime

import pytest

from rightscheck.errors import MissingExtraError, Problem
from rightscheck.model import Document
from rightscheck.robots import RobotsState, classify
from rightscheck.snapshots import SnapshotStore, build
from rightscheck.snapshots.build import read_source
from rightscheck.vocab import Carrier
from timing import within

pytest.importorskip("fastwarc", reason="the extra `warc` is not installed")
RULES = b"User-agent: *\nDisallow: /cart\n"


# -- WARC --------------------------------------------------------------------------------------------------------


def http(body=RULES, status="200 OK", headers=("Content-Type: text/plain",), end="\r\n") -> bytes:
    return end.join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


def record(
    host="hill", *, block=None, kind="response", url="", length=None, date="2025-03-01T12:00:00Z", extra=()
):
    block = http() if block is None else block
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url or f'https://{host}.example/robots.txt'}",
        f"WARC-Date: {date}",
        f"WARC-Record-ID: <urn:uuid:{zlib.crc32(block + host.encode()):036}>",
        f"Content-Type: application/http; msgtype={kind}",
        f"Content-Length: {len(block) if length is None else length}",
        *extra,
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + block + b"\r\n\r\n"


INFO = record(block=b"software: test\r\n", kind="warcinfo", url="urn:x")


def members(*records: bytes) -> bytes:
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def read(path, data: bytes) -> tuple[dict[str, Document], list[str]]:
    """Documents by host, and the problems, of an archive with these bytes."""
    path.write_bytes(data)
    documents, problems = {}, []
    for item in read_source(path):
        if isinstance(item, Problem):
            problems.append(str(item).removeprefix(f"{path}:"))
        else:
            documents[item.url.split("/")[2].removesuffix(".example")] = item
    return documents, problems


@pytest.fixture
def archive(tmp_path):
    return tmp_path / "robots.warc.gz"


PACKINGS = {
    "plain": b"".join,
    "a member each": lambda records: members(*records),
    "one member": lambda records: gzip.compress(b"".join(records)),
}


@pytest.mark.parametrize("pack", PACKINGS.values(), ids=PACKINGS)
def test_every_packing_is_read(archive, pack):
    request = record("hill", block=b"GET /robots.txt HTTP/1.1\r\nHost: hill.example\r\n\r\n", kind="request")
    page = record(url="https://hill.example/a", block=http(b"<p>"))
    documents, problems = read(
        archive,
        pack(
            [
                INFO,
                request,
                record("hill"),
                page,
                record("dale", block=http(b"", "404 Not Found")),
                record("moor"),
            ]
        ),
    )

    assert problems == []
    assert documents["hill"] == Document(
        carrier=Carrier.ROBOTS_TXT,
        url="https://hill.example/robots.txt",
        final_url="https://hill.example/robots.txt",
        status=200,
        headers=(("Content-Type", "text/plain"),),
        body=RULES,
        sha256=documents["hill"].sha256,
        retrieved_at=datetime(2025, 3, 1, 12, tzinfo=UTC),
    )
    assert {host: document.status for host, document in documents.items()} == {
        "hill": 200,
        "dale": 404,
        "moor": 200,
    }


def chunked(body: bytes, last: bytes = b"0\r\n\r\n") -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body) + last


# name -> (block, further WARC fields, body, failure, state)
ANSWERS = {
    "HTML is kept as what it is": (http(b"<!doctype html><p>Hi"), (), b"<!doctype html><p>Hi", "", "invalid"),
    "a refusal": (http(b"no", "403 Forbidden"), (), b"no", "", "refused"),
    "a server error": (http(b"", "503 Busy"), (), b"", "", "unreachable"),
    "an empty file": (http(b""), (), b"", "", "absent"),
    "line feeds alone": (http(end="\n"), (), RULES, "", "rules"),
    "chunked": (http(chunked(RULES), headers=["Transfer-Encoding: chunked"]), (), RULES, "", "rules"),
    "chunked, already joined": (http(headers=["Transfer-Encoding: chunked"]), (), RULES, "", "rules"),
    "chunks that end early": (
        http(chunked(RULES, b""), headers=["Transfer-Encoding: chunked"]),
        (),
        RULES,
        "protocol",
        "unreachable",
    ),
    "gzip": (http(gzip.compress(RULES), headers=["Content-Encoding: gzip"]), (), RULES, "", "rules"),
    "gzip, already decoded": (
        http(headers=["Content-Encoding: gzip", "Content-Length: 9"]),
        (),
        RULES,
        "",
        "rules",
    ),
    "gzip, unsaid": (http(gzip.compress(RULES)), (), RULES, "", "rules"),
    "gzip cut short": (
        http(gzip.compress(RULES * 99)[:40], headers=["Content-Encoding: gzip"]),
        (),
        None,
        "coding",
        "unreachable",
    ),
    "gzip damaged": (
        http(b"\x1f\x8b\x08" + b"\xff" * 30, headers=["Content-Encoding: gzip"]),
        (),
        b"",
        "coding",
        "unreachable",
    ),
    "deflate": (http(zlib.compress(RULES), headers=["Content-Encoding: deflate"]), (), RULES, "", "rules"),
    "deflate without its frame": (
        http(zlib.compress(RULES, wbits=-15), headers=["Content-Encoding: deflate"]),
        (),
        RULES,
        "",
        "rules",
    ),
    "a bomb": (http(gzip.compress(b"# x\n" * 4_000_000)), (), (b"# x\n" * 128_000), "", "absent"),
    "shorter than it says": (http(headers=["Content-Length: 999"]), (), RULES, "protocol", "unreachable"),
    "cut by the crawler": (http(), ("WARC-Truncated: length",), RULES, "", "rules"),
    "broken off": (http(), ("WARC-Truncated: disconnect",), RULES, "connect", "unreachable"),
    "too slow": (http(), ("WARC-Truncated: time",), RULES, "timeout", "unreachable"),
    "no status line": (b"User-agent: *\n", (), b"", "protocol", "unreachable"),
    "an impossible status": (http(status="999999 OK"), (), b"", "protocol", "unreachable"),
    "no end of the head": (b"HTTP/1.1 200 OK\r\nA: b\r\n", (), b"", "protocol", "unreachable"),
    "nothing": (b"", (), b"", "protocol", "unreachable"),
}


@pytest.mark.parametrize(("block", "extra", "body", "failure", "state"), ANSWERS.values(), ids=ANSWERS)
def test_no_answer_is_taken_for_another(archive, block, extra, body, failure, state):
    documents, _ = read(archive, members(INFO, record("hill", block=block, extra=extra), record("dale")))

    assert set(documents) == {"hill", "dale"}
    assert documents["hill"].failure == failure
    if body is not None:
        assert documents["hill"].body == body
    if state != "absent" or not body:
        assert classify(documents["hill"]) == RobotsState(state)


def test_the_target_of_a_redirect_is_kept_and_joined(archive, tmp_path):
    to_page = http(b"", "301 Moved", ["Location: /files/robots"])
    to_host = http(b"", "302 Found", ["Location: https://hill.example/robots.txt"])
    archive.write_bytes(
        members(
            record(url="https://hill.example/files/robots"),
            record("hill", block=to_page),
            record("dale", block=to_host),
            record(url="https://hill.example/other", block=http(b"page")),
        )
    )
    with SnapshotStore.open(tmp_path / "store.sqlite") as store:
        assert build(store, [archive]).problems == 0

        found = store.followed(store.latest("https://dale.example/robots.txt"))

        assert (found.body, found.status) == (RULES, 200)
        assert found.redirects == ("https://dale.example/robots.txt", "https://hill.example/robots.txt")
        assert found.final_url == "https://hill.example/files/robots"
        assert store.latest("https://hill.example/other") is None


def test_an_answer_of_another_host_than_its_url_s_is_left_out(archive):
    asked = b"GET /robots.txt HTTP/1.1\r\nHost: %s\r\n\r\n"
    documents, problems = read(
        archive,
        members(
            record("hill", block=asked % b"dale.example", kind="request"),
            record("hill"),
            record("moor", block=asked % b"Moor.example:443", kind="request"),
            record("moor"),
        ),
    )

    assert set(documents) == {"moor"}
    assert [problem.partition(": ")[2] for problem in problems] == [
        "`https://hill.example/robots.txt` was asked of another host, `dale.example`"
    ]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (record("moor", kind="revisit"), "a revisit"),
        (record("moor", date="yesterday"), "Invalid isoformat"),
    ],
)
def test_records_that_say_too_little_are_problems(archive, bad, reason):
    documents, problems = read(archive, members(bad, record("hill")))

    assert set(documents) == {"hill"}
    assert len(problems) == 1
    assert reason in problems[0]


A, B, C = (record(host) for host in ("a", "b", "c"))
LONG = record("b", length=len(http()) + 400)
SHORT = record("b", length=len(http()) - 9)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


# name -> (archive, hosts that are whole, hosts kept as broken)
DAMAGED = {
    "gzip cut in the last body": (members(A, B, C)[:-30], "ab", "c"),
    "gzip cut in the last checksum": (members(A, B, C)[:-3], "ab", "c"),
    "gzip cut between": (members(A, B), "ab", ""),
    "gzip cut in a header": (members(A, B) + members(C)[:12], "ab", ""),
    "gzip damaged in the middle": (flipped(members(A, B, C), len(members(A)) + 40), "ac", ""),
    "gzip damaged at a magic": (flipped(members(A, B, C), len(members(A))), "ac", ""),
    "one gzip member cut": (gzip.compress(A + B + C)[:-9], "ab", "c"),
    "plain cut in a body": ((A + B + C)[:-12], "ab", "c"),
    "plain cut in a header": ((A + B + C)[: len(A + B) + 30], "ab", ""),
    "plain, a length too long": (A + LONG + C, "ac", "b"),
    "plain, a length too short": (A + SHORT + C, "ac", "b"),
    "plain, no number": (A + record("b", length="x") + C, "ac", "b"),
    "plain, a huge number": (A + record("b", length=10**40) + C, "ac", "b"),
    "plain, negative": (A + record("b", length=-1) + C, "ac", "b"),
    "gzip, a length too long": (members(A, LONG, C), "ac", "b"),
    "gzip, a length too short": (members(A, SHORT, C), "ac", "b"),
    "gzip, no number": (members(A, record("b", length="x"), C), "ac", "b"),
    "rubbish between": (A + b"rubbish\r\n" * 9 + B + C, "bc", "a"),
    "rubbish between members": (members(A) + b"rubbish" * 9 + members(B, C), "abc", ""),
    "rubbish at the end": (members(A, B) + b"rubbish", "ab", ""),
}


@pytest.mark.parametrize(("data", "whole", "broken"), DAMAGED.values(), ids=DAMAGED)
def test_of_a_damaged_archive_everything_readable_is_kept(archive, data, whole, broken):
    documents, problems = read(archive, data)

    sound = {host for host, document in documents.items() if classify(document) is RobotsState.RULES}
    assert sound == set(whole)
    assert all(documents[host].body == RULES for host in sound)
    assert set(documents) - sound <= set(broken), "what is doubtful is kept as a failure, or not at all"
    assert bool(problems) == (data != members(A, B))


def test_damage_is_found_where_there_are_checksums_and_never_raises(archive):
    dice = random.Random(7)  # noqa: S311 - damage, not secrets
    for pack in (members, lambda *records: b"".join(records)):
        data = pack(A, B, C)
        for _ in range(150):
            place = dice.randrange(len(data))
            damaged = dice.choice([data[:place], flipped(data, place), data[:place] + data[place + 7 :]])
            documents, problems = read(archive, damaged)
            if pack is members:
                sound = [found for found in documents.values() if classify(found) is RobotsState.RULES]
                assert all(found.body == RULES for found in sound)
                assert len(sound) == 3 or problems or damaged in (pack(A), pack(A, B))


HOSTILE = {
    "magic numbers": members(A) + b"\x1f\x8b\x08" * 1_000_000,
    "magic numbers that could be": members(A) + b"\x1f\x8b\x08\x04\xff\xff" * 300_000,
    "empty members": members(A) + gzip.compress(b"") * 50_000,
    "versions": A + b"\nWARC/1.0" * 300_000,
    "one long header": A + b"WARC/1.0\r\nX: " + b"x" * 5_000_000,
    "a bomb": members(A, record("b", block=http(b"#" * 100_000_000))),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_archives_made_to_take_for_ever_end(archive, data):
    began = time.process_time()
    documents, _ = read(archive, data)

    assert "a" in documents
    assert sum(len(document.body) for document in documents.values()) < 600_000
    assert within(time.process_time() - began, 20)


def test_without_the_library_the_extra_is_named(archive, monkeypatch):
    archive.write_bytes(members(A))
    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("fastwarc"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError) as caught:
        list(read_source(archive))
    assert "rightscheck[warc]" in caught.value.hint


# -- JSON lines --------------------------------------------------------------------------------------------------

LINE = {"url": "https://hill.example/robots.txt", "status": 200, "retrieved_at": "2025-03-01T12:00:00+01:00"}


@pytest.mark.parametrize("packed", [False, True])
def test_json_lines_are_read(tmp_path, packed):
    path = tmp_path / "robots.jsonl"
    lines = [
        LINE | {"body": RULES.decode(), "headers": {"ETag": '"a"'}},
        LINE | {"url": "https://dale.example/ai.txt", "body_b64": base64.b64encode(b"\xff").decode()},
        LINE | {"url": "https://moor.example/robots.txt", "status": None, "failure": "dns"},
        LINE | {"url": "https://weir.example/robots.txt", "headers": [["A", "1"], ["A", "2"]]},
    ]
    text = "\n".join(json.dumps(line) for line in lines).encode()
    documents, problems = read(path, gzip.compress(text) if packed else text)

    assert problems == []
    assert (documents["hill"].body, documents["hill"].header("etag")) == (RULES, '"a"')
    assert documents["hill"].retrieved_at == datetime(2025, 3, 1, 11, tzinfo=UTC)
    assert (documents["dale"].carrier, documents["dale"].body) == (Carrier.AI_TXT, b"\xff")
    assert classify(documents["moor"]) is RobotsState.UNREACHABLE
    assert documents["weir"].headers == (("A", "1"), ("A", "2"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting property name"),
        ("[1]", "no JSON object"),
        ("{}", "no `url`"),
        (json.dumps(LINE | {"url": "https://hill.example/a"}), "not the address of robots.txt"),
        (json.dumps(LINE | {"url": "ftp://hill.example/robots.txt"}), "not http or https"),
        (json.dumps(LINE | {"status": "200"}), "`status` is no HTTP status: 200"),
        (json.dumps(LINE | {"status": True}), "`status` is no HTTP status: True"),
        (json.dumps(LINE | {"retrieved_at": "soon"}), "Invalid isoformat"),
        (json.dumps({key: LINE[key] for key in ("url", "status")}), "no `retrieved_at`"),
        (json.dumps(LINE | {"body_b64": "!"}), "no base64"),
        (json.dumps(LINE | {"body": 5}), "`body` is no text"),
        (json.dumps(LINE | {"headers": {"a": 1}}), "`headers` is no list of texts"),
        (json.dumps(LINE | {"headers": [["a"]]}), "no pair"),
        (json.dumps(LINE | {"truncated": 1}), "neither true nor false"),
        ("[" * 100_000, "nested deeper"),
        (json.dumps(LINE | {"body": "x" * 5_000_000}), "longer than"),
    ],
)
def test_a_line_that_is_no_observation_is_a_problem_and_no_end(tmp_path, line, reason):
    good = json.dumps(LINE)
    documents, problems = read(tmp_path / "robots.jsonl", f"{good}\n{line}\n\n{good}\n".encode())

    assert set(documents) == {"hill"}
    assert len(problems) == 1
    assert problems[0].startswith("line 2: ")
    assert reason in problems[0]


def test_json_lines_cut_short_keep_what_came_before(tmp_path):
    text = b"".join(
        json.dumps(LINE | {"url": f"https://h{n}.example/robots.txt", "body": os.urandom(99).hex()}).encode()
        + b"\n"
        for n in range(500)
    )
    documents, problems = read(tmp_path / "robots.jsonl.gz", gzip.compress(text)[:-2000])

    assert 400 < len(documents) < 500
    assert len(problems) == 1
    assert "the rest cannot be read" in problems[0]


def test_memory_does_not_grow_with_the_source(tmp_path):
    path = tmp_path / "robots.jsonl"
    with path.open("w") as stream:
        for number in range(4000):
            body = f"# {number}\n" + "# filler\n" * 1500
            line = LINE | {"url": f"https://h{number}.example/robots.txt", "body": body}
            stream.write(json.dumps(line) + "\n")
    with SnapshotStore.open(tmp_path / "store.sqlite") as store:
        tracemalloc.start()
        built = build(store, [path])
        urls = (resource.url for resource in store.resources())
        sizes = [len(document.body) for url in urls for document in store.history(url)]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert (built.added, len(sizes), min(sizes) > 13_000) == (4000, 4000, True)
    assert peak < 25_000_000 < path.stat().st_size


# -- folders -----------------------------------------------------------------------------------------------------


def test_a_folder_of_files_named_by_host(tmp_path):
    for name in (
        "hill.example/robots.txt",
        "hill.example/.well-known/tdmrep.json",
        "dale.example-2025-06-19.robots.txt",
        "moor.example.txt",
        "README",
        "readme.txt",
        "weir.example/notes.txt",
    ):
        path = tmp_path / "robots" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(RULES)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    (tmp_path / "robots" / "link.example.txt").symlink_to(tmp_path / "robots" / "moor.example.txt")

    items = list(read_source(tmp_path / "robots"))

    assert [(item.url, item.carrier) for item in items if isinstance(item, Document)] == [
        ("https://dale.example/robots.txt", Carrier.ROBOTS_TXT),
        ("https://hill.example/.well-known/tdmrep.json", Carrier.TDMREP),
        ("https://hill.example/robots.txt", Carrier.ROBOTS_TXT),
        ("https://moor.example/robots.txt", Carrier.ROBOTS_TXT),
    ]
    assert [item.retrieved_at for item in items if isinstance(item, Document)][:2] == [
        datetime(2025, 6, 19, tzinfo=UTC),
        datetime.fromtimestamp(1_700_000_000, UTC),
    ]
    assert sum(isinstance(item, Problem) for item in items) == 3


# -- the command -------------------------------------------------------------------------------------------------


def test_build_show_and_diff(cli, tmp_path, archive):
    store = tmp_path / "policies.sqlite"
    closed = b"User-agent: GPTBot\nDisallow: /\n"
    archive.write_bytes(members(record("hill"), record("dale")))
    later = tmp_path / "later.jsonl"
    line = LINE | {"retrieved_at": "2025-06-01", "body": closed.decode()}
    later.write_text(json.dumps(line) + "\n")

    assert cli("snapshot", "build", store, archive, later).code == 0
    again = cli("snapshot", "build", store, archive, later)
    assert "3 observations read, 0 of them new" in again.err

    assert cli("snapshot", "show", store).text.startswith(
        "3 observations of 2 files of 2 origins\n2 different"
    )
    shown = cli("snapshot", "show", store, "https://hill.example/any/page").text.splitlines()
    assert shown[0] == "https://hill.example/robots.txt (robots-txt)"
    assert [line.split(", sha256")[0] for line in shown[1:]] == [
        "  2025-03-01T12:00:00Z  200, 30 bytes",
        "  2025-06-01T00:00:00Z  200, 31 bytes",
    ]
    [resource] = json.loads(cli("snapshot", "show", store, "https://dale.example/", "-f", "json").out)
    assert resource["observations"][0]["status"] == 200

    changed = cli("snapshot", "diff", store, "--since", "2025-05-01").text
    assert changed.splitlines()[0] == "https://hill.example/robots.txt  bytes"
    assert changed.splitlines()[-1] == "  training agents closed at /: GPTBot"
    [change] = json.loads(cli("snapshot", "diff", store, "--since", "2025-05-01", "-f", "json").out)
    assert (change["change"], change["closed"], change["before"]["bytes"]) == ("bytes", ["GPTBot"], 30)
    that_day = cli("snapshot", "diff", store, "--since", "2025-06-01", "--until", "2025-06-01").text
    assert that_day == changed, "both days count as a whole"
    empty = cli("snapshot", "diff", store, "--since", "2025-03-02", "--until", "2025-05-01", "-f", "json")
    assert json.loads(empty.out) == []


def test_problems_are_listed_and_exit_3(cli, tmp_path, archive):
    archive.write_bytes(members(A, B, C)[:-30])
    other, packed = tmp_path / "picture.png", tmp_path / "robots.warc.zst"
    other.write_bytes(b"\x89PNG\r\n\x1a\n")
    packed.write_bytes(b"\x28\xb5\x2f\xfd rest")
    ran = cli("snapshot", "build", tmp_path / "policies.sqlite", archive, other, packed)

    assert ran.code == 3
    assert f"{archive}:byte {len(members(A, B))}: not a sound WARC record: cut short" in ran.err
    assert f"{other}: neither WARC nor JSON lines" in ran.err
    assert f"{packed}: zstd or lz4 (decompress it first)" in ran.err
    assert "3 problems" in ran.err


def test_usage_errors(cli, tmp_path):
    store = tmp_path / "policies.sqlite"
    missing = cli("snapshot", "build", store, tmp_path / "no.warc", tmp_path / "neither")
    assert missing.code == 2
    assert "no.warc` does not exist; " in missing.err
    assert not store.exists()
    assert cli("snapshot", "show", store).code == 2
    SnapshotStore.open(store).close()
    assert cli("snapshot", "show", store).code == 0
    assert cli("snapshot", "show", store, "https://hill.example/").code == 3
    assert cli("snapshot", "show", store, "-f", "yaml").code == 2
    assert cli("snapshot", "diff", store, "--since", "soon").code == 2
    assert cli("snapshot", "diff", store, "--since", "2025-03-02", "--until", "2025-03-01").code == 2
