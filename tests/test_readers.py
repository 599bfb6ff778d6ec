"""Readers: one corpus in every format gives the same documents; damage costs no more than it must."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
import zstandard

from rightscheck.errors import UsageError
from rightscheck.readers import (
    COLUMNS,
    FORMATS,
    Mapping,
    ReadError,
    Source,
    format_of,
    open_source,
    parse_mapping,
)
from rightscheck.readers import columns as names
from rightscheck.readers import jsonl as jsonl_reader
from rightscheck.readers.streams import chunks, lines

ROWS = [
    {
        "id": "a",
        "text": 'Rain fell on the hill.\nThe market opened, late; "very" late.',
        "url": "https://a.example/1",
    },
    {"id": "b", "text": "Дождь шёл всё утро.", "url": "https://b.example/путь"},
    {"id": "c", "text": "雨が丘に降った。", "url": "https://a.example/3"},
]


def as_jsonl(rows=ROWS) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def as_parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS), out, row_group_size=2)
    return out.getvalue()


def as_csv(delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["text", "id", "url"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_ipc(kind: Callable[..., object]) -> bytes:
    table = pa.Table.from_pylist(ROWS)
    out = io.BytesIO()
    with kind(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return out.getvalue()


def record(kind: str, block: bytes, **more: str) -> bytes:
    head = {
        "WARC-Type": kind,
        "Content-Length": str(len(block)),
        **{k.replace("_", "-"): v for k, v in more.items()},
    }
    return (
        b"WARC/1.0\r\n"
        + "".join(f"{k}: {v}\r\n" for k, v in head.items()).encode()
        + b"\r\n"
        + block
        + b"\r\n\r\n"
    )


def as_wet() -> bytes:
    return record("warcinfo", b"software: x\r\n") + b"".join(
        record("conversion", row["text"].encode(), WARC_Target_URI=row["url"], WARC_Record_ID=row["id"])
        for row in ROWS
    )


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), body)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


FILES = {
    "a.jsonl": as_jsonl(),
    "a.json.gz": gzip.compress(as_jsonl()[:40]) + gzip.compress(as_jsonl()[40:]) + b"\0" * 20,
    "a.jsonl.zst": zstandard.compress(as_jsonl()),
    "a.ndjson.bz2": bz2.compress(as_jsonl()),
    "a.jsonl.xz": lzma.compress(as_jsonl()),
    "a.parquet": as_parquet(),
    "a.csv": as_csv(),
    "a.csv.gz": gzip.compress(as_csv()),
    "a.tsv": as_csv("\t"),
    "a.arrow": as_ipc(pa.ipc.new_file),
    "b.arrow": as_ipc(pa.ipc.new_stream),
    "a.warc.wet": as_wet(),
    "a.warc.wet.gz": gzip.compress(as_wet()),
    "a.zip": zipped(readme_md=b"", in__one_jsonl=as_jsonl(ROWS[:1]), two_parquet=b"", _hidden_jsonl=b""),
    "b.zip": zipped(in__one_jsonl=as_jsonl(ROWS[:1]), two_jsonl=as_jsonl(ROWS[1:])),
    "a.tar.gz": tarred({"x/one.jsonl": as_jsonl(ROWS[:2]), "y/two.jsonl": as_jsonl(ROWS[2:])}, "w:gz"),
    "b.tar": tarred({"corpus.parquet": as_parquet()}),
}


def read(path: Path, mapping: Mapping | None = None) -> list[dict[str, object]]:
    batches = list(open_source(path, mapping))
    assert all(tuple(batch.schema.names) == COLUMNS for batch in batches)
    found = [row for batch in batches for row in batch.to_pylist()]
    assert [row["row"] for row in found] == list(range(len(found)))
    return found


def read_broken(path: Path) -> tuple[list[dict[str, object]], str]:
    found = []
    try:
        for batch in open_source(path):
            found += batch.to_pylist()
    except ReadError as error:
        return found, error.message
    return found, ""


@pytest.mark.parametrize("name", [name for name in FILES if name != "a.zip"])
def test_the_same_documents_in_every_format(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FILES[name])

    assert [{key: row[key] for key in ("id", "text", "url")} for row in read(path)] == ROWS


def test_every_format_is_found_by_name_and_no_name_means_two():
    endings = [suffix for name in FORMATS for suffix in format_of(Path(f"x{_suffix(name)}")).suffixes]
    assert len(endings) == len(set(endings))
    assert {format_of(Path(name)).name for name in FILES} | {"html", "text", "wat"} == set(FORMATS)
    assert format_of(Path("x.doc")) is None
    assert format_of(Path("x.gz")) is None
    with pytest.raises(UsageError, match="no reader"):
        open_source("x.doc")


def _suffix(name: str) -> str:
    from rightscheck.readers.formats import Format

    return Format(name).suffixes[0]


def test_an_archive_with_a_damaged_member_gives_the_others(tmp_path):
    (tmp_path / "a.zip").write_bytes(FILES["a.zip"])

    found = read(tmp_path / "a.zip")

    assert found[0]["text"] == ROWS[0]["text"]
    assert found[1]["problem"].startswith("member `two.parquet`: no readable Parquet file")
    assert len(found) == 2


U = "https://a.example/"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"text": "t", "url": "https://a.example/", "date": "2026", "dump": "d", "id": "i"},
            ("t", "https://a.example/", "2026", "i"),
        ),
        (
            {"raw_content": "t", "url": "https://a.example/", "date_download": "2026", "digest": "i"},
            ("t", "https://a.example/", "2026", "i"),
        ),
        (
            {
                "content": "t",
                "warc_headers": {
                    "warc-target-uri": "https://a.example/",
                    "warc-date": "2026",
                    "warc-record-id": "i",
                },
            },
            ("t", "https://a.example/", "2026", "i"),
        ),
        (
            {"text": "t", "u": "https://a.example/", "ts": "2026", "id": "i"},
            ("t", "https://a.example/", "2026", "i"),
        ),
        (
            {"text": "t", "metadata": {"url": "https://a.example/", "date": "2026"}, "id": 7},
            ("t", "https://a.example/", "2026", "7"),
        ),
        (
            {
                "text": "t",
                "url": U,
                "dump": "CC-MAIN-2024-10",
                "date": "2024-02-20T01:02:03Z",
                "id": "i",
                "file_path": "s3://x/y.warc.gz",
                "language_script": "Latn",
                "minhash_cluster_size": 3,
            },
            ("t", U, "2024-02-20T01:02:03Z", "i"),
        ),
        (
            {"text": "t", "timestamp": "2019-04-25T12:57:54Z", "url": U},
            ("t", U, "2019-04-25T12:57:54Z", None),
        ),
        (
            {"text": "t", "timestamp": "2019/04/25 12:57:54", "url": U, "source": "mC4"},
            ("t", U, "2019/04/25 12:57:54", None),
        ),
        (
            {
                "text": "t",
                "id": "i",
                "source": "common-crawl",
                "added": "2023-03-28",
                "created": "2001-01-01",
                "metadata": {"url": U},
            },
            ("t", U, "2023-03-28", "i"),
        ),
        (
            {
                "text": "t",
                "f": "x.warc.gz",
                "u": U,
                "crawl_id": "cc40",
                "ts": "2023-09-01T00:00:00Z",
                "id": "i",
            },
            ("t", U, "2023-09-01T00:00:00Z", "i"),
        ),
        (
            {
                "maintext": "t",
                "requested_url": U,
                "published_date": "2001-01-01",
                "title": "x",
                "date_download": "2024-05-06 07:08:09",
            },
            ("t", U, "2024-05-06 07:08:09", None),
        ),
        (
            {
                "text": "t",
                "url": U,
                "metadata": {"WARC-Date": "2022-01-01T00:00:00Z", "WARC-Record-ID": "<i>"},
            },
            ("t", U, "2022-01-01T00:00:00Z", "<i>"),
        ),
        ({"text": "t", "source": "a corpus", "added": "2026", "id": "i"}, ("t", None, "2026", "i")),
        ({"text": "t", "source": "https://a.example/"}, ("t", "https://a.example/", None, None)),
        ({"text": "t", "metadata": '{"url": "https://a.example/"}'}, ("t", "https://a.example/", None, None)),
        (
            {"text": "t", "url": None, "metadata.url": "https://a.example/"},
            ("t", "https://a.example/", None, None),
        ),
    ],
    ids=[
        "fineweb",
        "redpajama",
        "oscar",
        "hplt",
        "datatrove",
        "fineweb-2",
        "c4",
        "culturax",
        "dolma",
        "hplt-3",
        "cc-news",
        "dclm",
        "unknown-source",
        "source",
        "json-in-json",
        "dotted",
    ],
)
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_the_columns_of_known_corpora(tmp_path, kind, record, expected):
    path = tmp_path / f"a.{kind}"
    if kind == "jsonl":
        path.write_bytes(as_jsonl([record]))
    else:
        pq.write_table(pa.Table.from_pylist([record]), path)
    if kind == "parquet" and record.get("url", "") is None:
        pytest.skip("a Parquet column is chosen for the whole file")

    (found,) = read(path)

    assert (found["text"], found["url"], found["date"], found["id"]) == expected


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["a", "é"], pa.string()),
        pa.array(["a", "é"], pa.large_string()),
        pa.array(["a", "é"], pa.string_view()),
        pa.array([b"a", "é".encode()], pa.binary()),
        pa.array(["a", "é"]).dictionary_encode(),
    ],
    ids=lambda array: str(array.type)[:12],
)
def test_strings_of_every_arrow_type(tmp_path, array):
    table = pa.table({"text": array})
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as writer:
        writer.write_table(table)

    assert [row["text"] for row in read(tmp_path / "a.arrow")] == ["a", "é"]


def test_text_that_is_no_text_is_told_row_by_row(tmp_path):
    pq.write_table(pa.table({"text": pa.array([b"a", b"\xff", None])}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"text": [1, 2]}), tmp_path / "b.parquet")

    assert [row["problem"] for row in read(tmp_path / "a.parquet")] == [None, "not UTF-8", "the text is null"]
    assert [row["problem"] for row in read(tmp_path / "b.parquet")] == ["the text column holds int64"] * 2


def test_a_mapping_names_columns_and_is_checked():
    assert parse_mapping("text=body, url=meta.link") == Mapping(text="body", url="meta.link")
    for wrong in ("text", "text=", "title=x", "=x"):
        with pytest.raises(UsageError, match="no mapping"):
            parse_mapping(wrong)
    assert names.resolve({"body", "title"}, Mapping()) == Mapping(text="body")
    assert names.resolve({"a", "b"}, Mapping()) == "no text column; its columns are `a`, `b`"
    assert names.resolve({"text"}, Mapping(url="link")) == "no column `link`; its columns are `text`"


@pytest.mark.parametrize("part", [1, 7, 64, 100, 1000])
def test_parts_of_a_file_hold_every_line_once(tmp_path, monkeypatch, part):
    body = b"\xef\xbb\xbf" + as_jsonl() + b"\n{broken\n" + as_jsonl().rstrip(b"\n")
    (tmp_path / "a.jsonl").write_bytes(body)
    monkeypatch.setattr(jsonl_reader, "PART", part)
    whole = [(row["text"], row["problem"]) for row in read(tmp_path / "a.jsonl")]

    source = Source(path=tmp_path / "a.jsonl")
    cut = []
    for piece in format_of(source.path).parts(source):
        for batch in jsonl_reader.read(Source(path=source.path, start=piece.start, end=piece.end)):
            cut += [(row["text"], row["problem"]) for row in batch.to_pylist()]

    assert len(whole) == 7
    assert cut == whole


@pytest.mark.parametrize("size", [1, 3, 5, 1000])
def test_lines_do_not_depend_on_the_pieces(size):
    body = b"one\n\nthree\r\n four"
    pieces = (body[place : place + size] for place in range(0, len(body), size))

    assert list(lines(pieces)) == [(4, b"one"), (1, b""), (7, b"three\r"), (5, b" four")]


def taken(pieces: Iterator[bytes]) -> tuple[bytes, str]:
    got = b""
    try:
        for piece in pieces:
            got += piece
    except ReadError as error:
        return got, error.message
    return got, ""


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "xz"])
def test_compressed_data_cut_anywhere_gives_what_came_before(kind):
    compress = {"gz": gzip.compress, "zst": zstandard.compress, "bz2": bz2.compress, "xz": lzma.compress}[
        kind
    ]
    plain = b"".join(b"line %d of a text that does not repeat itself: %d\n" % (n, n * n) for n in range(3000))
    packed = compress(plain)
    for cut in (1, len(packed) // 2, len(packed) - 1):
        got, fault = taken(chunks(io.BytesIO(packed[:cut]), kind))
        assert "ends before its end mark" in fault
        assert plain.startswith(got)
    damaged = bytearray(packed)
    damaged[len(packed) // 2] ^= 255
    with pytest.raises(ReadError, match=r"damaged|ends before"):
        list(chunks(io.BytesIO(bytes(damaged)), kind))


def test_a_decompression_bomb_comes_in_bounded_pieces():
    for kind, compress, zeros in (
        ("gz", gzip.compress, 20_000_000),
        ("zst", zstandard.compress, 150_000_000),
        ("bz2", bz2.compress, 20_000_000),
        ("xz", lzma.compress, 20_000_000),
    ):
        sizes = [len(piece) for piece in chunks(io.BytesIO(compress(bytes(zeros))), kind)]
        assert sum(sizes) == zeros
        assert max(sizes) <= 66 * 1024 * 1024, kind


HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Robots-Tag: noai\r\n%s\r\n%s"


def test_warc_answers_come_with_their_headers(tmp_path):
    chunked = HTTP % (b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", b"%x\r\n%s\r\n0\r\n\r\n")
    body = gzip.compress(b"<p>rain")
    where = {
        "WARC_Target_URI": "https://a.example/",
        "WARC_Date": "2025-01-02T03:04:05Z",
        "WARC_Record_ID": "<urn:uuid:1>",
    }
    data = (
        record("request", b"GET / HTTP/1.1\r\n\r\n", **where)
        + record("response", HTTP % (b"", b"<p>rain"), **where)
        + record("response", chunked % (len(body), body), **where)
        + record("response", b"no answer", **where)
        + record("revisit", b"HTTP/1.1 304 Not Modified\r\n\r\n", **where)
        + record("resource", b"rain", Content_Type="text/plain", **where)
    )
    (tmp_path / "a.warc").write_bytes(data)

    found = read(tmp_path / "a.warc")

    assert [row["problem"] for row in found] == [None, None, "no HTTP answer", None]
    assert [row["page"]["body"] for row in found if row["page"]] == [b"<p>rain", b"<p>rain", b"rain"]
    assert found[0]["page"]["status"] == 200
    assert {"name": "X-Robots-Tag", "value": "noai"} in found[0]["page"]["headers"]
    assert (found[0]["url"], found[0]["date"], found[0]["id"]) == (
        "https://a.example/",
        "2025-01-02T03:04:05Z",
        "<urn:uuid:1>",
    )


@pytest.mark.parametrize(
    ("length", "reason"),
    [
        ("3", "its Content-Length is wrong"),
        ("9999", "Content-Length"),
        ("x", "no Content-Length"),
        ("99999999999", "larger than"),
    ],
)
def test_a_warc_record_with_a_wrong_length_costs_no_other(tmp_path, length, reason):
    good = record("conversion", b"rain fell", WARC_Target_URI="https://a.example/")
    bad = good.replace(b"Content-Length: 9", f"Content-Length: {length}".encode())
    (tmp_path / "a.wet").write_bytes(good + bad + good)

    found, fault = read_broken(tmp_path / "a.wet")

    assert fault == ""
    assert any(reason in (row["problem"] or "") for row in found)
    # A length beyond the end may take what follows with it, but no more and never silently.
    assert [row["text"] for row in found if row["text"]] == ["rain fell"] * (
        1 if length == "99999999999" else 2
    )


def as_wat(*envelopes: dict[str, object]) -> bytes:
    return record("warcinfo", b"software: x\r\n") + b"".join(
        record("metadata", json.dumps({"Container": {}, "Envelope": envelope}).encode())
        for envelope in envelopes
    )


def envelope(kind: str = "response", **answer: object) -> dict[str, object]:
    return {
        "WARC-Header-Metadata": {
            "WARC-Type": kind,
            "WARC-Target-URI": "https://a.example/",
            "WARC-Date": "2025-01-02T03:04:05Z",
            "WARC-Record-ID": "<urn:uuid:1>",
        },
        "Payload-Metadata": {"HTTP-Response-Metadata": answer},
    }


def test_wat_envelopes_come_as_pages_without_their_words(tmp_path):
    html = {
        "Head": {
            "Title": "Rain & hail",
            "Metas": [{"name": "robots", "content": 'noai "x"'}, {"on<x>": "y", "name": "b"}, 7],
            "Link": [{"path": "LINK@/href", "url": "https://a.example/l", "rel": "license"}],
        },
        "Links": [{"path": "A@/href", "url": "/terms", "text": "Terms <of use>", "rel": "nofollow"}],
    }
    answer = {
        "Response-Message": {"Status": "200", "Version": "HTTP/1.1"},
        "Headers": {
            "Content-Type": "text/html",
            "X-Robots-Tag": ["noai", "noindex"],
            "Content-Encoding": "gzip",
        },
        "HTML-Metadata": html,
    }
    body = as_wat(envelope(**answer), envelope("request"), {}, envelope(Headers={"a": None}))
    (tmp_path / "a.warc.wat.gz").write_bytes(gzip.compress(body + record("metadata", b"{broken")))

    first, second, broken = read(tmp_path / "a.warc.wat.gz")

    assert (first["url"], first["date"], first["id"]) == (
        "https://a.example/",
        "2025-01-02T03:04:05Z",
        "<urn:uuid:1>",
    )
    page = first["page"]
    assert page["partial"]
    assert page["status"] == 200
    assert [(field["name"], field["value"]) for field in page["headers"]] == [
        ("Content-Type", "text/html"),
        ("X-Robots-Tag", "noai"),
        ("X-Robots-Tag", "noindex"),
    ]
    for line in (
        b"<title>Rain &amp; hail</title>",
        b'<meta name="robots" content="noai &quot;x&quot;">',
        b'<meta name="b">',
        b'<link href="https://a.example/l" rel="license">',
        b'<a href="/terms" rel="nofollow">Terms &lt;of use&gt;</a>',
    ):
        assert line in page["body"]
    assert second["page"]["status"] is None
    assert broken["problem"] == "not JSON"


def test_csv_records_that_do_not_fit_are_told(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'id,text\n1,rain\n2\n3,"a, b\nc"\n\n4,\xff\n')

    found = read(tmp_path / "a.csv")

    assert [row["text"] for row in found] == ["rain", None, "a, b\nc", None]
    assert [row["problem"] for row in found] == [None, "1 fields instead of 2", None, "not UTF-8"]


def test_html_and_text_files_are_one_document_each(tmp_path):
    (tmp_path / "a.html").write_bytes(b"<p>rain")
    (tmp_path / "a.txt").write_bytes("дождь".encode("utf-16"))
    (tmp_path / "b.txt").write_bytes(bytes(range(256)) * 10)

    (page,) = read(tmp_path / "a.html")
    assert page["page"]["body"] == b"<p>rain"
    assert read(tmp_path / "a.txt")[0]["text"] == "дождь"
    assert read_broken(tmp_path / "b.txt")[1] == "no text: it holds binary data"
