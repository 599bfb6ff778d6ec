"""Rules of the notices engine that hold in every language: quotations, purposes, holders, copyright lines."""

from __future__ import annotations

import pytest

from rightscheck.notices import NoticeUse, Ownership, Polarity, read, read_notices

QUOTED = {
    "sv": "Författaren skrev: ”Crawling av denna webbplats är förbjuden utan skriftligt tillstånd.”",
    "sv, on a sign": "På skylten står det ”All skrapning och AI-träning på denna webbplats är förbjuden” än.",
    "fi": "Sivulla lukee ”Tämän sivuston sisällön käyttö tekoälyn koulutukseen on kielletty ilman lupaa”.",
    "fi, »": "»Tämän sivuston sisällön käyttö tekoälyn koulutukseen on kielletty ilman lupaa», lehti kertoo.",
    "ur": "اس سائٹ پر لکھا ہے ”اس ویب سائٹ کے مواد کو اے آئی کی تربیت کے لیے استعمال کرنا ممنوع ہے“ اور بس۔",
    "fa": "در پانویس آن آمده است ”خزش این وب‌سایت و آموزش هوش مصنوعی بدون اجازه کتبی ممنوع است“ و دیگر هیچ.",
    "code": "It holds:\n```\nCrawling of our articles is forbidden without written permission.\n```\nNo more.",
}


@pytest.mark.parametrize("text", QUOTED.values(), ids=QUOTED)
def test_quoted_words_are_not_the_documents_own(text: str) -> None:
    assert read(text).clauses
    assert all(clause.ownership is Ownership.MENTION for clause in read(text).clauses)
    assert not read_notices(text)["reservation"]


@pytest.mark.parametrize(
    "text",
    [
        "A 27” screen hung there. Crawling of our articles is forbidden. Another had 32” of glass.",
        "Home » Crawling of our articles is forbidden » Contact",
        "```\nCrawling of our articles is forbidden without written permission.\n```\n",
    ],
)
def test_marks_that_quote_nothing_leave_a_clause_the_documents_own(text: str) -> None:
    assert read_notices(text)["denied"] == ["crawl"]


@pytest.mark.parametrize("text", ["All rights reserved.", "2001-2025 Blue Hill Press. All rights reserved."])
def test_reserved_rights_alone_claim_copyright(text: str) -> None:
    assert read_notices(text)["copyright"]


PURPOSE = {
    "en": "Crawling this website for AI training is prohibited.",
    "en, bots": "Bots that collect data for AI training are not permitted on this site.",
    "de": "Das Crawlen dieser Website für KI-Training ist verboten.",
    "de, verb last": "Unsere Inhalte dürfen nicht zum Training von KI gecrawlt werden.",
    "fr": "Le crawling de ce site pour entraîner des modèles d'IA est interdit.",
    "es": "Se prohíbe el rastreo de este sitio para entrenar modelos de IA.",
    "pt": "É proibida a raspagem deste site para treinar modelos de IA.",
    "it": "È vietato lo scraping di questo sito per addestrare modelli di IA.",
    "nl": "Het scrapen van deze website voor AI-training is verboden.",
    "sv": "Det är förbjudet att skrapa denna webbplats för AI-träning.",
    "pl": "Zabrania się scrapowania tej strony w celu trenowania modeli AI.",
    "cs": "Scrapování tohoto webu pro trénování AI je zakázáno.",
    "ru": "Сбор данных с этого сайта для обучения ИИ запрещён.",
    "tr": "Bu sitenin yapay zeka eğitimi için taranması yasaktır.",
    "id": "Dilarang melakukan crawling situs ini untuk melatih model AI.",
    "vi": "Cấm thu thập dữ liệu trang web này để huấn luyện AI.",
    "ar": "يحظر كشط محتوى هذا الموقع لأغراض تدريب الذكاء الاصطناعي.",
    "hi": "AI प्रशिक्षण के लिए इस वेबसाइट की क्रॉलिंग वर्जित है।",
    "zh": "禁止抓取本网站内容用于AI训练。",
    "ja": "AIの学習目的で本サイトをクロールすることを禁止します。",
    "ko": "AI 학습을 위한 본 사이트의 크롤링을 금지합니다.",
}


@pytest.mark.parametrize("text", PURPOSE.values(), ids=PURPOSE)
def test_crawling_denied_for_training_is_denied_for_that_alone(text: str) -> None:
    (clause,) = read(text).clauses
    assert clause.ownership is Ownership.OWN
    assert clause.uses >= {NoticeUse.CRAWL, NoticeUse.AI_TRAIN}
    assert clause.purpose == {NoticeUse.AI_TRAIN}


