"""Refusals that no plain word of refusal carries: read, with medium confidence, and not where others speak."""

from __future__ import annotations

import pytest

from rightscheck import read_notices
from rightscheck.notices import Ownership, read
from rightscheck.vocab import Confidence

IMPLIED = {
    "en": "© 2026 Fell Courier. Our reports are not there for language models to train on.",
    "de": "© 2026 Fjordbote. Unsere Texte sind kein Futter für das Training von KI-Modellen.",
    "fr": "© 2026 Le Val. Nos articles ne sont pas une matière première pour l'entraînement des IA.",
    "es": "© 2026 La Vega. Nuestros textos no son alimento para entrenar modelos de IA.",
    "it": "© 2026 La Valle. I nostri articoli non sono cibo per l'addestramento di modelli di IA.",
    "nl": "© 2026 De Dijk. Onze artikelen zijn geen voer voor het trainen van AI-modellen.",
    "pl": "© 2026 Dolina. Nasze teksty nie są pożywką do trenowania sztucznej inteligencji.",
    "ru": "© 2026 Долина. Наши тексты не корм для обучения нейросетей.",
    "uk": "© 2026 Долина. Наші тексти не пожива для навчання штучного інтелекту.",
    "sv": "© 2026 Dalen. Våra artiklar är inte till för att träna AI-modeller.",
    "cs": "© 2026 Údolí. Naše texty nejsou krmivem pro trénování umělé inteligence.",
    "hu": "© 2026 Völgy. Írásaink nem szolgálnak mesterséges intelligencia tanításának alapanyagául.",
    "id": "© 2026 Lembah. Tulisan kami bukan bahan untuk melatih kecerdasan buatan.",
    "tr": "© 2026 Vadi. Yazılarımız yapay zekâ eğitimi için hammadde değildir.",
    "el": "© 2026 Κοιλάδα. Τα κείμενά μας δεν είναι τροφή για την εκπαίδευση τεχνητής νοημοσύνης.",
}
OTHERS = {
    "report": "Publishers say that their articles are not food for AI training, the minister noted on Monday.",
    "disclosure": "This article was written without artificial intelligence.",
    "promise": "We never use your uploads for AI training.",
    "question": "Are our articles not good enough for AI training?",
    "course": "The course on machine learning is not free, and places must be booked in advance.",
    "product": "Our camera does not need machine learning to find faces.",
}


@pytest.mark.parametrize("language", IMPLIED)
def test_an_implied_refusal_is_the_documents_own_and_a_guess(language: str) -> None:
    text = IMPLIED[language]
    clause = next(c for c in read(text).clauses if "ai-train" in c.uses)

    assert read_notices(text)["reservation"], read(text).clauses
    assert clause.ownership is Ownership.OWN
    assert text[clause.start : clause.end] in text


def test_a_guess_is_of_medium_confidence() -> None:
    (clause,) = read(IMPLIED["en"]).clauses

    assert clause.confidence is Confidence.MEDIUM


@pytest.mark.parametrize("kind", OTHERS)
def test_nothing_is_guessed_where_others_speak(kind: str) -> None:
    assert not read_notices(OTHERS[kind])["reservation"]


@pytest.mark.parametrize(
    "text",
    [
        "Die Texte dieser Seite gehören uns. Nicht dürfen Sie sie für das Training einer KI verwenden.",
        "Nasze artykuły możesz czytać. Nie możesz ich używać do trenowania modeli AI.",
    ],
)
def test_a_permission_right_behind_a_negation_is_none(text: str) -> None:
    found = read_notices(text)

    assert "ai-train" in found["denied"]
    assert "ai-train" not in found["permitted"]


@pytest.mark.parametrize("sign", ["©", "Copyright"])
def test_a_sentence_behind_the_year_is_no_holder(sign: str) -> None:
    found = read_notices(f"{sign} 2026 · Our archive is off limits to AI training and to chatbots.")

    assert found["copyright"]
    assert found["holder"] is None
    assert found["reservation"]
