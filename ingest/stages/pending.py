"""A file on its way through parsing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ingest.parsers.base import ParseInput
from ingest.sources.folder import ListedFile
from ingest.stages.outcomes import Held, Outcome, Prepared, Rejected, Same
from schemas.source import MEMBER, MetadataValue, Route, SourceFile


@dataclass(slots=True)
class Pending:
    """`file` once it was looked at; `told` is what is known of it from outside. `members` came out of
    it, and lie in `unpacked`. `parse_key` and `chunk_group` tell which other files have the same
    document, and the same chunks. `follows`: such a one came before. `began_ns`: when it was handed to a worker."""

    listed: ListedFile
    outcome: Outcome | None = None
    file: SourceFile | None = None
    told: dict[str, MetadataValue] = field(default_factory=dict)
    parse_key: str = ""
    chunk_group: str = ""
    follows: bool = False
    members: list[Pending] = field(default_factory=list)
    unpacked: Path | None = None
    warnings: tuple[str, ...] = ()
    began_ns: int = 0

    @property
    def sha256(self) -> str:
        return self.file.sha256 if self.file is not None else ""

    @property
    def name(self) -> str:
        """As messages tell it, beside the path."""
        return PurePosixPath(self.listed.path).name

    @property
    def is_archive(self) -> bool:
        """It has no text of its own."""
        return self.file is not None and self.file.route is Route.ARCHIVE

    @property
    def waits_for_worker(self) -> bool:
        return self.outcome is None and not self.follows and not self.is_archive

    def held(self) -> Held:
        """When all of its members are settled."""
        inside = list(self._inside())
        own = [] if self.is_archive else [self.listed.path]
        documents = [member.listed.path for member in inside if isinstance(member.outcome, Prepared)]
        failing = [member.listed.path for member in inside if isinstance(member.outcome, Rejected | Same)]
        warnings = [warning for pending in (*inside, self) for warning in pending.warnings]
        return Held(frozenset(own + documents), tuple(failing), tuple(warnings))

    def _inside(self) -> Iterator[Pending]:
        for member in self.members:
            yield from member._inside()
            yield member


def inside(container: ListedFile, name: str, unpacked: ListedFile) -> ListedFile:
    """A member as a file of its own, named after what holds it."""
    return replace(
        unpacked,
        path=f"{container.path}{MEMBER}{name}",
        top=container.top or container.path,
        origin=f"{container.uri}{MEMBER}{name}",
    )


def as_input(listed: ListedFile, file: SourceFile) -> ParseInput:
    """For a parser: by its own name, as messages are told beside the path."""
    return ParseInput(listed.location, PurePosixPath(file.path).name, file.media_type, file.route, file.size)
