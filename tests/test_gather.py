"""A live check against a real HTTP server: robots.txt first, then the page and the rest; every status."""

from __future__ import annotations

import gzip
from collections import Counter

import pytest

from loopback import Loopback, Raw, Reply
from rightscheck import Checker, Verdict
from rightscheck.fetch import FetchLimits
from rightscheck.gather import control_url
from rightscheck.vocab import Carrier

HTML = [("Content-Type", "text/html; charset=utf-8")]
PAGE = b"<!doctype html><title>Story</title><p>Rain fell on the hill.</p><footer>Hill Courier</footer>"
SHORT = FetchLimits(connect_seconds=0.5, read_seconds=0.5, total_seconds=1.0)
EARLY = b"User-agent: *\nDisallow: /a\n" + b"# x\n" * 153_600
LATE = b"# x\n" * 153_600 + b"User-agent: *\nDisallow: /a\n"


class endless:  # noqa: N801 - reads as the value it is
    """An answer that never ends: its head, then the same bytes for ever."""

    def __init__(self, piece: bytes) -> None:
        self.piece = piece * 4096

    def __iter__(self):
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        while True:
            yield self.piece


BROKEN = Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nUser"], end="reset")


@pytest.fixture
def site():
    with Loopback() as server:
        server.serve("/a", Reply(PAGE, headers=HTML), host="hill.example")
        yield server


def ask(site: Loopback, url: str = "http://hill.example/a", **options):
    options.setdefault("use", "ai-train")
    checker = Checker(agent="MyBot", transport=site.transport(), limits=SHORT, on="2026-11-24", **options)
    return checker.check_url(url)


def reading(decision, carrier: Carrier) -> list[str]:
    return [line.status for line in decision.examined if line.carrier is carrier]


def test_a_silent_site_that_answers_everything_is_a_go(site):
    decision = ask(site)

    assert (decision.verdict, decision.situations) == (Verdict.GO, ("silence",))
    assert site.paths()[0] == "/robots.txt"
    assert set(site.paths()) >= {"/robots.txt", "/a", "/.well-known/tdmrep.json", "/ai.txt", "/trust.txt"}
    assert reading(decision, Carrier.ROBOTS_TXT) == ["absent"]
    assert reading(decision, Carrier.HTML) == ["read"]
    assert site.asked[0].headers["user-agent"].startswith("MyBot rightscheck/")


def test_a_closed_site_is_asked_for_nothing_but_its_robots_txt(site):
    site.serve("/robots.txt", Reply(b"User-agent: *\nDisallow: /\n"))

    decision = ask(site)

    assert (decision.verdict, decision.determining) == (Verdict.NO_GO, ("robots-txt/disallow",))
    assert site.paths() == ["/robots.txt"]
    assert any("not fetched" in gap.reason for gap in decision.gaps)


