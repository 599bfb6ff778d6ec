"""report.html: the report on one page that needs nothing else, for people who answer for the decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd;
vertical-align:top}th{font-weight:600;background:#f5f5f5}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.go{color:#116329}.review{color:#7a4d00}.no-go{color:#a40e26}.bar{display:flex;height:1.2rem;margin:.8rem 0}
.bar span{display:block}.bar .go{background:#2da44e}.bar .review{background:#d4a72c}.bar .no-go{background:#cf222e}
blockquote{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}code{font-size:.9em;overflow-wrap:anywhere}
.muted{color:#666}@media print{body{margin:0;max-width:none}}
"""
_SHOWN_HOSTS, _SHOWN_SITES, _SHOWN_CLAUSES, _SHOWN_PROBLEMS = 50, 50, 50, 100
_VERDICTS = ("go", "review", "no-go")
_LOWER_BOUNDS = "<p class=muted>Counts are lower bounds.</p>"


def render_page(report: dict[str, Any]) -> bytes:  # Any: the report's JSON
    """The page as UTF-8 HTML, without scripts and without anything from elsewhere."""
    sections = [
        _heading(report),
        _uses(report),
        _clauses(report),
        _hosts(report),
        _sites(report),
        _rules(report),
        _unreadable(report),
        _judged(report),
    ]
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>rightscheck audit</title>'
        f"<style>{_STYLE}</style>\n" + "\n".join(sections) + "\n</html>\n"
    ).encode("utf-8", "replace")


def _heading(report: dict[str, Any]) -> str:
    rows, verdicts = report["rows"], report["verdicts"]
    decided = max(1, rows["decided"])
    bar = "".join(
        f'<span class="{v}" style="width:{100 * verdicts[v] / decided:.2f}%" title="{v}"></span>'
        for v in _VERDICTS
    )
    counts = " · ".join(
        f'<b class="{v}">{verdicts[v]:,} {v}</b> ({100 * verdicts[v] / decided:.1f} %)' for v in _VERDICTS
    )
    return (
        f"<h1>May this corpus be used? {_word(report)}</h1>"
        f"<p>{counts}</p><div class=bar>{bar}</div>"
        f"<p>{rows['in']:,} documents in {report['files']:,} files = {rows['decided']:,} decided + "
        f"{rows['unreadable']:,} unreadable. Asked for: {_e(', '.join(report['request']['uses']))}, "
        f"profile <code>{_e(report['profile'])}</code>, as of {_e(report['as_of'])}.</p>"
    )


def _word(report: dict[str, Any]) -> str:
    verdict = report["verdict"]
    if verdict is None:
        return "Nothing could be read."
    word = {"go": "Yes.", "review": "Some documents need a person.", "no-go": "Not all of it."}[verdict]
    return f'<span class="{verdict}">{word}</span>'


def _uses(report: dict[str, Any]) -> str:
    rows = [[_e(use), *(_n(counts[v]) for v in _VERDICTS)] for use, counts in report["uses"].items()]
    return "<h2>By use</h2>" + _table(("use", *_VERDICTS), rows, numbers=(1, 2, 3))


def _clauses(report: dict[str, Any]) -> str:
    rows = [
        [
            _n(item["documents"]),
            f'<span class="{item["verdict"]}">{item["verdict"]}</span>',
            f"<blockquote>{_e(item['quote'])}</blockquote>" + _muted(item["rule"], item["example"]),
        ]
        for item in report["clauses"][:_SHOWN_CLAUSES]
    ]
    note = _LOWER_BOUNDS if report["clauses_are_lower_bounds"] else ""
    return (
        "<h2>What was said, most frequent first</h2>"
        + (
            _table(("documents", "verdict", "words that decided"), rows, numbers=(0,))
            if rows
            else "<p>Nothing.</p>"
        )
        + note
    )


def _muted(rule: str, example: str) -> str:
    return f"<span class=muted><code>{_e(rule)}</code>, first in <code>{_e(example)}</code></span>"


def _from(rule: str, source: str) -> str:
    return f"<span class=muted><code>{_e(rule)}</code>, {_e(source)}</span>"


