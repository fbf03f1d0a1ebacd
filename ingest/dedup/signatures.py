"""MinHash signatures and the keys under which near duplicates meet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import xxhash
from numpy.typing import NDArray

from ingest.dedup.folding import FOLDING_VERSION
from ingest.dedup.shingles import Shingles
from ingest.dedup_options import DedupOptions
from schemas.ids import fingerprint

if TYPE_CHECKING:
    from datasketch import MinHash

Signature = NDArray[np.uint32]
"""Shape (permutations,): datasketch's hash values in its scheme "affine32"."""

_SCHEME = "affine32"


class Signatures:
    """Signatures by datasketch, fed with hashes that are made already and all at once.

    The bands are datasketch's too: `bands * rows <= permutations`, chosen for the threshold and
    the weight of a missed pair. `fingerprint` changes when stored keys would no longer meet new ones.
    """

    fingerprint: str

    def __init__(self, options: DedupOptions) -> None:
        self._options = options
        keyed = options.model_dump(include={"threshold", "miss_weight", "permutations", "seed", "shingle_words"})
        self.fingerprint = fingerprint({**keyed, "scheme": _SCHEME, "folding": FOLDING_VERSION})

    @cached_property
    def layout(self) -> tuple[int, int]:
        """How many bands, and how many rows each has."""
        from datasketch import MinHashLSH

        weights = (1 - self._options.miss_weight, self._options.miss_weight)
        index = MinHashLSH(threshold=self._options.threshold, num_perm=self._options.permutations, weights=weights)
        return int(index.b), int(index.r)

    def signature(self, shingles: Shingles) -> Signature:
        """Equal to `MinHash.update` with each shingle's upper 32 bits, one after another."""
        blank = self._blank
        minhash: MinHash = type(blank)(
            num_perm=blank.num_perm,
            seed=blank.seed,
            hashfunc=int,
            permutations=blank.permutations,
            scheme=_SCHEME,
        )
        minhash.update_batch((shingles >> np.uint64(32)).tolist())
        values: Signature = minhash.hashvalues
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
    def _blank(self) -> MinHash:
        """Carries the permutations, which cost more to make than a signature."""
        from datasketch import MinHash  # half a second: only who signs pays

        return MinHash(num_perm=self._options.permutations, seed=self._options.seed, scheme=_SCHEME, hashfunc=int)
