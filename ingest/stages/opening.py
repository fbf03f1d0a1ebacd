"""Archives and mails give up what they hold, level by level."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.containers.base import Member
from ingest.containers.expanding import is_container
from ingest.options.sources import ContainerOptions
from ingest.sources.folder import FolderRules, ListedFile, is_ignored
from ingest.stages.discover import Discovery
from ingest.stages.looking import Looker
from ingest.stages.pending import Pending, as_input, inside
from ingest.stages.unpacking import Budget, Unpacker
from schemas.errors import InputError, TooLarge, UnsupportedFormat
from schemas.source import Route, SourceFile


class Opener:
    """Members come before what holds them; they are looked at when their turn comes."""

    def __init__(self, options: ContainerOptions, rules: FolderRules, looker: Looker, unpacker: Unpacker) -> None:
        self._options = options
        self._rules = rules
        self._looker = looker
        self._unpacker = unpacker

    def with_members(
        self, listed: ListedFile, discovery: Discovery, trouble: OSError | None = None
    ) -> Iterator[Pending]:
        """Everything in a listed file, looked at, and the file itself at the end; with `trouble` it could not
        be fetched."""
        pending = Pending(listed)
        if trouble is not None:
            pending.outcome = self._looker.untouched(listed, trouble)
        else:
            self._looker.look(pending, discovery, {})
        yield from self._opened(pending, discovery, Budget.of(self._options), depth=1)

    def _opened(self, pending: Pending, discovery: Discovery, budget: Budget, depth: int) -> Iterator[Pending]:
        file = pending.file
        if pending.outcome is None and file is not None and self._opens(file):
            for member in self._members(pending, file, budget, depth):
                if member.outcome is None:
                    self._looker.look(member, discovery, pending.told)
                yield from self._opened(member, discovery, budget, depth + 1)
        yield pending

    def _opens(self, file: SourceFile) -> bool:
        """An archive always, so that it is told when it may not be."""
        return file.route is Route.ARCHIVE or (self._options.expand and is_container(file.media_type))

    def _members(self, pending: Pending, file: SourceFile, budget: Budget, depth: int) -> list[Pending]:
        error = self._refusal(depth)
        if error is None:
            pending.unpacked, outcome = self._unpacker.unpack(as_input(pending.listed, file), budget)
            if isinstance(outcome, InputError):
                error = outcome
            else:
                pending.warnings = tuple(f"{file.path}: {warning}" for warning in outcome.warnings)
                found = (Pending(_listed(pending.listed, member)) for member in outcome.members)
                pending.members = [member for member in found if not is_ignored(member.listed.path, self._rules)]
        if error is not None:
            self._refuse(pending, file, error)
        return pending.members

    def _refusal(self, depth: int) -> InputError | None:
        options = self._options
        if not options.expand:
            return UnsupportedFormat("archives are not opened: set container.expand = true, or unpack it")
        if depth > options.max_depth:
            return TooLarge(
                f"it lies in {depth - 1} archives, one within the other: raise container.max_depth"
                f" ({options.max_depth}), or unpack it",
                depth=depth - 1,
            )
        return None

    def _refuse(self, pending: Pending, file: SourceFile, error: InputError) -> None:
        """A mail is read all the same; that its attachments are missing is a failure beside it."""
        if file.route is Route.ARCHIVE:
            pending.outcome = self._looker.rejected(pending.listed, file.sha256, "unpack", error)
            return
        missing = Pending(inside(pending.listed, "*", pending.listed), file=file)
        missing.outcome = self._looker.rejected(missing.listed, file.sha256, "unpack", error)
        pending.members = [missing]


def _listed(container: ListedFile, member: Member) -> ListedFile:
    stat = member.path.stat()
    unpacked = ListedFile(
        path="", lies_at=str(member.path), size=stat.st_size, mtime_ns=stat.st_mtime_ns, ctime_ns=0, inode=0
    )
    return inside(container, member.name, unpacked)
