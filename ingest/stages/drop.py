"""The drop folder's cycle: settle what is left over, claim, run, settle.

Every step may be repeated, and each goes by what the catalog knows: a kill anywhere loses no
file and takes none in twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ingest.catalog.rows import FileRow
from ingest.config import Settings
from ingest.context import Context
from ingest.sources.drop_folder import DropFolder
from ingest.sources.drop_look import Waiting
from ingest.sources.drop_notes import ErrorNote, MemberError
from ingest.sources.drop_prefix import DropPrefix
from ingest.sources.folder import ListedFile
from ingest.sources.inbox import Inbox
from ingest.sources.places import place_of
from ingest.stages.parts import Parts
from ingest.stages.request import RunRequest, folder_rules
from ingest.stages.runner import RunFailed, run
from schemas.errors import ConfigError
from schemas.ids import fingerprint
from schemas.report import Failure
from schemas.source import SourceKind

_RUNS_BACK = 20
"""How far the run that looked at a file may lie behind the newest one."""


@dataclass(frozen=True, slots=True)
class Refused:
    """`path`: of the document. `lies_at`: below the drop folder; of a member, the file that holds it."""

    path: str
    lies_at: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of claimed files, by where they lie now below the drop folder.

    `members` were not taken in, though the files that hold them were. `left` are paths of documents
    of which nothing is known yet: they stay claimed.
    """

    done: tuple[str, ...] = ()
    quarantined: tuple[Refused, ...] = ()
    members: tuple[Refused, ...] = ()
    left: tuple[str, ...] = ()

    def then(self, later: Settled) -> Settled:
        return Settled(
            self.done + later.done, self.quarantined + later.quarantined, self.members + later.members, later.left
        )


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A cycle. `run_id` is empty where nothing had to be run; `trouble` says why a run that went to
    its end cannot be trusted."""

    claimed: tuple[str, ...]
    waiting: tuple[Waiting, ...]
    settled: Settled
    seconds: float
    run_id: str = ""
    trouble: str = ""


def drop_folder(root: Path | str, settings: Settings, home: Path) -> Inbox:
    """Raises `ConfigError` when it is not there, or in the home's way."""
    place = place_of(root)
    if place.pattern:
        raise ConfigError(f"{root} is a pattern: a drop folder is one folder, or one URL")
    if isinstance(place.root, str):
        return _drop_prefix(place.root, settings, home)
    folder = DropFolder(place.root, settings.watch.settle_s, folder_rules(settings))
    folder.check_apart(home)
    folder.make()
    return folder


def _drop_prefix(url: str, settings: Settings, home: Path) -> DropPrefix:
    if settings.store.url.startswith(f"{url}/"):
        raise ConfigError(f"store.url lies in the drop folder {url}: give one of them another place")
    lock_file = home.absolute() / "inboxes" / f"{fingerprint([url])[:16]}.lock"
    return DropPrefix(url, settings.watch.settle_s, folder_rules(settings), lock_file)


def drop_request(folder: Inbox, source: str | None) -> RunRequest:
    """A run over what was claimed. Whoever drops a file again wants it tried again."""
    if isinstance(folder.root, str):
        return RunRequest((folder.root,), kind=SourceKind.APPEND, source=source, retry_failed=True, inbox=True)
    return RunRequest(
        paths=(folder.work,),
        kind=SourceKind.APPEND,
        source=source,
        retry_failed=True,
        stands_for=folder.root,
    )


def take_in(context: Context, parts: Parts, folder: Inbox, source: str | None = None) -> TakenIn:
    """One cycle. Raises `TransientError` and `ConfigError`: then what was claimed stays so, and the
    next cycle goes on with it."""
    started = time.monotonic()
    request = drop_request(folder, source)
    with _served(context, folder):
        settled = _settle(context, folder, source)
        if not settled.left:
            look = folder.look()
            if not look.ready:
                return TakenIn((), look.waiting, settled, time.monotonic() - started)
        _ = parts.collection  # refuses another model's home before files are taken from where people see them
        claim = folder.claim()
        run_id = trouble = ""
        if folder.has_work():
            try:
                run_id = run(context, parts, request).run_id
            except RunFailed as failed:
                run_id, trouble = failed.summary.run_id, failed.message
        settled = settled.then(_settle(context, folder, source))
    return TakenIn(claim.files, claim.waiting, settled, time.monotonic() - started, run_id, trouble)


def settle(context: Context, folder: Inbox, source: str | None = None) -> Settled:
    """Moves what the catalog has dealt with, in the very state that it lies there, to where people look for it."""
    with _served(context, folder):
        return _settle(context, folder, source)


def _settle(context: Context, folder: Inbox, source: str | None) -> Settled:
    folder.recover()
    name = drop_request(folder, source).specs(context)[0].name
    settled = _Settling(context, folder, name).settle()
    folder.clear_work()
    return settled