@pytest.mark.parametrize(
    "text",
    [
        "Crawling and AI training are prohibited.",
        "It is forbidden to crawl our pages or to use them for AI training.",
        "It is forbidden to crawl our pages or to train AI on them.",
        "Reproduction, crawling and use for AI training are forbidden.",
        "Not for AI training or crawling: forbidden.",
        "Crawling of this site, and collecting its texts for AI training, are prohibited.",
        "Crawling is prohibited, and for AI training of any kind you need our permission.",
        "Het is verboden om deze website te crawlen of om AI te trainen.",
        "Bu sitenin taranması ve yapay zeka eğitimi yasaktır.",
    ],
)
def test_crawling_beside_training_is_denied_for_any_purpose(text: str) -> None:
    clauses = [c for c in read(text).clauses if NoticeUse.CRAWL in c.uses]
    assert clauses
    assert all(c.polarity is Polarity.DENY and not c.purpose for c in clauses)


LEFT_OUT = {
    "en": "For personal, non-commercial use only.",
    "en, free": "Free for non-commercial use.",
    "en, may": "You may use this content for non-commercial purposes only.",
    "de": "Nur für nicht-kommerzielle Zwecke.",
    "fr": "Pour un usage non commercial uniquement.",
    "es": "Solo para fines no comerciales.",
    "ru": "Только для некоммерческого использования.",
    "zh": "仅限非商业用途。",
}


@pytest.mark.parametrize("text", LEFT_OUT.values(), ids=LEFT_OUT)
def test_use_without_commerce_only_leaves_commercial_use_out(text: str) -> None:
    answer = read_notices(text)
    assert (answer["denied"], answer["permitted"]) == (["commercial"], [])


LIMITED = {
    "en": "You may copy these articles for non-commercial purposes.",
    "de": "Sie dürfen unsere Artikel für nichtkommerzielle Zwecke kopieren.",
    "fr": "Les articles peuvent être reproduits à des fins non commerciales.",
    "nl": "U mag onze artikelen kopiëren voor niet-commerciële doeleinden.",
    "sv": "Du får kopiera våra artiklar för icke-kommersiellt bruk.",
}


@pytest.mark.parametrize("text", LIMITED.values(), ids=LIMITED)
def test_a_permission_without_commerce_is_marked(text: str) -> None:
    (clause,) = read(text).clauses
    assert clause.polarity is Polarity.ALLOW
    assert clause.uses == {NoticeUse.REPRODUCE}
    assert clause.noncommercial


@pytest.mark.parametrize(
    "text", ["He works for a non-commercial radio.", "Non-commercial theatre groups met on Sunday."]
)
def test_news_of_what_is_not_commercial_denies_nothing(text: str) -> None:
    assert not read(text).clauses


@pytest.mark.parametrize(
    "text",
    [
        "Students may not use AI in exams.",
        "Employees must not use AI to write reports without approval.",
        "Schüler dürfen in Prüfungen keine KI verwenden.",
        "Les élèves ne peuvent pas utiliser l'IA pendant les examens.",
        "Los alumnos no pueden usar IA en los exámenes.",
        "É proibido o uso de IA nas provas.",
        "È vietato l'uso dell'IA durante gli esami.",
        "Использование ИИ на экзаменах запрещено.",
        "Siswa dilarang menggunakan AI dalam ujian.",
        "考试中禁止使用人工智能。",
        "試験での生成AIの使用は禁止されています。",
        "시험에서 AI 사용은 금지됩니다.",
        "يحظر استخدام الذكاء الاصطناعي في الامتحانات.",
        "Sınavlarda yapay zeka kullanımı yasaktır.",
        "Robot vacuum cleaners may not access the garden without permission.",
    ],
)
def test_rules_for_people_and_machines_elsewhere_reserve_nothing(text: str) -> None:
    assert not read_notices(text)["reservation"]


@pytest.mark.parametrize(
    "text",
    [
        "The use of our articles in chat-bots is prohibited.",
        "Использование наших статей в чат-ботах запрещено.",
        "Die Nutzung unserer Artikel in Chat-Bots ist untersagt.",
        "L'utilisation de nos articles par des chat-bots est interdite.",
        "Queda prohibido el uso de nuestros artículos en chat-bots.",
    ],
)
def test_a_chatbot_is_no_crawler(text: str) -> None:
    assert read_notices(text)["denied"] == ["ai-input"]


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("Die automatisierte Auslese seiner Inhalte ist untersagt.", {"crawl"}),
        (
            "You may not use robots to access this Website, nor may you use our journalism to train language models.",
            {"crawl", "ai-train"},
        ),
        (
            "Our pupils write these articles. Crawling this site to train AI is forbidden.",
            {"crawl", "ai-train"},
        ),
    ],
)
def test_uses_denied(text: str, denied: set[str]) -> None:
    assert set(read_notices(text)["denied"]) == denied


