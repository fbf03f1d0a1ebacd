"""Implements `PropositionWriter`: what was asked before is not asked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import Protocol

from chunkers.base import Passage, Proposition
from ingest.llm.chat import ChatClient
from ingest.llm.prompt import PROMPT_VERSION, messages_of, read_answer, to_bytes
from ingest.options.proposition import PropositionOptions
from schemas.errors import InvariantError
from schemas.ids import fingerprint

_TRIES = 2
"""Of a passage whose answer is not what was asked for: models differ from call to call."""


class AnswerCache(Protocol):
    """Answers by key. Called from one thread only."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, answers: Mapping[str, bytes]) -> None: ...


class ModelPropositionWriter:
    """Asks about several passages at once. `unread` counts answers that could not be used: those
    passages are kept as they are, and are not remembered."""

    def __init__(self, options: PropositionOptions, client: ChatClient, cache: AnswerCache) -> None:
        self.fingerprint = fingerprint(["proposition", PROMPT_VERSION, options.model, options.max_answer_tokens])
        self._client = client
        self._cache = cache
        self._concurrency = options.concurrency
        self.unread = 0

    def write(self, passages: Sequence[Passage]) -> list[list[Proposition]]:
        """Answers that came in are kept whatever becomes of the others."""
        keys = [self._key(passage) for passage in passages]
        known = {key: self._known(key) for key in keys}
        missing = {key: passage for key, passage in zip(keys, passages, strict=True) if known[key] is None}
        found = {key: answer for key, answer in known.items() if answer is not None}
        found.update(self._asked(missing))
        return [found.get(key, []) for key in keys]

    def _key(self, passage: Passage) -> str:
        return fingerprint([self.fingerprint, list(passage.headings), list(passage.sentences)])

    def _known(self, key: str) -> list[Proposition] | None:
        kept = self._cache.get(key)
        if kept is None:
            return None
        propositions = read_answer(kept.decode())
        if propositions is None:
            raise InvariantError("an answer that was kept cannot be read", key=key)
        return propositions

    def _asked(self, missing: Mapping[str, Passage]) -> dict[str, list[Proposition]]:
        with ThreadPoolExecutor(self._concurrency) as threads:
            asked = {key: threads.submit(self._ask, passage) for key, passage in missing.items()}
            try:
                wait(asked.values(), return_when=FIRST_EXCEPTION)
            finally:
                for future in asked.values():
                    future.cancel()  # those that have not begun when one failed, or the run is interrupted
        done = {key: future for key, future in asked.items() if not future.cancelled()}
        errors = [error for error in (future.exception() for future in done.values()) if error is not None]
        answers = {key: future.result() for key, future in done.items() if future.exception() is None}
        read = {key: answer for key, answer in answers.items() if answer is not None}
        self.unread += len(answers) - len(read)
        if read:
            self._cache.put({key: to_bytes(propositions) for key, propositions in read.items()})
        if errors:
            raise errors[0]
        return read

    def _ask(self, passage: Passage) -> list[Proposition] | None:
        for _ in range(_TRIES):
            propositions = read_answer(self._client.ask(messages_of(passage)))
            if propositions is not None:
                return propositions
        return None
