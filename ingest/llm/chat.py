"""One question to an endpoint that speaks the protocol of OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx
from pydantic import BaseModel, ValidationError
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from ingest.llm.budget import Budget
from ingest.options.proposition import PropositionOptions
from schemas.errors import ConfigError, EndpointDown, InvariantError

_OVERHEAD = 64
"""Tokens of roles and marks around messages."""
_LONGEST_WAIT_S = 60.0
_OVERLOADED = 429


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    content: str


class _Content(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Content


class _Usage(BaseModel):
    total_tokens: int


class _Answer(BaseModel):
    choices: tuple[_Choice, ...]
    usage: _Usage | None = None


class _Overloaded(Exception):
    """To be tried again, after `wait_s` where the endpoint says so."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class ChatClient:
    """Thread-safe; every question is paid from the budget, repeated ones too. To be used as a context
    manager, as often as wished."""

    def __init__(self, options: PropositionOptions, budget: Budget, *, first_wait_s: float = 0.5) -> None:
        """Raises `ConfigError` without an endpoint and a model."""
        if not (options.url and options.model):
            raise ConfigError(
                'chunk.strategy = "proposition" needs a language model: set proposition.url and proposition.model,'
                " and proposition.api_key where the endpoint wants one; or choose another strategy"
            )
        self._options = options
        self._budget = budget
        self._exponential = wait_exponential(multiplier=first_wait_s, max=_LONGEST_WAIT_S)
        self._http: httpx.Client | None = None

    def ask(self, messages: Sequence[Message]) -> str:
        """The answer's text. Raises `EndpointDown` when it stays overloaded or away, `ConfigError` when
        it refuses, and what the budget raises."""
        try:
            for attempt in Retrying(
                retry=retry_if_exception_type(_Overloaded),
                stop=stop_after_attempt(self._options.attempts),
                wait=self._wait,
                reraise=True,
            ):
                with attempt:
                    return self._once(messages)
        except _Overloaded as error:
            raise EndpointDown(
                f"the language model at {self._options.url} did not answer {self._options.attempts} times: {error};"
                " run again later, answers so far are kept"
            ) from error
        raise EndpointDown(f"the language model at {self._options.url} was not asked")

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        told = error.wait_s if isinstance(error, _Overloaded) else None
        return self._exponential(state) if told is None else min(told, _LONGEST_WAIT_S)

    def _once(self, messages: Sequence[Message]) -> str:
        size = sum(len(message.content.encode()) for message in messages)
        # No tokenizer makes more than one token of a byte: the bound holds whatever the model.
        aside = size + _OVERHEAD + self._options.max_answer_tokens
        self._budget.set_aside(aside)
        spent = 0
        try:
            answer = self._answered(messages)
            # An endpoint that does not tell is taken to have cost what was set aside.
            spent = answer.usage.total_tokens if answer.usage is not None else aside
        finally:
            self._budget.settle(aside, spent)
        return (answer.choices[0].message.content or "") if answer.choices else ""

    def _answered(self, messages: Sequence[Message]) -> _Answer:
        body = {
            "model": self._options.model,
            "messages": [{"role": message.role, "content": message.content} for message in messages],
            "temperature": 0,
            "max_tokens": self._options.max_answer_tokens,
        }
        if self._http is None:
            raise InvariantError("a language model was asked before its client was opened")
        try:
            response = self._http.post(f"{self._options.url.rstrip('/')}/chat/completions", json=body)
        except httpx.TransportError as error:
            raise _Overloaded(f"{type(error).__name__}") from error
        except httpx.InvalidURL as error:
            raise ConfigError(f"proposition.url is no address: {error}") from error
        _check(response, self._options)
        try:
            return _Answer.model_validate_json(response.content)
        except ValidationError as error:
            raise _Overloaded("what came back is no chat completion") from error

    def __enter__(self) -> Self:
        key = self._options.api_key.get_secret_value() if self._options.api_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.Client(headers=headers, timeout=httpx.Timeout(self._options.timeout_s))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._http is not None:
            self._http.close()
            self._http = None


def _check(response: httpx.Response, options: PropositionOptions) -> None:
    status = response.status_code
    if status == _OVERLOADED or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise _Overloaded(f"status {status}", _seconds(response.headers.get("retry-after")))
    if not response.is_success:
        what_to_do = {
            401: "check proposition.api_key",
            403: "check proposition.api_key",
            404: "check proposition.url and proposition.model",
        }.get(status, "check [proposition]")
        raise ConfigError(f"the language model at {options.url} refused with status {status}: {what_to_do}")


def _seconds(told: str | None) -> float | None:
    """A date instead of seconds is not worth reading: the usual wait is as good."""
    return float(told) if told is not None and told.strip().isdigit() else None
