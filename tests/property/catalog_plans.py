"""What tests put into a catalog: rows, plans, and commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ingest.catalog.catalog import Catalog
from ingest.catalog.database import Database
from ingest.catalog.plan import PlannedDocument, PlannedFile, PlannedPoint, PlannedSurvivor, PlannedVector, PublishPlan
from ingest.catalog.rows import FileRow
from schemas.artifact import ArtifactRef
from schemas.ids import chunk_id, digest, doc_id, point_id
from schemas.point import PointPayload
from schemas.report import Failure
from schemas.source import Route, SourceFile

TENANT = "default"
SOURCE = "manuals"

Connect = Callable[[float], Database]
"""Opens another connection to the same database; the argument is how long a writer waits, in seconds."""


def file_row(path: str, status: str = "ok", **changes: int | str) -> FileRow:
    row = FileRow(
        path,
        10,
        1_700_000_000_123_456_789,
        1_700_000_000_223_456_789,
        2**63 - 1,
        1_700_000_001_000_000_000,
        "sha",
        status,
    )
    return replace(row, **changes)  # the fields' own types


def failure(path: str, key: str = "attempt", attempts: int = 1) -> Failure:
    return Failure(
        key=key,
        source=SOURCE,
        path=path,
        uri=f"file:///srv/{path}",
        stage="parse",
        code="corrupt_file",
        message="not a readable PDF; export it again",
        facts={"page": 3, "share": 0.5, "password": None},
        attempts=attempts,
    )


def ref(key: str, content: str, offset: int = 0) -> ArtifactRef:
    return ArtifactRef(
        stage="parse", key=key, digest=digest(content.encode()), pack=f"{content}.pack", offset=offset, length=7
    )


def source_file(path: str, content: str) -> SourceFile:
    return SourceFile(
        tenant=TENANT,
        source=SOURCE,
        path=path,
        uri=f"file:///srv/{path}",
        sha256=digest(content.encode()),
        size=len(content),
        mtime_ns=1_700_000_000_000_000_001,
        media_type="text/markdown",
        route=Route.MARKDOWN,
    )


def document_id(path: str) -> str:
    return doc_id(TENANT, SOURCE, path)


NOBODY = document_id("nobody")


def vector_keys(*texts: str) -> list[str]:
    return [digest(text.encode()) for text in texts]


def planned_point(path: str, text: str, seq: int, survivor: str | None = None) -> PlannedPoint:
    chunk = chunk_id(document_id(path), text, None, 0)
    payload = PointPayload(
        tenant=TENANT,
        source=SOURCE,
        path=path,
        doc_id=document_id(path),
        chunk_id=chunk,
        text=text,
        kind="text",
        heading_path=("泵", "Oil"),
        section="s",
        position=0,
        token_count=5,
        media_type="text/markdown",
        strategy="hybrid",
        metadata={"weight": 0.5, "approved": True},
        survivor=survivor,
        from_seq=seq,
    )
    own = digest(text.encode())
    beside = digest(b"another")
    vector = None if survivor else PlannedVector(key=digest(f"{own}{beside}".encode()), own=own, neighbours=(beside,))
    return PlannedPoint(
        point_id=point_id(chunk, payload.digest(), vector.key if vector else "", seq),
        payload=payload,
        payload_digest=payload.digest(),
        vector=vector,
    )


def planned_survivor(point: PlannedPoint, place: int, *bands: bytes) -> PlannedSurvivor:
    return PlannedSurvivor(
        chunk_id=point.payload.chunk_id,
        doc_id=point.payload.doc_id,
        point_id=point.point_id,
        text_digest=digest(point.payload.text.encode()),
        bands=tuple(band.hex() for band in bands),
        place=place,
    )


def text_digest(text: str) -> bytes:
    return bytes.fromhex(digest(text.encode()))


def plan_of(catalog: Catalog, run: int, at_ns: int = 1_000) -> PublishPlan:
    """An empty plan for the next commit."""
    return PublishPlan(
        seq=catalog.history.next_seq(),
        run_number=run,
        at_ns=at_ns,
        tenant=TENANT,
        points=(),
        retire=(),
        documents=(),
        survivors=(),
        leaving=(),
    )


def arrival(catalog: Catalog, run: int, path: str, *texts: str, version: int = 1, at_ns: int = 1_000) -> PublishPlan:
    """A document whose every text is a chunk that nobody had before."""
    plan = plan_of(catalog, run, at_ns)
    points = tuple(planned_point(path, text, plan.seq) for text in texts)
    file = source_file(path, "".join(texts))
    state = PlannedFile(
        source=SOURCE,
        path=path,
        size=file.size,
        mtime_ns=file.mtime_ns,
        ctime_ns=1,
        inode=2,
        listed_at_ns=3,
        sha256=file.sha256,
    )
    return plan.model_copy(
        update={
            "points": points,
            "documents": (PlannedDocument(doc_id=document_id(path), version=version, file=file, chunk_key="ck"),),
            "survivors": tuple(
                planned_survivor(p, i, b"band", text_digest(p.payload.text)) for i, p in enumerate(points)
            ),
            "files": (state,),
        }
    )


def planned_documents(*paths: str) -> tuple[PlannedDocument, ...]:
    """In their first version."""
    return tuple(
        PlannedDocument(doc_id=document_id(path), version=1, file=source_file(path, path), chunk_key="ck")
        for path in paths
    )


def commit(catalog: Catalog, plan: PublishPlan) -> PublishPlan:
    catalog.history.open_intent(plan)
    catalog.history.close_intent(plan)
    return plan


def vector_pack(key: str) -> ArtifactRef:
    return ref(key, key).model_copy(update={"stage": "vector"})
