"""What a report says of duplicates: what was kept and why, what was left out, and how the two differ."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Record

CLUSTERS = 50
"""Clusters, and passages kept apart, that a report lists at most."""
COPIES = 5
"""Copies that are listed of a cluster."""
DIFF_CHARACTERS = 2_000
"""Of each of the two passages that are compared, from their beginnings."""
LINES = 50
"""Lines in margins that are listed."""


class Side(StrEnum):
    """Where a piece of a word diff stands: in both passages, only in the one that is kept, only in the other."""

    SAME = "same"
    KEPT = "kept"
    LEFT_OUT = "left_out"


class DiffPiece(Record):
    """A stretch of words. The pieces `same` and `kept` joined are the beginning of the passage that is kept, `same`
    and `left_out` that of the other: white space is in the pieces, as it stands in the passage that is kept where
    both have some. Words are runs of letters and digits; a Han character, a kana or a Hangul syllable, and any other
    sign, is one by itself."""

    side: Side
    text: str


class Passage(Record):
    """A chunk. `text`: its first `DIFF_CHARACTERS`; empty where its artifact is gone."""

    chunk_id: str
    doc_id: str
    source: str
    path: str
    heading_path: tuple[str, ...]
    pages: tuple[int, ...]
    text: str


class LeftOut(Record):
    """A duplicate. `kind` ("exact", "near"), `similarity` and `reason` are None of those that a release left out
    which did not record them. `diff`: against the passage that is kept; empty where they are equal, `cut` where one
    of them goes on behind what is compared."""

    passage: Passage
    kind: str | None
    similarity: float | None
    reason: str | None
    diff: tuple[DiffPiece, ...]
    cut: bool


class DuplicateCluster(Record):
    """`kept`: what is searched; it stands for `duplicates` chunks in so many `documents`. `why`: a sentence.
    `boilerplate`: it recurs in `[dedup] boilerplate_documents` documents or more. `left_out`: at most `COPIES`, by
    source and path."""

    kept: Passage
    why: str
    duplicates: int
    documents: int
    boilerplate: bool
    left_out: tuple[LeftOut, ...]


class KeptApart(Record):
    """Two passages as similar as duplicates are, both kept. `reason`: the fact that differs. `other`: None when it
    has left. In `diff`, `left_out` is what only `passage` has, `kept` what only `other` has."""

    passage: Passage
    other: Passage | None
    similarity: float
    reason: str
    diff: tuple[DiffPiece, ...]
    cut: bool


class MarginLine(Record):
    """A line in the margins of pages (header, footer, watermark) and in how many documents it stands."""

    text: str
    documents: int


class DuplicationFigures(Record):
    """`chunks`: current ones. `exact`, `near`: of them, those left out; `unexplained`: left out by a release that
    recorded no reason. `apart`: chunks that were kept though another is as similar as duplicates are.

    `clusters`: the largest first, at most `CLUSTERS` of `clusters_total`; `kept_apart`: the most similar first,
    at most as many. `boilerplate_documents`: documents in which a passage is boilerplate; `boilerplate_clusters`:
    the clusters that are. `margin_lines`: the different lines in the margins of all live documents whose
    `ChunkSet.furniture` is known, those that stand in most documents first, at most `LINES` of `margin_lines_total`.
    """

    chunks: int
    exact: int
    near: int
    unexplained: int
    apart: int
    clusters_total: int
    clusters: tuple[DuplicateCluster, ...]
    kept_apart: tuple[KeptApart, ...]
    boilerplate_documents: int
    boilerplate_clusters: int
    margin_lines_total: int
    margin_lines: tuple[MarginLine, ...]
