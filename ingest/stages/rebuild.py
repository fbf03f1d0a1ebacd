"""Rebuild: a catalog from the index and the artifact store alone.

```
packs' indexes ─► artifacts, vectors     manifests ─► documents, versions, commits, sources
index ─► rows ◄─ vector keys ◄─ chunk sets          rows ─► survivors, signed anew
```
What only the catalog knew is gone: states of files (the next run hashes them, and adopts what was
made of them), failures, summaries of runs, and why a duplicate was one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from pathlib import Path

from pydantic import ValidationError

from ingest.catalog.rebuilding import IndexedRow, Rebuilding
from ingest.config import Settings
from ingest.context import Context, Home, not_writable, open_context, run_lock
from ingest.embed.base import Embedder
from ingest.progress import Progress
from ingest.stages.mixtures import Mixtures
from ingest.stages.parts import Parts
from ingest.stages.planner import make_planner
from ingest.store import DamagedArtifact
from ingest.stored import chunk_set_of
from ingest.vectors import PayloadFilter
from schemas.artifact import ArtifactRef
from schemas.errors import ConfigError
from schemas.point import OPEN, PointPayload
from schemas.version import VERSION_STAGE, VersionManifest

VECTOR_STAGE = "vector"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`withdrawn`: rows of a commit that was never finished. `unreadable`: packs without an index, and
    rows of no payload."""

    documents: int
    versions: int
    rows: int
    artifacts: int
    withdrawn: int
    unreadable: int


def rebuild_catalog(
    home: Path, settings: Settings, *, progress: Progress, embedder: Embedder | None = None, wait: bool = True
) -> Rebuilt:
    """Makes the home's catalog anew; the old one, whatever its state, is moved aside. In Postgres the
    catalog has to be empty: raises `ConfigError` where it is not. `embedder`: in place of the settings' own."""
    place = Home(home.absolute())
    if (closed := place.unwritable()) is not None:
        raise not_writable(closed)
    if not settings.store.url and not (place.artifacts.exists() or place.index.exists()):
        raise ConfigError(f"{home} holds no artifacts and no index, of which a catalog could be made: give --home DIR")
    fresh = place.path / "catalog.rebuilding.db"
    for left in _files(fresh):
        left.unlink(missing_ok=True)  # of an attempt that was killed
    context = open_context(home, settings, progress=progress, catalog_at=fresh)
    try:
        with run_lock(context, wait=wait):
            parts = Parts(context, embedder)
            try:
                rebuilt = _Rebuild(context, parts).make()
            finally:
                parts.close()
            if settings.catalog.url is None:
                context.close()
                _put_in_place(fresh, place.catalog)
    finally:
        context.close()
    return rebuilt


def _put_in_place(fresh: Path, catalog: Path) -> None:
    aside = next(name for number in count(1) if not (name := catalog.with_name(f"catalog.old-{number}.db")).exists())
    # The old one stays in its place until the new one takes it: a home without a catalog would begin anew.
    for old, kept in list(zip(_files(catalog), _files(aside), strict=True))[1:]:
        if old.exists():
            old.rename(kept)
    if catalog.exists():
        aside.hardlink_to(catalog)
    fresh.replace(catalog)


def _files(database: Path) -> tuple[Path, Path, Path]:
    """What SQLite keeps of one; the last two are not always there."""
    return database, database.with_name(f"{database.name}-wal"), database.with_name(f"{database.name}-shm")


