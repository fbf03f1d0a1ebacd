"""Who cuts: docstrata's strategies, and the peers beside them, all by the default model's tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from chunkers.base import TokenCounter
from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker
from chunkers.retrieval_quality import Passage
from chunkers.span_sets import stripped
from ingest.embed.model_files import resolve
from ingest.embed.sentence_vectors import ModelSentenceVectors
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions
from schemas.base import Span
from schemas.document import Document

Cut = tuple[Passage, str]
"""A passage and the text that is embedded for it."""
Cutter = Callable[[dict[str, Document], int], list[Cut]]
"""Of documents by name and a size in tokens."""


def strategy(name: str, **options: object) -> Cutter:
    """One of docstrata's own; the size is `target_tokens`."""

    def cut(documents: dict[str, Document], size: int) -> list[Cut]:
        chosen = ChunkOptions.model_validate(
            {"target_tokens": size, "max_tokens": 256, "min_tokens": size // 4, **options}
        )
        chunker = make_chunker(name, chosen, counter(), vectors=ModelSentenceVectors(EmbedOptions()))
        return [
            (Passage(corpus, chunk.spans), chunk.embed_text())
            for corpus, document in documents.items()
            for chunk in chunker.chunk(document)
        ]

    return cut


def peer(make: Callable[[int], Callable[[str], Iterable[str | Span]]]) -> Cutter:
    """`make(size)` gives what cuts a text into pieces or spans."""

    def cut(documents: dict[str, Document], size: int) -> list[Cut]:
        split = make(size)
        return [
            (Passage(corpus, (span,)), document.text[slice(*span)])
            for corpus, document in documents.items()
            for span in _spans(document.text, split(document.text))
        ]

    return cut


def _spans(text: str, pieces: Iterable[str | Span]) -> Iterator[Span]:
    """Without the white space at their ends; pieces without text are left out."""
    position = 0
    for piece in pieces:
        start, end = piece if isinstance(piece, tuple) else _found(text, piece, position)
        inner = stripped(text, start, end)
        if inner is not None:
            yield inner
        position = end


def _found(text: str, piece: str, position: int) -> Span:
    start = text.find(piece.strip(), position)
    if start < 0:
        raise SystemExit(f"a piece that is not in the text: {piece[:60]!r}")
    return start, start + len(piece.strip())


@lru_cache(maxsize=1)
def counter() -> TokenCounter:
    return HuggingFaceTokenCounter(EmbedOptions())


@lru_cache(maxsize=200_000)
def tokens(text: str) -> int:
    return counter().count([text])[0] - counter().count([""])[0]


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(Path(resolve(EmbedOptions().model)) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _recursive(size: int) -> Callable[[str], list[str]]:
    """As the evaluation's authors use it: with the ends of sentences among the separators."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    separators = ["\n\n", "\n", ".", "?", "!", " ", ""]
    return RecursiveCharacterTextSplitter(
        separators=separators, chunk_size=size, chunk_overlap=0, length_function=tokens
    ).split_text


def _langchain(size: int) -> Callable[[str], list[str]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=0, length_function=tokens).split_text


def _semchunk(size: int) -> Callable[[str], list[str]]:
    import semchunk

    return semchunk.chunkerify(tokens, size)


def _semantic_text_splitter(size: int) -> Callable[[str], list[str]]:
    from semantic_text_splitter import TextSplitter

    return TextSplitter.from_huggingface_tokenizer(_tokenizer(), size).chunks


def _chonkie(kind: str, **options: object) -> Callable[[int], Callable[[str], Iterator[Span]]]:
    def make(size: int) -> Callable[[str], Iterator[Span]]:
        import chonkie

        chunker = getattr(chonkie, kind)(tokenizer=_tokenizer(), chunk_size=size, **options)
        return lambda text: ((chunk.start_index, chunk.end_index) for chunk in chunker(text))

    return make


PEERS: dict[str, Cutter] = {
    "Recursive": peer(_recursive),
    "langchain": peer(_langchain),
    "semchunk": peer(_semchunk),
    "semantic-text-splitter": peer(_semantic_text_splitter),
    "chonkie recursive": peer(_chonkie("RecursiveChunker")),
    "chonkie sentence": peer(_chonkie("SentenceChunker", chunk_overlap=0)),
    "chonkie token": peer(_chonkie("TokenChunker", chunk_overlap=0)),
}
OWN: dict[str, Cutter] = {
    "hybrid": strategy("hybrid"),
    "hybrid, no cohesion": strategy("hybrid", cohesion="none"),
    "hybrid, embedding": strategy("hybrid", cohesion="embedding"),
    "semantic": strategy("semantic"),
    "document": strategy("document"),
    "recursive": strategy("recursive"),
    "character": strategy("character"),
    "token": strategy("token"),
}