# robots.txt answers -> (verdict for ai-train, situation that decided, whether the page was fetched)
ROBOTS = [
    ("200 open", Reply(b"User-agent: *\nDisallow: /b\n"), "go", "silence", True),
    ("200 empty", Reply(b""), "go", "silence", True),
    ("404", Reply(status=404), "go", "silence", True),
    ("410", Reply(status=410), "go", "silence", True),
    ("418", Reply(status=418), "go", "silence", True),
    ("401", Reply(status=401), "review", "robots/refused", True),
    ("403", Reply(status=403), "review", "robots/refused", True),
    ("451", Reply(status=451), "review", "robots/refused", True),
    ("429", Reply(status=429), "no-go", "robots/unreachable", False),
    ("500", Reply(status=500), "no-go", "robots/unreachable", False),
    ("503", Reply(status=503), "no-go", "robots/unreachable", False),
    ("time-out", Reply(b"", delay=3), "no-go", "robots/unreachable", False),
    (
        "reset",
        Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nUser"], end="reset"),
        "no-go",
        "robots/unreachable",
        False,
    ),
    ("HTML", Reply(b"<!doctype html><title>x</title>", headers=HTML), "review", "robots/refused", True),
    ("UTF-8 with BOM", Reply(b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\n"), "no-go", "robots/closed", False),
    ("UTF-16", Reply("User-agent: *\nDisallow: /a\n".encode("utf-16")), "no-go", "robots/closed", False),
    (
        "gzip",
        Reply(gzip.compress(b"User-agent: MyBot\nDisallow: /a\n"), headers=[("Content-Encoding", "gzip")]),
        "no-go",
        "robots/closed",
        False,
    ),
    (
        "600 KiB, decided early",
        Reply(EARLY),
        "no-go",
        "robots/closed",
        False,
    ),
    (
        "600 KiB, decided late",
        Reply(LATE),
        "review",
        "robots/refused",
        True,
    ),
    ("endless", Raw(endless(b"# x\n")), "review", "robots/refused", True),
]


@pytest.mark.parametrize(
    ("title", "answer", "verdict", "situation", "fetched"), ROBOTS, ids=[case[0] for case in ROBOTS]
)
def test_answers_to_robots_txt(site, title, answer, verdict, situation, fetched):
    site.serve("/robots.txt", answer)

    decision = ask(site)

    assert (decision.verdict.value, situation in decision.situations) == (verdict, True), decision.situations
    assert ("/a" in site.paths()) is fetched


def test_redirects_of_robots_txt_are_followed_five_times(site):
    for hop in range(5):
        site.redirect("/robots.txt" if hop == 0 else f"/r{hop}", f"/r{hop + 1}")
    site.serve("/r5", Reply(b"User-agent: *\nDisallow: /a\n"))

    assert ask(site).determining == ("robots-txt/disallow",)


@pytest.mark.parametrize("last", ["/r6", "/robots.txt"])
def test_longer_chains_and_loops_are_for_a_person(site, last):
    for hop in range(6):
        site.redirect("/robots.txt" if hop == 0 else f"/r{hop}", last if hop == 5 else f"/r{hop + 1}")
    site.serve("/r6", Reply(b"User-agent: *\nDisallow: /a\n"))

    assert ask(site).situations == ("robots/refused",)


PAGES = [
    ("401", Reply(b"", status=401), "review", "no-go"),
    ("403", Reply(b"", status=403), "review", "no-go"),
    ("402", Reply(b"", status=402, headers=[("crawler-price", "USD 0.01")]), "no-go", "no-go"),
    ("404", Reply(b"", status=404), "review", "review"),
    ("500", Reply(b"", status=500), "review", "review"),
    ("time-out", Reply(b"", delay=3), "review", "review"),
    ("endless", Raw(endless(b"<p>x</p>")), "review", "review"),
]


@pytest.mark.parametrize(("title", "answer", "train", "crawl"), PAGES, ids=[case[0] for case in PAGES])
def test_answers_of_the_page(site, title, answer, train, crawl):
    site.serve("/a", answer, host="hill.example")

    decision = ask(site, use=["ai-train", "crawl"])

    assert [answer.verdict.value for answer in decision.uses] == [train, crawl], decision.situations


def test_every_host_on_the_way_must_let_us_crawl(site):
    site.redirect("/a", "http://vale.example/b", host="hill.example")
    site.serve("/b", Reply(PAGE, headers=HTML), host="vale.example")

    assert ask(site).verdict is Verdict.GO

    site.serve("/robots.txt", Reply(b"User-agent: *\nDisallow: /b\n"), host="vale.example")
    decision = ask(site)

    assert (decision.verdict, decision.determining) == (Verdict.NO_GO, ("robots-txt/disallow",))
    assert "/b" not in site.paths("vale.example")[2:]


def test_the_final_hosts_statements_govern_use(site):
    site.redirect("/a", "http://vale.example/b", host="hill.example")
    site.serve("/b", Reply(PAGE, headers=HTML), host="vale.example")
    site.serve(
        "/.well-known/tdmrep.json", Reply(b'[{"location": "/", "tdm-reservation": 1}]'), host="vale.example"
    )

    decision = ask(site)

    assert (decision.verdict, decision.determining) == (Verdict.NO_GO, ("tdmrep/disallow",))
    assert decision.asset.uri == "http://vale.example/b"


def test_a_sentence_in_the_footer_of_the_page_is_heard(site):
    clause = (
        "Crawling this website for AI training is prohibited without written permission from Hill Courier."
    )
    site.serve(
        "/a",
        Reply(PAGE + f"<small>© 2026 Hill Courier. {clause}</small>".encode(), headers=HTML),
        host="hill.example",
    )

    decision = ask(site)

    assert decision.verdict is Verdict.NO_GO
    (finding,) = [f for f in decision.findings if f.rule == "notice/reservation"]
    start, end = map(int, finding.evidence.locator.removeprefix("text:").split("-"))
    assert decision.asset.text is not None
    assert decision.asset.text[start:end] == finding.evidence.quote == clause
    assert "written permission from Hill Courier" in decision.conditions


def test_nothing_private_is_fetched_unless_that_is_asked_for(site):
    site.addresses["hill.example"] = ("127.0.0.1",)

    decision = ask(site)

    assert decision.verdict is not Verdict.GO
    assert site.paths() == []


def test_loopback_is_fetched_when_it_is_asked_for(cli, site):
    site.serve("/a", Reply(PAGE, headers=HTML))

    refused = cli("check", site.url("/a"), "--use", "ai-train")
    assert refused.code == 1
    assert site.paths() == []

    allowed = cli("check", site.url("/a"), "--use", "ai-train", "--allow-private")
    assert (allowed.code, allowed.err) == (0, "")
    assert allowed.text.startswith("GO")


def test_robots_txt_is_asked_for_once_per_origin(site):
    site.serve("/b", Reply(PAGE, headers=HTML))
    checker = Checker(use="ai-train", transport=site.transport(), limits=SHORT)

    checker.check_url("http://hill.example/a")
    checker.check_url("http://hill.example/b")

    assert site.paths().count("/robots.txt") == 1


async def _many(site: Loopback) -> list[Verdict]:
    import asyncio

    checker = Checker(use="ai-train", transport=site.transport(), limits=SHORT)
    decisions = await asyncio.gather(*(checker.acheck_url(f"http://hill.example/p{i}") for i in range(12)))
    return [decision.verdict for decision in decisions]


def test_asynchronous_checks_share_what_they_ask_for(site):
    import asyncio

    for number in range(12):
        site.serve(f"/p{number}", Reply(PAGE, headers=HTML))

    assert asyncio.run(_many(site)) == [Verdict.GO] * 12
    assert site.paths().count("/robots.txt") == 1


def test_a_store_answers_for_sites_seen_before_and_offline_checks_know_what_it_knows(site, tmp_path):
    site.serve("/robots.txt", Reply(b"User-agent: *\nDisallow: /b\n"))
    site.serve(
        "/.well-known/tdmrep.json", Reply(b'[{"location": "/", "tdm-reservation": 1}]'), host="hill.example"
    )
    store = tmp_path / "policies.sqlite"

    assert ask(site, store=store).determining == ("tdmrep/disallow",)
    before = len(site.paths())
    assert ask(site, store=store).determining == ("tdmrep/disallow",)

    assert [path for path in site.paths()[before:] if path != "/a"] == []
    offline = Checker(use="ai-train", store=store).check_text("Rain.", "http://hill.example/c")
    assert offline.determining == ("tdmrep/disallow",)
    assert [line.status for line in offline.examined if line.carrier is Carrier.ROBOTS_TXT] == ["read"]


def test_a_stored_robots_txt_is_asked_for_anew_only_if_it_changed(site, tmp_path, monkeypatch):
    body = b"User-agent: *\nDisallow: /b\n"

    def answer(asked):
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(status=304, headers=[("ETag", '"v1"'), ("Cache-Control", "max-age=0")])
        return Reply(body, headers=[("ETag", '"v1"'), ("Cache-Control", "max-age=0")])

    site.serve("/robots.txt", answer)
    monkeypatch.setattr("rightscheck.snapshots.read_through.is_fresh", lambda document, now: False)
    store = tmp_path / "policies.sqlite"

    first = ask(site, store=store)
    second = ask(site, store=store)

    asked = [a.headers.get("if-none-match") for a in site.asked if a.target == "/robots.txt"]
    assert asked == [None, '"v1"']
    assert second.verdict is first.verdict
    assert [line.status for line in second.examined if line.carrier is Carrier.ROBOTS_TXT] == ["read"]


# --- hosts that answer for every address ----------------------------------------------------------------

OPEN = b"User-agent: *\nAllow: /\n"
CATCH_ALL = [
    (
        "plain text that would refuse training",
        b"datatrainingallowed=no\nUser-Agent: *\nDisallow: /\n",
        "text/plain",
    ),
    ("a reservation in JSON", b'[{"location": "/", "tdm-reservation": 1}]', "application/json"),
    ("a permission in JSON", b'[{"location": "/", "tdm-reservation": 0}]', "application/json"),
    ("HTML", b"<!doctype html><title>Hill Courier</title>", "text/html"),
    ("a word", b"OK", "text/plain"),
]


@pytest.mark.parametrize(("title", "body", "kind"), CATCH_ALL, ids=[case[0] for case in CATCH_ALL])
def test_what_a_host_sends_for_every_address_is_no_policy_file(site, title, body, kind):
    def answer(asked):
        if asked.target in ("/robots.txt", "/a"):
            return Reply(OPEN if asked.target == "/robots.txt" else PAGE, headers=HTML)
        return Reply(body, headers=[("Content-Type", kind)])

    site.routes = EveryPath(answer)
    decision = ask(site)

    assert decision.verdict is Verdict.GO, decision.situations
    asked = Counter(site.paths())
    assert asked[control_path("http://hill.example")] == (kind != "text/html")
    lines = {line.carrier: line.status for line in decision.examined}
    assert lines[Carrier.AI_TXT] in ("absent", "read")


def test_such_an_answer_may_repeat_the_address(site):
    def answer(asked):
        if asked.target in ("/robots.txt", "/a"):
            return Reply(OPEN if asked.target == "/robots.txt" else PAGE, headers=HTML)
        return Reply(f"datatrainingallowed=no # nothing at {asked.target}".encode())

    site.routes = EveryPath(answer)

    assert ask(site).verdict is Verdict.GO


def test_a_policy_file_of_a_host_that_answers_for_every_address_counts(site):
    def answer(asked):
        files = {"/robots.txt": OPEN, "/a": PAGE, "/trust.txt": b"datatrainingallowed=no\n"}
        return Reply(files.get(asked.target, b"Hill Courier"), headers=HTML)

    site.routes = EveryPath(answer)

    assert ask(site).determining == ("trust-txt/disallow",)


def test_the_control_is_asked_for_once_per_origin(site):
    site.serve("/trust.txt", Reply(b"datatrainingallowed=yes\n"), host="hill.example")
    site.serve("/b", Reply(PAGE, headers=HTML))
    checker = Checker(use="ai-train", transport=site.transport(), limits=SHORT)

    checker.check_url("http://hill.example/a")
    checker.check_url("http://hill.example/b")

    assert site.paths().count(control_path("http://hill.example")) == 1


def control_path(origin: str) -> str:
    return control_url(origin).removeprefix(origin)


class EveryPath(dict):
    """Routes of a host that answers for every path."""

    def __init__(self, answer):
        self.answer = answer

    def get(self, key, default=None):
        return self.answer if key[0] == "hill.example" else default


# --- terms that the registry knows of ---------------------------------------------------------------------

ENTRY = """
id = "hill-courier"
name = "Hill Courier"
country = "gb"
kind = "news"
hosts = ["hill.example"]
review_by = 2027-01-01

[[statement]]
preference = "allow"
uses = ["search"]
carrier = "terms"
source = "{source}"
observed = 2026-10-01
sha256 = "{digest}"
confidence = "high"
quote = "You may index our pages."
"""
TERMS = b"<!doctype html><title>Terms of use</title><p>Use of our content to train AI models is prohibited."


@pytest.fixture
def policies(tmp_path):
    def write(source: str):
        folder = tmp_path / "publishers" / "gb"
        folder.mkdir(parents=True)
        (folder / "hill-courier.toml").write_text(ENTRY.format(source=source, digest="0" * 64))
        return tmp_path

    return write


def test_terms_of_the_registry_are_read_where_the_page_links_to_none(site, policies):
    site.serve("/rules", Reply(TERMS, headers=HTML), host="hill.example")

    decision = ask(site, policies=policies("http://hill.example/rules#ai"))

    assert (decision.verdict, decision.determining) == (Verdict.NO_GO, ("terms/reservation",))


def test_terms_that_the_page_links_to_come_before_those_of_the_registry(site, policies):
    page = PAGE + b'<footer><a href="/terms">Terms of use</a></footer>'
    site.serve("/a", Reply(page, headers=HTML), host="hill.example")
    site.serve("/terms", Reply(TERMS.replace(b"prohibited", b"permitted"), headers=HTML), host="hill.example")

    ask(site, policies=policies("http://hill.example/rules"))

    assert "/rules" not in site.paths()


def test_a_copy_of_terms_in_an_archive_is_not_fetched(site, policies):
    ask(site, policies=policies("http://archive.example/hill"))

    assert "/hill" not in site.paths()