@pytest.mark.parametrize(
    ("text", "holder", "years"),
    [
        ("2001-2025 Blue Hill Press. All rights reserved.", "Blue Hill Press", [2001, 2025]),
        ("2011-2025 © Blue Hill Press", "Blue Hill Press", [2011, 2025]),
        ("© Cahaya Sdn. Bhd. 2025", "Cahaya Sdn. Bhd", [2025]),
        ("Lindenblatt Altmoor © 2026. Kein Futter für Sprachmodelle.", "Lindenblatt Altmoor", [2026]),
        (
            "Edizioni Libeccio S.r.l. © 2013-2026 - Tutti i diritti riservati",
            "Edizioni Libeccio S.r.l.",
            [2013, 2026],
        ),
        ("Utgiver: Stiftelsen Fjellsyn. © 2025. Artiklene er lukket.", "Stiftelsen Fjellsyn", [2025]),
        ("VIETATA LA COPIA - RADIO CASTAGNA S.C.A.R.L. (C) 2024", "RADIO CASTAGNA S.C.A.R.L.", [2024]),
        ("TILOS A MÁSOLÁS. TÓPART MÉDIA KFT. (C) 2025", "TÓPART MÉDIA KFT", [2025]),
        ("Uitgeverij Zilvermeeuw B.V. © 2025", "Uitgeverij Zilvermeeuw B.V.", [2025]),
        (
            "© 2025 Verlag Eisvogel GmbH & Co. KG. Alle Rechte vorbehalten.",
            "Verlag Eisvogel GmbH & Co. KG",
            [2025],
        ),
        (
            "© 2025 Podhorský kuriér, s. r. o. Autorské práva sú vyhradené.",
            "Podhorský kuriér, s. r. o",
            [2025],
        ),
        ("© 2026 Cooperativa Rio Manso, CRL. Conteúdos vedados.", "Cooperativa Rio Manso, CRL", [2026]),
        ("© 2026 Coop. Editoriale Le Ginestre · Contatti", "Coop. Editoriale Le Ginestre", [2026]),
        ("© 2026. Alder Post. All rights reserved.", "Alder Post", [2026]),
        ("Privacy policy © 2026. Alder Post", "Alder Post", [2026]),
        ("© 2026 • Alder Post", "Alder Post", [2026]),
        ("Alder Mill Press, 2026 ©. Copying requires our consent.", "Alder Mill Press", [2026]),
        ("Fundacja Torfowiska © MMXXVI. Treści są zamknięte.", "Fundacja Torfowiska", []),
        ("All rights reserved – Alder Post, 2025", "Alder Post", [2025]),
        ("Alle Rechte vorbehalten – Erlenbote, 2025", "Erlenbote", [2025]),
        ("Tous droits réservés - Courrier Aulnay, 2025", "Courrier Aulnay", [2025]),
        ("+++ © Nebelhorn Dienst 2026 +++ KI-Training ausgeschlossen +++", "Nebelhorn Dienst", [2026]),
        ("(C)浜灯新聞 2026 ※AI学習禁止", "浜灯新聞", [2026]),
        ("© 2026 The Author. All rights reserved.", None, [2026]),
        ("本公司保留一切權利。", None, []),
        ("© 2026 पहाड़ी प्रेस। यह समाचार है।", "पहाड़ी प्रेस", [2026]),
        ("© 2026 پہاڑی پریس۔ تمام حقوق محفوظ ہیں۔", "پہاڑی پریس", [2026]),
        ("© ۱۴۰۴ روزنامه تپه", "روزنامه تپه", [1404]),
    ],
)
def test_holder_and_years_of_a_copyright_line(text: str, holder: str | None, years: list[int]) -> None:
    answer = read_notices(text)
    assert (answer["copyright"], answer["holder"], answer["years"]) == (True, holder, years)


def test_a_clause_names_whom_to_ask() -> None:
    (clause,) = read("Crawling this site without written permission from Hill Courier is prohibited.").clauses
    assert clause.holder == "Hill Courier"
    (clause,) = read(
        "Crawling this site without written permission from the Publisher is prohibited."
    ).clauses
    assert clause.holder is None


@pytest.mark.parametrize(
    "text",
    [
        "© 2025 Editorial Brisa S.A. La recopilación automatizada está prohibida sin autorización escrita.",
        "© 2025 Duinpers B.V. Scraping van deze website is verboden zonder schriftelijke toestemming.",
        "© 2025 Luční listy, a.s. Scrapování tohoto webu je bez písemného souhlasu zakázáno.",
        "© 2025 Rüzgar A.Ş. Sitenin otomatik olarak taranması yazılı izin olmadan yasaktır.",
    ],
)
def test_a_legal_form_ends_the_holder_where_a_sentence_begins(text: str) -> None:
    answer = read_notices(text)

    assert answer["denied"] == ["crawl"]
    assert len(answer["holder"] or "") < 20


@pytest.mark.parametrize("name", ["Ediciones del Muelle", "Éditions du Quai"])
def test_the_other_meaning_of_a_name_does_not_weigh_against_its_notice(name: str) -> None:
    assert read_notices(f"© 2026 {name}.")["holder"] == name


def test_short_words_between_no_break_spaces_are_found() -> None:
    assert read_notices("No\u00a0AI. No\u00a0exceptions.")["reservation"]
