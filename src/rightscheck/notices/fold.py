"""Text folded for matching, with a map from every folded character back to the text as given.

Folding undoes what layout, encodings and spelling do to words: entities, tags, zero-width and
combining marks, hyphenation, full-width forms, letter case, accents, Arabic letter shapes, spaces
between CJK letters. Lexicon entries go through the same folding, so both sides always agree.
"""

from __future__ import annotations

import html
import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Letters whose compatibility form is not what readers mean, or that NFKD leaves whole.
_LETTERS = {
    "ⓒ": "©", "Ⓒ": "©", "™": "", "®": "", "ı": "i", "İ": "i", "đ": "d", "Đ": "d", "ð": "d", "ł": "l", "Ł": "l",
    "ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ħ": "h", "ŧ": "t", "ə": "e", "Ə": "e",
    "’": "'", "ʼ": "'", "′": "'", "ʻ": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": "-", "‑": "-", "‐": "-",
    "−": "-", "―": "-", "﹘": "-", "~": "-", "～": "-", "〜": "-", "“": '"', "”": '"', "„": '"', "‟": '"',
    "«": '"', "»": '"', "‹": '"', "›": '"', "「": '"', "」": '"', "『": '"', "』": '"',
    "＂": '"', "ـ": "", "ة": "ه", "ى": "ي", "ی": "ي",
    "ې": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ۀ": "ه", "ە": "ه", "ے": "ي", "ٱ": "ا", "״": '"', "׳": "'", "·": "·",
    "‧": "·", "・": "·", "ㆍ": "·", "･": "·", "•": "·", "、": ",", "，": ",", "：": ":", "；": ";", "؛": ";", "،": ",",
    "²": "^2", "³": "^3", "¹": "^1", "…": "...",
}  # fmt: skip
_DELETED = dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\ufeff\u061c\u180e", "")
_DELETED |= {
    chr(code): "" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10))
}
# Traditional characters of the notices' own vocabulary, to their simplified forms.
_TRADITIONAL = dict(
    zip(
        "轉載許權禁經書網蒐錄訓練聯複製傳壞數據庫體將為與應學習機構號開閱讀資擷內從單於該說會國發來時報業務義"
        "聲稱護條款專屬檢進動態輸長門間問題點處樣關係見現觀標準頁貼財產創視聽廣實際無東車馬風過還這對當種類節簡"
        "語調評論認設計訊詢請謝註證譯變價給統維續絕線級紀約細組結僅個們價優億備傷僱價區醫協務勞勝勵劃則剛劇"
        "華萬葉藝蘭處虛號蟲補裝覽觸記討託試話誌談誤課賓賣質賴購贊趨較輕輯農運達違遠適選遺鄰釋針鈕錯鍵鎖鏡鐵閉"
        "險隨雖雙雜離難電韓項順須預領頭頻顆願顧飛館驗驚體鬥鳴點齊歡圖團圍場塊報嚴爾獨獲獻環產畫異盡監盤礎祕稅積"
        "爲麼爭償儲寫刪卻參臺籲嗎員諮復寵審尋幣師帶並廢強歸徵懇戶掃擬擇擋換攜顯欄檔匯沒滬遊煙礦碼籤糾紛編營襲規訂議"
        "訟訪識訴貝負責貴費軟採裏釣鏈聞隱飲駛駕驟魚"
        "穩窩競筆築範籌糧納純紙終絡維網緊練縣總績織繼續義職聯聲聽腦腳臨舉舊艦艱"
        "連餵佈遞販賠罰彙擁佔頒賦繪擾擊攝鑑瀏竊賽贈羅緣憑辦辭邊銷閣陣階隊陸餘駐驅髮攔攤敘敵氣決沖況減潔濫狀紅簽"
        "紋丟樂買眾冊軍別廳歷後譁噴園堅壇導崗棄惡執擔掛撈暫術歐溝測煉獵盜確礙粵紹繞緩繳羣藥讓講詞説諾譜賬帳贏輔"
        "輛辯郵鄭裡閲飼餾",
        "转载许权禁经书网搜录训练联复制传坏数据库体将为与应学习机构号开阅读资撷内从单于该说会国发来时报业务义"
        "声称护条款专属检进动态输长门间问题点处样关系见现观标准页贴财产创视听广实际无东车马风过还这对当种类节简"
        "语调评论认设计讯询请谢注证译变价给统维续绝线级纪约细组结仅个们价优亿备伤雇价区医协务劳胜励划则刚剧"
        "华万叶艺兰处虚号虫补装览触记讨托试话志谈误课宾卖质赖购赞趋较轻辑农运达违远适选遗邻释针钮错键锁镜铁闭"
        "险随虽双杂离难电韩项顺须预领头频颗愿顾飞馆验惊体斗鸣点齐欢图团围场块报严尔独获献环产画异尽监盘础秘税积"
        "为么争偿储写删却参台吁吗员咨复宠审寻币师带并废强归征恳户扫拟择挡换携显栏档汇没沪游烟矿码签纠纷编营袭规订议"
        "讼访识诉贝负责贵费软采里钓链闻隐饮驶驾骤鱼"
        "稳窝竞笔筑范筹粮纳纯纸终络维网紧练县总绩织继续义职联声听脑脚临举旧舰艰"
        "连喂布递贩赔罚汇拥占颁赋绘扰击摄鉴浏窃赛赠罗缘凭办辞边销阁阵阶队陆余驻驱发拦摊叙敌气决冲况减洁滥状红签"
        "纹丢乐买众册军别厅历后哗喷园坚坛导岗弃恶执担挂捞暂术欧沟测炼猎盗确碍粤绍绕缓缴群药让讲词说诺谱账账赢辅"
        "辆辩邮郑里阅饲馏",
        strict=True,
    )
)
_TO_TRADITIONAL = str.maketrans(
    {simple: full for full, simple in reversed(_TRADITIONAL.items()) if simple != full}
)
_STRIPPED = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u093c\u09bc\u0a3c\u0abc\u0b3c\u0ccd\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
)
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3000-\u303f\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uff0f\uff1a-\uff20\uff5f-\uff9f\U00020000-\U0003ffff"
)
_UNSPACED_CHAR = re.compile(f"[{_UNSPACED}]")
_UNSPACED_GAPS = re.compile(f"(?<=[{_UNSPACED}]) | (?=[{_UNSPACED}])")
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|table|t[rdh]|thead|tbody|tfoot|section|article|footer|header|nav|"
    r"aside|main|blockquote|pre|form|address|figure|figcaption|title|head|body|html|script|style|template)\b",
    re.IGNORECASE,
)
_ENTITY = r"(?P<entity>&(?:amp;){0,2}(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
_TAG = r"(?P<tag></?[A-Za-z][^<>]{0,400}>|<!--|-->)"
_HYPHEN = r"(?P<hyphen>(?<=[^\W\d_])[-\u2010\u00ad][ \t]{0,2}\r?\n[ \t]{0,16}(?=[^\W\d_]))"
_SPACE = r"[^\S ][\s\u200b]*|[ ][\s\u200b]+"
_MOJIBAKE = r"â€[\u0080-\u024f\u2000-\u2122]|[ÂÃÄÅ][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u2122]"
_IRREGULAR = re.compile(
    rf"{_ENTITY}|{_TAG}|{_HYPHEN}"
    rf"|(?P<space>{_SPACE}|[ ](?=[{_UNSPACED}])|(?<=[{_UNSPACED}])[ ])"
    rf"|(?P<mojibake>{_MOJIBAKE})"
    r"|(?P<cluster>[^\W_][\u0300-\u036f\u3099\u309a\u0653-\u0655]+|[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?)"
)
_PLAIN = re.compile(rf"(?=[&<\-\u2010\u00ad\s])(?:{_ENTITY}|{_TAG}|{_HYPHEN}|(?P<space>{_SPACE}))")
"""What is irregular in text without any of `_RARE`, told at the first character."""
_RARE = re.compile(
    rf"[\u0300-\u036f\u3099\u309a\u0653-\u0655\u1100-\u1112\u1161-\u1175{_UNSPACED}]|{_MOJIBAKE}"
)
_COUNTED = array("q", range(1 << 16))
"""Numbers to copy, which is faster than to count."""


