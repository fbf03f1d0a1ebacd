"""A drop folder at a URL. Object stores rename nothing: what is claimed stays where it was dropped.

```
URL/                    what people drop
├─ done/ quarantine/    as in a folder
└─ .docstrata/          ours: probe, moves/ (what is being settled)
```
The claim is the row that a run writes into the catalog: it names the object in the state that was taken in. An
object in that very state is settled: copied to its place, then removed. See docs/adr/017.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from ingest.sources.drop_look import DONE, QUARANTINE, RESERVED, STATE, Look, Waiting, Why
from ingest.sources.drop_moves import NOTE, numbered
from ingest.sources.drop_notes import ErrorNote, noted_in
from ingest.sources.folder import SIDECAR, FolderRules, ListedFile, Listing
from ingest.sources.folder_lock import LOCK_WAIT_S, FolderLock
from ingest.sources.inbox import Claim
from ingest.sources.remote import Remote
from schemas.ids import fingerprint

_CLOCKS_APART_NS = 60 * 10**9
"""An object that is older by our own clock by so much more than it has to rest needs no other."""
_MOVES = f"{STATE}/moves"
_LARGEST_NOTE = 2**20


@dataclass(frozen=True, slots=True)
class _Move:
    """From one name below the URL to another, of an object in one state."""

    name: str
    to: str
    size: int
    inode: int
    mtime_ns: int

    def is_of(self, file: ListedFile | None) -> bool:
        return file is not None and (file.size, file.inode, file.mtime_ns) == (self.size, self.inode, self.mtime_ns)


@dataclass(frozen=True, slots=True)
class _Intent:
    """A file's move and its sidecar's, and the note that belongs beside it, as JSON; empty: none."""

    moves: tuple[_Move, ...]
    note: str

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_json(cls, content: bytes) -> _Intent:
        found = json.loads(content)
        return cls(tuple(_Move(**move) for move in found["moves"]), found["note"])


class DropPrefix:
    """Without `lock_file` it can only be looked into. Not for several threads."""

    def __init__(self, url: str, settle_s: float, rules: FolderRules, lock_file: Path | None = None) -> None:
        """Raises `ConfigError`, `MissingExtra`."""
        self.root = url
        self._remote = Remote(url)
        self._settle_s = settle_s
        self._rules = rules
        self._lock_file = lock_file
        self._claimed: set[str] = set()

    @property
    def work(self) -> str:
        return self.root

    @cached_property
    def _lock(self) -> FolderLock:
        if self._lock_file is None:
            raise RuntimeError("a drop folder that is only looked into was to be worked on")
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        self._remote.write(f"{STATE}/probe", b"")  # told before anything is done: it may not be there, or not ours
        return FolderLock(self._lock_file, f"the drop folder {self.root}")

    @contextmanager
    def lock(self, wait_s: float = LOCK_WAIT_S, say: Callable[[str], None] | None = None) -> Iterator[None]:
        """One process of this machine at a time. Raises `StoreDown`, naming who holds it."""
        with self._lock.hold(wait_s, say):
            yield

    # --------------------------------------------------------------------- looking

    def look(self) -> Look[ListedFile]:
        """Raises `StoreDown`, `ConfigError`."""
        return look_at(self._remote, self._rules, self._settle_s)

    def has_work(self) -> bool:
        return bool(self._claimed)

    def claim(self) -> Claim:
        """Moves nothing: what has come to rest is what the next run takes. Our own notes that were dropped with
        their files are removed."""
        look = self.look()
        ready = [file for file in look.ready if not self._is_own_note(file)]
        self._claimed = {file.path for file in ready}
        return Claim(tuple(file.path for file in ready), look.waiting)

    def _is_own_note(self, file: ListedFile) -> bool:
        if not file.path.endswith(NOTE) or file.size > _LARGEST_NOTE:
            return False
        content = self._remote.read(self._remote.below(file.remote))
        if content is None or noted_in(content) is None:
            return False
        self._remote.remove(self._remote.below(file.remote))
        return True

    def lying(self) -> tuple[ListedFile, ...]:
        files = self._remote.listing(self._rules, without=RESERVED).files
        self._claimed &= {file.path for file in files}
        return files

    def expects(self, file: ListedFile) -> bool:
        return file.path in self._claimed

    def is_busy(self, file: ListedFile) -> bool:
        return False

    # -------------------------------------------------------------------- settling

    def keep(self, file: ListedFile, note: ErrorNote | None = None) -> str:
        return self._put_away(file, DONE, note)

    def refuse(self, file: ListedFile, note: ErrorNote) -> str:
        return self._put_away(file, QUARANTINE, note)

    def give_back(self, file: ListedFile) -> None:
        """It lies where it was dropped."""

    def clear_work(self) -> None:
        """There are no folders."""

    def recover(self) -> None:
        """Ends moves that a kill left half done, and removes notes about what was taken out of quarantine."""
        for intent in self._remote.names(_MOVES):
            content = self._remote.read(intent)
            if content is not None:
                self._carry_out(_Intent.from_json(content))
                self._remote.remove(intent)
        names = set(self._remote.names(QUARANTINE))
        for note in sorted(name for name in names if name.endswith(NOTE) and name.removesuffix(NOTE) not in names):
            content = self._remote.read(note)
            if content is not None and noted_in(content) is not None:
                self._remote.remove(note)

    def _put_away(self, file: ListedFile, base: str, note: ErrorNote | None) -> str:
        name = self._remote.below(file.remote)
        to = self._free_name(f"{base}/{name}")
        moves = [_move(file, name, to)]
        if file.sidecar is not None:
            moves.append(_move(file.sidecar, self._remote.below(file.sidecar.remote), to + SIDECAR))
        told = replace(note, file=PurePosixPath(to).name).to_json().decode() if note is not None else ""
        intent = _Intent(tuple(moves), told)
        # Written first: after a kill it says which copies are ours, and what has to follow them.
        written = f"{_MOVES}/{fingerprint([name])[:32]}.json"
        self._remote.write(written, intent.to_json())
        moved = self._carry_out(intent)
        self._remote.remove(written)
        if moved:
            self._claimed.discard(file.path)
        return to if moved else ""

    def _carry_out(self, intent: _Intent) -> bool:
        """May be repeated. False where the file, on which the rest hangs, is another one by now."""
        file, *others = intent.moves
        if intent.note and file.is_of(self._remote.seen(file.name)):
            self._remote.write(file.to + NOTE, intent.note.encode())
        moved = self._move(file)
        for move in others:
            self._move(move)
        if intent.note and not moved and self._remote.seen(file.to) is None:
            self._remote.remove(file.to + NOTE)
        return moved

    def _move(self, move: _Move) -> bool:
        """What was dropped anew in the meantime is left alone."""
        if not move.is_of(self._remote.seen(move.name)):
            return False
        copied = self._remote.seen(move.to)
        if copied is None or copied.size != move.size:
            self._remote.copy(move.name, move.to)
            if not move.is_of(self._remote.seen(move.name)):  # what was copied may be the new one
                self._remote.remove(move.to)
                return False
        self._remote.remove(move.name)
        return True

    def _free_name(self, wished: str) -> str:
        path = PurePosixPath(wished)
        folder = wished[: len(wished) - len(path.name)]
        places = (folder + name for name in numbered(path.name))
        return next(place for place in places if not any(map(self._remote.exists, _together(place))))


def look_at(remote: Remote, rules: FolderRules, settle_s: float) -> Look[ListedFile]:
    """What of a drop folder at a URL has come to rest, by the clock that stamps it."""
    looking = _Looking(remote, round(settle_s * 1e9))
    ready: list[ListedFile] = []
    waiting: list[Waiting] = []
    for file in remote.listing(rules, without=RESERVED).files:
        if file.ignored:
            continue
        age_ns = looking.age_ns(file)
        if rules.sidecars and _is_sidecar(file.path):
            waiting.append(Waiting(file.path, Why.LONE_SIDECAR))
        elif age_ns < looking.settle_ns:
            waiting.append(Waiting(file.path, Why.YOUNG, (looking.settle_ns - age_ns) / 1e9))
        else:
            ready.append(file)
    return Look(tuple(ready), tuple(waiting))


def rested(remote: Remote, rules: FolderRules, settle_s: float) -> Listing:
    """What a run takes of it."""
    return Listing(look_at(remote, rules, settle_s).ready, complete=False)


class _Looking:
    def __init__(self, remote: Remote, settle_ns: int) -> None:
        self._remote = remote
        self.settle_ns = settle_ns

    @cached_property
    def _now_ns(self) -> int:
        """By the clock of the store: that of a machine elsewhere is not ours."""
        self._remote.write(f"{STATE}/probe", b"")
        return self._remote.time_ns(f"{STATE}/probe")

    def age_ns(self, file: ListedFile) -> int:
        touched = max(file.mtime_ns, file.sidecar.mtime_ns if file.sidecar is not None else 0)
        by_our_clock = time.time_ns() - touched
        if by_our_clock > self.settle_ns + _CLOCKS_APART_NS:
            return by_our_clock
        # Stores tell the time of one object in whole seconds and that of many more finely. What was listed before
        # the probe was written is older than it.
        return max(0, self._now_ns - touched)


def _is_sidecar(path: str) -> bool:
    owner = path.removesuffix(SIDECAR)
    return owner != path and not owner.endswith(("/", SIDECAR)) and bool(owner)


def _together(place: str) -> tuple[str, ...]:
    return (place, place + SIDECAR, place + NOTE)


def _move(file: ListedFile, name: str, to: str) -> _Move:
    return _Move(name, to, file.size, file.inode, file.mtime_ns)
