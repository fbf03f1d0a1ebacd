"""Whether what is stored is what was written: each pack and each original is read and compared with its digest.

A disk may change a byte and keep the length of a file. Whoever reads such an artifact notices, but much of what is kept
is read seldom: an old version until it is asked for, a parse until its document is looked at.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ingest.context import Context, run_lock
from ingest.stages.rebuild import VECTOR_STAGE
from ingest.store import DamagedArtifact
from schemas.artifact import ArtifactRef
from schemas.version import VERSION_STAGE

STAGE = "check"


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """What was read, and of it what is missing or not what was written. `artifacts`: by their stage, in packs that are
    damaged or gone. `originals`: documents, as `(source, path)`, that an original is damaged of."""

    packs: int
    originals_read: int
    damaged_packs: tuple[str, ...]
    artifacts: tuple[tuple[str, int], ...]
    originals: tuple[tuple[str, str], ...]

    @property
    def is_sound(self) -> bool:
        return not self.damaged_packs and not self.originals


def forget_damaged(context: Context, *, wait: bool = True) -> StoreCheck:
    """As `check_store`; what is damaged is forgotten, so that a run that reprocesses its documents makes it again. What
    a version was published as is told by nothing else, and stays known. Waits for a run that goes on, or raises
    `StoreDown`."""
    with run_lock(context, wait=wait):
        found = check_store(context)
        artifacts = context.catalog.artifacts
        for ref in (ref for pack in found.damaged_packs for ref in artifacts.in_pack(pack)):
            if ref.stage == VERSION_STAGE or _reads(context, ref):
                continue
            if ref.stage == VECTOR_STAGE:
                artifacts.drop_vectors(ref.key)
            else:
                artifacts.drop(ref.stage, ref.key)
    return found


def check_store(context: Context) -> StoreCheck:
    """Reads all of it and changes nothing; waits for nobody. Raises `StoreDown`."""
    artifacts, store = context.catalog.artifacts, context.store
    packs, originals = artifacts.packs_in_use(), store.originals()
    context.progress.expect(STAGE, len(packs) + len(originals))
    damaged: dict[str, list[ArtifactRef]] = {}
    for pack in packs:
        if not store.is_whole(pack):
            # Garbage collection may have moved to another pack what lay here.
            lost = [ref for ref in artifacts.in_pack(pack) if not _reads(context, ref)]
            if lost:
                damaged[pack] = lost
        context.progress.advance(STAGE)
    bad: list[str] = []
    for sha256 in originals:
        if not store.is_original_whole(sha256) and sha256 in store.originals():
            bad.append(sha256)
        context.progress.advance(STAGE)
    return StoreCheck(
        packs=len(packs),
        originals_read=len(originals),
        damaged_packs=tuple(damaged),
        artifacts=tuple(sorted(Counter(ref.stage for refs in damaged.values() for ref in refs).items())),
        originals=_documents_of(context, frozenset(bad)),
    )


def _reads(context: Context, ref: ArtifactRef) -> bool:
    try:
        context.store.read(ref)
    except DamagedArtifact:
        return False
    return True


def _documents_of(context: Context, originals: frozenset[str]) -> tuple[tuple[str, str], ...]:
    if not originals:
        return ()
    documents = context.catalog.history.live_documents(context.settings.tenant)
    named = {(row.source, row.path) for row in documents if row.sha256 in originals}
    # Of an older version, or of another tenant: the digest is all that can be told.
    others = originals - {row.sha256 for row in documents}
    return (*sorted(named), *(("original", sha256) for sha256 in sorted(others)))
