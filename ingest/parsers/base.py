"""What a parser is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from schemas.document import Document
from schemas.source import Route


@dataclass(frozen=True, slots=True)
class ParseInput:
    """A file to read. `path` is local; `name` is the name it had at its source."""

    path: Path
    name: str
    media_type: str
    route: Route
    size: int


class Parser(Protocol):
    """Reads one kind of file. Stateless but for models it keeps warm.

    Raises `InputError` for what is wrong with the file, with a sentence that says what to do;
    anything else it raises is our defect and is told as `ParserCrashed`.
    """

    name: str

    @property
    def version(self) -> str:
        """Of our code and of the library under it: part of the recipe."""
        ...

    def parse(self, source: ParseInput) -> Document: ...
