from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parsers.decoding import decode
from schemas.errors import CorruptFile

# The first article of the Universal Declaration, and sentences as manuals and news have them.
SIMPLIFIED = (
    "人人生而自由，在尊严和权利上一律平等。",
    "请先切断电源，再打开护盖。",
    "本公司保留修改服务条款的权利。",
    "会议改到周三下午三点",
    "安装步骤",
    "版本 2.1 修复了登录失败的问题",
    "上海今天多云，最高气温 28 度。",
    "设备维护手册",
)
TRADITIONAL = (
    "人人生而自由，在尊嚴和權利上一律平等。",
    "請先切斷電源，再打開護蓋。",
    "本公司保留修改服務條款的權利。",
    "會議改到週三下午三點",
    "安裝步驟",
    "版本 2.1 修正了登入失敗的問題",
    "臺北今天多雲，最高氣溫 28 度。",
    "設備維護手冊",
)
JAPANESE = (
    "すべての人間は、生まれながらにして自由である。",
    "電源を切ってからカバーを開けてください。",
    "会議は水曜日の午後三時に変更されました",
    "インストール手順",
)
KOREAN = (
    "모든 인간은 태어날 때부터 자유로우며 평등하다.",
    "전원을 끈 다음 덮개를 여십시오.",
    "회의가 수요일 오후 세 시로 변경되었습니다",
)
RUSSIAN = ("Все люди рождаются свободными и равными.", "Сначала отключите питание.", "Инструкция")
WESTERN = (
    "Les élèves étudient à l'école où règne la naïveté.",
    "Größe und Länge müssen übereinstimmen.",
    "El niño comió una manzana.",
    "Price: 25 € – “good”",
)
CASES = [
    *((text, codec) for text in SIMPLIFIED for codec in ("gb18030", "gbk", "utf-8", "utf-8-sig", "utf-16", "utf-32")),
    *((text, codec) for text in SIMPLIFIED if len(text) > 4 for codec in ("utf-16-le", "utf-16-be", "utf-32-be")),
    *((text, codec) for text in TRADITIONAL for codec in ("big5", "utf-16-le", "utf-16-be")),
    *((text, codec) for text in JAPANESE for codec in ("shift_jis", "euc_jp", "iso2022_jp")),
    *((text, "euc_kr") for text in KOREAN),
    *((text, codec) for text in RUSSIAN for codec in ("cp1251", "koi8_r", "cp866", "utf-16-le", "utf-16-be")),
    *((text, "cp1251") for text in ("ИНСТРУКЦИЯ", "УТВЕРЖДАЮ", "ДОГОВОР ПОСТАВКИ", "г. Санкт-Петербург")),
    *((text, codec) for text in ("Москва", "Общие положения", "Договор 5") for codec in ("cp1251", "koi8_r")),
    *((text, "gb18030") for text in ("# a 与 b", "PaddleOCR、paddle", "see below）")),
    *((text, "cp1252") for text in WESTERN),
    *((text, "cp1252") for text in ("¿Él viene?", "créée", "Où est-il né ?", "2½ × 3 cm", "£5 each")),
]


@pytest.mark.parametrize(("text", "codec"), CASES)
def test_one_sentence_is_enough_to_tell_the_encoding(text: str, codec: str) -> None:
    decoded = decode(text.encode(codec))
    assert decoded.text == text
    assert decoded.replacement_share == 0


@pytest.mark.parametrize("codec", ["gb18030", "big5", "utf-8"])
def test_a_long_chinese_text_with_much_english_is_told_too(codec: str) -> None:
    sentences = TRADITIONAL if codec == "big5" else SIMPLIFIED
    text = "\n".join(f"{n}. config.yaml: set batch_size to 32. {sentences[n % 8]}" for n in range(3000))
    assert decode(text.encode(codec)).text == text


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["plain words on a line\n", "第一行没有标记。\n第二行也没有。\n", "中文 and English"])
def test_wide_encodings_are_told_without_a_byte_order_mark(text: str, codec: str) -> None:
    assert decode(text.encode(codec)).text == text


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffd"), min_size=1))
def test_utf8_is_read_back_in_normal_form(text: str) -> None:
    assert decode(text.encode()).text == unicodedata.normalize("NFC", text.removeprefix("\ufeff"))


def test_newlines_composition_and_control_characters_have_one_form() -> None:
    assert decode("a\r\nb\rc\n\td\u0000e\u0007 Cafe\u0301 p1\fp2\u0085q".encode()).text == "a\nb\nc\n\tde Café p1 p2\nq"


@pytest.mark.parametrize("text", ["two words\0", "log line\0\nnext line of it\n", "设备\0维护手册"])
def test_a_stray_zero_byte_does_not_make_text_utf16(text: str) -> None:
    assert decode(text.encode()).text == text.replace("\0", "")


def test_a_broken_byte_in_utf8_is_replaced_and_counted() -> None:
    broken = "他们赋有理性和良心，并应以兄弟关系的精神相对待。".encode() + b"\xff"
    decoded = decode(broken)
    assert decoded.encoding == "utf-8"
    assert decoded.text.endswith("\ufffd")
    assert decoded.replacement_share == pytest.approx(1 / len(decoded.text))


def test_a_cut_gb18030_file_is_still_read() -> None:
    data = "".join(SIMPLIFIED).encode("gb18030")[:-1]
    assert decode(data).text.startswith(SIMPLIFIED[0])


def test_bytes_that_are_no_text_are_refused() -> None:
    generator = random.Random(7)
    for size in (200, 2000, 20_000):
        with pytest.raises(CorruptFile):
            decode(generator.randbytes(size))
    with pytest.raises(CorruptFile):
        decode(b"\x00" * 1000)


def test_bytes_above_127_without_any_space_are_no_text() -> None:
    with pytest.raises(CorruptFile, match="UTF-8"):
        decode("0100001720200 IDENTIFICATION DIVISION".encode("cp037").replace(b"\x40", b"\xf0") * 100)


def test_nothing_is_nothing() -> None:
    assert decode(b"").text == ""


def test_real_files_in_wide_encodings_read_alike(corpus: Path) -> None:
    folder = corpus / "unstructured_examples" / "example-docs"
    paths = sorted(folder.glob("fake-text-utf-*.txt"))
    texts = {" ".join(decode(path.read_bytes()).text.split()) for path in paths}
    assert len(paths) >= 4
    assert len(texts) == 1
    assert texts.pop().startswith("This is a test document")
