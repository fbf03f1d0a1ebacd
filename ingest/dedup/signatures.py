"""MinHash signatures and the keys under which near duplicates meet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
import xxhash
from numpy.typing import NDArray

from ingest.dedup.folding import FOLDING_VERSION
from ingest.dedup.shingles import Shingles
from ingest.options.dedup import DedupOptions
from schemas.ids import fingerprint

Signature = NDArray[np.uint32]
"""Shape (permutations,): datasketch's hash values in its scheme "affine32"."""

DOCUMENTS_VERSION = 1
"""Counts up when stored digests and bands of documents would no longer meet new ones."""

_SCHEME = "affine32"
_EMPTY = 2**32 - 1
_BLOCK = 8192
"""Shingles that are permuted at a time: a whole book must not fill the memory."""
_HALF = np.uint64(32)
_FINALISER = ((np.uint32(16), np.uint32(0x85EBCA6B)), (np.uint32(13), np.uint32(0xC2B2AE35)))
_LAST_SHIFT = np.uint32(16)


class Signatures:
    """Signatures as datasketch makes them, with its permutations, from hashes and all at once.

    The bands are datasketch's too: `bands * rows <= permutations`, chosen for the threshold and
    the weight of a missed pair. `fingerprint` changes when stored keys would no longer meet new ones.
    """

    fingerprint: str

    def __init__(self, options: DedupOptions) -> None:
        self._options = options
        # What was taken in while duplicates were not sought has none of these keys.
        sought = {"enabled", "near"}
        keyed = options.model_dump(
            include={"threshold", "miss_weight", "permutations", "seed", "shingle_words", *sought}
        )
        self.fingerprint = fingerprint(
            {**keyed, "scheme": _SCHEME, "folding": FOLDING_VERSION, "documents": DOCUMENTS_VERSION}
        )

    @cached_property
    def layout(self) -> tuple[int, int]:
        """How many bands, and how many rows each has."""
        return _layout(self._options.threshold, self._options.permutations, self._options.miss_weight)

    def signature(self, shingles: Shingles) -> Signature:
        """Equal to `MinHash.update` with each shingle's upper 32 bits, one after another."""
        multipliers, addends = self._permutations
        mixed = _premix((shingles >> _HALF).astype(np.uint32))
        values: Signature = np.full(self._options.permutations, _EMPTY, np.uint32)
        for start in range(0, len(mixed), _BLOCK):
            # Wraps around on purpose: that is the scheme's modulo 2^32.
            permuted = mixed[start : start + _BLOCK, None] * multipliers + addends
            np.minimum(values, permuted.min(axis=0), out=values)
        return values

    def bands(self, signature: Signature, facts: Sequence[str] = ()) -> tuple[bytes, ...]:
        """One key of 10 bytes a band, its number first.

        `facts` go into every key: texts whose facts differ never stand for one another, so they
        need not meet, and a form filled in a thousand times does not fill one bucket.
        """
        seed = xxhash.xxh3_64_intdigest("\x1f".join(facts).encode("utf-8", "surrogatepass"))
        data = np.ascontiguousarray(signature, "<u4").tobytes()
        count, rows = self.layout
        width = 4 * rows
        return tuple(
            band.to_bytes(2) + xxhash.xxh3_64_digest(data[band * width : (band + 1) * width], seed)
            for band in range(count)
        )

    @cached_property
    def _permutations(self) -> NDArray[np.uint32]:
        """Shape (2, permutations): datasketch's factors and addends."""
        return _permutations(self._options.permutations, self._options.seed)


@lru_cache(maxsize=8)
def _layout(threshold: float, permutations: int, miss_weight: float) -> tuple[int, int]:
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=permutations, weights=(1 - miss_weight, miss_weight))
    return int(index.b), int(index.r)


@lru_cache(maxsize=8)
def _permutations(count: int, seed: int) -> NDArray[np.uint32]:
    from datasketch import MinHash  # half a second: only who signs pays

    values: NDArray[np.uint32] = MinHash(num_perm=count, seed=seed, scheme=_SCHEME).permutations
    return values


def _premix(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The finaliser of MurmurHash3, which datasketch applies before it permutes."""
    for shift, factor in _FINALISER:
        values = (values ^ (values >> shift)) * factor
    return values ^ (values >> _LAST_SHIFT)
