"""`[run]`: when a run stops, and how much it does at a time."""

from __future__ import annotations

from pydantic import Field

from ingest.options.section import Section, Share


class RunOptions(Section):
    """`[run]`: when a run stops, and how much it does at a time."""

    max_failure_share: Share = Field(default=0.5, description="of files that were tried (20 or more); above it, fail")
    max_vanished_share: Share = Field(default=0.2, description="of a mirror's files that may vanish at once")
    batch_chunks: int = Field(default=512, ge=1, description="chunks that are published together")
