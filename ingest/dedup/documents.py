"""Whole documents that are the same, or near: told before their chunks are compared, because what
tells them apart may be in no chunk (a customer's name in the header, "DRAFT" across the page).

```
same chunks, same margins ─────────────────────────────────────────────► exact
same band ──► exact Jaccard >= threshold ─┬─ a fact of the margins differs ──► apart
                                          └─ no fact differs at all ─────────► near
```
What differs in the text itself does not set two documents apart: they still share what they share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import reduce
from hashlib import blake2b

import numpy as np

from ingest.dedup.base import Candidate
from ingest.dedup.differences import difference_of_near, difference_of_same
from ingest.dedup.folding import fold
from ingest.dedup.shingles import Shingles
from ingest.dedup.signatures import Signatures
from ingest.dedup.sketch import Sketch, Sketches

_LONGEST_CHANGE = 20_000
"""Characters between two equal lines: what is longer is not compared word by word."""


@dataclass(frozen=True, slots=True)
class DocumentSketch:
    """`text_digest` is of its chunks' digests in order, `facts_digest` of the numbers in it;
    `furniture` are the lines of its margins, None where they are not known. `bands` has the
    digest's own, by which the same texts meet however short they are."""

    doc_id: str
    chunk_key: str
    text_digest: bytes
    facts_digest: bytes
    furniture: str | None
    words: int
    bands: tuple[bytes, ...]


def sketch_document(
    doc_id: str,
    chunk_key: str,
    chunks: Sequence[Candidate],
    furniture: Iterable[str] | None,
    sketches: Sketches,
) -> DocumentSketch:
    """The signature of a document is the least of its chunks' signatures, value by value: that of
    the union of their shingles."""
    made = [sketches.of(chunk) for chunk in chunks]
    words = sum(sketch.words for sketch in made)
    digest = _digest(sketch.digest for sketch in made)
    bands: tuple[bytes, ...] = (b"=" + digest,)
    if sketches.options.near and words >= sketches.options.min_words:
        bands += _lsh_bands(made, sketches.signatures)
    return DocumentSketch(
        doc_id=doc_id,
        chunk_key=chunk_key,
        text_digest=digest,
        facts_digest=_digest(sorted({fact.encode("utf-8", "surrogatepass") for it in made for fact in it.facts})),
        furniture=None if furniture is None else "\n".join(furniture),
        words=words,
        bands=bands,
    )


def _lsh_bands(made: Sequence[Sketch], signatures: Signatures) -> tuple[bytes, ...]:
    signature = reduce(np.minimum, (sketch.signature for sketch in made))
    return signatures.bands(signature)


def union(chunks: Sequence[Candidate], sketches: Sketches) -> Shingles:
    """The shingles of a document."""
    parts = [sketches.of(chunk).shingles for chunk in chunks]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.uint64)


def are_the_same(one: Sequence[Candidate], other: Sequence[Candidate], sketches: Sketches) -> bool:
    """For documents with one digest: whether no symbol, case of a unit or end of a word differs either."""
    return len(one) == len(other) and all(
        a.text == b.text or not sketches.of(a).folded or difference_of_same(a.text, b.text) is None
        for a, b in zip(one, other, strict=True)
    )


def difference_of_documents(one: Sequence[str], other: Sequence[str]) -> str | None:
    """What tells two documents apart whose shingles are near; both as lines. None when one holds all of
    the other but for ordinary words. Symmetric."""
    # In an order of their own: an alignment is not the same from both ends.
    first, second = sorted((_lines(one), _lines(other)))
    a, b = [line.casefold() for line in first], [line.casefold() for line in second]
    for operation, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if operation == "equal":
            continue
        here, there = "\n".join(first[i:j]), "\n".join(second[k:m])
        if max(len(here), len(there)) > _LONGEST_CHANGE:
            return "a long passage differs"
        if (difference := difference_of_near(here, there)) is not None:
            return difference
    return None


def _lines(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for raw in text.split("\n") if (line := fold(raw))]


def _digest(parts: Iterable[bytes]) -> bytes:
    made = blake2b(digest_size=16)
    for part in parts:
        made.update(len(part).to_bytes(4) + part)
    return made.digest()
