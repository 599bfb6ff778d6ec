"""Licences by URL, name and SPDX expression."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightscheck.vocabularies.licences import read_licences

CC = "https://creativecommons.org/licenses"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (f"{CC}/by-nc/4.0/deed.de", ["CC-BY-NC-4.0"]),
        (f"{CC}/by-nd-nc/1.0", ["CC-BY-NC-ND-1.0"]),
        (f"{CC}/by-sa/3.0/de/deed.de", ["CC-BY-SA-3.0-DE"]),
        (f"{CC}/by-nc-sa/2.0/uk/", ["CC-BY-NC-SA-2.0-UK"]),
        (f"{CC}/by-nc-nd/3.0/igo/", ["CC-BY-NC-ND-3.0-IGO"]),
        (f"{CC}/by/2.5/pl/", ["CC-BY-2.5"]),
        (f"{CC}/by", ["CC-BY"]),
        (f"{CC}/publicdomain/", ["CC-PDDC"]),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.ja", ["CC0-1.0"]),
        ("https://creativecommons.org/publicdomain/mark/1.0/", ["CC-PDM-1.0"]),
        ("https://creativecommons.org/about/", []),
        ("https://opensource.org/license/mit", ["MIT"]),
        ("https://choosealicense.com/licenses/mit/", ["MIT"]),
        ("https://opendatacommons.org/licenses/by/1-0/", ["ODC-By-1.0"]),
        ("https://www.openstreetmap.org/copyright", ["ODbL-1.0"]),
        ("https://www.openstreetmap.org/copyrights", []),
        ("CC BY 4.0", ["CC-BY-4.0"]),
        ("cc-by-nc-sa 3.0", ["CC-BY-NC-SA-3.0"]),
        ("CC BY-SA 3.0 DE", ["CC-BY-SA-3.0-DE"]),
        ("CC BY-NC-ND 4.0 International License", ["CC-BY-NC-ND-4.0"]),
        ("Creative Commons Attribution-ShareAlike 4.0 International", ["CC-BY-SA-4.0"]),
        ("Creative Commons Attribution Non-Commercial No Derivatives 4.0", ["CC-BY-NC-ND-4.0"]),
        ("Creative Commons", ["LicenseRef-CC"]),
        ("CC0", ["CC0-1.0"]),
        ("CC Sabathia", []),
        ("Attribution 4.0", []),
        ("All rights reserved", []),
        ("MIT OR Apache-2.0", ["Apache-2.0", "MIT"]),
        ("gpl-3.0-or-later", ["GPL-3.0-or-later"]),
        ("(" * 400, []),
        ("MIT AND " * 60, []),
        ("http://[::1", []),
        ("x" * 1_000_000, []),
        ("", []),
    ],
)
def test_a_licence_is_recognised(text: str, ids: list[str]) -> None:
    assert [licence.id for licence in read_licences(text)] == ids


@given(
    st.text(max_size=300) | st.from_regex(r"https?://creativecommons\.org/[a-z/.+0-9-]{0,60}", fullmatch=True)
)
def test_nothing_raises(text: str) -> None:
    read_licences(text)
