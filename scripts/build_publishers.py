#!/usr/bin/env python3
"""Build policies/publishers/ from dated evidence: the same inputs give the same bytes.

    scripts/build_publishers.py --facts publisher-facts.jsonl --identities publishers.jsonl \
        --archives DIR [--terms scripts/terms.toml] [--out policies/publishers] [--check]

`--facts` has one line per robots.txt capture, `--identities` one per publisher; `--archives` holds a clone
of each repository in publishers.toml and terms.toml as `owner+name` (a git directory, or one with `repo` in
it), with its history: a document was observed on the day its bytes were recorded. Digests are taken from the
archived bytes themselves, and a confirmed clause must stand in the lines that it cites. `--check` writes
nothing and fails when an entry differs from what the evidence gives.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import re
import subprocess
import sys
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from protego import Protego

from rightscheck.registry.addresses import registrable_domain
from rightscheck.syntax.html import HtmlDocument

ROOT = Path(__file__).resolve().parent.parent
COUNTRY = {"uk": "gb", "ind": "in", "isl": "is"}
HEADER = "#:schema ../../schema/publisher.json\n"
HEADER += "# Built by scripts/build_publishers.py from what is cited below.\n"
csv.field_size_limit(64 * 1024 * 1024)


@dataclass(frozen=True, eq=False)
class Archives:
    """Clones of the repositories that captures are read from, each at its pinned commit."""

    folder: Path
    commits: dict[str, str]

    @cache  # noqa: B019  (one instance lives as long as the script)
    def read(self, repository: str, path: str) -> bytes:
        command = ["git", "-C", str(self.directory(repository)), "show", f"{self.commits[repository]}:{path}"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    @cache  # noqa: B019
    def recorded(self, repository: str, path: str) -> date:
        """The day on which the archive recorded these bytes: that of the last commit to touch the path."""
        commit = self.commits[repository]
        arguments = ["log", "-1", "--format=%cs", commit, "--", f":(literal){path}"]
        command = ["git", "-C", str(self.directory(repository)), *arguments]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        return date.fromisoformat(run.stdout.strip())

    def directory(self, repository: str) -> Path:
        clone = self.folder / repository.replace("/", "+")
        return clone / "repo" if (clone / "repo").is_dir() else clone

    def cite(self, repository: str, path: str) -> str:
        return f"github:{repository}@{self.commits[repository]}:{path}"


@dataclass(frozen=True)
class RobotsCapture:
    """One archived robots.txt: its text, its facts, and how it is cited."""

    domain: str
    text: str
    facts: dict[str, Any]
    table: dict[str, Any]


def read_capture(fact: dict[str, Any], archives: Archives) -> RobotsCapture:
    robots = fact["robots"]
    path, _, row = robots["path"].partition("#")
    body = archives.read(robots["source"], path)
    source, archive = f"https://{fact['domain']}/robots.txt", archives.cite(robots["source"], robots["path"])
    if path.endswith(".csv"):
        text, found = _csv_cell(body, fact["domain"], row)
        source = found.get("url", source)
        archive = found.get("archive_url", archive)
    else:
        text = body.decode("utf-8", "replace")
    observed, precision = _observed(robots["date"], bool(row))
    table: dict[str, Any] = {
        "carrier": "robots-txt",
        "source": source,
        "archive": archive,
        "observed": observed,
    }
    if precision != "day":
        table["observed_precision"] = precision
    table["sha256"] = sha256(text.encode() if path.endswith(".csv") else body).hexdigest()
    closed = [agent for agent in robots["ai_blocked_named"] if not _may_fetch(text, agent, source)]
    if dropped := set(robots["ai_blocked_named"]) - set(closed):
        print(
            f"{fact['domain']}: not closed by the archived file: {', '.join(sorted(dropped))}",
            file=sys.stderr,
        )
    table["closed_agents"] = sorted(closed, key=str.casefold)
    table["open_agents"] = sorted(robots["ai_named_but_root_open"], key=str.casefold)
    table["wildcard"] = "closed" if robots["wildcard_blocks_root"] else "open"
    table["pointers"] = sorted(robots["rsl_license"] or [])
    return RobotsCapture(fact["domain"], text, robots, table)


def _csv_cell(body: bytes, domain: str, row: str) -> tuple[str, dict[str, str]]:
    """The text of the capture in a table with a column per fact, and the row it stands in."""
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")))
    for found in rows:
        if found.get("Website") == row and "robots" in found:
            return found["robots"], {}
        if found.get("formatted_date") == row and found.get("base_url") == domain:
            return found["content"], found
    raise SystemExit(f"{domain}: no row {row!r} in its archive")


def _observed(text: str, dated: bool) -> tuple[date, str]:
    """The day of the capture. Of a month its first day; of an undated file the day it was there."""
    if len(text) == len("2026-06"):
        return date.fromisoformat(text + "-01"), "month"
    return date.fromisoformat(text), "day" if dated else "no-later"


def _may_fetch(text: str, agent: str, source: str) -> bool:
    return bool(Protego.parse(text).can_fetch(source.removesuffix("robots.txt"), agent))


def statement_of(clause: dict[str, Any], capture: RobotsCapture) -> dict[str, Any]:
    """The confirmed clause as a statement table; refused unless its lines say what was confirmed."""
    first, last = clause["lines"]
    lines = "\n".join(capture.text.splitlines()[first - 1 : last])
    if clause["says"] not in lines:
        raise SystemExit(f"{capture.domain}: lines {first}-{last} do not hold {clause['says']!r}")
    locator = f"line:{first}" if first == last else f"line:{first}-{last}"
    return _statement(clause, {**capture.table, "locator": locator})


def page_statement(page: dict[str, Any], archives: Archives) -> dict[str, Any]:
    """The statement that a meta element of an archived page makes; refused unless the element is there."""
    body = archives.read(page["archive"], page["path"])
    html = gzip.decompress(body) if page["path"].endswith(".gz") else body
    if page["content"] not in HtmlDocument(html).meta(page["meta"]):
        raise SystemExit(f"{page['url']}: no meta {page['meta']} with {page['content']!r}")
    evidence = {
        "carrier": "html",
        "source": page["url"],
        "locator": f"meta:{page['meta']}",
        "archive": archives.cite(page["archive"], page["path"]),
        "observed": page["observed"],
        "sha256": sha256(html).hexdigest(),
    }
    return _statement(page, evidence)


def terms_statement(clause: dict[str, Any], archives: Archives) -> dict[str, Any]:
    """The statement of an archived terms document; refused unless its lines say what was confirmed."""
    repository, path = clause["archive"], clause["path"]
    body = archives.read(repository, path)
    first, last = clause["lines"]
    # Only line feeds end lines here, as in the fragment of the URL.
    text = body.decode("utf-8", "replace").split("\n")
    if last > len(text) or clause["says"] not in "\n".join(text[first - 1 : last]):
        raise SystemExit(f"{path}: lines {first}-{last} do not hold {clause['says']!r}")
    place = f"L{first}" if first == last else f"L{first}-L{last}"
    evidence = {
        "carrier": "terms",
        "source": f"https://github.com/{repository}/blob/{archives.commits[repository]}/{quote(path)}#{place}",
        "locator": f"line:{first}" if first == last else f"line:{first}-{last}",
        "archive": archives.cite(repository, path),
        "observed": archives.recorded(repository, path),
        "sha256": sha256(body).hexdigest(),
    }
    return _statement(clause, evidence)


def _statement(said: dict[str, Any], evidence: dict[str, Any]) -> dict[str, Any]:
    keys = ("preference", "uses", "purpose", "exception", "conditions", "non_commercial")
    table = {key: said[key] for key in keys if key in said}
    places = ("carrier", "source", "locator", "archive", "observed", "observed_precision", "sha256")
    table |= {key: evidence[key] for key in places if key in evidence}
    return table | {"confidence": said.get("confidence", "high")}


def identity_of(identity: dict[str, Any], archives: Archives) -> dict[str, Any]:
    """Where a publisher's name and host are listed."""
    repository = identity["source"].partition("@")[0]
    path = f"src/fundus/publishers/{identity['country']}/__init__.py"
    commit = archives.commits[repository]
    body = archives.read(repository, path)
    if identity["name"].encode() not in body:
        raise SystemExit(f"{path} does not name {identity['name']}")
    return {
        "source": f"https://github.com/{repository}/blob/{commit}/{path}",
        "observed": _commit_day(archives, repository),
        "sha256": sha256(body).hexdigest(),
    }


