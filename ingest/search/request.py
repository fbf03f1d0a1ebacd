"""What is asked, and what comes back."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ingest.search.explaining import Explanation
from ingest.vectors import FilterValue, PayloadFilter
from schemas.base import Span
from schemas.errors import ConfigError
from schemas.point import Hit, SearchMode

_SAYS_NOTHING: Final = frozenset("PZC")
"""Classes of characters in Unicode: punctuation, blanks, control characters."""


def is_empty_question(query: str) -> bool:
    """Nothing is written there, or only blanks and punctuation: no passage answers it better than another."""
    return all(each in string.punctuation or unicodedata.category(each)[0] in _SAYS_NOTHING for each in query)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`equals`: fields that must hold a value, or one of several. `under`: a heading that the
    passage stands below, at any depth, or several from above with " › " between; see `fitting` for what fits.
    `as_of`: a sequence number; without it, what is current. `rerank`: None where a reranker is configured.

    Raises `ConfigError` for what cannot be asked.
    """

    query: str
    tenant: str
    limit: int = 10
    mode: SearchMode = SearchMode.HYBRID
    equals: Mapping[str, FilterValue | tuple[FilterValue, ...]] = field(default_factory=dict)
    under: str | None = None
    as_of: int | None = None
    rerank: bool | None = None
    explain: bool = False

    def __post_init__(self) -> None:
        if is_empty_question(self.query):
            raise ConfigError("the question is empty: write a word of it at least")
        if self.limit < 1:
            raise ConfigError(f"a search for {self.limit} hits: ask for one or more", limit=self.limit)
        if self.under is not None and not self.under.strip():
            raise ConfigError("a search under no heading: name one, or leave it out")
        if "tenant" in self.equals:
            raise ConfigError("a search stays within its tenant: do not filter on it")
        if self.under is not None and "heading_path" in self.equals:
            raise ConfigError("ask for what is under a heading, or filter on heading_path, not both")

    def where(self) -> PayloadFilter:
        """All but `under`, which the index has to be asked about first."""
        return PayloadFilter({**self.equals, "tenant": self.tenant}, as_of=self.as_of)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The larger text around one hit, or around several that it is the same for.

    `hits` are their places in the result, counted from 1; `marks[i]` tells the characters of `text`
    that are the chunk of `hits[i]`. `heading_path` is what all of it stands below.
    """

    hits: tuple[int, ...]
    text: str
    marks: tuple[Span, ...]
    chunk_ids: tuple[str, ...]
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`warnings` are sentences for the person who asked. `expansions`: where they were asked for,
    one for every hit or for several, in the order of their first. `as_of`: the sequence number, where the past
    was asked. `stale`: doc_ids of hits whose file is newer, but could not be read. `explanation`: where it was asked
    for; its `hits` are aligned with these."""

    hits: tuple[Hit, ...]
    warnings: tuple[str, ...] = ()
    expansions: tuple[Expansion, ...] = ()
    as_of: int | None = None
    stale: frozenset[str] = frozenset()
    explanation: Explanation | None = None
