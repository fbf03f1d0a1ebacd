"""Passages become self-contained statements, written by a model, each tied to the sentences it is from.

The statements are not slices of the document: they say so by their kind. Nothing is lost all the same:
what no statement was traced back to is kept as it stands, tables and code are never rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from chunkers.base import Chunker, Passage, PropositionWriter, TokenCounter
from chunkers.context import ContextLines
from chunkers.located import Source, Statement, traced
from chunkers.options import ChunkOptions, Limits
from chunkers.places import regions_of
from schemas.base import Span
from schemas.chunk import SPAN_JOIN, Chunk, ChunkKind, build_embed_text
from schemas.document import Document

NOT_RESTATED = "not_restated"
"""A text of the document that no statement was traced back to: kept as it stands."""
TOGETHER = 16
"""Passages that are given to the writer at once: what is read ahead."""
_REWRITTEN = frozenset({ChunkKind.TEXT, ChunkKind.LIST})


@dataclass(frozen=True, slots=True)
class _Sized:
    """A statement under its context line, and the tokens of both."""

    statement: Statement
    context: str
    tokens: int


class PropositionChunker:
    """Statements in the order of their sources, after a chunker that makes the passages."""

    name = "proposition"

    def __init__(
        self, passages: Chunker, writer: PropositionWriter, options: ChunkOptions, counter: TokenCounter, rule: str
    ) -> None:
        self._passages = passages
        self._writer = writer
        self._counter = counter
        self._rule = rule
        self._limits = Limits.of(options, counter)
        self.version = f"1+{passages.version}+{writer.fingerprint}"

    def chunk(self, document: Document) -> Iterator[Chunk]:
        contexts = ContextLines.of(document, self._counter, self._limits)
        return _numbered(self._restated(document, contexts))

    def _restated(self, document: Document, contexts: ContextLines) -> Iterator[Chunk]:
        chunks = self._passages.chunk(document)
        while some := list(islice(chunks, TOGETHER)):
            sources = {at: Source.of(document, chunk) for at, chunk in enumerate(some) if chunk.kind in _REWRITTEN}
            passages = {at: _passage(document, some[at], source) for at, source in sources.items() if source.sentences}
            answers = dict(zip(passages, self._writer.write(list(passages.values())), strict=True))
            for at, chunk in enumerate(some):
                if answers.get(at):
                    statements = traced(answers[at], passages[at].sentences)
                    yield from self._of_passage(document, contexts, chunk, sources[at], statements)
                else:
                    yield self._named(chunk)

    def _of_passage(
        self, document: Document, contexts: ContextLines, chunk: Chunk, source: Source, statements: Sequence[Statement]
    ) -> Iterator[Chunk]:
        """By where they stand; the headings that open the passage belong to its first chunk."""
        line = contexts.line(contexts.entries(chunk.heading_path, 0))[0]
        fitting = [one for one in (self._sized(line, statement) for statement in statements) if one is not None]
        covered = {at for one in fitting if not one.statement.flags for at in one.statement.sentences}
        made = [_chunk_of(document, chunk, source, one) for one in fitting]
        if covered:
            rest = [at for at in range(len(source.sentences)) if at not in covered]
            made += [self._kept(document, chunk, source.spans_of(rest))] if rest else []
            made.sort(key=lambda one: one.spans)
            made[0] = self._with_headings(document, made[0], source, chunk)
        else:
            made.insert(0, chunk)
        yield from map(self._named, made)

    def _sized(self, context: str, statement: Statement) -> _Sized | None:
        """With the context if that fits; None for a statement that is too long by itself."""
        for line in (context, ""):
            tokens = self._tokens(build_embed_text(line, statement.text))
            if tokens <= self._limits.maximum:
                return _Sized(statement, line, tokens)
        return None

    def _kept(self, document: Document, chunk: Chunk, spans: tuple[Span, ...]) -> Chunk:
        return self._sliced(document, chunk, spans, own=0).model_copy(update={"flags": (*chunk.flags, NOT_RESTATED)})

    def _with_headings(self, document: Document, first: Chunk, source: Source, chunk: Chunk) -> Chunk:
        if not source.headings:
            return first
        spans = (*source.headings, *first.spans)
        if first.kind is ChunkKind.PROPOSITION:
            return _at(document, first, spans)
        return self._sliced(document, chunk, spans, own=chunk.own_headings).model_copy(update={"flags": first.flags})

    def _sliced(self, document: Document, chunk: Chunk, spans: tuple[Span, ...], own: int) -> Chunk:
        """A part of the passage: shorter than it, so it fits under the passage's own context."""
        text = SPAN_JOIN.join(document.text[start:end] for start, end in spans)
        tokens = self._tokens(build_embed_text(chunk.context, text))
        return _at(document, chunk, spans).model_copy(update={"text": text, "token_count": tokens, "own_headings": own})

    def _named(self, chunk: Chunk) -> Chunk:
        return chunk.model_copy(update={"strategy": self.name, "rule": self._rule})

    def _tokens(self, text: str) -> int:
        return self._counter.count([text])[0]


def _passage(document: Document, chunk: Chunk, source: Source) -> Passage:
    headings = tuple(dict.fromkeys(entry for entry in (chunk.title, *chunk.heading_path) if entry))
    return Passage(headings, tuple(document.text[start:end] for start, end in source.sentences))


def _chunk_of(document: Document, chunk: Chunk, source: Source, one: _Sized) -> Chunk:
    return _at(document, chunk, source.spans_of(one.statement.sentences)).model_copy(
        update={
            "kind": ChunkKind.PROPOSITION,
            "text": one.statement.text,
            "context": one.context,
            "own_headings": 0,
            "token_count": one.tokens,
            "flags": one.statement.flags,
        }
    )


def _at(document: Document, chunk: Chunk, spans: tuple[Span, ...]) -> Chunk:
    """With these spans, the blocks that they are from, and where those stand on their pages."""
    passage = [document.blocks[ordinal] for ordinal in chunk.blocks]
    blocks = [block for block in passage if any(block.start < end and start < block.end for start, end in spans)]
    return chunk.model_copy(
        update={
            "overlap": (),
            "spans": spans,
            "blocks": tuple(block.ordinal for block in blocks),
            "regions": regions_of(document, (block.ordinal for block in blocks), spans),
        }
    )


def _numbered(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    """One statement may be made of two passages: `occurrence` keeps their ids apart."""
    seen: dict[tuple[str, str], int] = {}
    section, position = "", 0
    for ordinal, chunk in enumerate(chunks):
        key = (chunk.embed_text(), chunk.table_html or "")
        occurrence = seen.get(key, 0)
        seen[key] = occurrence + 1
        position = position + 1 if ordinal and chunk.section == section else 0
        section = chunk.section
        yield chunk.model_copy(update={"ordinal": ordinal, "position": position, "occurrence": occurrence})
