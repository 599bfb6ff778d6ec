"""Throughput of a page's whole reading beside parsing it alone: pages of 43 KB, made here, in one run.

usage: html_throughput.py [--pages N] [--c5 CHECKOUT]

Rates are megabytes per second of CPU, the best of several rounds that take turns; the ratios to a parse by
selectolax are what to quote. "signals" is every signal that reads the page, notices apart. CHECKOUT is a clone
of https://github.com/BramVanroy/CommonCrawl-CreativeCommons, which is on no package index: its finder of Creative
Commons licences then takes its turn (it needs beautifulsoup4 and lxml, and leaves out pages that do not name
creativecommons.org; every page here names it once).
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import ModuleType

from selectolax.lexbor import LexborHTMLParser

from rightscheck.assets import page_asset
from rightscheck.model import Asset, Document, Request
from rightscheck.notices import read as read_notices
from rightscheck.signals import all_signals, by_id
from rightscheck.sources import Sources, digest
from rightscheck.syntax.html import HtmlDocument
from rightscheck.vocab import Carrier, Mode

SIZE = 43_000
ROUNDS = 5
URL = "https://news.example/a"
WORDS = (
    "the of and rain hill brook mill wheel council bridge meadow farmer harvest river road school village "
    "morning people said new old water market train station month year report water house field"
).split()
HEAD = """<!doctype html><html lang="en"><head><title>{title}</title>
<meta name="robots" content="max-image-preview:large"><meta property="og:site_name" content="Hill Courier">
<link rel="canonical" href="https://news.example/a"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/">
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle",
"url": "https://news.example/a", "headline": "{title}", "isAccessibleForFree": true}}</script>
<style>body {{ margin: 0 }}</style></head><body>"""
FOOT = """<footer><ul><li><a href="/about">About</a></li><li><a href="/terms">Terms of use</a></li></ul>
<p>© 2026 Hill Courier. All rights reserved. No content may be used to train AI models without permission.</p></footer>
</body></html>"""


def page(seed: int) -> bytes:
    """A page of 43 KB: navigation, teasers with links, an article, a footer with a notice."""
    chance = random.Random(seed)  # noqa: S311 - made-up pages, no secrets

    def words(count: int) -> str:
        return " ".join(chance.choices(WORDS, k=count))

    parts = [HEAD.format(title=words(6)), "<nav><ul>"]
    parts += [f'<li class="m"><a href="/{word}">{word.title()}</a></li>' for word in WORDS]
    parts.append("</ul></nav><main><article>")
    length = sum(map(len, parts))
    while length < SIZE - 900:
        block = f'<p class="t">{words(60)}. <a href="/{chance.randrange(10**6)}">{words(4)}</a></p>'
        if chance.random() < 0.4:
            teaser = f'<a class="c" href="/{words(1)}"><img src="/i.jpg" alt=""><span>{words(9)}</span></a>'
            block += f'<div class="teaser">{teaser}</div>'
        parts.append(block)
        length += len(block)
    return "".join((*parts, "</article></main>", FOOT)).encode()


def parse(pages: Sequence[bytes]) -> None:
    for body in pages:
        LexborHTMLParser(body)


def walk(pages: Sequence[bytes]) -> None:
    for body in pages:
        HtmlDocument(body).visible_text()


def sources_of(body: bytes) -> Sources:
    document = Document(
        carrier=Carrier.HTML,
        url=URL,
        final_url=URL,
        status=200,
        headers=(("Content-Type", "text/html; charset=utf-8"),),
        body=body,
        sha256=digest(body),
    )
    asset, html = page_asset(document, url=URL, mode=Mode.HELD)
    return Sources(asset=asset, request=Request(uses=("ai-train",), on=date(2026, 11, 24)), html=html)


def signals(pages: Sequence[bytes]) -> None:
    readers = [signal.read for signal in all_signals() if signal.id != "notice"]
    for body in pages:
        sources = sources_of(body)
        for read in readers:
            list(read(sources))


def everything(pages: Sequence[bytes]) -> None:
    readers = [signal.read for signal in all_signals()]
    for body in pages:
        sources = sources_of(body)
        for read in readers:
            list(read(sources))


def notices(pages: Sequence[bytes]) -> None:
    for body in pages:
        asset: Asset = sources_of(body).asset
        read_notices(asset.text or "")


def licences(pages: Sequence[bytes]) -> None:
    """Reads the licences that the pages name, in any of the places that rightscheck knows."""
    readers = [by_id("licence").read, by_id("schema-org").read]
    for body in pages:
        sources = sources_of(body)
        assert any(found for read in readers for found in read(sources))  # noqa: S101 - it must find them


def c5_finder(checkout: Path) -> Callable[[Sequence[bytes]], None]:
    """C5's finder of licences, loaded without the pipeline around it, which it does not use."""
    for name, members in {
        "datatrove": {},
        "datatrove.data": {"Document": object},
        "c5": {},
        "c5.components": {},
        "c5.components.annotators": {},
        "c5.components.annotators.base": {"BaseAnnotator": object},
    }.items():
        module = ModuleType(name)
        vars(module).update(members)
        sys.modules[name] = module
    path = checkout / "src/c5/components/annotators/license_annotator.py"
    spec = importlib.util.spec_from_file_location("c5_licences", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} cannot be loaded")
    finder = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = finder
    spec.loader.exec_module(finder)

    def find(pages: Sequence[bytes]) -> None:
        for body in pages:
            assert finder.find_cc_licenses_in_html(body.decode())  # noqa: S101 - it must find them

    return find


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=100)
    arguments.add_argument("--c5", type=Path, help="a checkout of C5, to compare with")
    given = arguments.parse_args()
    pages = [page(seed) for seed in range(given.pages)]
    actions: dict[str, Callable[[Sequence[bytes]], None]] = {
        "selectolax parse": parse,
        "parse and visible text": walk,
        "parse, text, signals": signals,
        "parse, text, licences": licences,
        "parse, text, notices": notices,
        "everything": everything,
    }
    if given.c5 is not None:
        actions["C5's licences"] = c5_finder(given.c5)
    everything(pages[:2])  # languages and tables are loaded once
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for name, action in actions.items():
            begun = time.process_time()
            action(pages)
            best[name] = min(best.get(name, 1e9), time.process_time() - begun)
    megabytes = sum(map(len, pages)) / 1e6
    for name, seconds in best.items():
        ratio = seconds / best["selectolax parse"]
        print(
            f"{name:24} {megabytes / seconds:8.1f} MB/s {seconds / len(pages) * 1000:8.2f} ms/page {ratio:6.1f}x"
        )


if __name__ == "__main__":
    main()
