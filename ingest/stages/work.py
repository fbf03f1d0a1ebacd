"""What a worker process does with one file: parse it, and cut the document into chunks."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from chunkers.base import Chunker, PropositionWriter, TokenCounter
from chunkers.options import ChunkOptions
from chunkers.registry import make_chunker, needs_vectors, needs_writer
from ingest.config import Settings
from ingest.dedup.furniture import furniture_lines
from ingest.embed.sentence_vectors import ModelSentenceVectors
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.logs import Where, about, at, get_logger
from ingest.ocr.client import OcrAddress, OcrClient
from ingest.ocr.local import LocalOcr
from ingest.ocr.registry import ocr_recipe
from ingest.options.embed import EmbedOptions
from ingest.options.ocr import OcrOptions
from ingest.options.parse import ParseOptions
from ingest.page_images import PageImageReader
from ingest.parsers.base import ParseInput, Parser, ReadOptions, Tools
from ingest.parsers.pdf.parser import PdfParser
from ingest.parsers.pdf.parts import PagesPart
from ingest.parsers.registry import make_parser
from ingest.stages.seclusion import secluded
from ingest.tracing import Moments, Step
from ingest.workers.pool import PoolOptions
from schemas.chunk import ChunkSet, FailedPage
from schemas.document import Document, PageMethod
from schemas.errors import InvariantError, NoText
from schemas.ids import digest, fingerprint
from schemas.source import MetadataValue, Route

_log = get_logger(__name__)

PREPARE_VERSION = 4
"""Counts up when parsing and chunking would make something else of the same parser and chunker."""

TITLE = "title"
"""A title that a sidecar or a rule tells takes the place of the document's own."""

OcrAccess = OcrAddress | OcrOptions | None
"""Where a worker has its images read: by the warm process, in the worker itself, or not at all."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the outcome, apart from the file."""

    chunk: ChunkOptions
    embed: EmbedOptions
    read: ReadOptions

    @classmethod
    def of(cls, settings: Settings) -> Recipe:
        return cls(settings.chunk, settings.embed, read_options(settings.parse))

    def told(self, metadata: Mapping[str, MetadataValue]) -> dict[str, MetadataValue]:
        """The part of what was told of a document that its chunks depend on."""
        return {name: value for name, value in metadata.items() if name in {TITLE, *self.chunk.embed_metadata}}

    def chunk_key(
        self,
        document_digest: str,
        counter_fingerprint: str,
        chunker_version: str,
        told: Mapping[str, MetadataValue],
    ) -> str:
        options = self.chunk.model_dump(mode="json")
        return fingerprint(
            [PREPARE_VERSION, chunker_version, options, counter_fingerprint, document_digest, dict(told)]
        )


def read_options(options: ParseOptions) -> ReadOptions:
    return ReadOptions(
        max_pages=options.max_pages,
        max_pixels=options.max_pixels,
        dpi=options.dpi,
        convert_timeout_s=options.convert_timeout_s,
        passwords=tuple(password.get_secret_value() for password in options.passwords),
        pictures=options.pictures,
        html_main=options.html_main,
        comments=options.comments,
        tracked_changes=options.tracked_changes,
        speaker_notes=options.speaker_notes,
        layout_doubt=options.layout_doubt,
    )


def images_recipe(settings: Settings) -> dict[str, str]:
    """What decides how images of text are read; empty where they are not."""
    if settings.ocr.engine == "none":
        return {}
    return {**ocr_recipe(settings.ocr), "dpi": str(settings.parse.dpi)}


@dataclass(frozen=True, slots=True)
class Job:
    """To parse `source`, or to chunk `document` (JSON) that was parsed before. `told` is what is
    known of the document from outside, as far as its chunks depend on it. `about` is for the log."""

    source: ParseInput | None
    document: bytes | None = None
    told: Mapping[str, MetadataValue] = field(default_factory=dict)
    about: Where = field(default_factory=Where)


@dataclass(frozen=True, slots=True)
class Work:
    """JSON of a `Document` and of its `ChunkSet`, which is empty where a worker cannot make it: with
    propositions (`ingest.stages.restating`). `pages`: of a document that was parsed here, by how they were
    read. `steps`: what was done, one after the other."""

    document: bytes
    chunks: bytes
    pages: Mapping[str, int] | None = None
    steps: tuple[Step, ...] = ()


def make_worker(recipe: Recipe, ocr: OcrAccess) -> Callable[[Job], Work]:
    """Runs in a worker process. What it makes is also called with what parsers in other workers hand over
    (`ingest.workers.parts`): then it gives back what they expect."""
    return cast("Callable[[Job], Work]", _Worker(recipe, ocr))


