"""Paragraphs that tell of others' bans are not bans: what a sentence of prose needs before it is the document's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rightscheck.notices import Ownership, read, read_notices

NEWS = Path(__file__).resolve().parent.parent / "bench" / "written" / "ai-news.jsonl"
BEFORE = "The council met for three hours on Tuesday and heard from nine speakers. Most of them run small archives."
AFTER = "The draft goes back to the committee in spring. Nobody in the room expected it to be the last one."
BAN = "Scraping and model training without written consent are forbidden."
PROSE = {
    "bare": f"{BEFORE} {BAN} {AFTER}",
    "of a publisher": f"{BEFORE} The publisher objects to model training on the articles. {AFTER} {AFTER}",
    "with a notice below": f"{BEFORE} {BAN} {AFTER}\n\n© 2026 Alder Valley Post",
    "de": "Der Senat tagte am Dienstag drei Stunden und hörte neun Fachleute an. Das Training von KI-Modellen mit "
    "Artikeln ist ohne Lizenz untersagt. Der Entwurf geht im Frühjahr zurück an den Ausschuss der Länder.",
    "fr": "Le conseil a siégé trois heures mardi et a entendu neuf intervenants venus de petites archives. "
    "L'entraînement de modèles d'IA sur des articles est interdit sans licence. Le texte revient au printemps.",
    "id": "Rapat itu berlangsung tiga jam pada Selasa dan dihadiri sembilan pembicara dari arsip kecil. Pelatihan "
    "model AI dengan artikel dilarang tanpa izin tertulis. Rancangan itu kembali ke komite pada musim semi nanti.",
}
OWN = {
    "alone": BAN,
    "two sentences": f"{BAN} {AFTER.partition('. ')[0]}.",
    "speaks of itself": f"{BEFORE} {BAN.replace('consent', 'consent from us')} {AFTER}",
    "a line of its own": f"{BEFORE}\n{BAN}\n{AFTER}",
    "with a notice in the line": f"{BEFORE} {AFTER} {BAN} © 2026 Alder Valley Post",
    "headed by a number": "7. Robots. The site may not be copied, indexed, mirrored, scraped or distributed in any "
    "way without the consent of the publisher. Requests go to the desk in Alder. It answers within two weeks, "
    "or somewhat later in summer, and the answer names the articles that it covers and the years for which it holds. "
    "It is sent by letter.",
}


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_a_paragraph_that_does_not_speak_of_itself_reserves_nothing(text: str) -> None:
    clauses = read(text).clauses
    assert clauses, "it is seen, so that a person may look at it"
    assert all(clause.ownership is not Ownership.OWN for clause in clauses)
    assert not read_notices(text)["reservation"]


@pytest.mark.parametrize("text", OWN.values(), ids=OWN)
def test_what_stands_as_a_notice_or_speaks_of_itself_reserves(text: str) -> None:
    assert read_notices(text)["reservation"]


def test_articles_about_ai_and_copyright_hardly_ever_seem_to_reserve_anything() -> None:
    texts = [json.loads(line)["text"] for line in NEWS.read_text("utf-8").splitlines()]
    false = sum(bool(read_notices(text)["reservation"]) for text in texts)
    assert len(texts) > 300
    assert false <= 0.03 * len(texts)
