"""Which chunks answer a question: those that lie where its places are."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chunkers.span_sets import common
from ingest.catalog.rows import DocumentRow
from ingest.context import Context
from ingest.evaluation.questions import Place, Question
from ingest.stored import chunk_set_of, document_of
from schemas.base import Span
from schemas.chunk import Chunk
from schemas.errors import ConfigError
from schemas.evaluation import SHOWN_CHARACTERS, ExpectedPlace

_KEPT_DOCUMENTS = 32
"""Read documents in memory: questions about one often stand together."""

_PLAIN = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"", "\u00ad\u200b\u200c\u200d\u2060\ufeff")
"""Quotation marks as a keyboard has them, and without what cannot be seen."""


class NoSuchDocument(Exception):
    """The document of a question is not in this home. The message is a sentence."""


@dataclass(frozen=True, slots=True)
class Truth:
    """`right`: ids of the chunks that answer, a duplicate's survivor in its place. `pooled`: those of them that do so
    by pooled places alone. `expected`: a line a place."""

    right: frozenset[str]
    expected: tuple[ExpectedPlace, ...]
    pooled: frozenset[str] = frozenset()

    @property
    def found(self) -> bool:
        """Whether all places were found."""
        return all(place.found for place in self.expected)


class Truths:
    """Of the live documents of a home, as they are now."""

    def __init__(self, context: Context) -> None:
        self._context = context
        tenant = context.settings.tenant
        self._live = {row.doc_id: row for row in context.catalog.history.live_documents(tenant)}
        self._by_name = {f"{row.source}/{row.path}": row for row in self._live.values()}
        self._read = lru_cache(maxsize=_KEPT_DOCUMENTS)(self._read_document)

    def of(self, question: Question) -> Truth:
        """Raises `NoSuchDocument`."""
        given, expected = self._at(question.places)
        pooled, judged = self._at(question.pooled)
        return Truth(given | pooled, expected + judged, pooled - given)

    def _at(self, places: Iterable[Place]) -> tuple[frozenset[str], tuple[ExpectedPlace, ...]]:
        right: set[str] = set()
        expected: list[ExpectedPlace] = []
        for place in places:
            row = self._row(place.document)
            document = self._read(row.doc_id)
            chunks = document.chunks_at(place)
            right.update(document.answers[at] for at in chunks)
            expected.append(_told(place, row, [document.chunks[at] for at in chunks]))
        return frozenset(right), tuple(expected)

    @property
    def documents(self) -> tuple[str, ...]:
        """source/path of each, by name."""
        return tuple(sorted(self._by_name))

    def name(self, document: str) -> str:
        """source/path of what a place names. Raises `NoSuchDocument`."""
        row = self._row(document)
        return f"{row.source}/{row.path}"

    def held(self, document: str, quotations: Iterable[str]) -> list[str]:
        """Those that some chunk of it holds whole. Raises `NoSuchDocument`."""
        read = self._read(self._row(document).doc_id)
        return [text for text in quotations if read.holds(text)]

    def _row(self, name: str) -> DocumentRow:
        row = self._by_name.get(name)
        if row is not None:
            return row
        try:
            known = self._context.catalog.versions.find_document(self._context.settings.tenant, name)
        except ConfigError as error:
            raise NoSuchDocument(error.message) from error
        if known.doc_id not in self._live:
            raise NoSuchDocument(f"'{known.name}' was removed: it is in older versions only")
        return self._live[known.doc_id]

    def _read_document(self, doc_id: str) -> _Read:
        row = self._live[doc_id]
        found = chunk_set_of(self._context, row.chunk_key)
        if found is None:
            raise NoSuchDocument(f"the chunks of '{row.source}/{row.path}' are damaged or gone: run with --reprocess")
        parse = document_of(self._context, found.document)
        points = self._context.catalog.history.current_points([doc_id])
        survivors = {point.chunk_id: point.survivor for point in points}
        ids = [chunk.id_in(doc_id) for chunk in found.chunks]
        return _Read(found.chunks, [survivors.get(chunk) or chunk for chunk in ids], parse.text if parse else "")


class _Read:
    """`answers[i]`: the id of the chunk that the index finds for chunk i."""

    def __init__(self, chunks: Sequence[Chunk], answers: Sequence[str], text: str) -> None:
        self.chunks = chunks
        self.answers = answers
        self._text = text
        self._squeezed: list[str] = []

    def holds(self, text: str) -> bool:
        """Whether some chunk holds all of it."""
        return bool(self._whole(text, range(len(self.chunks))))

    def chunks_at(self, place: Place) -> list[int]:
        """Those that hold the whole text; where none does, those that hold a part of it."""
        there = [at for at, chunk in enumerate(self.chunks) if _is_at(chunk, place)]
        if not place.text:
            return there
        whole = self._whole(place.text, there)
        if whole:
            return whole
        parts = occurrences(place.text, self._text)
        return [at for at in there if _holds(self.chunks[at], parts)]

    def _whole(self, text: str, there: Iterable[int]) -> list[int]:
        self._squeezed = self._squeezed or [squeezed(chunk.text) for chunk in self.chunks]
        wanted = squeezed(text)
        return [at for at in there if wanted in self._squeezed[at]]


def _is_at(chunk: Chunk, place: Place) -> bool:
    if place.page is not None and place.page not in chunk.pages:
        return False
    return place.span is None or _holds(chunk, [place.span])


def _holds(chunk: Chunk, spans: Sequence[Span]) -> bool:
    return bool(common(sorted(chunk.spans), spans))


def squeezed(text: str) -> str:
    """Without white space, in compatibility forms: how wide a character is, how a quotation mark is curved, or
    where a line ends, tells nothing."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_PLAIN).split())


def occurrences(wanted: str, text: str) -> list[Span]:
    """Where it stands in `text`, as `squeezed` reads both."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = squeezed(character)
        characters.append(plain)
        places.extend([place] * len(plain))
    squeezed_text, needle = "".join(characters), "".join(map(squeezed, wanted))
    found: list[Span] = []
    at = squeezed_text.find(needle) if needle else -1
    while at >= 0:
        found.append((places[at], places[at + len(needle) - 1] + 1))
        at = squeezed_text.find(needle, at + len(needle))
    return found


def _told(place: Place, row: DocumentRow, chunks: Sequence[Chunk]) -> ExpectedPlace:
    pages: Iterable[int] = chunks[0].pages if chunks else ()
    return ExpectedPlace(
        document=f"{row.source}/{row.path}",
        pages=(place.page,) if place.page is not None else tuple(pages),
        heading_path=chunks[0].heading_path if chunks else (),
        text=shortened(place.text or (chunks[0].text if chunks else "")),
        found=bool(chunks),
    )


def shortened(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1].rstrip()}…"