def _commit_day(archives: Archives, repository: str) -> date:
    commit = archives.commits[repository]
    command = ["git", "-C", str(archives.directory(repository)), "show", "-s", "--format=%cs", commit]
    return date.fromisoformat(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    )


def host_in(address: str) -> str:
    """`https://www.news.example/` and `www.news.example` as `news.example`."""
    host = re.sub(r"^https?://", "", address).rstrip("/").lower()
    return re.sub(r"^www\d?\.", "", host)


def build(
    curated: dict[str, Any], facts: list[dict[str, Any]], identities: list[dict[str, Any]], archives: Archives
):
    """Every entry as (path, text), by path."""
    by_hand = {"antaranews.com", "aa.com.tr"}
    captures = {
        fact["domain"]: read_capture(fact, archives) for fact in facts if fact["domain"] not in by_hand
    }
    known: dict[str, dict[str, Any]] = {}
    for identity in identities:
        known.setdefault(registrable_domain(host_in(identity["domain"])), identity)
    used: set[str] = set()
    entries: dict[str, str] = {}
    for publisher in curated["publisher"]:
        domains = {registrable_domain(host_in(domain)) for domain in publisher["domains"]}
        used |= domains
        identity = next((known[domain] for domain in sorted(domains) if domain in known), None)
        entry = _entry(publisher, captures, identity, archives, curated["reviewed"])
        _add(entries, entry)
    for domain, identity in sorted(known.items()):
        if domain not in used and domain not in by_hand and not identity["deprecated"]:
            _add(entries, _listed_entry(identity, archives, curated["reviewed"]))
    for domain in sorted(
        set(captures) - {name for entry in curated["publisher"] for name in entry["domains"]}
    ):
        print(f"{domain}: no entry, its publisher is not in publishers.toml", file=sys.stderr)
    return dict(sorted(entries.items()))


