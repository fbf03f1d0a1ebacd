from __future__ import annotations

import pytest
from chunk_laws import Words
from made_documents import document
from vector_fakes import BagOfWords

from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker, needs_vectors
from schemas.chunk import Chunk
from schemas.document import Document
from schemas.errors import ConfigError

PUMPS = "The pump needs water today. A pump with water never breaks. Water keeps every pump cool. "
TAXES = "The taxes are raised again. Nobody likes taxes that are raised. Taxes pay for many schools. "


def chunked(doc: Document, **options: int) -> list[Chunk]:
    chosen = ChunkOptions(**{"target_tokens": 16, "max_tokens": 40, "min_tokens": 4, **options})
    return list(make_chunker("semantic", chosen, Words(200), vectors=BagOfWords()).chunk(doc))


def test_a_chunk_ends_where_the_subject_turns() -> None:
    chunks = chunked(document(("paragraph", PUMPS + TAXES)))
    assert [chunk.text for chunk in chunks] == [PUMPS.strip(), TAXES.strip()]


def test_the_turn_decides_and_not_the_middle() -> None:
    longer = PUMPS + "Water and pump belong together always. " + TAXES
    assert [chunk.text[:8] for chunk in chunked(document(("paragraph", longer)))][-1] == TAXES[:8]


def test_headings_are_not_crossed_and_sentences_stay_whole() -> None:
    doc = document(("heading", "First"), ("paragraph", PUMPS), ("heading", "Second"), ("paragraph", PUMPS * 4))
    chunks = chunked(doc)
    assert chunks[0].text.startswith("First")
    assert chunks[1].text.startswith("Second")
    assert all(chunk.text.endswith(".") for chunk in chunks)
    assert all(chunk.token_count <= 40 for chunk in chunks)


def test_each_sentence_is_embedded_once() -> None:
    vectors = BagOfWords()
    options = ChunkOptions(target_tokens=16, max_tokens=40, min_tokens=4)
    list(make_chunker("semantic", options, Words(200), vectors=vectors).chunk(document(("paragraph", PUMPS + TAXES))))
    assert sorted(vectors.asked) == sorted(f"{sentence}." for sentence in (PUMPS + TAXES).strip(" .").split(". "))


def test_the_version_names_the_vectors() -> None:
    assert "bag-of-words" in make_chunker("semantic", ChunkOptions(), Words(200), vectors=BagOfWords()).version


def test_hybrid_takes_sentence_vectors_for_cohesion() -> None:
    options = ChunkOptions(cohesion="embedding", target_tokens=16, max_tokens=40, min_tokens=4)
    vectors = BagOfWords()
    chunker = make_chunker("hybrid", options, Words(200), vectors=vectors)
    assert "bag-of-words" in chunker.version
    assert list(chunker.chunk(document(("paragraph", PUMPS + TAXES))))
    assert vectors.asked


@pytest.mark.parametrize(
    ("options", "needed"),
    [
        (ChunkOptions(strategy="semantic"), True),
        (ChunkOptions(cohesion="embedding"), True),
        (ChunkOptions(strategy="recursive", cohesion="embedding"), False),
        (ChunkOptions(), False),
    ],
)
def test_vectors_are_needed_where_boundaries_are_sought_by_them(options: ChunkOptions, needed: bool) -> None:
    assert needs_vectors(options) is needed


@pytest.mark.parametrize("options", [ChunkOptions(strategy="semantic"), ChunkOptions(cohesion="embedding")])
def test_without_vectors_that_are_needed_it_is_said_so(options: ChunkOptions) -> None:
    with pytest.raises(ConfigError, match="sentence vectors"):
        make_chunker(options.strategy, options, Words(200))
