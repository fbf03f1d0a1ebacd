"""`[dedup]`: when two chunks are the same, and two documents."""

from __future__ import annotations

from pydantic import Field

from ingest.options.section import Section


class DedupOptions(Section):
    """Candidates are proposed by MinHash LSH and decided by the exact Jaccard similarity."""

    enabled: bool = Field(default=True, description="leave duplicates out of the index of vectors")
    near: bool = Field(default=True, description="also near duplicates, not only exact ones")
    threshold: float = Field(default=0.9, gt=0, le=1, description="Jaccard similarity of shingles from which on")
    shingle_words: int = Field(default=3, ge=1, le=16, description="words in a shingle")
    min_words: int = Field(default=12, ge=1, description="shorter texts are duplicates only when they are the same")
    permutations: int = Field(default=128, ge=16, le=1024, description="length of a MinHash signature")
    miss_weight: float = Field(
        default=0.995, gt=0, lt=1, description="weight of missed pairs against needless comparisons, for the bands"
    )
    seed: int = Field(default=1, ge=0, description="of the permutations")
    boilerplate_documents: int = Field(
        default=5, ge=1, description="documents with a duplicate of a passage from which on it is called boilerplate"
    )
