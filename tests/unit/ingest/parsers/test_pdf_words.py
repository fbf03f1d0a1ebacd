"""Words of a page as printed lines."""

from __future__ import annotations

import pytest

from ingest.parsers.pdf.words import Run, Word, to_lines


def run(text: str, left: float, right: float) -> Run:
    word = Word(text, (left, 0.0, right, 20.0), 16.0, 20.0, bold=False, mono=False, spaces=0, guessed=False)
    return Run((word,), word.bbox, (1.0, 0.0), vertical=False, block=0)


@pytest.mark.parametrize(
    ("gap", "texts", "line"),
    [
        (-5.0, ("韩国", "小馆"), "韩国小馆"),
        (5.0, ("韩国", "小馆"), "韩国小馆"),
        (10.0, ("姓名", "电话"), "姓名 电话"),
        (2.0, ("room", "12"), "room 12"),
        (2.0, ("第三", "room"), "第三 room"),
    ],
)
def test_a_chinese_line_that_was_cut_between_two_characters_is_whole_again(
    gap: float, texts: tuple[str, str], line: str
) -> None:
    left, right = texts
    [printed] = to_lines([run(left, 0.0, 40.0), run(right, 40.0 + gap, 90.0)])
    assert printed.text == line
