"""A folder that people drop files into: what was taken lies in `done/` or `quarantine/` afterwards.

```
DIR/                    what people drop, in folders of any depth
├─ done/                taken in
├─ quarantine/          not taken in, each with its NAME.error.json
└─ .docstrata/          ours: work/ (claimed, not settled yet), lock, probe
```
All on one file system: a claim is one rename. Only the file system is touched here, and nothing
heavy is imported, so that a trigger can look into a folder.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from ingest.raw_names import printable
from ingest.sources.drop_look import DONE, QUARANTINE, STATE, Dropped, Look, Waiting, Why, look_into
from ingest.sources.drop_moves import NOTE, Move, Mover, beside, free_place
from ingest.sources.drop_notes import ErrorNote, noted_file
from ingest.sources.folder import SIDECAR, FolderRules, ListedFile, list_folder
from ingest.sources.folder_lock import LOCK_WAIT_S, FolderLock
from ingest.sources.inbox import Claim
from ingest.sources.open_files import is_open_for_writing
from schemas.errors import ConfigError, StoreDown

_WHY = {
    errno.EEXIST: Why.BEING_TAKEN,
    errno.ENOTDIR: Why.BEING_TAKEN,  # a file there has the name of a folder here
    errno.EXDEV: Why.ELSEWHERE,
    errno.EACCES: Why.CLOSED,
    errno.EPERM: Why.CLOSED,
    errno.EROFS: Why.CLOSED,
    errno.EBUSY: Why.CLOSED,
}
"""What it means for a claim; anything else is the folder's trouble, not the file's."""


class DropFolder:
    """Safe for several processes: whatever moves files holds the folder's lock. Not for several threads.

    A file is ready when nobody touched it for `settle_s` seconds and nobody has it open for writing.
    """

    def __init__(self, root: Path | str, settle_s: float = 2.0, rules: FolderRules | None = None) -> None:
        absolute = Path(root).absolute()
        self.root = absolute.resolve() if ".." in absolute.parts else absolute
        self._settle_s = settle_s
        self._rules = rules or FolderRules()
        self._mover = Mover(self.root, self.state)
        self._lock = FolderLock(self.state / "lock", f"the drop folder {printable(self.root)}")

    @property
    def state(self) -> Path:
        return self.root / STATE

    @property
    def work(self) -> Path:
        """What was claimed and is not settled, by its path below the drop folder."""
        return self.state / "work"

    @property
    def done(self) -> Path:
        return self.root / DONE

    @property
    def quarantine(self) -> Path:
        return self.root / QUARANTINE

    def make(self) -> None:
        """Our own folders in it. Raises `ConfigError` when it is not there, or may not be written."""
        if not self.root.is_dir():
            raise ConfigError(f"there is no folder {printable(self.root)}: make it, or name the one to drop files into")
        device = self.root.stat().st_dev
        for folder in (self.work, self.done, self.quarantine):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError) as error:
                raise ConfigError(
                    f"{printable(folder)} has to be a folder of docstrata's own: move the file of that name away"
                ) from error
            except OSError as error:
                raise ConfigError(
                    f"{printable(folder)} cannot be made ({error.strerror}): give docstrata the right to write there"
                ) from error
            if folder.stat().st_dev != device:
                raise ConfigError(f"{printable(folder)} lies on another disk than the drop folder: files cannot move")

    def check_apart(self, home: Path) -> None:
        """Raises `ConfigError` where the folder and docstrata's home would take each other for documents."""
        folder, home = self.root.resolve(), home.resolve()
        if folder.is_relative_to(home):
            raise ConfigError(f"{printable(self.root)} lies in docstrata's own home: drop files elsewhere")
        if not home.is_relative_to(folder):
            return
        first = home.relative_to(folder).parts[0]
        if first != STATE and (self._rules.hidden or not first.startswith(".")):
            raise ConfigError(f"the home {printable(home)} lies in the drop folder: give --home a place outside it")

    # --------------------------------------------------------------------- looking

    def look(self) -> Look[Dropped]:
        """Raises `StoreDown` when the folder cannot be read."""
        with self._told():
            return look_into(self.root, self._rules, self._settle_s, self._now_ns)

    def ready(self) -> tuple[Dropped, ...]:
        """What a claim would take now."""
        return self.look().ready

    def has_work(self) -> bool:
        """True while something that was claimed is not settled."""
        return any(files for _, _, files in os.walk(self.work))

    def _now_ns(self) -> int:
        """By the clock that stamps the files: that of a network mount is not ours."""
        self.state.mkdir(exist_ok=True)
        probe = self.state / "probe"
        probe.touch()
        os.utime(probe)
        return probe.stat().st_ctime_ns

    # ---------------------------------------------------------------------- locking

    @contextmanager
    def lock(self, wait_s: float = LOCK_WAIT_S, say: Callable[[str], None] | None = None) -> Iterator[None]:
        """One process at a time moves files here; may be nested. Raises `StoreDown`, naming who holds it.

        The system releases the lock of a process that dies, however it dies.
        """
        if not self._lock.held:
            self.make()
        with self._lock.hold(wait_s, say):
            yield

    # ----------------------------------------------------------------------- moving

    def claim(self) -> Claim:
        """Moves what has come to rest into `work`, beside what is not settled yet."""
        with self.lock(), self._told():
            self._mover.finish()
            look = look_into(self.root, self._rules, self._settle_s, self._now_ns)
            taken: list[str] = []
            waiting = list(look.waiting)
            for dropped in look.ready:
                try:
                    if self._take(dropped):
                        taken.append(self._path(dropped))
                except FileNotFoundError:
                    continue  # it went after we looked
                except OSError as error:
                    waiting.append(Waiting(self._path(dropped), _why(error)))
            return Claim(tuple(taken), tuple(waiting))

    def _take(self, dropped: Dropped) -> bool:
        """False for our own word about a file that is dropped again: it is removed."""
        file = dropped.location
        if file.name.endswith(NOTE) and noted_file(file) is not None:
            file.unlink()
            return False
        to = self.work / file.relative_to(self.root)
        if os.path.lexists(to) or os.path.lexists(beside(to, SIDECAR)):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), to)
        sidecar = Move(dropped.sidecar, beside(to, SIDECAR)) if dropped.sidecar is not None else None
        self._mover.move(Move(file, to), sidecar)
        return True

    def _path(self, dropped: Dropped) -> str:
        return printable(dropped.location.relative_to(self.root))

    def lying(self) -> tuple[ListedFile, ...]:
        """What was claimed and is not settled."""
        return list_folder(self.work, self._rules).files

    def expects(self, file: ListedFile) -> bool:
        return True

    def is_busy(self, file: ListedFile) -> bool:
        return is_open_for_writing(file.location)

    def keep(self, file: ListedFile, note: ErrorNote | None = None) -> str:
        return printable(self.put_away(file, self.done, note).relative_to(self.root))

    def refuse(self, file: ListedFile, note: ErrorNote) -> str:
        return printable(self.put_away(file, self.quarantine, note).relative_to(self.root))

    def put_away(self, file: ListedFile, into: Path, note: ErrorNote | None = None) -> Path:
        """Moves a file of `work`, with its sidecar and a note, where nothing is overwritten. The place."""
        with self.lock(), self._told():
            to = free_place(into, file.location.relative_to(self.work))
            sidecar = Move(file.sidecar.location, beside(to, SIDECAR)) if file.sidecar is not None else None
            told = (beside(to, NOTE), replace(note, file=to.name).to_json()) if note is not None else None
            self._mover.move(Move(file.location, to), sidecar, told)
            return to

    def give_back(self, file: ListedFile) -> None:
        """A file that was claimed and is not to be taken in, to where it was dropped; while another
        has its name there, it stays."""
        with self.lock(), self._told():
            to = self.root / file.location.relative_to(self.work)
            if not os.path.lexists(to):
                with suppress(FileExistsError, NotADirectoryError):  # a file has the name of its folder now
                    self._mover.move(Move(file.location, to))

    def recover(self) -> None:
        """Ends what a kill left half moved, and removes notes about files that were taken out of quarantine."""
        with self.lock(), self._told():
            for own in (self.state, self.work):
                own.mkdir(exist_ok=True)  # somebody may have removed it, or made the drop folder anew
            self._mover.finish()
            for folder, _, names in os.walk(self.quarantine):
                for name in names:
                    if name.endswith(NOTE) and not os.path.lexists(Path(folder, name.removesuffix(NOTE))):
                        self._remove_idle_note(Path(folder, name))

    def clear_work(self) -> None:
        """Removes the folders in `work` that hold nothing any more."""
        with self.lock():
            for folder, _, _ in os.walk(self.work, topdown=False):
                with suppress(OSError):  # something lies in it
                    if Path(folder) != self.work:
                        Path(folder).rmdir()

    def _remove_idle_note(self, note: Path) -> None:
        file = noted_file(note)
        if file is not None and not os.path.lexists(note.with_name(file)):
            note.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreDown(
                f"the drop folder {printable(self.root)} cannot be worked on: {error.strerror}"
                f" ({printable(error.filename or '')}); what was dropped stays where it is",
                errno=error.errno,
            ) from error


def _why(error: OSError) -> Why:
    why = _WHY.get(error.errno or 0)
    if why is None:
        raise error
    return why
