"""What the steps of a planned run write down for one another."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pydantic import BaseModel

from ingest.batches import Lane
from ingest.sources.folder import EVERYTHING, ListedFile
from ingest.sources.places import Root, is_url
from ingest.stages.outcomes import Refused
from ingest.stages.request import RunRequest
from schemas.errors import InputError
from schemas.report import RunSummary
from schemas.source import SourceKind


def quoted(path: Root) -> str:
    """A path may hold bytes that are no text."""
    return quote_from_bytes(os.fsencode(path if is_url(path) else Path(path).absolute()))


def unquoted(path: str) -> Root:
    found = os.fsdecode(unquote_to_bytes(path))
    return found if is_url(found) else Path(found)


class RequestNote(BaseModel):
    paths: tuple[str, ...]
    stands_for: str | None
    inbox: bool = False
    scope: tuple[str, ...] = EVERYTHING
    kind: SourceKind
    source: str | None
    reprocess: bool
    retry_failed: bool
    retry_codes: tuple[str, ...] = ()
    verify: bool
    allow_vanish: bool

    @classmethod
    def of(cls, request: RunRequest) -> RequestNote:
        return cls(
            paths=tuple(quoted(path) for path in request.paths),
            stands_for=quoted(request.stands_for) if request.stands_for is not None else None,
            inbox=request.inbox,
            scope=request.scope,
            kind=request.kind,
            source=request.source,
            reprocess=request.reprocess,
            retry_failed=request.retry_failed,
            retry_codes=request.retry_codes,
            verify=request.verify,
            allow_vanish=request.allow_vanish,
        )

    def request(self) -> RunRequest:
        return RunRequest(
            paths=tuple(unquoted(path) for path in self.paths),
            stands_for=unquoted(self.stands_for) if self.stands_for is not None else None,
            **self.model_dump(exclude={"paths", "stands_for"}),
        )


class Refusal(BaseModel):
    """A `Refused` that crosses processes."""

    name: str
    code: str
    message: str
    facts: dict[str, str | int | float | bool | None]

    @classmethod
    def of(cls, refused: Refused) -> Refusal:
        error = refused.error
        return cls(name=refused.name, code=error.code, message=error.message, facts=error.facts)

    def refused(self) -> Refused:
        kinds = {kind.code: kind for kind in _kinds(InputError)}
        return Refused(kinds.get(self.code, InputError)(self.message, **self.facts), self.name)


def _kinds(kind: type[InputError]) -> list[type[InputError]]:
    return [kind, *(one for below in kind.__subclasses__() for one in _kinds(below))]


class PlanNote(BaseModel):
    requests: tuple[RequestNote, ...]
    batches: dict[Lane, int]


class ObjectNote(BaseModel):
    """An object as it was listed: nobody has to ask for it once more."""

    path: str
    origin: str
    remote: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    tagged: bool
    sidecar: ObjectNote | None = None

    @classmethod
    def of(cls, file: ListedFile) -> ObjectNote:
        return cls(
            path=file.path,
            origin=file.origin,
            remote=file.remote,
            size=file.size,
            mtime_ns=file.mtime_ns,
            ctime_ns=file.ctime_ns,
            inode=file.inode,
            tagged=file.tagged,
            sidecar=cls.of(file.sidecar) if file.sidecar is not None else None,
        )

    def file(self) -> ListedFile:
        beside = self.sidecar.file() if self.sidecar is not None else None
        fields = self.model_dump(exclude={"sidecar"})
        return ListedFile(**fields, lies_at=self.origin, sidecar=beside)


class BatchNote(BaseModel):
    """Files of one source that one step reads, or objects at a URL; `again`: those to look at whatever they
    look like."""

    request: RequestNote
    source: str
    root: str
    files: tuple[str, ...]
    objects: tuple[ObjectNote, ...] = ()
    again: tuple[str, ...]


class DoneNote(BaseModel):
    """What became of a batch: `chunks` are (document, chunk key); `refused` by chunk group, and only
    as long as an `attempt` would be this one."""

    chunks: tuple[tuple[str, str], ...]
    refused: dict[str, Refusal]
    attempt: str


class OutcomeNote(BaseModel):
    """What became of a plan that was carried out. `failed`: what the first run that failed said, and its
    summary, which is not among the others."""

    @property
    def runs(self) -> tuple[RunSummary, ...]:
        """All of them."""
        return self.summaries if self.failed is None else (*self.summaries, self.failed[1])

    summaries: tuple[RunSummary, ...]
    failed: tuple[str, RunSummary] | None