def fold_char(char: str) -> str:
    """The folded form of one character: empty, one or several characters."""
    if char in _LETTERS:
        return _LETTERS[char]
    if char in _DELETED:
        return ""
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    decimal = unicodedata.decimal(char, None)
    if decimal is not None:
        return str(decimal)
    form = _STRIPPED.sub("", unicodedata.normalize("NFKD", char))
    form = _STRIPPED.sub("", unicodedata.normalize("NFC", form).casefold())
    return "".join(_LETTERS.get(c, _TRADITIONAL.get(c, c)) for c in form)


class _Table(dict[int, str]):
    """`str.translate` table filled on demand; `odd` collects characters that do not fold to one character."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: set[str] = set()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = fold_char(char)
        if len(folded) != 1:
            self.odd.add(char)
        self[code] = folded
        return folded


_TABLE = _Table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """Folded text of one region. `starts[i]`, `ends[i]`: code points in the given text of folded character i."""

    text: str
    starts: array[int]
    ends: array[int]
    origin: int
    end: int

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span in the given text of the folded span, which must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def at(self, offset: int) -> int:
        """The folded position of the first folded character at or after an offset of the given text."""
        return bisect_left(self.starts, offset)


class _Builder:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.starts: array[int] = array("q")
        self.ends: array[int] = array("q")
        self.last = ""

    def run(self, run: str, start: int) -> None:
        """Text without irregular parts: one folded character per character, apart from a few letters."""
        folded = run.translate(_TABLE)
        if len(folded) == len(run) and _TABLE.odd.isdisjoint(run):
            self.parts.append(folded)
            self.starts.extend(_counted(start, start + len(run)))
            self.ends.extend(_counted(start + 1, start + len(run) + 1))
            self.last = folded[-1]
            return
        for index, char in enumerate(run, start):
            self.put(_TABLE[ord(char)], index, index + 1)

    def put(self, folded: str, start: int, end: int) -> None:
        """Folded characters that all stand for the same span of the given text."""
        if not folded:
            return
        self.parts.append(folded)
        self.starts.extend([start] * len(folded))
        self.ends.extend([end] * len(folded))
        self.last = folded[-1]


def _counted(start: int, end: int) -> Iterable[int]:
    return _COUNTED[start:end] if end <= len(_COUNTED) else range(start, end)


def fold_text(text: str, start: int, end: int, soft: Sequence[tuple[int, int]] = ()) -> Folded:
    """The region folded. Line breaks in `soft` (spans in the text) become spaces, the others stay `\\n`.

    A blank line stays as two line breaks. Spaces next to letters of unspaced scripts vanish.
    """
    builder = _Builder()
    position = start
    irregular = _IRREGULAR if _RARE.search(text, max(0, start - 1), end) else _PLAIN
    for soft_start, soft_end in soft:
        if soft_start < position or soft_end > end:
            continue
        _fold_run(builder, irregular, text, position, soft_start)
        _put_space(builder, text, " ", soft_start, soft_end)
        position = soft_end
    _fold_run(builder, irregular, text, position, end)
    return Folded(
        text="".join(builder.parts), starts=builder.starts, ends=builder.ends, origin=start, end=end
    )


def _fold_run(builder: _Builder, irregular: re.Pattern[str], text: str, position: int, end: int) -> None:
    for match in irregular.finditer(text, position, end):
        if match.start() > position:
            builder.run(text[position : match.start()], position)
        _put_irregular(builder, text, match)
        position = match.end()
    if position < end:
        builder.run(text[position:end], position)


def _put_irregular(builder: _Builder, text: str, match: re.Match[str]) -> None:
    kind, found, start, stop = match.lastgroup, match.group(), match.start(), match.end()
    if kind == "space":
        breaks = found.count("\n") or found.count("\r") or found.count("\u2028")
        _put_space(builder, text, "\n\n" if breaks > 1 else "\n" if breaks else " ", start, stop)
    elif kind == "tag":
        if _BLOCK_TAG.match(found):
            _put_space(builder, text, "\n", start, stop)
    elif kind == "entity":
        decoded = html.unescape(html.unescape(html.unescape(found)))
        if decoded.isspace():
            _put_space(builder, text, " ", start, stop)
        else:
            for char in decoded[:4]:
                builder.put(_TABLE[ord(char)], start, stop)
    elif kind == "mojibake":
        for char in _repair(found):
            builder.put(_TABLE[ord(char)], start, stop)
    elif kind == "cluster":
        for char in unicodedata.normalize("NFC", found):
            builder.put(_TABLE[ord(char)], start, stop)
    # A hyphen at a line end inside a word folds to nothing.


def _repair(found: str) -> str:
    """UTF-8 that was read as Windows-1252, read again; as it is where it is not."""
    raw = bytearray()
    for char in found:
        try:
            raw += char.encode("cp1252")
        except UnicodeEncodeError:
            if ord(char) > 0xFF:
                return found
            raw.append(ord(char))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return found


def _put_space(builder: _Builder, text: str, space: str, start: int, end: int) -> None:
    last = builder.last
    if space == " " and (not last or last in " \n" or _UNSPACED_CHAR.match(last)):
        return
    following = text[end : end + 1]
    if space == " " and following and _UNSPACED_CHAR.match(following):
        return
    if last == " ":  # a line break after a space takes its place
        builder.parts[-1] = builder.parts[-1][:-1] + space[0]
        builder.ends[-1] = end
        builder.last = space[0]
        space = space[1:]
    builder.put(space, start, end)


def fold_word(text: str) -> str:
    """A lexicon entry folded: plain text in composed form, without markup or line breaks."""
    folded = text.translate(_TABLE)
    return _UNSPACED_GAPS.sub("", folded) if " " in folded else folded


def fold(text: str) -> str:
    """The text folded without a map, for lexicon entries and names."""
    return fold_text(text, 0, len(text)).text.strip()


def traditional(text: str) -> str:
    """The text with the simplified characters of the table replaced by their traditional forms."""
    return text.translate(_TO_TRADITIONAL)


def is_unspaced(text: str) -> bool:
    """True when the text holds letters of a script that is matched without spaces (CJK, Hangul, Thai, Khmer)."""
    return _UNSPACED_CHAR.search(text) is not None
