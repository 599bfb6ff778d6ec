"""Leaving and entering the registry: ODRL without loss, differences, block lists of hosts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.errors import PolicyError, Problem
from rightscheck.registry import Registry, load_grants, load_profile, odrl
from rightscheck.registry.changes import compare
from rightscheck.registry.host_lists import read_host_list, render_house_rules
from rightscheck.registry.publishers import Source, parse_layer, read_entries
from rightscheck.registry.schema import GrantsFile, GrantTable, PublisherFile
from rightscheck.registry.toml_text import render_model
from rightscheck.vocab import GROUPS, Carrier, ExceptionRoute, Use

USES = st.lists(st.sampled_from([*(use.value for use in Use), *GROUPS]), min_size=1, max_size=4, unique=True)
DATES = st.dates(date(2015, 1, 1), date(2030, 12, 31))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
NAMES = st.from_regex(r"[A-Za-zÄж] ?[\w&.\"\\ -]{1,12}[a-z]", fullmatch=True)
PATHS = st.lists(st.sampled_from(["/", "/news/", "/a%20b", "/é"]), max_size=2)
DIGESTS = st.from_regex(r"[0-9a-f]{64}", fullmatch=True)
HOSTS = ["gazette.example", "*.gazette.example", "gazette.example:8443", "*"]


@st.composite
def grants(draw: st.DrawFn) -> GrantTable:
    start = draw(DATES)
    data: dict[str, Any] = {
        "id": draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)),
        "grantor": draw(NAMES),
        "grantee": draw(NAMES),
        "uses": draw(USES),
        "hosts": draw(st.lists(st.sampled_from(HOSTS), min_size=1, unique=True)),
        "paths": draw(PATHS),
        "valid_from": start,
        "valid_until": draw(st.none() | DATES.filter(lambda day: day >= start)),
        "third_party": draw(st.booleans()),
        "conditions": draw(st.lists(st.sampled_from(["attribution", "payment"]) | TEXTS, max_size=3)),
        "document": draw(TEXTS),
        "document_sha256": draw(st.none() | DIGESTS),
        "revoked": draw(st.none() | DATES),
        "signatory": draw(TEXTS),
        "reference": draw(TEXTS),
        "collections": draw(st.lists(NAMES, max_size=2)),
        "credential": "grant.jwt",
        **({"verified_by": "desk", "verified_on": start} if draw(st.booleans()) else {}),
    }
    return GrantTable.model_validate(data)


@st.composite
def statements(draw: st.DrawFn, ended: bool = False) -> dict[str, Any]:
    preference = draw(st.sampled_from(["allow", "disallow", "conditional"]))
    uses = draw(USES)
    crawls = "crawl" in uses or "all" in uses
    data = {
        "preference": preference,
        "uses": uses,
        "purpose": draw(USES) if crawls and draw(st.booleans()) else [],
        "exception": "none" if preference == "allow" else draw(st.sampled_from(ExceptionRoute)).value,
        "conditions": draw(st.lists(st.sampled_from(["attribution", "payment"]) | TEXTS, max_size=2)),
        "non_commercial": draw(st.booleans()),
        "paths": draw(PATHS),
        "carrier": draw(st.sampled_from([Carrier.TERMS, Carrier.ROBOTS_TXT])).value,
        "source": "https://gazette.example/terms",
        "locator": draw(TEXTS),
        "archive": draw(TEXTS),
        "observed": draw(DATES),
        "observed_precision": draw(st.sampled_from(["day", "month", "no-later"])),
        "sha256": draw(DIGESTS),
        "confidence": draw(st.sampled_from(["high", "medium", "low"])),
        "quote": draw(TEXTS),
    }
    if ended:
        data |= {"ended": date(2031, 1, 1), "event": draw(st.sampled_from(["withdrawn", "replaced"]))}
    return data


@st.composite
def entries(draw: st.DrawFn) -> PublisherFile:
    return PublisherFile.model_validate(
        {
            "id": "gazette",
            "name": draw(NAMES),
            "names": draw(st.lists(NAMES, max_size=2)),
            "owners": draw(st.lists(NAMES, max_size=2)),
            "country": "gb",
            "kind": "newspaper",
            "hosts": ["gazette.example", "portal.example/gazette"],
            "contact": draw(TEXTS),
            "review_by": date(2031, 1, 1),
            "identity": {
                "source": "https://list.example/",
                "observed": draw(DATES),
                "sha256": draw(DIGESTS),
            },
            "statement": draw(st.lists(statements(), max_size=4)),
            "history": draw(st.lists(statements(ended=True), max_size=2)),
        }
    )


def through_json(value: object) -> object:
    return json.loads(json.dumps(value))


@given(st.lists(grants(), max_size=3))
def test_grants_come_back_from_odrl_as_they_went(book: list[GrantTable]) -> None:
    problems: list[Problem] = []

    found = odrl.read_agreements(through_json(odrl.document(map(odrl.agreement, book))), "a.jsonld", problems)

    assert problems == []
    assert found == GrantsFile(grant=book)


@given(entries())
def test_entries_come_back_from_odrl_as_they_went(entry: PublisherFile) -> None:
    problems: list[Problem] = []

    found = odrl.read_offers(through_json(odrl.document([odrl.offer(entry)])), "a.jsonld", problems)

    assert problems == []
    assert found == (entry,)


@given(entries())
def test_entries_come_back_from_toml_as_they_went(entry: PublisherFile) -> None:
    assert PublisherFile.model_validate(tomllib.loads(render_model(entry))) == entry


def test_every_shipped_entry_comes_back() -> None:
    shipped = read_entries(None)
    problems: list[Problem] = []

    found = odrl.read_offers(through_json(odrl.document(map(odrl.offer, shipped))), "a.jsonld", problems)

    assert problems == []
    assert found == shipped


GRANT = GrantTable(
    id="g", grantor="Gazette", grantee="Lab", uses=["tdm"], hosts=["gazette.example"], valid_from=date(2026, 1, 1)
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"prohibition": [{"action": "index"}]}, "prohibition: not understood"),
        ({"@type": "Offer"}, "expected `Agreement`"),
        ({"profile": "https://other.example/"}, "profile: expected"),
        ({"uid": "urn:other:1"}, "uid: expected"),
        ({"rc:uses": ["all"]}, '"rc:uses": said twice'),
        ({"rc:territory": "de"}, "territory: unknown key"),
        ({"permission": []}, "expected one permission"),
        ({"assignee": "Lab"}, "assignee: expected an object"),
    ],
)
def test_what_could_narrow_a_permission_is_a_fault(change: dict[str, object], problem: str) -> None:
    problems: list[Problem] = []

    found = odrl.read_agreements(odrl.document([odrl.agreement(GRANT) | change]), "a.jsonld", problems)

    assert found is None
    assert any(problem in str(one) for one in problems), [str(one) for one in problems]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"action": ["tdm:mine", "sell"]}, "unknown use `odrl:sell`"),
        ({"constraint": [{"leftOperand": "spatial", "operator": "eq", "rightOperand": "de"}]}, "dateTime"),
        ({"duty": [{"action": "obtainConsent"}]}, "a duty that is not known"),
        ({"target": {"@type": "AssetCollection", "uid": "https://gazette.example/one"}}, "not understood"),
        ({"target": {}}, "hosts: missing"),
    ],
)
def test_a_permission_that_is_not_understood_grants_nothing(change: dict[str, object], problem: str) -> None:
    problems: list[Problem] = []
    exported = odrl.agreement(GRANT)
    exported["permission"][0] |= change

    assert odrl.read_agreements(odrl.document([exported]), "a.jsonld", problems) is None
    assert any(problem in str(one) for one in problems), [str(one) for one in problems]


def test_a_context_that_renames_our_words_is_a_fault() -> None:
    problems: list[Problem] = []
    renamed = odrl.document([odrl.agreement(GRANT)])
    renamed["@context"][1]["rc"] = "https://other.example/"

    odrl.read_agreements(renamed, "a.jsonld", problems)

    assert [problem.key for problem in problems] == ["@context"]


def test_an_offer_says_mining_in_the_words_of_the_profile() -> None:
    statement = {
        "preference": "conditional", "uses": ["tdm"], "exception": "payment", "carrier": "terms",
        "source": "https://gazette.example/terms", "observed": date(2026, 1, 1), "sha256": "0" * 64,
        "confidence": "high",
    }  # fmt: skip
    entry = PublisherFile.model_validate(
        {"id": "gazette", "name": "Gazette", "country": "gb", "kind": "newspaper",
         "hosts": ["gazette.example"], "review_by": date(2027, 1, 1), "statement": [statement]}
    )  # fmt: skip

    rule = odrl.offer(entry)["permission"][0]

    assert rule["action"] == ["tdm:mine"]
    assert rule["duty"][0]["action"] == "compensate"


# Differences


ENTRY = """id = "gazette"
name = "The Gazette"
country = "gb"
kind = "newspaper"
hosts = ["gazette.example"]
review_by = 2027-01-01