class _Worker:
    """Keeps parsers and tokenizer warm."""

    def __init__(self, recipe: Recipe, ocr: OcrAccess) -> None:
        self._counter = HuggingFaceTokenCounter(recipe.embed)
        self._chunker = None if needs_writer(recipe.chunk) else make_recipe_chunker(recipe, self._counter)
        self._tools = Tools(recipe.read, _reader(ocr))
        self._parsers: dict[Route, Parser] = {}

    def __call__(self, job: Job | PagesPart) -> object:
        if isinstance(job, PagesPart):
            return self._part(job)
        with at(job.about):
            return self._work(job)

    def _parser(self, route: Route) -> Parser:
        if route not in self._parsers:
            self._parsers[route] = make_parser(route, self._tools)
        return self._parsers[route]

    def _part(self, part: PagesPart) -> object:
        reader = self._parser(part.source.route)
        if not isinstance(reader, PdfParser):
            raise InvariantError("pages of something that is no PDF were handed over", route=part.source.route)
        with secluded():
            return reader.read_part(part)

    def _work(self, job: Job) -> Work:
        pages: Mapping[str, int] | None = None
        steps: list[Step] = []
        moments = Moments()
        if job.source is not None:
            began_ns = moments.next_ns()
            document = self._parsed(job.source)
            encoded = document.model_dump_json().encode()
            pages = Counter(page.method.value for page in document.pages)
            steps.append(Step("parse", began_ns, moments.next_ns()))
        else:
            encoded = job.document or b""
            document = Document.model_validate_json(encoded)
        began_ns = moments.next_ns()
        with about(stage="chunk"):
            chunker, counter = self._chunker, self._counter
            chunks = b"" if chunker is None else chunked(chunker, counter, document, encoded, job.told)
        steps.append(Step("chunk", began_ns, moments.next_ns()))
        return Work(encoded, chunks, pages, tuple(steps))

    def _parsed(self, source: ParseInput) -> Document:
        began = time.perf_counter()
        _log.debug("file.opened", extra={"facts": {"bytes": source.size, "route": source.route.value}})
        with secluded():
            document = self._parser(source.route).parse(source)
        facts = {"pages": len(document.pages), "seconds": round(time.perf_counter() - began, 3)}
        _log.info("file.parsed", extra={"facts": facts})
        return document


def chunked(
    chunker: Chunker,
    counter: HuggingFaceTokenCounter,
    document: Document,
    encoded: bytes,
    told: Mapping[str, MetadataValue],
) -> bytes:
    """JSON of the `ChunkSet` of a document, whose JSON is `encoded`. Raises `NoText`."""
    chunks = tuple(chunker.chunk(_as_told(document, told)))
    if not chunks:
        raise NoText("there is no text in it to search for: leave it out")
    shares = counter.unknown_shares([chunk.embed_text() for chunk in chunks])
    chunk_set = ChunkSet(
        document=digest(encoded),
        chunks=chunks,
        unknown_shares=tuple(round(share, 4) for share in shares),
        metadata=document.metadata,
        failed_pages=tuple(
            FailedPage(number=page.number, reason=page.reason)
            for page in document.pages
            if page.method is PageMethod.FAILED
        ),
        furniture=furniture_lines(document),
    )
    return chunk_set.model_dump_json().encode()


def make_recipe_chunker(recipe: Recipe, counter: TokenCounter, writer: PropositionWriter | None = None) -> Chunker:
    """With the vectors of the configured model where boundaries are sought by them."""
    vectors = ModelSentenceVectors(recipe.embed) if needs_vectors(recipe.chunk) else None
    return make_chunker(recipe.chunk.strategy, recipe.chunk, counter, vectors=vectors, writer=writer)


def _reader(access: OcrAccess) -> PageImageReader | None:
    if isinstance(access, OcrAddress):
        return OcrClient(access)
    return LocalOcr(access) if access is not None else None


def _as_told(document: Document, told: Mapping[str, MetadataValue]) -> Document:
    if not told:
        return document
    title = told.get(TITLE)
    return document.model_copy(
        update={
            "metadata": {**document.metadata, **told},
            "title": str(title) if title else document.title,
        }
    )


def pool_options(options: ParseOptions) -> PoolOptions:
    return PoolOptions(
        workers=_cores() if options.workers is None else options.workers,
        timeout_s=options.timeout_s,
        max_rss_mb=options.max_rss_mb,
        max_tasks=options.recycle_after,
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0))
