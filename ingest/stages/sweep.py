"""Sweep: artifacts, vectors and originals that nothing refers to any more leave the store.

What is dead is told by what is referred to, so a sweep that was killed is only begun again. Packs are promised
away in the transaction that forgets what lay in them: a new pack with what lives is written and adopted before
the old one is deleted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np

from ingest.catalog.retention import Needed
from ingest.context import Context
from ingest.embed.cache import vector_key
from ingest.stages.parts import Parts
from ingest.stages.vectors import VECTOR_STAGE
from ingest.store import DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.chunk import build_embed_text
from schemas.ids import fingerprint
from schemas.version import VERSION_STAGE

_DEAD_SHARE = 0.5
"""Of a pack's bytes, or of the vectors in it: from here on it is rewritten."""
_FIGURES = "figures"
_STAGES = ("parse", "chunk", VERSION_STAGE, VECTOR_STAGE, "proposition", "plan", _FIGURES)
_ORPHAN = timedelta(days=1)
"""A pack of this age that the catalog does not know was written by a process that died: none takes so long."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """`vectors` by key; `packs`: to rewrite or remove."""

    artifacts: tuple[ArtifactRef, ...] = ()
    vectors: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    originals: tuple[str, ...] = ()


@dataclass(slots=True)
class _Marks:
    """What chunk sets refer to: vectors by key, parses by digest."""

    vectors: set[str] = field(default_factory=set)
    parses: set[str] = field(default_factory=set)


class Sweeper:
    """`thorough`: every pack that holds anything dead is rewritten, and what cannot be read counts as dead."""

    def __init__(self, context: Context, parts: Parts, *, thorough: bool = False) -> None:
        self._context = context
        self._parts = parts
        self._thorough = thorough
        # What the catalog does not know may be another home's.
        self._shared = context.settings.shares_store
        self._least = 0.0 if thorough else _DEAD_SHARE

    def find(self, needed: Needed, beside: Sequence[ArtifactRef] = ()) -> Garbage:
        """What is there beside what is needed, and the artifacts `beside`. Nothing is changed."""
        artifacts = self._context.catalog.artifacts
        kept: list[ArtifactRef] = []
        dead: list[ArtifactRef] = []
        for ref in artifacts.below("chunk", ""):
            (kept if ref.key in needed.chunk_keys else dead).append(ref)
        manifests = [ref for ref in artifacts.below(VERSION_STAGE, "") if ref.key not in needed.manifests]
        gone = self._only_in(dead, kept) if dead else _Marks()
        if gone is None:
            dead, gone = [], _Marks()
        parses = [ref for ref in artifacts.below("parse", "") if ref.digest in gone.parses] if gone.parses else []
        vectors = sorted(artifacts.vector_places(sorted(gone.vectors)))
        frames = (*dead, *manifests, *parses, *self._old_figures(needed), *beside)
        originals = [] if self._shared else sorted(set(self._context.store.originals()) - needed.originals)
        empty, packs = self._packs_of_vectors(vectors)
        return Garbage(
            artifacts=(*frames, *empty),
            vectors=tuple(vectors),
            packs=tuple(sorted({*packs, *self._packs_of_frames(frames)})),
            originals=tuple(originals),
        )

    def _old_figures(self, needed: Needed) -> list[ArtifactRef]:
        """What reports keep of versions: of those that are not needed, and where there are several of one, of which
        all but one are out of date. The next report counts anew what it misses."""
        refs = self._context.catalog.artifacts.below(_FIGURES, "")
        # Chunk set, document, version, and what they were counted by.
        of = [tuple(ref.key.split("/")[:3]) for ref in refs]
        times = Counter(of)
        return [
            ref
            for ref, key in zip(refs, of, strict=True)
            if key[0] not in needed.chunk_keys or "/".join(key[1:]) not in needed.manifests or times[key] > 1
        ]

    def remove(self, garbage: Garbage) -> None:
        retention, store = self._context.catalog.retention, self._context.store
        retention.drop(garbage.artifacts, garbage.vectors, garbage.packs)
        self.finish()
        for sha256 in garbage.originals:
            store.remove_original(sha256)

    def finish(self) -> int:
        """Rewrites the packs of which that was promised. Returns how many."""
        promised = self._context.catalog.retention.compacting()
        self._context.progress.expect("rewrite", len(promised))
        for pack in promised:
            self._compact(pack)
            self._context.progress.advance("rewrite")
        return len(promised)

    # ------------------------------------------------------------------ marking

    def _only_in(self, dead: Iterable[ArtifactRef], kept: Collection[ArtifactRef]) -> _Marks | None:
        """Of what the dead chunk sets refer to: what no other does. None where that cannot be told."""
        marks = _Marks()
        for ref in dead:
            self._mark(ref, marks)
        self._context.progress.expect("mark", len(kept))
        for ref in sorted(kept, key=lambda ref: (ref.pack, ref.offset)):
            living = _Marks()
            if not self._mark(ref, living) and not self._thorough:
                self._context.progress.say(
                    "chunks that are kept are damaged, so nobody can tell what else is needed: what belongs to old"
                    " chunks stays; run --reprocess makes them again"
                )
                return None
            marks.vectors -= living.vectors
            marks.parses -= living.parses
            self._context.progress.advance("mark")
        return marks

    def _mark(self, ref: ArtifactRef, marks: _Marks) -> bool:
        """False where it cannot be read. Not through `ChunkSet`: checking what was checked when it was written
        takes most of the time."""
        try:
            found = json.loads(self._context.store.read(ref))
        except DamagedArtifact:
            return False
        marks.parses.add(found["document"])
        for chunk in found["chunks"]:
            text = build_embed_text(chunk.get("context", ""), chunk["text"])
            marks.vectors.update(vector_key(embedder, text) for embedder in self._embedders)
        return True

    @cached_property
    def _embedders(self) -> frozenset[str]:
        """The fingerprints of all that made vectors here: another model may be on its way in or out."""
        packs = {ref.pack for ref in self._context.catalog.artifacts.below(VECTOR_STAGE, "")}
        indexes = [self._context.store.read_index(pack) for pack in sorted(packs)]
        told = {index.fingerprint for index in indexes if index is not None and index.fingerprint}
        return frozenset({self._parts.embedder.fingerprint, *told})

    # -------------------------------------------------------------------- packs

    def _packs_of_frames(self, dropped: Sequence[ArtifactRef]) -> Iterator[str]:
        """Those that are dead for the most part, or unknown to the catalog and old."""
        store = self._context.store
        living = self._context.catalog.retention.pack_sizes()
        for ref in dropped:
            living[ref.pack] -= ref.length
        touched = living.keys() if self._thorough else {ref.pack for ref in dropped}
        for pack in touched:
            index = store.read_index(pack)
            whole = sum(frame.length for frame in index.frames) if index is not None else 0
            dead = whole - living[pack]
            # A manifest that stayed would bring its version back when the catalog is made anew.
            least = 0.0 if pack.startswith(f"{VERSION_STAGE}/") else self._least
            if dead > 0 and dead >= least * whole:
                yield pack
        yield from (pack for pack, size in living.items() if size <= 0)
        if self._shared:
            return
        before = datetime.now(UTC) - _ORPHAN  # the file system's clock, whatever clock the run is given
        for stage in _STAGES:
            yield from (pack for pack in store.packs(stage) if pack not in living and store.is_older(pack, before))

    def _packs_of_vectors(self, dropped: list[str]) -> tuple[list[ArtifactRef], list[str]]:
        """Matrices of which nothing is left, and packs of those that are dead for the most part."""
        retention = self._context.catalog.retention
        gone = set(dropped)
        empty: list[ArtifactRef] = []
        packs: list[str] = []
        for pack in sorted(retention.packs_of_vectors(dropped)):
            vectors = retention.vectors_in(pack)
            left = [key for key, _ in vectors if key not in gone]
            if not left:
                empty += retention.in_pack(pack)
                packs.append(pack)
            elif len(vectors) - len(left) >= self._least * len(vectors):
                packs.append(pack)
        return empty, packs

    def _compact(self, pack: str) -> None:
        retention, store = self._context.catalog.retention, self._context.store
        refs = retention.in_pack(pack)
        if refs:
            try:
                moved = self._rewritten(pack, refs)
            except DamagedArtifact as damaged:
                self._context.progress.say(f"{damaged.message}: it is left as it is")
                retention.keep(pack)
                return
            if moved == pack:
                retention.keep(pack)
                return
        store.remove_pack(pack)
        retention.compacted(pack)

    def _rewritten(self, pack: str, refs: list[ArtifactRef]) -> str:
        """The pack in which all that lives lies now."""
        retention, store = self._context.catalog.retention, self._context.store
        if refs[0].stage != VECTOR_STAGE:
            moved = store.repack(refs)
            retention.move(pack, moved)
            return moved[0].pack
        vectors = retention.vectors_in(pack)
        index = store.read_index(pack)
        if index is None:
            raise DamagedArtifact(refs[0])
        matrix = np.frombuffer(store.read(refs[0]), dtype="<f4").reshape(len(index.vector_keys), -1)
        keys = [key for key, _ in vectors]
        kept, maker = matrix[[place for _, place in vectors]].tobytes(), index.fingerprint
        (ref,) = store.write_pack(VECTOR_STAGE, [(fingerprint(keys), kept)], vector_keys=keys, fingerprint=maker)
        if ref.pack != pack:
            retention.move(pack, [ref], keys)
        return ref.pack


def plans_open(context: Context) -> bool:
    """Whether a planned run has prepared what it has not published: all but one of its notes go when it has."""
    plans = [ref.key.partition("/")[0] for ref in context.catalog.artifacts.below("plan", "")]
    return len(plans) != len(set(plans))
