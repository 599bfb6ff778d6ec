"""Throughput of a page's whole reading beside parsing it alone: pages of 43 KB, made here, in one run.

usage: html_throughput.py [--pages N]

Rates are megabytes per second of CPU, the best of several rounds that take turns; the ratios to a parse by
selectolax are what to quote. "signals" is every signal that reads the page, notices apart.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from rightscheck.check import page_asset
from rightscheck.model import Asset, Document, Request
from rightscheck.notices import read as read_notices
from rightscheck.signals import all_signals
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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=100)
    pages = [page(seed) for seed in range(arguments.parse_args().pages)]
    actions: dict[str, Callable[[Sequence[bytes]], None]] = {
        "selectolax parse": parse,
        "parse and visible text": walk,
        "parse, text, signals": signals,
        "parse, text, notices": notices,
        "everything": everything,
    }
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
