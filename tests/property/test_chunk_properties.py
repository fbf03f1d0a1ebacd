"""The promises of `chunkers`, over documents that hypothesis makes up."""

from __future__ import annotations

import os

import chunk_laws as laws
import pytest
from chunk_documents import documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vector_fakes import BagOfWords

from chunkers.base import TokenCounter
from chunkers.options import ChunkOptions
from chunkers.registry import PROPOSITION, make_chunker
from chunkers.registry import STRATEGIES as NAMES
from schemas.chunk import Chunk
from schemas.document import Document

STRATEGIES = tuple(name for name in NAMES if name != PROPOSITION)
"""Those whose texts are slices: what a model writes has properties of its own."""
COUNTERS = (laws.Characters, laws.Words, laws.Bytes, laws.Floored)
RULED = tuple(name for name in STRATEGIES if name not in laws.BLIND)
"""Strategies that know tables, headings and sentences."""

EXAMPLES = int(os.environ.get("DOCSTRATA_EXAMPLES", "80"))
"""More for a thorough search: `DOCSTRATA_EXAMPLES=2000 pytest tests/property`."""
each = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def options(draw: st.DrawFn) -> ChunkOptions:
    maximum = draw(st.sampled_from([16, 17, 20, 24, 32, 50, 64, 100, 256]))
    target = draw(st.integers(max(1, maximum // 4), maximum))
    return ChunkOptions(max_tokens=maximum, target_tokens=target, min_tokens=draw(st.integers(0, target // 2)))


def counters(maximum: int) -> st.SearchStrategy[TokenCounter]:
    return st.builds(lambda kind: kind(maximum), st.sampled_from(COUNTERS))


def chunked(strategy: str, document: Document, chosen: ChunkOptions, counter: TokenCounter) -> list[Chunk]:
    return list(make_chunker(strategy, chosen, counter, vectors=BagOfWords()).chunk(document))


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(document=documents(), chosen=options(), data=st.data())
@each
def test_every_strategy_loses_nothing_and_stays_within_the_limit(
    strategy: str, document: Document, chosen: ChunkOptions, data: st.DataObject
) -> None:
    counter = data.draw(counters(chosen.max_tokens))
    chunks = chunked(strategy, document, chosen, counter)
    laws.nothing_is_lost(document, chunks)
    laws.texts_are_slices_in_order(document, chunks)
    laws.sizes_are_exact_and_within(chunks, counter, chosen.max_tokens)
    laws.contexts_stay_small(chunks, counter, chosen.max_tokens)
    laws.shortened_contexts_say_so(chunks)
    laws.chunks_are_told_apart(chunks)
    laws.paths_are_right(document, chunks)
    assert chunks == chunked(strategy, document, chosen, counter)


@pytest.mark.parametrize("strategy", RULED)
@given(document=documents(), chosen=options(), data=st.data())
@each
def test_rules_keep_headings_tables_and_sentences(
    strategy: str, document: Document, chosen: ChunkOptions, data: st.DataObject
) -> None:
    counter = data.draw(counters(chosen.max_tokens))
    chunks = chunked(strategy, document, chosen, counter)
    laws.headings_are_not_crossed(document, chunks, counter, chosen.max_tokens)
    laws.tables_stay_whole(document, chunks, counter, chosen.max_tokens)
    laws.sentences_stay_whole(document, chunks, counter, chosen.max_tokens)
    laws.quotations_stay_whole(document, chunks, counter, chosen.max_tokens)
    laws.announcements_stay(document, chunks, counter, chosen.max_tokens)
    laws.fragments_join(document, chunks, counter, chosen.min_tokens, chosen.max_tokens)


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(document=documents(max_blocks=8), maximum=st.sampled_from([16, 24, 48, 256]))
@settings(parent=each, max_examples=max(20, EXAMPLES // 4))
def test_the_limit_holds_by_the_tokenizer_of_the_default_model(strategy: str, document: Document, maximum: int) -> None:
    counter = laws.MiniLM()
    chosen = ChunkOptions(max_tokens=maximum, target_tokens=maximum // 2, min_tokens=4)
    chunks = chunked(strategy, document, chosen, counter)
    laws.nothing_is_lost(document, chunks)
    laws.sizes_are_exact_and_within(chunks, counter, maximum)


@pytest.mark.parametrize("strategy", STRATEGIES)
@given(document=documents(), chosen=options(), most=st.integers(1, 60), data=st.data())
@each
def test_overlap_repeats_whole_sentences_and_says_so(
    strategy: str, document: Document, chosen: ChunkOptions, most: int, data: st.DataObject
) -> None:
    counter = data.draw(counters(chosen.max_tokens))
    plain = chunked(strategy, document, chosen, counter)
    chunks = chunked(strategy, document, chosen.model_copy(update={"overlap_tokens": most}), counter)
    assert [chunk.spans for chunk in chunks] == [chunk.spans for chunk in plain]
    laws.texts_are_slices_in_order(document, chunks)
    laws.sizes_are_exact_and_within(chunks, counter, chosen.max_tokens)
    laws.chunks_are_told_apart(chunks)
    laws.overlaps_are_last_sentences(document, chunks, counter, most)
