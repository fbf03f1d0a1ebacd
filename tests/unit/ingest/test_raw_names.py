"""Names in bytes of an encoding that nobody told."""

from __future__ import annotations

import pytest

from ingest.raw_names import decode_name, name_encoding


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("采购合同.doc", "gbk"),
        ("年度质量报告（最终版）.pdf", "gbk"),
        ("採購合約說明.doc", "big5"),
        ("議事録のコピー.txt", "cp932"),
        ("résumé.pdf", "cp437"),
        ("采购合同.doc", "utf-8"),
        ("report.pdf", "ascii"),
    ],
)
def test_a_name_is_read_by_the_usual_characters_of_its_encoding(name, encoding):
    assert decode_name(name.encode(encoding)) == name


def test_what_is_told_wins_over_a_guess_and_not_over_valid_utf8():
    raw = "采购合同".encode("gbk")
    assert name_encoding(raw, "cp949") == "cp949"
    assert name_encoding("é".encode(), "cp1252") == "utf-8"
    assert name_encoding(raw, "no-such-encoding") == "gb18030"


def test_every_name_can_be_read():
    assert decode_name(bytes(range(128, 256)))
