"""Statements that a model writes: tied to their sources, and nothing of the document lost."""

from __future__ import annotations

import chunk_laws as laws
import pytest
from chunk_documents import documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writer_fakes import Echo, Told

from chunkers.base import Proposition, PropositionWriter
from chunkers.located import SOURCE_UNKNOWN
from chunkers.options import ChunkOptions
from chunkers.proposition import NOT_RESTATED, TOGETHER
from chunkers.registry import make_chunker
from ingest.parsers.base import ParseInput, ReadOptions, Tools
from ingest.parsers.registry import make_parser
from schemas.chunk import Chunk, ChunkKind
from schemas.document import Document
from schemas.source import Route

PUMP = "# Pump\n\n## Care\n\nOil the bearings every 300 hours. It then runs quietly. Never use grease.\n"
OPTIONS = ChunkOptions(max_tokens=60, target_tokens=40, min_tokens=4)


def _document(tmp_path: object, text: str) -> Document:
    path = tmp_path / "pump.md"
    path.write_text(text, "utf-8")
    parser = make_parser(Route.MARKDOWN, Tools(ReadOptions(), None))
    return parser.parse(ParseInput(path, "pump.md", "text/markdown", Route.MARKDOWN, path.stat().st_size))


def _chunks(document: Document, writer: PropositionWriter, counter: object = None) -> list[Chunk]:
    chunker = make_chunker("proposition", OPTIONS, counter or laws.Words(60), writer=writer)
    return list(chunker.chunk(document))


def _sources(document: Document, chunk: Chunk) -> list[str]:
    return [document.text[start:end] for start, end in chunk.spans]


def test_a_statement_knows_the_sentences_that_it_is_from(tmp_path: object) -> None:
    document = _document(tmp_path, PUMP)
    chunks = _chunks(
        document,
        Told(
            Proposition("The bearings of the pump are oiled every 300 hours.", (0,)),
            Proposition("An oiled pump runs quietly.", (0, 1)),
            Proposition("Grease must never be used on the bearings.", (2,)),
        ),
    )
    assert [chunk.kind for chunk in chunks] == [ChunkKind.PROPOSITION] * 3
    assert {chunk.strategy for chunk in chunks} == {"proposition"}
    texts = [(chunk.text, _sources(document, chunk)[-1]) for chunk in chunks]
    assert ("Grease must never be used on the bearings.", "Never use grease.") in texts
    assert all("Care" in chunk.context for chunk in chunks)
    assert all(chunk.flags == () for chunk in chunks)
    laws.nothing_is_lost(document, chunks)


def test_a_sentence_that_no_statement_covers_is_kept_as_it_is(tmp_path: object) -> None:
    document = _document(tmp_path, PUMP)
    chunks = _chunks(document, Told(Proposition("The bearings are oiled every 300 hours.", (0,))))
    assert [chunk.kind for chunk in chunks] == [ChunkKind.PROPOSITION, ChunkKind.TEXT]
    assert chunks[1].text == "It then runs quietly.\nNever use grease."
    assert NOT_RESTATED in chunks[1].flags
    laws.nothing_is_lost(document, chunks)


def test_a_passage_without_an_answer_is_kept_as_it_is(tmp_path: object) -> None:
    document = _document(tmp_path, PUMP)
    (chunk,) = _chunks(document, Told())
    (hybrid,) = make_chunker("hybrid", OPTIONS, laws.Words(60)).chunk(document)
    assert chunk == hybrid.model_copy(update={"strategy": "proposition"})


@pytest.mark.parametrize(
    "proposition",
    [
        Proposition("The bearings are oiled every 300 hours.", ()),
        Proposition("The bearings are oiled every 300 hours.", (7, -1)),
        Proposition("Berlin is a large town.", (0,)),
    ],
)
def test_a_statement_that_cannot_be_traced_says_so_and_stands_beside_its_passage(
    tmp_path: object, proposition: Proposition
) -> None:
    document = _document(tmp_path, PUMP)
    passage, statement = _chunks(document, Told(proposition))
    assert (passage.kind, statement.kind) == (ChunkKind.TEXT, ChunkKind.PROPOSITION)
    assert statement.flags == (SOURCE_UNKNOWN,)
    assert _sources(document, statement) == [
        "Oil the bearings every 300 hours.", "It then runs quietly.", "Never use grease.",
    ]  # fmt: skip


def test_a_statement_that_is_too_long_gives_way_to_its_source(tmp_path: object) -> None:
    document = _document(tmp_path, PUMP)
    long = Proposition("The bearings are oiled " + "very " * 70 + "often.", (0, 1, 2))
    assert [chunk.kind for chunk in _chunks(document, Told(long))] == [ChunkKind.TEXT]


def test_tables_and_code_are_never_given_to_the_model(tmp_path: object) -> None:
    document = _document(tmp_path, "# A\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```\n")
    writer = Echo()
    assert {chunk.kind for chunk in _chunks(document, writer)} == {ChunkKind.TABLE, ChunkKind.CODE}
    assert writer.asked == []


def test_the_headings_are_told_and_chinese_sentences_are_sentences(tmp_path: object) -> None:
    document = _document(tmp_path, "# 离心泵\n\n启动前应检查油位。油面应在中线。\n")
    writer = Echo()
    chunks = _chunks(document, writer, laws.Characters(60))
    assert [passage.sentences for passage in writer.asked] == [("启动前应检查油位。", "油面应在中线。")]
    assert "离心泵" in writer.asked[0].headings
    assert [chunk.text for chunk in chunks] == ["So: 启动前应检查油位。", "So: 油面应在中线。"]


def test_one_statement_of_two_passages_has_two_ids(tmp_path: object) -> None:
    document = _document(tmp_path, "# A\n\n" + "\n\n".join(f"The pump number {n} turns left. " * 12 for n in range(3)))
    chunks = _chunks(document, Told(Proposition("The pump turns left.", (0,))))
    same = [chunk.occurrence for chunk in chunks if chunk.kind is ChunkKind.PROPOSITION]
    assert same == list(range(len(same)))
    assert len(same) > 1
    laws.chunks_are_told_apart(chunks)


def test_the_model_is_asked_as_far_as_chunks_are_taken(tmp_path: object) -> None:
    document = _document(
        tmp_path, "".join(f"# Part {n}\n\nPart {n} turns left and right all day long.\n\n" for n in range(90))
    )
    writer = Echo()
    next(make_chunker("proposition", OPTIONS, laws.Words(60), writer=writer).chunk(document))
    assert 0 < len(writer.asked) <= TOGETHER


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents(), every=st.integers(1, 4), kind=st.sampled_from([laws.Words, laws.Characters, laws.Floored]))
def test_nothing_is_lost_and_every_size_holds_whatever_the_model_leaves_out(
    document: Document, every: int, kind: type
) -> None:
    counter = kind(60)
    chunks = _chunks(document, Echo(lambda at: at % every == every - 1), counter)
    laws.nothing_is_lost(document, chunks)
    laws.sizes_are_exact_and_within(chunks, counter, 60)
    laws.chunks_are_told_apart(chunks)
    for number, chunk in enumerate(chunks):
        assert chunk.ordinal == number
        assert Chunk.model_validate_json(chunk.model_dump_json()) == chunk
        if chunk.kind is not ChunkKind.PROPOSITION:
            slices = "\n".join(document.text[start:end] for start, end in chunk.spans)
            assert chunk.text == chunk.added_prefix + slices
    assert chunks == _chunks(document, Echo(lambda at: at % every == every - 1), counter)
