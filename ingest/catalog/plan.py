"""The plan of one commit: all that is needed to carry it out, or to roll it forward after a crash."""

from __future__ import annotations

from pydantic import Field

from schemas.artifact import ArtifactRef
from schemas.base import Record
from schemas.chunk import DocumentRelation
from schemas.point import PointPayload
from schemas.source import SourceFile


class PlannedVector(Record):
    """What is stored under `key`: the raw vector `own` with a share of the raw `neighbours` mixed in."""

    key: str
    own: str
    neighbours: tuple[str, ...] = ()


class PlannedPoint(Record):
    """A row to write. `vector` is None for a duplicate."""

    point_id: str
    payload: PointPayload
    payload_digest: str
    vector: PlannedVector | None

    @property
    def vector_key(self) -> str | None:
        return self.vector.key if self.vector is not None else None


class PlannedDocument(Record):
    """A version to publish. `file` is None when the document went away. `stale`: the file that lies there
    now is in quarantine."""

    doc_id: str
    version: int
    file: SourceFile | None = None
    chunk_key: str = ""
    top: str = ""
    metadata_digest: str = ""
    previous_doc_id: str | None = None
    stale: bool = False


class PlannedSurvivor(Record):
    """A chunk that others may be duplicates of; digests in hexadecimal.

    `place` orders the survivors of one commit as they came.
    """

    chunk_id: str
    doc_id: str
    point_id: str
    text_digest: str
    bands: tuple[str, ...]
    place: int


class PlannedJudgement(Record):
    """Why a row names a survivor; or, with `kind` "apart", why the most similar chunk that reached the
    threshold, `other`, does not stand for it. `similarity` is the exact Jaccard similarity."""

    point_id: str
    kind: str
    similarity: float
    reason: str
    other: str | None = None


class PlannedDocumentText(Record):
    """What is kept of a document's text, so that others can be compared with it; digests in
    hexadecimal. An exact copy of another document has no `bands`: it is found through the other."""

    doc_id: str
    text_digest: str
    facts_digest: str
    furniture: str | None
    words: int
    bands: tuple[int, ...]


class PlannedRelation(Record):
    """What a document is to one that came before it."""

    doc_id: str
    other: str
    kind: DocumentRelation
    similarity: float
    reason: str


class PlannedFile(Record):
    """A listed file's state once the plan is done: it is not looked at again until it changes.

    `failing` are the members of it that are in quarantine; `sidecar` is the state of the file
    with its metadata; `status` as in `FileRow`.
    """

    source: str
    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    listed_at_ns: int
    sha256: str
    sidecar: str = ""
    failing: tuple[str, ...] = ()
    status: str = "ok"


class PublishPlan(Record):
    """One sequence number's worth of change; carrying it out twice is the same as once.

    `leaving` are chunk ids that are no longer survivors; `forgotten` are (source, path) of files
    that vanished. `texts_beside`: `{raw vector key: text}` of neighbours that have no row here.
    `manifests` are those of the documents' versions, once they are written.
    `heirs`: the exact copy that takes the place of a document that changes or goes.
    """

    seq: int
    run_number: int
    at_ns: int
    tenant: str
    points: tuple[PlannedPoint, ...]
    texts_beside: dict[str, str] = Field(default_factory=dict)
    retire: tuple[str, ...]
    documents: tuple[PlannedDocument, ...]
    survivors: tuple[PlannedSurvivor, ...]
    leaving: tuple[str, ...]
    files: tuple[PlannedFile, ...] = ()
    forgotten: tuple[tuple[str, str], ...] = ()
    manifests: tuple[ArtifactRef, ...] = ()
    judgements: tuple[PlannedJudgement, ...] = ()
    document_texts: tuple[PlannedDocumentText, ...] = ()
    relations: tuple[PlannedRelation, ...] = ()
    heirs: dict[str, str] = Field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Nothing to do in the index or in the history of documents."""
        return not (self.points or self.retire or self.documents)