[[statement]]
preference = "disallow"
uses = ["tdm"]
carrier = "terms"
source = "https://gazette.example/terms"
observed = 2026-01-01
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
confidence = "high"
"""
CRAWL = ENTRY[ENTRY.index("[[statement]]") :].replace("tdm", "crawl")


def policies(*texts: str) -> Registry:
    problems: list[Problem] = []
    sources = []
    for text in texts:
        name = tomllib.loads(text)["id"]
        path = Path(f"publishers/gb/{name}.toml")
        sources.append(Source(name=path.as_posix(), path=path, body=text.encode()))
    layer = parse_layer(sources, "test", problems)
    assert problems == []
    return Registry.of([layer])


def events(old: Registry, new: Registry) -> list[tuple[str, ...]]:
    changes = compare(old.publishers, new.publishers)
    return [(one.event, one.part, *(name for name, _, _ in one.fields)) for one in changes]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([ENTRY], [ENTRY], []),
        ([], [ENTRY], [("came", "entry"), ("came", "statement")]),
        ([ENTRY], [], [("went", "entry"), ("went", "statement")]),
        ([ENTRY], [ENTRY + "\n" + CRAWL], [("came", "statement")]),
        ([ENTRY + "\n" + CRAWL], [ENTRY], [("went", "statement")]),
        (
            [ENTRY],
            [ENTRY.replace("observed = 2026-01-01", "observed = 2026-02-02").replace('"high"', '"low"')],
            [("changed", "statement", "observed", "confidence")],
        ),
        ([ENTRY], [ENTRY.replace("tdm", "crawl")], [("came", "statement"), ("went", "statement")]),
        ([ENTRY], [ENTRY.replace('"newspaper"', '"digital"')], [("changed", "entry", "kind")]),
        ([ENTRY], [ENTRY.replace("The Gazette", "Gazette Online")], [("changed", "entry", "holder")]),
    ],
)
def test_differences(old: list[str], new: list[str], expected: list[tuple[str, ...]]) -> None:
    assert events(policies(*old), policies(*new)) == expected


# Block lists


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("news.example\n", ["news.example"]),
        ("# opt-outs\n\nNews.Example.  # since May\n! filter\n", ["news.example"]),
        ("*.news.example\n.press.example\n", ["news.example", "press.example"]),
        (
            "0.0.0.0 news.example www.press.example\n127.0.0.1\tlocalhost\n",
            ["news.example", "www.press.example"],
        ),
        ("||news.example^\n||press.example^$all\n", ["news.example", "press.example"]),
        ("https://news.example/\r\nbücher.example\r\n", ["news.example", "xn--bcher-kva.example"]),
        ("a.news.example\nnews.example\n", ["news.example"]),
        ("\ufeffnews.example\n192.0.2.7\n", ["192.0.2.7", "news.example"]),
    ],
)
def test_a_list_of_hosts_is_read(tmp_path: Path, text: str, hosts: list[str]) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(text.encode())

    assert list(read_host_list(path)) == hosts


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("news.example\nno host here!\n", "line 2: `here!` is no host"),
        ("com\n", "line 1: `com` is a public suffix"),
        ("co.uk\n", "public suffix"),
        ("https://news.example/archive\n", "names a path"),
        ("||news.example^$third-party\n", "is no host"),
        ("# nothing\n", "names no host"),
        ("", "names no host"),
    ],
)
def test_a_line_that_is_no_host_is_a_fault(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(text, "utf-8")

    with pytest.raises(PolicyError, match=re.escape(problem)) as raised:
        read_host_list(path)
    assert str(path) in str(raised.value)


def test_a_list_becomes_a_house_rule_over_the_profile_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    text = render_house_rules(
        ["news.example", "192.0.2.7"], profile="strict", reason='list "A"', uses=["tdm"]
    )
    (tmp_path / "profiles" / "strict.toml").write_text(text, "utf-8")

    profile = load_profile("strict", tmp_path)

    rule = profile.house[0]
    assert rule.action == "block"
    assert rule.hosts == ("news.example", "*.news.example", "192.0.2.7")
    assert rule.reason == 'list "A"'
    assert profile.rows == load_profile("strict").rows


# As commands


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rightscheck", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_grants_go_out_and_come_in_again(tmp_path: Path) -> None:
    book = tmp_path / "book.toml"
    book.write_text(render_model(GrantsFile(grant=[GRANT])), "utf-8")
    out = tmp_path / "book.jsonld"
    out.write_text(run("grants", "export", book).stdout, "utf-8")

    again = tmp_path / "again.toml"
    done = run("grants", "import", out, "-o", again)

    assert done.returncode == 0, done.stderr
    assert load_grants(again)[0].uses == load_grants(book)[0].uses
    assert again.read_text("utf-8") == book.read_text("utf-8")
    assert run("grants", "import", out, "-o", again).returncode == 2


def test_entries_go_out_and_come_in_again(tmp_path: Path) -> None:
    out = tmp_path / "all.jsonld"
    out.write_text(run("registry", "export", "-f", "odrl").stdout, "utf-8")

    done = run("registry", "import", out, "-o", tmp_path / "own")

    assert done.returncode == 0, done.stderr
    same = run("registry", "diff", "shipped", tmp_path / "own")
    assert (same.returncode, same.stdout) == (0, "")


def test_an_imported_list_blocks(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("gazette.example\n", "utf-8")
    own = tmp_path / "own"

    done = run(
        "registry", "import-hosts", tmp_path / "list.txt", "-o", own, "--reason", "opt-out list of May"
    )

    assert done.returncode == 0, done.stderr
    assert run("profile", "show", "standard", "--policies", own).stdout.count("gazette.example") >= 1
    again = run("registry", "import-hosts", tmp_path / "list.txt", "-o", own, "--reason", "x")
    assert again.returncode == 2
    assert "is there already" in again.stderr
