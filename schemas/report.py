"""What a run tells."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from schemas.base import Record
from schemas.errors import Fact


class Failure(Record):
    """A file in quarantine, or a `page` of a document that was taken in without it. `key` is the input
    key: it is tried again only when asked or when the file or the recipe changed. `uri` and `path` say
    where it lies; `message` what to do."""

    key: str
    source: str
    path: str
    uri: str
    stage: str
    page: int | None = None
    code: str
    message: str
    facts: dict[str, Fact] = Field(default_factory=dict)
    traceback: str = ""
    attempts: int = 1


class RunSummary(Record):
    """Counts are top-level files, except `members …` and `chunks … points`.

    `parsed`: documents taken in from a new or changed file. `duplicates`: files with the very
    bytes of another file. `members`: attachments and what archives hold, looked at in this run, of
    which `members_failed` are in quarantine. `pages_failed`: pages of documents that were taken in
    without them. `renamed` and `removed` are told beside the sum. `embedded`: texts
    that went through the model; `reused`: those that had a vector already. `written`, `retired`: rows of the
    index. `points`: rows that are current after the run. `seconds`: wall time; `total`, and one entry a stage.
    `read`: documents that a parser read in this run, members included, and `pages` theirs, by how each was
    read (`Page.method`); `adopted`: documents that were parsed before, by an earlier run or by steps of this one.
    """

    run_id: str
    seen: int = 0
    parsed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: int = 0
    ignored: int = 0
    renamed: int = 0
    removed: int = 0
    members: int = 0
    members_failed: int = 0
    pages_failed: int = 0
    chunks: int = 0
    embedded: int = 0
    reused: int = 0
    written: int = 0
    retired: int = 0
    points: int = 0
    read: int = 0
    adopted: int = 0
    pages: dict[str, int] = Field(default_factory=dict)
    seconds: dict[str, float] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        told = self.parsed + self.unchanged + self.duplicates + self.failed + self.ignored
        if self.seen != told:
            raise ValueError(f"{self.seen} files were seen, but {told} are accounted for")
        return self
