from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.stages.diff import Edit, Fate, diff_chunks, word_diff
from schemas.chunk import Chunk, ChunkKind

DOC = "6f0c6d1e-6a5b-5c1e-9d53-0d0c57a7a001"
PUMP = "The pump moves 40 litres of water a minute at full speed and stops by itself."
VALVE = "The valve closes when the pressure in the boiler falls below two bar."
OIL = "Every three hundred hours somebody has to oil the bearings."


def chunks(*texts: str, heading: str = "Care") -> list[Chunk]:
    seen: dict[str, int] = {}
    made = []
    for ordinal, text in enumerate(texts):
        occurrence = seen[text] = seen.get(text, -1) + 1
        made.append(
            Chunk(
                ordinal=ordinal, kind=ChunkKind.TEXT, text=text, context=heading, spans=((0, len(text)),), blocks=(0,),
                heading_path=(heading,), section="s", position=ordinal, occurrence=occurrence, token_count=9,
                strategy="hybrid", rule="test",
            )
        )  # fmt: skip
    return made


def fates(old: list[Chunk], new: list[Chunk]) -> list[tuple[Fate, str]]:
    found = diff_chunks(DOC, old, new)
    return [(change.fate, (change.new or change.old).text) for change in found.changes]


def test_what_came_and_went_is_told_in_its_place() -> None:
    assert fates(chunks(PUMP, OIL), chunks(PUMP, VALVE, OIL)) == [(Fate.CAME, VALVE)]
    assert fates(chunks(PUMP, VALVE, OIL), chunks(PUMP, OIL)) == [(Fate.WENT, VALVE)]


def test_similar_text_has_changed_and_its_words_tell_how() -> None:
    newer = PUMP.replace("40", "45")
    (change,) = diff_chunks(DOC, chunks(PUMP, OIL), chunks(newer, OIL)).changes
    assert change.fate is Fate.CHANGED
    assert [(piece.edit, piece.text) for piece in change.words if piece.edit is not Edit.SAME] == [
        (Edit.OUT, "40"),
        (Edit.IN, "45"),
    ]


def test_one_changed_chinese_character_is_told_alone() -> None:
    pieces = word_diff("油位应在中线以上", "油位应在中线以下")
    assert [piece.text for piece in pieces] == ["油位应在中线以", "上", "下"]


def test_the_same_text_in_another_order_or_below_another_heading_has_moved() -> None:
    assert fates(chunks(PUMP, VALVE, OIL), chunks(VALVE, OIL, PUMP)) == [(Fate.MOVED, PUMP)]
    assert fates(chunks(PUMP), chunks(PUMP, heading="Use")) == [(Fate.MOVED, PUMP)]


def test_unlike_text_is_no_change_but_one_that_went_and_one_that_came() -> None:
    assert fates(chunks(PUMP), chunks("离心泵启动前应检查轴承箱油位。")) == [
        (Fate.WENT, PUMP),
        (Fate.CAME, "离心泵启动前应检查轴承箱油位。"),
    ]


def test_each_chunk_is_paired_with_the_one_most_like_it() -> None:
    old = chunks("one two three four", "one two three five")
    new = chunks("one two three five six", "one two three four six")
    pairs = {(change.old.text, change.new.text) for change in diff_chunks(DOC, old, new).changes}
    assert pairs == {
        ("one two three four", "one two three four six"),
        ("one two three five", "one two three five six"),
    }


_texts = st.lists(st.sampled_from((PUMP, VALVE, OIL, PUMP.replace("40", "45"), "油")), max_size=6)


@given(_texts, _texts)
def test_every_chunk_of_both_is_told_of_once(old: list[str], new: list[str]) -> None:
    found = diff_chunks(DOC, chunks(*old), chunks(*new))
    assert found.same + sum(change.old is not None for change in found.changes) == len(old)
    assert found.same + sum(change.new is not None for change in found.changes) == len(new)
    for change in found.changes:
        for place, edits in ((change.old, Edit.IN), (change.new, Edit.OUT)):
            if change.words and place is not None:
                assert "".join(piece.text for piece in change.words if piece.edit is not edits) == place.text


@given(_texts)
def test_a_version_differs_from_itself_in_nothing(texts: list[str]) -> None:
    assert diff_chunks(DOC, chunks(*texts), chunks(*texts)).changes == ()
