"""Grants: what is read, what each covers, and that partial cover is never taken for more."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rightscheck.errors import PolicyError
from rightscheck.model import Grant, Holder
from rightscheck.registry import Registry, covers, load_grants
from rightscheck.registry.grants import state_of, verify_documents
from rightscheck.registry.publishers import read_layer
from rightscheck.vocab import AI_TRAIN, GROUPS, Use

CASES = Path(__file__).resolve().parent / "cases" / "registry"
BOOK = CASES / "grants" / "book.toml"
REGISTRY = Registry.of([read_layer(CASES / "policies", "invented", [])])
GRANTS = {grant.id: grant for grant in load_grants(BOOK)}


def rows() -> list[list[str]]:
    lines = (CASES / "covers.txt").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.split(" | ")] for line in lines if line and line[0] != "#"]
    return [row if len(row) == 7 else [*row[:5], row[5].removesuffix(" |"), ""] for row in cells]


def holder(name: str) -> Holder:
    """The holder of an entry by its id, or whoever is known by `name:NAME`."""
    if name.startswith("name:"):
        return REGISTRY.resolve(name.removeprefix("name:"))
    return next(policy.holder for policy in REGISTRY.publishers if policy.id == name)


@pytest.mark.parametrize(("grant", "who", "grantee", "use", "url", "on", "why"), rows())
def test_a_grant_covers_what_it_says(
    grant: str, who: str, grantee: str, use: str, url: str, on: str, why: str
) -> None:
    reason = covers(
        GRANTS[grant],
        holder=holder(who),
        grantee=None if grantee == "-" else grantee,
        use=Use(use),
        url=None if url == "-" else url,
        on=date.fromisoformat(on),
        registry=REGISTRY,
    )

    assert why in reason if why else reason == ""


def test_the_matrix_is_wide() -> None:
    assert len(rows()) >= 150
    assert {row[0] for row in rows()} == set(GRANTS)


# Partial cover never over-grants: whatever is taken from a grant, nothing new is covered.

USES = st.frozensets(st.sampled_from(list(Use)), min_size=1)
HOSTS = [
    "ledger.example",
    "*.ledger.example",
    "www.ledger.example",
    "portal.example",
    "portal.example:8443",
    "*",
]
PATHS = ["/", "/news/", "/news", "/news/a", "/archive"]
DAYS = st.dates(date(2025, 11, 1), date(2027, 3, 1))
URLS = st.sampled_from(
    [
        None,
        "https://ledger.example/news/a",
        "https://www.ledger.example/news",
        "https://a.ledger.example/archive/../news/",
        "https://portal.example:8443/newsroom",
        "http://portal.example/",
        "https://evil.example/news/",
    ]
)
GRANT = st.builds(
    Grant,
    id=st.just("g"),
    grantor=st.sampled_from(["The Morning Ledger", "Harbour Wire", "Nobody Known"]),
    grantee=st.sampled_from(["Acme AI", "Other Lab"]),
    uses=USES,
    hosts=st.lists(st.sampled_from(HOSTS), min_size=1, max_size=4, unique=True).map(tuple),
    paths=st.lists(st.sampled_from(PATHS), max_size=3, unique=True).map(tuple),
    valid_from=DAYS,
    valid_until=st.none() | DAYS,
    revoked=st.none() | DAYS,
    void=st.sampled_from(["", "", "", "document differs"]),
)
ASK = st.fixed_dictionaries(
    {
        "holder": st.sampled_from([holder("ledger"), holder("harbour-wire"), holder("name:Nobody Known")]),
        "grantee": st.sampled_from([None, "acme ai", "Other Lab", "Third Lab"]),
        "use": st.sampled_from(list(Use)),
        "url": URLS,
        "on": DAYS,
    }
)
LAW = settings(max_examples=400, deadline=None)


def less(grant: Grant, data: st.DataObject) -> Grant:
    """The grant with one thing taken away."""
    cut = data.draw(st.sampled_from(["use", "host", "path", "from", "until", "revoked", "void", "narrow"]))
    if cut == "use":
        return replace(grant, uses=grant.uses - {data.draw(st.sampled_from(sorted(grant.uses)))})
    if cut == "host":
        return replace(grant, hosts=tuple(grant.hosts[1:]))
    if cut == "path":
        return replace(grant, paths=grant.paths[1:] if len(grant.paths) > 1 else (*grant.paths, "/never/"))
    if cut == "narrow":
        return replace(grant, hosts=tuple(host.replace("*.", "deep.") for host in grant.hosts if host != "*"))
    days = timedelta(days=data.draw(st.integers(0, 500)))
    if cut == "from":
        return replace(grant, valid_from=grant.valid_from + days)
    if cut == "until":
        return replace(grant, valid_until=(grant.valid_until or date(2027, 3, 1)) - days)
    if cut == "revoked":
        return replace(grant, revoked=(grant.revoked or date(2027, 3, 1)) - days)
    return replace(grant, void="document differs")


@LAW
@given(GRANT, ASK, st.data())
def test_taking_from_a_grant_covers_nothing_new(grant: Grant, ask: dict, data: st.DataObject) -> None:
    before = covers(grant, registry=REGISTRY, **ask)
    assume(before)
    smaller = less(grant, data)
    # A first path bounds a grant that had none; taking the last one away would widen it, so it is not done.
    assume(grant.paths or smaller.paths == grant.paths or smaller.paths)

    assert covers(smaller, registry=REGISTRY, **ask)


@LAW
@given(GRANT, ASK)
def test_no_grantee_no_cover(grant: Grant, ask: dict) -> None:
    assert covers(grant, registry=REGISTRY, **{**ask, "grantee": None})


@LAW
@given(GRANT, ASK)
def test_a_grant_covers_its_grantors_content_only(grant: Grant, ask: dict) -> None:
    if not covers(grant, registry=REGISTRY, **ask):
        assert REGISTRY.resolve(grant.grantor).id == ask["holder"].id
        assert ask["use"] in grant.uses
        assert grant.valid_from <= ask["on"] <= (grant.valid_until or ask["on"])
        assert grant.revoked is None or ask["on"] < grant.revoked


# Reading.

GOOD = """[[grant]]
id = "a"
grantor = "The Morning Ledger"
grantee = "Acme AI"
uses = ["ai-train", "crawl"]
hosts = ["ledger.example"]
valid_from = 2026-01-01
valid_until = 2026-12-31
"""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_groups_of_uses_are_expanded(tmp_path: Path) -> None:
    (grant,) = load_grants(write(tmp_path / "g.toml", GOOD))

    assert grant.uses == AI_TRAIN | {Use.CRAWL}
    assert GRANTS["anywhere"].uses == GROUPS["all"]


def test_a_folder_is_read_in_full_and_its_documents_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "b.toml", GOOD.replace('"a"', '"b"'))
    write(tmp_path / "2025" / "a.toml", GOOD)
    write(tmp_path / "contract.pdf", "%PDF")

    assert [(grant.id, grant.source) for grant in load_grants(tmp_path)] == [
        ("a", "2025/a.toml"),
        ("b", "b.toml"),
    ]


def test_an_empty_folder_and_an_empty_file_hold_no_grants(tmp_path: Path) -> None:
    write(tmp_path / "empty.toml", "")

    assert load_grants(tmp_path) == load_grants(tmp_path / "empty.toml") == ()


def test_line_ends_and_a_byte_order_mark_are_forgiven(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())

    assert [grant.id for grant in load_grants(path)] == ["a"]


def test_a_document_that_differs_makes_its_grant_void(tmp_path: Path) -> None:
    shutil.copytree(CASES / "grants", tmp_path, dirs_exist_ok=True)
    write(tmp_path / "letter.txt", "We permit it, and more.\n")
    grants = {grant.id: grant for grant in load_grants(tmp_path)}

    assert "sha256" in grants["signed"].void
    assert GRANTS["signed"].void == GRANTS["elsewhere"].void == ""


def test_documents_are_hashed_anew(tmp_path: Path) -> None:
    shutil.copytree(CASES / "grants", tmp_path, dirs_exist_ok=True)
    for path in (tmp_path, tmp_path / "book.toml"):
        results = {check.grant.id: check.result for check in verify_documents(path)}

        assert results["signed"] == "verified"
        assert results["void"] == "differs"
        assert results["elsewhere"] == "missing"
        assert results["plain"] == "no-document"


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('uses = ["ai-train", "crawl"]', 'uses = ["ai-trian"]', "grant[0].uses[0]", "did you mean `ai-train`"),
        ('uses = ["ai-train", "crawl"]', "uses = []", "grant[0].uses", "must not be empty"),
        ('uses = ["ai-train", "crawl"]\n', "", "grant[0].uses", "missing"),
        ('hosts = ["ledger.example"]', "hosts = []", "grant[0].hosts", "must not be empty"),
        ('hosts = ["ledger.example"]', 'hosts = "ledger.example"', "grant[0].hosts", "expected a list"),
        ('"ledger.example"', '"https://ledger.example/"', "grant[0].hosts[0]", "is not a host"),
        ('"ledger.example"', '"*.com"', "grant[0].hosts[0]", "spans a public suffix"),
        ('"ledger.example"', '"*.*.example"', "grant[0].hosts[0]", "is not a host"),
        ('"ledger.example"', '"led*"', "grant[0].hosts[0]", "is not a host"),
        ('grantee = "Acme AI"\n', "", "grant[0].grantee", "missing"),
        ('grantee = "Acme AI"', 'grantee = ""', "grant[0].grantee", "is no name"),
        ('grantor = "The Morning Ledger"', "grantor = 3", "grant[0].grantor", "expected text in quotes"),
        ("valid_from = 2026-01-01\n", "", "grant[0].valid_from", "missing"),
        ("valid_from = 2026-01-01", 'valid_from = "2026-01-01"', "grant[0].valid_from", "expected a date"),
        ("valid_until = 2026-12-31", "valid_until = 2025-12-31", "grant[0]", "`valid_until` 2025-12-31 lies before"),
        ("[[grant]]", "[[grant]]\nscope = 1", "grant[0].scope", "unknown key"),
        ("[[grant]]", "[[grant]]\npath = ['/']", "grant[0].path", "did you mean `paths`"),
        ("[[grant]]", "[[grant]]\npaths = ['news']", "grant[0].paths[0]", "is not a path"),
        ("[[grant]]", "[[grant]]\nthird_party = 1", "grant[0].third_party", "expected true or false"),
        ("[[grant]]", "[[grant]]\ndocument_sha256 = 'abc'", "grant[0].document_sha256", "not a sha256 digest"),
        ("[[grant]]", "[grant]", "grant", "expected a list, found a table"),
        ("[[grant]]", "[[grants]]", "grants", "did you mean `grant`"),
        ('id = "a"', "id: a", "line 2, column 3", "not YAML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_file_key_and_reason(
    old: str, new: str, key: str, reason: str, tmp_path: Path
) -> None:
    path = write(tmp_path / "g.toml", GOOD.replace(old, new, 1))

    with pytest.raises(PolicyError) as caught:
        load_grants(path)

    assert [(problem.file, problem.key) for problem in caught.value.problems] == [(str(path), key)]
    assert reason in str(caught.value)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path / "a.toml", GOOD + GOOD)
    write(tmp_path / "b.toml", GOOD.replace('"crawl"', '"spy"').replace('"Acme AI"', "1"))

    with pytest.raises(PolicyError) as caught:
        load_grants(tmp_path)

    assert [(problem.file, problem.key) for problem in caught.value.problems] == [
        ("b.toml", "grant[0].grantee"),
        ("b.toml", "grant[0].uses[1]"),
        ("a.toml", "grant"),
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such file"):
        load_grants(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("on", "within", "state"),
    [
        (date(2025, 12, 31), 30, "future"),
        (date(2026, 1, 1), 30, "active"),
        (date(2026, 11, 30), 30, "active"),
        (date(2026, 12, 1), 30, "expiring"),
        (date(2026, 12, 31), 0, "expiring"),
        (date(2027, 1, 1), 30, "expired"),
    ],
)
def test_the_state_of_a_grant_on_a_day(on: date, within: int, state: str) -> None:
    assert state_of(GRANTS["plain"], on, within) == state


def test_the_state_of_a_grant_that_was_called_back() -> None:
    assert state_of(GRANTS["revoked"], date(2026, 6, 30)) == "revoked"
    assert state_of(GRANTS["revoked"], date(2026, 6, 29), 30) == "expiring"
    assert state_of(GRANTS["void"], date(2026, 6, 1)) == "void"


def test_the_example_that_ships_is_a_good_one() -> None:
    (grant,) = load_grants(Path(__file__).resolve().parent.parent / "policies" / "grants")

    assert grant.id == "example-2026"


# The command line.


def run(*arguments: str) -> int:
    from rightscheck.cli.app import run as rightscheck

    return rightscheck(["grants", *arguments])


def test_a_grant_is_added_listed_and_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "letter.txt", "We permit it.\n")
    book = str(tmp_path / "book.toml")
    terms = [
        "--grantor",
        "The Morning Ledger",
        "--grantee",
        "Acme AI",
        "--use",
        "ai-train",
        "--host",
        "ledger.example",
    ]

    assert run("add", book, "--id", "one", *terms, "--from", "2026-01-01", "--document", "letter.txt") == 0
    assert run("add", book, "--id", "two", *terms, "--from", "2026-01-01", "--until", "2026-12-31") == 0
    assert run("add", book, "--id", "two", *terms, "--from", "2026-01-01") == 2
    assert "already in use" in capsys.readouterr().err
    assert run("add", book, "--id", "three", *terms[:-2], "--from", "2026-01-01") == 2
    assert "grant[0].hosts: missing" in capsys.readouterr().err
    assert [grant["id"] for grant in tomllib.loads(Path(book).read_text("utf-8"))["grant"]] == ["one", "two"]

    assert run("list", book, "--as-of", "2026-12-15", "-f", "json") == 0
    assert '"state": "expiring"' in capsys.readouterr().out
    assert run("expiring", "--grants", book, "--as-of", "2026-12-15") == 1
    assert run("expiring", "--grants", book, "--as-of", "2026-06-15") == 0
    assert run("verify", book) == 0
    write(tmp_path / "letter.txt", "We take it back.\n")
    assert run("verify", book) == 1
    (tmp_path / "letter.txt").unlink()
    assert run("verify", book) == 3


def test_adding_keeps_what_the_file_holds(tmp_path: Path) -> None:
    book = write(tmp_path / "book.toml", "# Ours. Ask the legal desk first.\n")
    terms = ["--grantor", 'The "Ledger"', "--grantee", "Acme AI", "--use", "tdm", "--host", "*"]

    assert run("add", str(book), "--id", "one", *terms, "--from", "2026-01-01") == 0

    assert book.read_text("utf-8").startswith("# Ours. Ask the legal desk first.\n\n[[grant]]")
    assert load_grants(book)[0].grantor == 'The "Ledger"'


@pytest.mark.parametrize(
    ("limited", "asked", "why"),
    [
        ((), None, ""),
        ((), "Archive 1990-2010", ""),
        (("Archive 1990-2010",), "archive  1990-2010", ""),
        (("Archive 1990-2010", "Podcasts"), "Podcasts", ""),
        (("Archive 1990-2010",), None, "limited to Archive 1990-2010, and the request names no collection"),
        (("Archive 1990-2010",), "Archive", "`Archive` is not among its collections"),
    ],
)
def test_a_grant_for_a_collection_covers_that_one_only(limited, asked, why) -> None:
    grant = replace(GRANTS["plain"], collections=limited)

    assert (
        covers(
            grant,
            holder=REGISTRY.resolve(grant.grantor),
            grantee=grant.grantee,
            use=next(iter(grant.uses)),
            url=f"https://{grant.hosts[0].removeprefix('*.')}{(grant.paths or ('/',))[0]}a",
            on=grant.valid_from,
            registry=REGISTRY,
            collection=asked,
        )
        == why
    )
