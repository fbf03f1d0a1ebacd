"""Where a stage's output lies."""

from __future__ import annotations

from pydantic import Field

from schemas.base import Record


class ArtifactRef(Record):
    """One compressed frame in a pack file.

    `key` is the input key (recipe and digest of the input) it is looked up by, `digest` the
    SHA-256 of the uncompressed content it is verified by.
    """

    stage: str
    key: str
    digest: str
    pack: str
    offset: int = Field(ge=0)
    length: int = Field(ge=0)
