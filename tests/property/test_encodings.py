"""Real texts of five languages, cut anywhere, in every encoding that they are met in: read as in UTF-8."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ingest.parsers.decoding import decode

WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
CODECS = {
    "zh": ("utf-8", "utf-8-sig", "gbk", "gb18030", *WIDE),
    "zh-Hant": ("utf-8", "big5", *WIDE),
    "ja": ("utf-8", "shift_jis", "euc_jp", *WIDE),
    "ru-RU": ("utf-8", "cp1251", "koi8_r", *WIDE),
    "en": ("utf-8", "cp1252", *WIDE),
}
FOREIGN = 15
"""Letters beyond ASCII that a piece has, but for English: with fewer, two encodings may both make sense."""


@pytest.fixture(scope="module")
def texts(corpus: Path) -> dict[str, str]:
    letters = corpus / "history_rfcs" / "2026-08-01" / "text" / "3392-leadership-council"
    told = {name: (letters / f"Leadership-Council-RFC{name}.md") for name in ("zh-Hant", "ja", "ru-RU")}
    chinese = sorted((corpus / "drop_folder").rglob("*_cn.md"))
    assert chinese
    assert all(path.is_file() for path in told.values())
    english = corpus / "history_rfcs" / "2026-08-01" / "text" / "3392-leadership-council.md"
    read = {name: path.read_text("utf-8") for name, path in told.items()}
    return {**read, "zh": "".join(path.read_text("utf-8") for path in chinese[:20]), "en": english.read_text("utf-8")}


@pytest.mark.parametrize(("language", "codec"), [(name, codec) for name, codecs in CODECS.items() for codec in codecs])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_piece_of_a_text_reads_as_it_does_in_utf8(
    texts: dict[str, str], language: str, codec: str, data: st.DataObject
) -> None:
    text = texts[language]
    start = data.draw(st.integers(0, len(text) - 60))
    piece = text[start : start + data.draw(st.sampled_from([60, 300, 5000]))]
    encoded = piece.encode(codec, errors="ignore")
    kept = encoded.decode(codec)
    assume(language == "en" or sum(char >= "\u0400" for char in kept) >= FOREIGN)
    decoded = decode(encoded)
    assert decoded.text == decode(kept.encode()).text
    assert decoded.replacement_share == 0
