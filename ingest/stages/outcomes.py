"""What becomes of a file that was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.sources.folder import ListedFile
from schemas.chunk import ChunkSet
from schemas.errors import InputError
from schemas.source import SourceFile


@dataclass(frozen=True, slots=True)
class Held:
    """What a listed file stands for: `present` are the paths of its documents, its own included
    where it is one; `failing` those of members that are in quarantine. `warnings` are sentences."""

    present: frozenset[str]
    failing: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document. `frames` are artifacts to store: (stage, key, content). `pages`: where it was parsed
    just now, how many were read in which way; None where that was done before."""

    listed: ListedFile
    file: SourceFile
    chunk_key: str
    chunks: ChunkSet
    frames: tuple[tuple[str, str, bytes], ...]
    pages: Mapping[str, int] | None = None
    held: Held = field(default_factory=lambda: Held(frozenset()))


@dataclass(frozen=True, slots=True)
class Opened:
    """An archive, after all of its members: it has no text of its own."""

    listed: ListedFile
    sha256: str
    held: Held


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that could not be read, and why. `key` identifies the attempt. `held` has documents
    when members of it came before."""

    listed: ListedFile
    sha256: str
    stage: str
    key: str
    error: InputError
    held: Held = field(default_factory=lambda: Held(frozenset()))


@dataclass(frozen=True, slots=True)
class Refused:
    """What a parser said of the file `name`; it says the same of these bytes under any name."""

    error: InputError
    name: str

    def of(self, name: str) -> InputError:
        """As it would have been said of the file `name`."""
        facts = {key: name if fact == self.name else fact for key, fact in self.error.facts.items()}
        return type(self.error)(self.error.message.replace(self.name, name), **facts)


@dataclass(frozen=True, slots=True)
class Same:
    """A file whose time stamp changed and whose bytes did not. `failed`: they failed before."""

    listed: ListedFile
    sha256: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Moving:
    """A file that changed or went away while it was read: the next run takes it."""

    listed: ListedFile


Outcome = Prepared | Opened | Rejected | Same | Moving
