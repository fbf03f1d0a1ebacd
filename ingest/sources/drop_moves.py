"""Moves within a drop folder: nothing is overwritten, and a kill in between is made good."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from ingest.sources.folder import SIDECAR

NOTE = ".error.json"
"""`report.pdf.error.json` says why `report.pdf` is in quarantine."""

_NAME_LIMIT = 255
"""Bytes that the file systems in use allow a name."""

_LONGEST_SUFFIX = 32
"""Bytes; what is longer is part of the name."""


@dataclass(frozen=True, slots=True)
class Move:
    source: Path
    to: Path

    def make(self) -> None:
        self.to.parent.mkdir(parents=True, exist_ok=True)
        self.source.rename(self.to)


class Mover:
    """Moves a file with what belongs to it. An intent is written first, so that after a kill the
    rest follows a file that has moved, and one that has not is as if nothing had been done. To be
    used by one process at a time."""

    def __init__(self, root: Path, state: Path) -> None:
        self._root = root
        self._intent = state / "move.json"

    def move(self, file: Move, sidecar: Move | None = None, note: tuple[Path, bytes] | None = None) -> None:
        """Raises `FileNotFoundError` when the file is gone: then nothing has changed."""
        if sidecar is None and note is None:
            file.make()
            return
        write_whole(self._intent, self._as_json(file, sidecar, note[0] if note is not None else None))
        if note is not None:
            note[0].parent.mkdir(parents=True, exist_ok=True)
            write_whole(note[0], note[1], by_way_of=self._intent.with_name("note.json"))
        try:
            file.make()
        finally:
            self.finish()

    def finish(self) -> None:
        """The rest of a move, also of one that a kill left half done."""
        try:
            intent: dict[str, str] = json.loads(self._intent.read_text("utf-8"))
        except FileNotFoundError:
            return
        place = {name: self._root / path for name, path in intent.items()}
        if os.path.lexists(place["to"]) and not os.path.lexists(place["file"]):
            if "sidecar" in place and not os.path.lexists(place["sidecar_to"]):
                with suppress(FileNotFoundError):  # whoever dropped it took it back
                    Move(place["sidecar"], place["sidecar_to"]).make()
        elif "note" in place:
            place["note"].unlink(missing_ok=True)
        self._intent.unlink()

    def _as_json(self, file: Move, sidecar: Move | None, note: Path | None) -> bytes:
        places = {"file": file.source, "to": file.to}
        if sidecar is not None:
            places |= {"sidecar": sidecar.source, "sidecar_to": sidecar.to}
        if note is not None:
            places["note"] = note
        # ASCII: bytes of a name that are no UTF-8 survive it.
        return json.dumps({name: str(path.relative_to(self._root)) for name, path in places.items()}).encode("ascii")


def write_whole(path: Path, content: bytes, by_way_of: Path | None = None) -> None:
    """Whoever looks sees all of it or nothing."""
    temporary = by_way_of or path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def free_place(base: Path, relative: PurePath) -> Path:
    """Below `base`, where neither a file of that name lies nor what would belong to it."""
    folder = base
    for part in relative.parts[:-1]:
        folder = next(place for place in (folder / name for name in numbered(part)) if _may_hold(place))
    return next(place for place in (folder / name for name in numbered(relative.name)) if _is_free(place))


def beside(file: Path, ending: str) -> Path:
    """`NAME` and the ending; of a name that is too long for that, its beginning."""
    return file.with_name(_cut(file.name, _NAME_LIMIT - len(ending)) + ending)


def numbered(name: str) -> Iterator[str]:
    """`a.pdf`, `a (2).pdf`, `a (3).pdf` …"""
    yield name
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    if stem.endswith(".tar"):
        stem, suffix = stem.removesuffix(".tar"), f".tar{suffix}"
    if len(os.fsencode(suffix)) > _LONGEST_SUFFIX:
        stem, suffix = name, ""
    number = 2
    while True:
        ending = f" ({number}){suffix}"
        yield _cut(stem, _NAME_LIMIT - len(NOTE) - len(os.fsencode(ending))) + ending
        number += 1


def _is_free(place: Path) -> bool:
    return not any(map(os.path.lexists, (place, beside(place, SIDECAR), beside(place, NOTE))))


def _may_hold(place: Path) -> bool:
    return place.is_dir() or not os.path.lexists(place)


def _cut(name: str, longest: int) -> str:
    """At most `longest` bytes of it, and no half character."""
    raw = os.fsencode(name)
    if len(raw) <= longest:
        return name
    while raw[longest] & 0xC0 == 0x80:
        longest -= 1
    return os.fsdecode(raw[:longest])