@contextmanager
def _served(context: Context, folder: Inbox) -> Iterator[None]:
    """By one process at a time: of this machine, and for a URL of all that share the catalog. Raises `ConfigError` for
    a home that cannot be written."""
    context.home.require_writable()
    with folder.lock(say=context.progress.say), ExitStack() as stack:
        if isinstance(folder.root, str):
            told = partial(context.progress.say, f"waiting for another machine, which serves {folder.root}")
            stack.enter_context(context.catalog.database.exclusive(f"inbox {folder.root}", told))
        yield


class _Settling:
    def __init__(self, context: Context, folder: Inbox, source: str) -> None:
        files, tenant = context.catalog.files, context.settings.tenant
        self._context = context
        self._folder = folder
        self._source = source
        self._known = files.of_source(tenant, source)
        self._failures = {failure.path: failure for failure in files.failures(tenant, source)}
        self._members = _by_top(self._failures, self._known)
        self._runs = context.catalog.runs.last(_RUNS_BACK, tenant)
        self._done: list[str] = []
        self._quarantined: list[Refused] = []
        self._refused_members: list[Refused] = []
        self._left: list[str] = []

    def settle(self) -> Settled:
        files = self._folder.lying()
        bound = {file.sidecar.path for file in files if file.sidecar is not None}
        for file in files:
            if not file.ignored:
                self._settle(file)
            elif file.path not in bound:
                self._folder.give_back(file)  # the patterns changed since it was claimed
        return Settled(tuple(self._done), tuple(self._quarantined), tuple(self._refused_members), tuple(self._left))

    def _settle(self, file: ListedFile) -> None:
        row = self._known.get(file.path)
        failure = self._failures.get(file.path)
        if row is None or not _is_in_state(file, row) or self._folder.is_busy(file):
            self._leave(file)
        elif row.status == "ok":
            members = self._members.get(file.path, [])
            note = self._note(file, row, None, members) if members else None
            place = self._folder.keep(file, note)
            if not place:
                self._leave(file)
                return
            self._done.append(place)
            self._refused_members += [_refused(member, place) for member in members]
        elif failure is not None:
            note = self._note(file, row, failure, self._members.get(file.path, []))
            place = self._folder.refuse(file, note)
            if place:
                self._quarantined.append(_refused(failure, place))
            else:
                self._leave(file)
        else:
            self._leave(file)

    def _leave(self, file: ListedFile) -> None:
        """Of what nobody claimed yet there is nothing to tell."""
        if self._folder.expects(file):
            self._left.append(file.path)

    def _note(self, file: ListedFile, row: FileRow, failure: Failure | None, members: list[Failure]) -> ErrorNote:
        return ErrorNote(
            file=file.location.name,
            document=file.path,
            source=self._source,
            code=failure.code if failure is not None else "",
            message=failure.message if failure is not None else _some_members(members),
            what_to_do=_what_to_do(file, failure is None),
            stage=failure.stage if failure is not None else "",
            page=failure.page if failure is not None else None,
            attempts=failure.attempts if failure is not None else max(member.attempts for member in members),
            when=datetime.fromtimestamp(row.listed_at_ns / 1e9, UTC).isoformat(timespec="seconds"),
            run=next((run.run_id for run in self._runs if run.started_ns <= row.listed_at_ns), ""),
            members=tuple(MemberError(m.path, m.code, m.message, m.stage, m.page, m.attempts) for m in members),
        )


def _by_top(failures: Mapping[str, Failure], known: Mapping[str, FileRow]) -> dict[str, list[Failure]]:
    """Failures of members, by the dropped file that holds them."""
    found: dict[str, list[Failure]] = {}
    for path, failure in failures.items():
        if path in known and known[path].top:
            found.setdefault(known[path].top, []).append(failure)
    return found


def _is_in_state(file: ListedFile, row: FileRow) -> bool:
    """The row speaks of this very file, as it is now, and of the sidecar that it has. The same content that is
    dropped again is a file to try again, where it was refused."""
    if file.tagged:
        same = (file.size, file.inode, file.stamp) == (row.size, row.inode, row.sidecar)
        return same and (row.status == "ok" or file.mtime_ns == row.mtime_ns)
    now = (file.size, file.mtime_ns, file.ctime_ns, file.inode, file.stamp)
    return now == (row.size, row.mtime_ns, row.ctime_ns, row.inode, row.sidecar)


def _refused(failure: Failure, place: str) -> Refused:
    return Refused(failure.path, place, failure.code, failure.message)


def _some_members(members: list[Failure]) -> str:
    return f"{len(members)} of the files in it could not be taken in; the others were"


def _what_to_do(file: ListedFile, only_members: bool) -> str:
    what = "mend those files in it" if only_members else "mend the file"
    along = f", with {file.sidecar.location.name} beside it" if file.sidecar is not None else ""
    return f"{what} and drop it again under the same name{along}"