def _add(entries: dict[str, str], entry: dict[str, Any]) -> None:
    path = f"{entry['country']}/{entry['id']}.toml"
    if path in entries:
        raise SystemExit(f"{path}: two publishers of one id")
    entries[path] = render(entry)


def _entry(
    publisher: dict[str, Any],
    captures: dict[str, RobotsCapture],
    identity: dict[str, Any] | None,
    archives: Archives,
    reviewed: date,
) -> dict[str, Any]:
    own = [captures[domain] for domain in publisher["domains"] if domain in captures]
    statements = [
        statement_of(clause, captures[clause["capture"]]) for clause in publisher.get("statement", ())
    ]
    statements += [page_statement(page, archives) for page in publisher.get("page", ())]
    statements += [terms_statement(clause, archives) for clause in publisher.get("terms", ())]
    entry = {
        key: publisher[key]
        for key in ("id", "name", "names", "owners", "country", "kind")
        if key in publisher
    }
    entry["hosts"] = sorted({host_in(domain) for domain in publisher["domains"]})
    if "contact" in publisher:
        entry["contact"] = publisher["contact"]
    tables = [*statements, *(capture.table for capture in own)]
    entry["review_by"] = review_by(reviewed, [table["observed"] for table in tables])
    if identity is not None:
        entry["identity"] = identity_of(identity, archives)
    entry["statement"] = statements
    entry["capture"] = sorted(
        (capture.table for capture in own), key=lambda table: (table["observed"], table["source"])
    )
    return entry


