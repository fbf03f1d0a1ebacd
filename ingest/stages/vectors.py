"""Embed: every text once; vectors are kept by content and fingerprint."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from functools import partial

import numpy as np

from ingest.context import Context
from ingest.embed.base import Embedder
from ingest.store import DamagedArtifact
from ingest.vectors import Vector, Vectors
from schemas.errors import InvariantError, VectorSizeMismatch
from schemas.ids import fingerprint

VECTOR_STAGE = "vector"


class VectorCache:
    """Raw vectors on the artifact store, a matrix a pack."""

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self._is_shared = settings.shares_store
        self._looked = False

    def missing(self, keys: Sequence[str]) -> list[str]:
        """Those of the keys that have no vector yet."""
        known = self._context.catalog.artifacts.vector_places(keys)
        return [key for key in keys if key not in known]

    def fill(self, embedder: Embedder, texts: Mapping[str, str]) -> int:
        """Embeds what is not there yet of `{vector key: text}`. Returns how many were embedded."""
        missing = self.missing(list(texts))
        if missing and self._is_shared and not self._looked:
            # Once: what others make while this run goes on may be made twice, and does no harm.
            self._looked = True
            if self.adopt_others():
                missing = self.missing(list(texts))
        if not missing:
            return 0
        self._context.progress.expect("embed", len(missing))
        vectors = embedder.embed([texts[key] for key in missing], partial(self._context.progress.advance, "embed"))
        if vectors.shape != (len(missing), embedder.dimension):
            raise VectorSizeMismatch(f"{len(missing)} texts gave vectors of shape {vectors.shape}")
        self.put(embedder, missing, vectors)
        return len(missing)

    def put(self, embedder: Embedder, keys: Sequence[str], vectors: Vectors) -> None:
        """Row i of the raw vectors is that of `keys[i]`."""
        (ref,) = self._context.store.write_pack(
            VECTOR_STAGE,
            [(fingerprint(list(keys)), vectors.astype("<f4").tobytes())],
            vector_keys=keys,
            fingerprint=embedder.fingerprint,
        )
        self._context.catalog.artifacts.adopt_vectors(ref, keys)

    def adopt_others(self) -> int:
        """Takes note of the packs that other homes have written to the same store since they were last
        looked for. Of each that is new its index is read, once. Returns how many vectors were found."""
        artifacts, store = self._context.catalog.artifacts, self._context.store
        known, found = artifacts.pack_names(VECTOR_STAGE), 0
        for pack in store.packs(VECTOR_STAGE):
            index = store.read_index(pack) if pack not in known else None
            if index is not None and len(index.frames) == 1:
                artifacts.adopt_vectors(index.refs(pack)[0], index.vector_keys)
                found += len(index.vector_keys)
        return found

    def stored(self, keys: Sequence[str], dimension: int, packs: MutableMapping[str, Vectors]) -> dict[str, Vector]:
        """The vectors that are there; of a pack that is damaged, none. `packs` were read before, and
        take in what is read now."""
        places = self._context.catalog.artifacts.vector_places(keys)
        for pack in sorted({place.pack for place in places.values()} - packs.keys()):
            try:
                packs[pack] = self._matrix(pack, dimension)
            except DamagedArtifact as damaged:
                self._context.progress.say(f"{damaged.message}: its vectors are left out")
        return {key: packs[place.pack][place.place] for key, place in places.items() if place.pack in packs}

    def get(self, embedder: Embedder, texts: Mapping[str, str]) -> dict[str, Vector]:
        """The vectors of `{vector key: text}`; embedded again where a pack was lost or damaged."""
        try:
            return self._read(list(texts), embedder.dimension)
        except DamagedArtifact as damaged:
            self._context.progress.say(f"{damaged.message}: its vectors are made again")
            self._context.catalog.artifacts.drop_vectors(damaged.ref.key)
            self.fill(embedder, texts)
            return self.get(embedder, texts)

    def _read(self, keys: Sequence[str], dimension: int) -> dict[str, Vector]:
        places = self._context.catalog.artifacts.vector_places(keys)
        lost = [key for key in keys if key not in places]
        if lost:
            raise InvariantError(f"{len(lost)} vectors were planned and never made")
        packs = {pack: self._matrix(pack, dimension) for pack in sorted({place.pack for place in places.values()})}
        return {key: packs[place.pack][place.place] for key, place in places.items()}

    def _matrix(self, pack: str, dimension: int) -> Vectors:
        ref = self._context.catalog.artifacts.find(VECTOR_STAGE, pack)
        if ref is None:
            raise InvariantError("the catalog names a pack of vectors that it does not know", pack=pack)
        return np.frombuffer(self._context.store.read(ref), dtype="<f4").reshape(-1, dimension)
