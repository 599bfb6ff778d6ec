"""Lists in notices: items under near and far headers, nested, numbered, and what stands below them."""

from __future__ import annotations

import pytest

from rightscheck.notices import read_notices

FILLER = "\n".join(
    f"* post anything about the {thing} of somebody else without asking the person first;"
    for thing in ("garden", "house", "boat", "bakery", "orchard", "bicycle", "workshop", "kitchen", "cellar")
    * 4
)

HEADERS = {
    "you must not": "You must not:\n{filler}\n* use any robot, spider or other automated means to access this site;\n",
    "agree not to": "You agree not to:\n{filler}\n* scrape or crawl our pages;\n",
    "bold": "**While using this site, you may not do the following:**\n\n{filler}\n* crawl our pages\n",
    "no colon": "You agree not to do any of the following,\n{filler}\n* crawl our pages;\n",
    "heading inside": "You must not:\n{filler}\n\nTechnical matters\n\n* crawl our pages;\n",
    "own not": "The user undertakes:\n{filler}\n* not to crawl our pages;\n",
    "own not, fr": "L'utilisateur s'engage à :\n{filler}\n* ne pas collecter nos articles au moyen de robots ;\n",
    "own not, de": "Der Nutzer verpflichtet sich:\n{filler}\n* nicht mit Robotern auf unsere Seiten zuzugreifen;\n",
}


@pytest.mark.parametrize("text", HEADERS.values(), ids=HEADERS)
def test_an_item_shares_the_modality_of_a_header_far_above(text: str) -> None:
    assert "crawl" in read_notices(text.format(filler=FILLER))["denied"]


SHORT = {
    "bare lines": "You agree that you may not:\n\nalter any part of the service;\n\n"
    "use any robot or spider to retrieve our pages;\n\ntransmit viruses;\n",
    "html without marks": "<p>You must not:</p><ul><li>Rent out the service</li><li>Crawl our pages</li></ul>",
    "escaped bullets": "You agree that you will not:\n\n\\* break any law;\n\n\\* crawl our pages;\n",
    "nested": "You must not:\n\n1. use the site to:\n   - annoy others,\n   - scrape our articles;\n2. lie.\n",
    "zh": "您不得从事以下行为：\n（一）发布虚假信息；\n（二）使用爬虫抓取本站内容；\n（三）冒充他人。",
    "ja": "利用者は、以下の行為をしてはなりません。\n(1) 他人になりすますこと\n(2) 本サイトをクロールすること\n",
    "he": "אסור:\nא. להתחזות לאחר;\nב. לסרוק את האתר באמצעות רובוטים;\n",
    "ru": "Запрещается:\n1) выдавать себя за другого;\n2) собирать материалы сайта с помощью роботов;\n",
}


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_items_are_known_by_bullets_numbers_and_bare_lines(text: str) -> None:
    assert "crawl" in read_notices(text)["denied"]


def test_an_enumeration_in_one_paragraph_shares_what_opens_it() -> None:
    text = (
        "Visitors may not (a) disturb the peace of the reading room or of the people who work in it, in any way; "
        "(b) sell, rent out or otherwise pass on a reader's card, or let somebody else use one; (c) use any robot, "
        "spider or similar tool to collect our catalogue; or (d) remove any mark from a page of this site."
    )
    assert "crawl" in read_notices(text)["denied"]


REVERSED = {
    "en": "To use any of the following …\n\n* Photographs\n* Anything taken from our pages to train artificial "
    "intelligence\n* Our logo\n\n… you will need to get our permission.",
    "exception below": "You may not:\n- crawl our pages\n- mine our texts\nunless you have our written consent.",
}


@pytest.mark.parametrize("text", REVERSED.values(), ids=REVERSED)
def test_what_stands_below_a_list_belongs_to_its_items(text: str) -> None:
    answer = read_notices(text)
    assert answer["reservation"]
    assert answer["exception"] in ("permission", "written-permission")


SILENT = {
    "menu below a ban": "Smoking is prohibited on the platform.\n\n* News\n* Robots\n* AI\n* Text mining\n",
    "numbered sections": "You may not get letters when abroad.\n\n6. **Robots and AI**\n\n7. **Text mining**\n",
    "allowing header": "You may:\n\n* read our pages;\n* crawl our pages;\n",
    "advice": "You can add lines such as:\n\n* no crawling without permission\n* no AI training\n",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_lists_that_refuse_nothing(text: str) -> None:
    assert not read_notices(text)["reservation"]
