"""Kept files of hosts are asked once for all URLs that they speak of alike: the decisions are those of each URL."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora import CLEAN
from policy_stores import robots_store
from rightscheck.audit import kernel as kernels
from rightscheck.audit.policies import Kept
from rightscheck.audit.request import AuditRequest, kernel_for
from rightscheck.audit.sites import Site
from rightscheck.readers.records import Gatherer, Page

PATHS = [
    "/",
    "/a",
    "/a/b",
    "/A/b",
    "/ab",
    "/a?b=1",
    "/b.pdf",
    "/b.pdf?x",
    "/robots.txt",
    "/%61/b",
    "/a//b",
    "/c/%2F/d",
]
LINES = [
    "User-agent: *",
    "User-agent: MyBot",
    "User-agent: GPTBot",
    "User-agent: CCBot",
    "Disallow: /",
    "Disallow: /a",
    "Disallow: /a/",
    "Disallow: /*.pdf$",
    "Disallow: *?",
    "Disallow:",
    "Allow: /a/b",
    "Allow: /$",
    "Allow: /%61/",
    "Sitemap: https://hill.example/map.xml",
    "Crawl-delay: 10",
    "# No AI training without permission.",
    "",
]  # fmt: skip
SPEAKING = [
    "Content-Usage: train-ai=n",
    "Content-Usage: /a train-ai=n",
    "Content-Signal: ai-train=no",
    "DisallowAITraining: /a/",
    "License: https://hill.example/rsl.xml",
    "Disalow: /a",
    "Noindex: /b.pdf",
]  # fmt: skip


def store(path: Path, bodies: Sequence[bytes], status: int = 200) -> Path:
    """A store of one robots.txt over time, a version each month."""
    versions = [(datetime(2026, month, 1, tzinfo=UTC), body) for month, body in enumerate(bodies, 1)]
    return robots_store(path, "https://hill.example/robots.txt", versions, status)


def request(archive: Path, time: str = "latest") -> AuditRequest:
    return AuditRequest(
        uses=("ai-train", "crawl"),
        profile="standard",
        agents=("MyBot",),
        on=date(2026, 11, 24),
        robots_archive=str(archive),
        policy_time=time,
    )


def documents(paths: Sequence[str], days: Sequence[str] = ("2026-01-05",)) -> pa.RecordBatch:
    gathered = Gatherer()
    for number, path in enumerate(paths):
        url = f"https://hill.example{path}"
        gathered.add(f"{CLEAN} {number}", url=url, id=str(number), date=days[number % len(days)], dump=None)
    return gathered.take()


class EveryUrl:
    """Shares nothing."""

    def key(self, site: Site, known: Kept) -> Hashable:
        return site.url, known.number


def shared(asked: AuditRequest, batch: pa.RecordBatch) -> list[dict[str, object]]:
    return kernel_for(asked).judge(batch).to_pylist()


def each_by_itself(asked: AuditRequest, batch: pa.RecordBatch) -> list[dict[str, object]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "HostFiles", EveryUrl)
        return shared(asked, batch)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(st.sampled_from(LINES + SPEAKING[:2] + SPEAKING[5:6]), max_size=12),
    paths=st.lists(st.sampled_from(PATHS), min_size=2, max_size=5),
)
def test_sharing_changes_no_decision(tmp_path, lines, paths):
    asked = request(store(tmp_path / "policies.sqlite", ["\n".join(lines).encode()]))
    batch = documents(paths)

    assert shared(asked, batch) == each_by_itself(asked, batch)


@pytest.mark.parametrize("line", SPEAKING)
def test_lines_that_say_more_are_asked_for_every_url(tmp_path, line):
    body = f"User-agent: *\nDisallow: /private/\n{line}\n".encode()
    asked = request(store(tmp_path / "policies.sqlite", [body]))
    batch = documents(PATHS)

    assert shared(asked, batch) == each_by_itself(asked, batch)


@pytest.fixture
def checks(monkeypatch) -> list[str | None]:
    """The URLs of the assets that were checked in full."""
    seen: list[str | None] = []
    check = kernels.check

    def counted(asset, *arguments, **options):
        seen.append(asset.uri)
        return check(asset, *arguments, **options)

    monkeypatch.setattr(kernels, "check", counted)
    return seen


def test_a_host_is_checked_once_for_what_its_file_says(tmp_path, checks):
    body = b"User-agent: *\nDisallow: /private/\nDisallow: /*.pdf$\n"
    kernel = kernel_for(request(store(tmp_path / "policies.sqlite", [body])))

    said = kernel.judge(documents([f"/{n}" for n in range(50)] + [f"/private/{n}" for n in range(50)]))

    assert len(checks) == 2
    assert [row["verdict_crawl"] for row in said.to_pylist()].count("no-go") == 50


def test_versions_of_the_same_words_share_a_decision(tmp_path, checks):
    days = [f"2026-{month:02d}-05" for month in (1, 2, 3)]
    bodies = [
        b"User-agent: *\nDisallow: /a\n",
        b"User-agent: *\nDisallow: /a\n",
        b"User-agent: *\nDisallow: /\n",
    ]
    asked = request(store(tmp_path / "policies.sqlite", bodies), "as-crawled")
    batch = documents(["/b"] * 9, days)

    said = kernel_for(asked).judge(batch)

    assert len(checks) == 2
    assert said.to_pylist() == each_by_itself(asked, batch)
    assert [row["verdict_crawl"] == "no-go" for row in said.to_pylist()] == [False, False, True] * 3


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seconds=st.lists(st.integers(-3 * 86_400, 120 * 86_400), min_size=1, max_size=8))
def test_the_time_of_a_document_is_kept_exactly(tmp_path, seconds):
    """Around every change, and around the moment when a copy is no longer recent."""
    bodies = [b"User-agent: *\nDisallow: /a\n", b"", b"User-agent: *\nDisallow: /\n"]
    asked = request(store(tmp_path / "policies.sqlite", bodies), "as-crawled")
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    changes = [0, 31 * 86_400, 59 * 86_400, 62 * 86_400, 90 * 86_400]
    moments = [second + near for second in [*seconds, *changes] for near in (-1, 0, 1)]
    days = [(begin + timedelta(seconds=second)).isoformat() for second in moments]
    batch = documents(["/b"] * len(days), days)

    said = shared(asked, batch)

    for row, day in enumerate(days):
        (alone,) = shared(asked, documents(["/b"], [day]))
        assert said[row]["verdict"] == alone["verdict"]
        assert said[row]["gaps"] == alone["gaps"]
        assert said[row]["situations"] == alone["situations"]
        when = datetime.fromisoformat(day)
        assert ("robots/closed-held" in alone["situations"]) == (when >= datetime(2026, 3, 1, tzinfo=UTC))
        recent = begin <= when <= datetime(2026, 4, 1, tzinfo=UTC)  # versions of January, February and March
        assert ("robots-txt" in alone["gaps"]) != recent


def test_pages_of_a_host_are_judged_by_their_own_urls(tmp_path):
    """As `check_response` does, in whatever order they come."""
    body = b"User-agent: *\nDisallow: /private/\n"
    kernel = kernel_for(request(store(tmp_path / "policies.sqlite", [body])))
    gathered = Gatherer()
    for path in ("/a", "/private/b", "/c"):
        page = Page(b"<!doctype html><p>Rain fell on the hill.", 200, (("Content-Type", "text/html"),))
        gathered.add_page(page, url=f"https://hill.example{path}", id=path, date=None)

    said = kernel.judge(gathered.take()).to_pylist()

    assert [row["verdict_crawl"] == "no-go" for row in said] == [False, True, False]


def test_an_unreachable_file_speaks_of_the_whole_host(tmp_path, checks):
    kernel = kernel_for(request(store(tmp_path / "policies.sqlite", [b""], status=503)))

    kernel.judge(documents([f"/{n}" for n in range(20)]))

    assert len(checks) == 1