def _hosts(report: dict[str, Any]) -> str:
    rows = [
        [_e(item["host"]), *(_n(item[verdict]) for verdict in _VERDICTS)]
        for item in report["hosts"][:_SHOWN_HOSTS]
    ]
    if not rows:
        return "<h2>Hosts</h2><p>No document names its URL.</p>"
    shown = (
        f"<p class=muted>{len(rows):,} of {report['hosts_in_all']:,} hosts, the most restricted first.</p>"
    )
    return "<h2>Hosts</h2>" + _table(("host", *_VERDICTS), rows, numbers=(1, 2, 3)) + shown


def _sites(report: dict[str, Any]) -> str:
    rows = [
        [
            _n(item["documents"]),
            _e(item["host"] or "(no host)"),
            f"<blockquote>{_e(item['quote'])}</blockquote>" + _from(item["rule"], item["source"]),
        ]
        for item in report["sites"][:_SHOWN_SITES]
    ]
    if not rows:
        return ""
    note = "<p class=muted>By the files of hosts, their terms and the registry; each once per host.</p>"
    note += _LOWER_BOUNDS if report["sites_are_lower_bounds"] else ""
    return (
        "<h2>What was said elsewhere</h2>" + _table(("documents", "host", "words"), rows, numbers=(0,)) + note
    )


def _rules(report: dict[str, Any]) -> str:
    rows = [
        [f"<code>{_e(item['rule'])}</code>", f'<span class="{item["verdict"]}">{item["verdict"]}</span>',
         _n(item["documents"])]
        for item in report["rules"]
    ]  # fmt: skip
    return "<h2>Rules that decided</h2>" + _table(("rule", "verdict", "documents"), rows, numbers=(2,))


def _unreadable(report: dict[str, Any]) -> str:
    files = [[f"<code>{_e(item['file'])}</code>", _e(item["reason"])] for item in report["unreadable_files"]]
    rows = [
        [f"<code>{_e(item['file'])}</code>", _n(item["row"]), _n(item["rows"]), _e(item["reason"])]
        for item in report["unreadable_rows"][:_SHOWN_PROBLEMS]
    ]
    if not files and not rows:
        return "<h2>Unreadable</h2><p>Nothing: every file was read to its end, and every row of it.</p>"
    text = "<h2>Unreadable</h2>"
    if files:
        text += _table(("file not read to its end", "why"), files)
    if rows:
        text += _table(("file", "from row", "rows", "why"), rows, numbers=(1, 2))
    return text


def _judged(report: dict[str, Any]) -> str:
    tool, gaps = report["tool"], report["gaps"]
    request = report["request"]
    missing = "; ".join(f"{_e(carrier)} for {count:,}" for carrier, count in gaps.items())
    rows = [
        ["tool", f"rightscheck {_e(tool['version'])}"],
        ["rules", f"<code>{_e(tool['rules_sha256'])}</code>"],
        ["registry of publishers", f"<code>{_e(tool['registry_sha256'])}</code>"],
        ["profile", f"{_e(report['profile'])}, <code>{_e(tool['profile_sha256'])}</code>"],
        ["who asks", _e(request["grantee"] or "nobody named: no grant applies")],
        ["agents", _e(", ".join(request["agents"]) or "none named")],
        ["purpose", "commercial" if request["commercial"] else "not commercial"],
        ["not read", (missing + " documents") if missing else "nothing that a document calls for"],
    ]
    return (
        "<h2>How it was judged</h2>"
        + _table(("", ""), rows)
        + "<p class=muted>Every document was judged by what its text says, what is recorded of its publisher, and "
        "the permissions on file. Silence is not consent: what it means is the profile's choice. Each decision "
        "with its evidence is in decisions.parquet, the inputs with their digests in manifest.json. "
        "This is a record of what was found, not legal advice.</p>"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    def cells(tag: str, values: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if place in numbers else ''}>{value}</{tag}>"
            for place, value in enumerate(values)
        )

    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    top = f"<tr>{cells('th', head)}</tr>\n" if any(head) else ""
    return f"<table>\n{top}{body}\n</table>"


def _e(text: object) -> str:
    return escape(str(text))


def _n(number: int) -> str:
    return f"{number:,}"
