"""Third-party credits: "Source: Reuters" lines, photo credits, datelines. Content of another holder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rightscheck.notices.reading import Credit

_SOURCES = (
    "source|sources|sumber|quelle|quellen|fuente|fonte|bron|źródło|zrodlo|источник|джерело|zdroj|izvor|извор|vir|kilde|"
    "källa|lähde|allikas|forrás|sursa|sursă|font|kaynak|πηγή|المصدر|منبع|مقור|מקור|nguồn|แหล่งที่มา|ที่มา|स्रोत|সূত্র|ماخذ|"
    "மூலம்|来源|來源|出典|情報元|출처|chanzo|pinagmulan|šaltinis|via"
)
_MEDIA = (
    "photo|photos|photo by|photograph|image|foto|fotos|bild|bilder|foto von|imagen|imagem|crédit photo|crédits|"
    "фото|zdjęcie|"
    "fot\\.|fotografie|fotó|fotoğraf|φωτό|φωτογραφία|صورة|تصوير|عکس|צילום|ảnh|ภาพ|फोटो|ছবি|"
    "写真|图片来源|图片|圖|사진|사진 제공|사진제공|map|karte|infographic"
)
_LINE = re.compile(
    rf"^[ \t(（\[【]{{0,4}}(?:(?P<source>{_SOURCES})|"
    rf"(?P<media>{_MEDIA}))[ \u00a0]?[:：=][ \t\u00a0]{{0,3}}(?P<name>[^\n|<>]{{2,80}})$",
    re.IGNORECASE | re.MULTILINE,
)
_INLINE = re.compile(
    rf"(?:(?<=[.!?。）)】\]] )|(?<=[.!?。（(]))(?:(?P<source>{_SOURCES})|"
    rf"(?P<media>{_MEDIA}))[ \u00a0]?[:：]\s{{0,3}}(?P<name>[^\n.。|()（）<>,，]{{2,60}})",
    re.IGNORECASE,
)
_DATELINE = re.compile(
    r"^[ \t【\[(（]{0,2}(?:[^\W\d_][\w'’.-]*(?:[ /,]+[^\W\d_][\w'’.-]*){0,3})(?:,? ?\d{1,2}[^\n()（）/–—=-]{0,16})?"
    r"[.,]? ?(?:[(（]"
    r"(?P<a>[A-ZÀ-Þ\u0400-\u052f\u0600-\u06ff\u0590-\u05ff\u3040-\u9fff\uac00-\ud7af][^()（）\n]{1,40})[)）] ?[-–—:]"
    r"|/(?P<b>[^/\n]{2,30})/|[=＝](?P<c>[^\n=)）】]{2,24})[)）】])",
    re.MULTILINE,
)
_AGENCY = re.compile(
    r"[(（](?P<name>AFP|AP|Reuters|dpa|EFE|ANSA|Xinhua|TASS|Anadolu|AA|Kyodo|Yonhap|PTI|ANI|Bernama|Antara|APA|PAP|ČTK|MTI|NTB|TT|Ritzau|STT|Belga|ANP|Lusa|UPI|AAP)(?:/[^()（）\n]{1,30})?[)）]"
)
MAX_CREDITS = 50
_LOOK = 4000


def find_credits(text: str) -> Iterator[Credit]:
    """Credits in the text, in order of position, at most MAX_CREDITS. Looks at the first and last 4,000 code points."""
    found: dict[tuple[int, int], Credit] = {}
    for low, high in ((0, min(len(text), _LOOK)), (max(_LOOK, len(text) - _LOOK), len(text))):
        if low >= high:
            continue
        for match in _LINE.finditer(text, low, high):
            _add(found, match, "source" if match["source"] else "media")
        for match in _INLINE.finditer(text, low, high):
            _add(found, match, "source" if match["source"] else "media")
        for match in _AGENCY.finditer(text, low, high):
            _add(found, match, "source")
    dateline = _DATELINE.match(text) or _DATELINE.search(text, 0, min(len(text), 300))
    if dateline:
        name = dateline["a"] or dateline["b"] or dateline["c"]
        found = {k: c for k, c in found.items() if not (k[0] < dateline.end() and k[1] > dateline.start())}
        found[(dateline.start(), dateline.end())] = Credit(
            start=dateline.start(), end=dateline.end(), holder=" ".join(name.split()), kind="dateline"
        )
    yield from sorted(found.values(), key=lambda c: (c.start, c.end))[:MAX_CREDITS]


def _add(found: dict[tuple[int, int], Credit], match: re.Match[str], kind: str) -> None:
    start, end = match.span()
    if any(s < end and start < e for s, e in found):
        return
    name = " ".join(match["name"].split()).strip(" .,;:·-–")
    if name and len(name.split()) <= 8:
        found[(start, end)] = Credit(start=start, end=end, holder=name, kind=kind)