class _Rebuild:
    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._parts = parts
        self._rebuilding = Rebuilding(context.catalog.database)
        self._unreadable = 0
        self._withdrawn: list[str] = []
        self._seen: set[int] = set()

    def make(self) -> Rebuilt:
        self._rebuilding.require_empty()
        artifacts = self._adopt_artifacts()
        found = self._manifests()
        rows = list(self._rows(frozenset(manifest.doc_id for manifest, _ in found)))
        last = max((manifest.seq for manifest, _ in found), default=0)
        if last not in self._seen:
            # Its commit may never have been promised, and nothing in the index speaks for it.
            found = [(manifest, ref) for manifest, ref in found if manifest.seq != last]
        manifests = [manifest for manifest, _ in found]
        catalog = self._context.catalog
        catalog.artifacts.adopt([ref for _, ref in found])
        with catalog.database.transaction():
            self._rebuilding.add_versions(manifests)
            self._rebuilding.add_commits(self._seen - {OPEN})
            added = self._rebuilding.add_rows(rows)
            ended = self._rebuilding.end_replaced()
            ended += self._end_as_promised(manifests)
            self._set_vector_keys(manifests)
            self._rebuilding.add_survivors()
        for tenant, seq in self._rebuilding.horizons().items():
            catalog.retention.raise_horizon(tenant, seq)
        self._parts.index.withdraw(self._withdrawn)
        at_once: dict[int, list[str]] = defaultdict(list)
        for point, seq in ended:
            at_once[seq].append(point)
        for seq, points in at_once.items():
            self._parts.index.retire(points, seq)
        make_planner(self._context, self._parts)  # signs survivors and documents
        for tenant in sorted({manifest.tenant for manifest in manifests}):
            catalog.measures.recount(tenant, self._context.clock())
        documents = len({manifest.doc_id for manifest in manifests})
        return Rebuilt(documents, len(manifests), added, artifacts + len(found), len(self._withdrawn), self._unreadable)

    def _adopt_artifacts(self) -> int:
        """But manifests: of those several may claim to be one version."""
        store, artifacts, adopted = self._context.store, self._context.catalog.artifacts, 0
        for stage in store.stages():
            packs = store.packs(stage) if stage != VERSION_STAGE else []
            self._context.progress.expect("rebuild", len(packs))
            for pack in packs:
                index = store.read_index(pack)
                self._context.progress.advance("rebuild")
                if index is None:
                    self._unreadable += 1
                    continue
                refs = index.refs(pack)
                if stage == VECTOR_STAGE:
                    artifacts.adopt_vectors(refs[0], index.vector_keys)
                else:
                    artifacts.adopt(refs)
                adopted += len(refs)
        return adopted

    def _manifests(self) -> list[tuple[VersionManifest, ArtifactRef]]:
        """In the order of commits. Of two attempts at one version the later one is what was published:
        the earlier ended before its promise."""
        found: dict[tuple[str, int], tuple[VersionManifest, ArtifactRef]] = {}
        for pack in self._context.store.packs(VERSION_STAGE):
            index = self._context.store.read_index(pack)
            for ref in index.refs(pack) if index is not None else ():
                try:
                    manifest = VersionManifest.model_validate_json(self._context.store.read(ref))
                except DamagedArtifact:
                    self._unreadable += 1
                    continue
                key = (manifest.doc_id, manifest.version)
                if key not in found or found[key][0].run_number < manifest.run_number:
                    found[key] = (manifest, ref)
            self._unreadable += index is None
        return sorted(found.values(), key=lambda each: (each[0].seq, each[0].doc_id, each[0].version))

    def _rows(self, documents: frozenset[str]) -> Iterator[IndexedRow]:
        """Of these documents, those that readers see or saw; the others belong to a commit that was never
        finished. Another home may keep its rows in the same collection."""
        everything = PayloadFilter(equals={}, all_tenants=True, history=True)
        self._context.progress.expect("read", self._parts.index.count(everything))
        for row in self._parts.index.scroll(everything):
            self._context.progress.advance("read")
            try:
                payload = PointPayload.model_validate(row.payload)
            except ValidationError:
                self._unreadable += 1
                continue
            if payload.doc_id not in documents:
                continue
            if not payload.current and payload.to_seq == OPEN:
                self._withdrawn.append(row.id)
                continue
            self._seen.update((payload.from_seq, payload.to_seq))
            yield IndexedRow(
                point_id=row.id,
                chunk_id=payload.chunk_id,
                doc_id=payload.doc_id,
                payload_digest=payload.digest(),
                survivor=payload.survivor,
                from_seq=payload.from_seq,
                to_seq=payload.to_seq,
            )

    def _end_as_promised(self, manifests: Sequence[VersionManifest]) -> list[tuple[str, int]]:
        """Rows that the last commit should have ended, and may have left as they were; with their end."""
        last, ended = max((manifest.seq for manifest in manifests), default=0), []
        for manifest in manifests:
            if manifest.seq == last:
                keys = self._vector_keys(manifest) if manifest.file is not None else {}
                if keys or manifest.file is None:
                    ended += self._rebuilding.end_others(manifest, keys)
        return ended

    def _set_vector_keys(self, manifests: Sequence[VersionManifest]) -> None:
        by_document = sorted(manifests, key=lambda manifest: (manifest.doc_id, manifest.seq))
        self._context.progress.expect("documents", len(by_document))
        for _, group in groupby(by_document, key=lambda manifest: manifest.doc_id):
            versions = list(group)
            for manifest, following in zip(versions, [*versions[1:], None], strict=True):
                until = following.seq if following is not None else OPEN
                if manifest.file is not None:
                    self._rebuilding.set_vector_keys(manifest, until, self._vector_keys(manifest))
                self._context.progress.advance("documents")

    def _vector_keys(self, manifest: VersionManifest) -> dict[str, str]:
        """`{chunk id: key}`; empty where the chunks are gone: then their vectors are made again when
        they are written next."""
        found = chunk_set_of(self._context, manifest.chunk_key)
        if found is None:
            return {}
        mixtures = Mixtures(self._context, self._parts.embedder.fingerprint)
        mixtures.add(manifest.doc_id, found.chunks)
        return mixtures.keys()
