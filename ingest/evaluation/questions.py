"""A questions file: JSON lines, each a question and the places where its answer stands.

```json
{"question": "How long is the notice period?", "document": "contracts/lease.pdf", "page": 3, "tags": ["en"]}
{"question": "质保期多长？", "expected": [{"document": "manual.docx", "text": "自购买之日起两年"}], "answer": "两年"}
```
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingest.search.request import is_empty_question
from schemas.base import Span
from schemas.errors import ConfigError
from schemas.ids import digest

_TOLD = 10
"""Lines at fault that are named at once."""

_BOM = "\ufeff"


class Place(BaseModel):
    """Where an answer stands. `document`: doc_id, source and path, path, or the end of one. Without `page`, `span`
    and `text`: anywhere in it; with several of them: where all hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    document: str = Field(min_length=1)
    page: int | None = Field(default=None, ge=1)
    span: Span | None = None
    text: str = ""

    @model_validator(mode="after")
    def _points_somewhere(self) -> Self:
        if self.span is not None and not 0 <= self.span[0] < self.span[1]:
            raise ValueError(f"span {list(self.span)} holds nothing: give [start, end]")
        if "text" in self.model_fields_set and not self.text.strip():
            raise ValueError("text is empty: quote what answers the question, or leave it out")
        return self


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: str
    document: str | None = None
    page: int | None = None
    span: Span | None = None
    text: str = ""
    expected: tuple[Place, ...] = ()
    pooled: tuple[Place, ...] = ()
    tags: tuple[str, ...] = ()
    answer: str = ""
    under: str | None = None
    starter: bool = False

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if is_empty_question(self.question):
            raise ValueError("question is empty")
        beside = self.model_fields_set & {"document", "page", "span", "text"}
        if self.expected and beside:
            raise ValueError(f"give expected, or {', '.join(sorted(beside))}, not both")
        if not self.expected and self.document is None:
            raise ValueError("no document: say where the answer stands")
        return self

    def as_question(self, number: int) -> Question:
        return Question(number, self.question.strip(), self._places(), self.tags, self.answer, self.under, self.pooled)

    def _places(self) -> tuple[Place, ...]:
        if self.document is None:
            return self.expected
        given = self.model_fields_set & {"document", "page", "span", "text"}
        return (Place.model_validate({name: getattr(self, name) for name in given}),)


@dataclass(frozen=True, slots=True)
class Question:
    """`line`: of its file, from 1. `under`: the heading that it is asked below, as a search is. `pooled`: places that
    were found to answer when somebody judged what searches bring."""

    line: int
    question: str
    places: tuple[Place, ...]
    tags: tuple[str, ...] = ()
    answer: str = ""
    under: str | None = None
    pooled: tuple[Place, ...] = ()

    @property
    def all_places(self) -> tuple[Place, ...]:
        return self.places + self.pooled


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """`name`: of the file. `digest`: the SHA-256 of its bytes. `starter`: a program drew some of them."""

    name: str
    digest: str
    starter: bool
    questions: tuple[Question, ...]


def read_questions(file: Path) -> QuestionSet:
    """Raises `ConfigError` that names lines and reasons."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"there is no questions file {file}") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    return parse_questions(file.name, content)


def parse_questions(name: str, content: bytes) -> QuestionSet:
    """As `read_questions`, of what stands in a file."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        first = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name} is not UTF-8, from line {first} on: save it as UTF-8") from error
    questions: list[Question] = []
    starter = False
    problems: list[str] = []
    for number, line in _lines(text):
        try:
            read = _Line.model_validate_json(line)
            questions.append(read.as_question(number))
            starter |= read.starter
        except ValidationError as error:
            problems.append(f"line {number}: {_reason(error, line)}")
    if problems:
        more = f"; and {len(problems) - _TOLD} more lines" if len(problems) > _TOLD else ""
        raise ConfigError(f"{name} cannot be used: {'; '.join(problems[:_TOLD])}{more}")
    if not questions:
        raise ConfigError(
            f"there is no question in {name}: write one a line, as"
            ' {"question": "…", "document": "manual.pdf", "text": "what answers it"}'
        )
    return QuestionSet(name, digest(content), starter, tuple(questions))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    # Not `splitlines`: JSON may hold other marks that it takes for line ends.
    for number, line in enumerate(text.removeprefix(_BOM).split("\n"), 1):
        if line.strip():
            yield number, line


def _reason(error: ValidationError, line: str) -> str:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        try:
            json.loads(line)
        except RecursionError:
            return "not JSON that can be read: its brackets are nested too deep"
        except ValueError as wrong:
            return f"not JSON ({wrong})"
    where = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        return f"'{where}' is not a field of a question"
    if first["type"] == "model_type":
        return "not an object: a line is {…}"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{where}: {reason}" if where else reason
