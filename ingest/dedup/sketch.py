"""What is computed of a text once, for all that is asked of it: its digest, its shingles, its signature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ingest.dedup.base import Candidate
from ingest.dedup.identity import identify
from ingest.dedup.shingles import Reading, Shingles, read, shingles
from ingest.dedup.signatures import Signature, Signatures
from ingest.options.dedup import DedupOptions
from schemas.chunk import ChunkKind


@dataclass(frozen=True)
class Sketch:
    """Of one chunk. `to_the_letter`: it is a duplicate of the very same only, as tables and code are.
    `folded`: the digest is of what is left when white space, case and punctuation are folded away.
    `may_be_near`: it is text, and long enough to be compared by its shingles."""

    digest: bytes
    to_the_letter: bool
    folded: bool
    may_be_near: bool
    words: int
    facts: tuple[str, ...]
    shingles: Shingles
    signatures: Signatures

    @cached_property
    def signature(self) -> Signature:
        return self.signatures.signature(self.shingles)

    @cached_property
    def bands(self) -> tuple[bytes, ...]:
        """None of them for what is never a near duplicate."""
        return self.signatures.bands(self.signature, self.facts) if self.may_be_near else ()


class Sketches:
    """Of each text one. For one batch: they are kept as long as this is."""

    def __init__(self, options: DedupOptions) -> None:
        self.options = options
        self.signatures = Signatures(options)
        self._made: dict[tuple[str, str, str | None], Sketch] = {}

    def fresh(self) -> Sketches:
        """The same, with nothing made yet."""
        return Sketches(self.options)

    def of(self, chunk: Candidate) -> Sketch:
        key = (chunk.text, chunk.kind, chunk.table_html)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._sketch(chunk)
        return made

    def _sketch(self, chunk: Candidate) -> Sketch:
        identity = identify(chunk.text, chunk.kind, chunk.table_html)
        reading = identity.reading or read(chunk.text)
        return Sketch(
            digest=identity.digest,
            to_the_letter=identity.reading is None,
            folded=identity.reading is not None and bool(reading.squeezed),
            may_be_near=identity.reading is not None and self._may_be_near(chunk, reading),
            words=len(reading.words),
            facts=reading.facts,
            shingles=shingles(reading.words, self.options.shingle_words),
            signatures=self.signatures,
        )

    def _may_be_near(self, chunk: Candidate, reading: Reading) -> bool:
        options = self.options
        return (
            options.enabled
            and options.near
            and chunk.kind == ChunkKind.TEXT
            and len(reading.words) >= options.min_words
        )
