"""The promises of `chunkers` over real Markdown, with the tokenizer of the default model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import chunk_laws as laws
import pytest
from vector_fakes import BagOfWords

from chunkers.options import ChunkOptions
from chunkers.registry import PROPOSITION, STRATEGIES, make_chunker
from ingest.parsers.base import ParseInput
from ingest.parsers.markdown.parser import MarkdownParser
from schemas.chunk import Chunk
from schemas.document import Document
from schemas.source import Route

EVERY = 40
"""One file of the English history in so many."""


def parse(path: Path) -> Document:
    size = path.stat().st_size
    return MarkdownParser().parse(ParseInput(path, path.name, "text/markdown", Route.MARKDOWN, size))


@pytest.fixture(scope="module")
def real_documents(corpus: Path) -> list[Document]:
    english = sorted((corpus / "history_rfcs" / "2026-08-01").rglob("*.md"))[::EVERY]
    prose = sorted((corpus / "chroma_chunking_eval").rglob("corpora/*.md"))
    mixed = sorted((corpus / "drop_folder").rglob("*.md")) + sorted((corpus / "chatchat_zh_samples").rglob("*.md"))
    docs = [parse(path) for path in (*english, *prose, *mixed) if path.stat().st_size > 2]
    assert sum(any("\u4e00" <= c <= "\u9fff" for c in doc.text[:2000]) for doc in docs) >= 3, "no Chinese document"
    return docs


@pytest.fixture(scope="module")
def counter():
    return laws.MiniLM()


def each(
    documents: list[Document], strategy: str, options: ChunkOptions, counter
) -> Iterator[tuple[Document, list[Chunk]]]:
    chunker = make_chunker(strategy, options, counter, vectors=BagOfWords())
    for document in documents:
        yield document, list(chunker.chunk(document))


@pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != PROPOSITION])
def test_real_documents_keep_every_promise(strategy: str, real_documents: list[Document], counter) -> None:
    options = ChunkOptions()
    for document, chunks in each(real_documents, strategy, options, counter):
        laws.nothing_is_lost(document, chunks)
        laws.texts_are_slices_in_order(document, chunks)
        laws.sizes_are_exact_and_within(chunks, counter, options.max_tokens)
        laws.contexts_stay_small(chunks, counter, options.max_tokens)
        laws.chunks_are_told_apart(chunks)
        laws.paths_are_right(document, chunks)
        if strategy in laws.BLIND:
            continue
        laws.headings_are_not_crossed(document, chunks, counter, options.max_tokens)
        laws.tables_stay_whole(document, chunks, counter, options.max_tokens)
        laws.sentences_stay_whole(document, chunks, counter, options.max_tokens)
        laws.quotations_stay_whole(document, chunks, counter, options.max_tokens)
        laws.announcements_stay(document, chunks, counter, options.max_tokens)
        laws.fragments_join(document, chunks, counter, options.min_tokens, options.max_tokens)


def test_small_limits_hold_on_real_documents(real_documents: list[Document], counter) -> None:
    options = ChunkOptions(max_tokens=40, target_tokens=30, min_tokens=8)
    for document, chunks in each(real_documents[::6], "hybrid", options, counter):
        laws.nothing_is_lost(document, chunks)
        laws.sizes_are_exact_and_within(chunks, counter, options.max_tokens)
        laws.tables_stay_whole(document, chunks, counter, options.max_tokens)