def _listed_entry(identity: dict[str, Any], archives: Archives, reviewed: date) -> dict[str, Any]:
    """An entry that says who owns a host and nothing more."""
    country = COUNTRY.get(identity["country"], identity["country"])
    return {
        "id": slug(identity["name"]),
        "name": identity["name"],
        "country": country,
        "kind": "news",
        "hosts": [host_in(identity["domain"])],
        "review_by": review_by(reviewed, ()),
        "identity": identity_of(identity, archives),
    }


def review_by(reviewed: date, observed: Iterable[date]) -> date:
    """A year after the review; half a year where the latest evidence was a year old by then."""
    latest = max(observed, default=reviewed)
    return reviewed + timedelta(days=365 if reviewed - latest <= timedelta(days=365) else 182)


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.casefold().replace("ß", "ss").replace("ø", "o"))
    return "-".join(re.findall(r"[a-z0-9]+", "".join(char for char in plain if char.isascii())))


def render(entry: dict[str, Any]) -> str:
    """The entry as TOML, its keys in the order of the schema."""
    lines = [HEADER + "\n".join(_pairs(entry))]
    for key in ("identity", "statement", "capture"):
        for table in [entry[key]] if isinstance(entry.get(key), dict) else entry.get(key, []):
            heading = f"[{key}]" if key == "identity" else f"[[{key}]]"
            lines.append(heading + "\n" + "\n".join(_pairs(table)))
    return "\n\n".join(lines) + "\n"


def _pairs(table: dict[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict)):
            continue
        if value not in ("", []):
            yield f"{key} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def with_terms(curated: dict[str, Any], terms: dict[str, Any]) -> dict[str, Any]:
    """What people confirmed, with the clauses of terms documents at the publishers they are of."""
    publishers = {entry["id"]: dict(entry) for entry in (*curated["publisher"], *terms["publisher"])}
    if len(publishers) != len(curated["publisher"]) + len(terms["publisher"]):
        raise SystemExit("an id is used twice in the curated files")
    for clause in terms["terms"]:
        if clause["publisher"] not in publishers:
            raise SystemExit(f"terms: no publisher `{clause['publisher']}`")
        publishers[clause["publisher"]].setdefault("terms", []).append(clause)
    archives = curated["archives"] | terms["archives"]
    return {**curated, "archives": archives, "publisher": list(publishers.values())}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--identities", type=Path, required=True)
    parser.add_argument("--archives", type=Path, required=True)
    parser.add_argument("--curated", type=Path, default=ROOT / "scripts" / "publishers.toml")
    parser.add_argument("--terms", type=Path, default=ROOT / "scripts" / "terms.toml")
    parser.add_argument("--out", type=Path, default=ROOT / "policies" / "publishers")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    curated = with_terms(
        tomllib.loads(options.curated.read_text("utf-8")), tomllib.loads(options.terms.read_text("utf-8"))
    )
    facts = [json.loads(line) for line in options.facts.read_text("utf-8").splitlines()]
    identities = [json.loads(line) for line in options.identities.read_text("utf-8").splitlines()]
    entries = build(curated, facts, identities, Archives(options.archives, curated["archives"]))
    return check(entries, options.out, curated) if options.check else write(entries, options.out)


def write(entries: dict[str, str], out: Path) -> int:
    for name, text in entries.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, "utf-8", newline="\n")
    print(f"{len(entries)} entries written to {out}")
    return 0


def check(entries: dict[str, str], out: Path, curated: dict[str, Any]) -> int:
    """0 when the entries on disk are those that the evidence gives."""
    present = {
        path.relative_to(out).as_posix(): path.read_text("utf-8") for path in sorted(out.glob("*/*.toml"))
    }
    present = {name: text for name, text in present.items() if Path(name).stem not in curated["by_hand"]}
    wrong = sorted(name for name in entries.keys() | present.keys() if entries.get(name) != present.get(name))
    for name in wrong:
        print(f"{name}: differs from its evidence")
    agreeing = len(entries.keys() - set(wrong))
    print(f"{agreeing} of {len(entries)} entries agree with their evidence")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
