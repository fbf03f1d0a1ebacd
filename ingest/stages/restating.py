"""Propositions are written in the run's own process: a worker has neither the stores nor the budget,
and is thrown away when a file takes long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

from ingest.context import Context
from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.llm.budget import Budget
from ingest.llm.chat import ChatClient
from ingest.llm.proposition_writer import AnswerCache, ModelPropositionWriter
from ingest.options.proposition import PropositionOptions
from ingest.stages.work import Recipe, Work, chunked, make_recipe_chunker
from ingest.store import DamagedArtifact
from schemas.document import Document
from schemas.errors import InputError
from schemas.source import MetadataValue

_STAGE = "proposition"


class Restater:
    """For one run; opened while documents come."""

    def __init__(self, recipe: Recipe, options: PropositionOptions, cache: AnswerCache, say: Callable[[str], None]):
        """Raises `ConfigError` without an endpoint and a model. `say` is told what was kept as it is."""
        self._counter = HuggingFaceTokenCounter(recipe.embed)
        self._budget = Budget(options.max_run_tokens, options.max_document_tokens)
        self._client = ChatClient(options, self._budget)
        self._writer = ModelPropositionWriter(options, self._client, cache)
        self._chunker = make_recipe_chunker(recipe, self._counter, self._writer)
        self._say = say
        self.version = self._chunker.version

    @classmethod
    def of(cls, context: Context, recipe: Recipe) -> Self:
        return cls(recipe, context.settings.proposition, StoredAnswers(context), context.progress.say)

    def restate(self, work: Work, told: Mapping[str, MetadataValue]) -> Work | InputError:
        """With chunks. An error of the document's own is given back, as a worker gives it."""
        self._budget.next_document()
        unread = self._writer.unread
        document = Document.model_validate_json(work.document)
        try:
            chunks = chunked(self._chunker, self._counter, document, work.document, told)
        except InputError as error:
            return error
        if self._writer.unread > unread:
            self._say(
                f"{self._writer.unread - unread} passages of '{document.title or 'a document'}' are kept as they are:"
                " the language model did not answer as it was asked to"
            )
        return replace(work, chunks=chunks)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.__exit__(kind, error, at)


class StoredAnswers:
    """Implements `AnswerCache` on the artifact store."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, key: str) -> bytes | None:
        ref = self._context.catalog.artifacts.find(_STAGE, key)
        try:
            return self._context.store.read(ref) if ref is not None else None
        except DamagedArtifact as damaged:
            self._context.progress.say(f"{damaged.message}: the model is asked again")
            self._context.catalog.artifacts.drop(_STAGE, key)
            return None

    def put(self, answers: Mapping[str, bytes]) -> None:
        self._context.catalog.artifacts.adopt(self._context.store.write_pack(_STAGE, list(answers.items())))


class NoAnswers:
    """Implements `AnswerCache` for a look at one file, of which nothing is kept."""

    def get(self, key: str) -> None:
        return None

    def put(self, answers: Mapping[str, bytes]) -> None:
        return None
