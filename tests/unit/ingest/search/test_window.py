"""What is shown around a chunk, and that no word of it is shown twice."""

from __future__ import annotations

from collections.abc import Callable

from chunk_documents import documents
from chunk_laws import Words
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writer_fakes import Echo

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from ingest.search.window import put_together, sources_of, widen
from schemas.chunk import Chunk, ChunkKind
from schemas.document import Document
from schemas.point import Expand


def chunk(at: int, path: tuple[str, ...], text: str = "", **fields: object) -> Chunk:
    return Chunk(
        ordinal=at,
        kind=ChunkKind.TEXT,
        text=text or f"text {at}",
        spans=((at * 10, at * 10 + 8),),
        blocks=(at,),
        heading_path=path,
        section="/".join(path),
        position=0,
        token_count=1,
        strategy="s",
        rule="r",
    ).model_copy(update=fields)


def at_most(count: int) -> Callable[[range], bool]:
    return lambda shown: len(shown) <= count


BOOK = [
    chunk(at, path)
    for at, path in enumerate(
        [
            ("Book", "One"),
            ("Book", "One"),
            ("Book", "One", "A"),
            ("Book", "One", "B"),
            ("Book", "One", "B"),
            ("Book", "Two"),
        ]
    )
]


def test_neighbours_are_taken_by_turns_the_one_before_first() -> None:
    assert widen(BOOK, 2, Expand.NEIGHBOURS, at_most(2)) == range(1, 3)
    assert widen(BOOK, 2, Expand.NEIGHBOURS, at_most(3)) == range(1, 4)
    assert widen(BOOK, 2, Expand.NEIGHBOURS, at_most(99)) == range(6)


def test_at_the_end_of_a_document_the_room_is_for_the_other_side() -> None:
    assert widen(BOOK, 0, Expand.NEIGHBOURS, at_most(3)) == range(3)
    assert widen(BOOK, 5, Expand.NEIGHBOURS, at_most(3)) == range(3, 6)


def test_one_that_does_not_fit_ends_its_side_alone() -> None:
    assert widen(BOOK, 2, Expand.NEIGHBOURS, lambda shown: 1 not in shown and len(shown) < 4) == range(2, 5)


def test_a_section_comes_before_the_section_around_it() -> None:
    assert widen(BOOK, 3, Expand.SECTION, at_most(2)) == range(3, 5)
    assert widen(BOOK, 3, Expand.SECTION, at_most(3)) == range(2, 5)
    assert widen(BOOK, 3, Expand.SECTION, at_most(5)) == range(5)
    assert widen(BOOK, 3, Expand.SECTION, at_most(99)) == range(6)


def test_a_section_that_does_not_fit_is_not_left_for_the_one_around_it() -> None:
    assert widen(BOOK, 4, Expand.SECTION, lambda shown: 3 not in shown) == range(4, 5)


def test_a_namesake_elsewhere_is_another_section() -> None:
    chunks = [chunk(0, ("A",)), chunk(1, ("B",)), chunk(2, ("A",))]
    assert widen(chunks, 0, Expand.SECTION, at_most(9)) == range(1)


def test_the_hit_is_shown_whatever_it_takes() -> None:
    assert widen(BOOK, 2, Expand.SECTION, at_most(0)) == range(2, 3)


def test_what_a_chunk_repeats_of_the_one_before_is_shown_once() -> None:
    first = chunk(0, (), "One. Two.", spans=((0, 9),))
    second = chunk(1, (), "Two.\nThree.", overlap=((5, 9),), spans=((10, 16),), blocks=(0,))
    shown = put_together([first, second])
    assert shown.text == "One. Two.\nThree."
    assert [shown.text[start:end] for start, end in shown.places] == ["One. Two.", "Three."]
    assert put_together([second]).text == "Two.\nThree."


def test_header_rows_are_shown_above_the_first_part_alone() -> None:
    first = chunk(0, (), "Name | Age\nAnn | 3", blocks=(7,), part=1, parts=3)
    second = chunk(1, (), "Name | Age\nBob | 4", blocks=(7,), added_prefix="Name | Age\n", part=2, parts=3)
    third = chunk(2, (), "Name | Age\nCid | 5", blocks=(7,), added_prefix="Name | Age\n", part=3, parts=3)
    assert put_together([first, second, third]).text == "Name | Age\nAnn | 3\nBob | 4\nCid | 5"
    assert put_together([second, third]).text == "Name | Age\nBob | 4\nCid | 5"


def test_a_header_that_was_left_out_of_the_part_before_is_shown() -> None:
    first = chunk(0, (), "Ann | 3", blocks=(7,), part=2, parts=3)
    second = chunk(1, (), "Name | Age\nBob | 4", blocks=(7,), added_prefix="Name | Age\n", part=3, parts=3)
    assert put_together([first, second]).text == "Ann | 3\nName | Age\nBob | 4"


def test_statements_about_one_sentence_are_read_as_that_sentence_once() -> None:
    text = "Oil it. It runs.  Stop it."
    one, two, three = (0, 7), (8, 16), (18, 26)
    chunks = [
        chunk(0, (), "S1", spans=(one,)),
        chunk(1, (), "S2", spans=(one, three)),
        chunk(2, (), "S3", spans=(two,)),
        chunk(3, (), "all of it", spans=((8, 26),)),
    ]
    shown = sources_of(chunks, text)
    assert shown.text == "Oil it. It runs.  Stop it."
    assert [shown.text[a:b] for a, b in shown.places] == ["Oil it.", text, "It runs.", "It runs.  Stop it."]
    assert sources_of(chunks[:1], text).text == "Oil it."


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(), st.integers(1, 3), st.data())
def test_what_is_read_of_statements_is_the_document_in_its_order(
    document: Document, every: int, data: st.DataObject
) -> None:
    options = ChunkOptions(max_tokens=24, target_tokens=12, min_tokens=4)
    writer = Echo(lambda at: at % every == every - 1)
    chunks = list(make_chunker("proposition", options, Words(24), writer=writer).chunk(document))
    if not chunks:
        return
    first = data.draw(st.integers(0, len(chunks) - 1))
    some = chunks[first : data.draw(st.integers(first + 1, len(chunks)))]
    shown = sources_of(some, document.text)
    wanted = [document.text[at] for at in sorted({at for one in some for span in one.spans for at in range(*span)})]
    assert "".join(shown.text[len(some[0].added_prefix) :].split()) == "".join("".join(wanted).split())
    for one, (start, end) in zip(some, shown.places, strict=True):
        assert shown.text[start:end].startswith(document.text[slice(*min(one.spans))].split("\n")[0])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(documents(), st.sampled_from(["hybrid", "recursive"]), st.data())
def test_the_text_is_the_first_chunk_and_of_each_other_what_the_one_before_did_not_show(
    document: Document, strategy: str, data: st.DataObject
) -> None:
    options = ChunkOptions(max_tokens=24, target_tokens=12, min_tokens=4)
    chunks = list(make_chunker(strategy, options, Words(24)).chunk(document))
    if not chunks:
        return
    first = data.draw(st.integers(0, len(chunks) - 1))
    some = chunks[first : data.draw(st.integers(first + 1, len(chunks)))]
    shown = put_together(some)
    pieces = [shown.text[start:end] for start, end in shown.places]
    assert pieces[0] == some[0].text
    for piece, one in zip(pieces[1:], some[1:], strict=True):
        own = one.text[one.repeated :]
        assert piece in {own, one.added_prefix + own}
    between = [shown.text[one[1] : other[0]] for one, other in zip(shown.places, shown.places[1:], strict=False)]
    assert set(between) <= {"\n", "\n\n"}
