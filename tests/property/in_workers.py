"""What jobs of a pool do in its worker processes, so that no test depends on how busy this machine is.

A worker can import no test module: it runs this one by its path. Only the standard library is used.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from pathlib import Path

_NOW, _LOOKS = 0, 8
_LIMIT_S = 60.0


class WorkerClock:
    """The clock by which a pool keeps time limits, moved by its jobs and by nothing else. Two numbers
    in a file that both sides see: what time it is, and how often the supervisor has asked."""

    def __init__(self, path: str) -> None:
        if not Path(path).exists():
            Path(path).write_bytes(bytes(16))
        with Path(path).open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 16)

    def monotonic(self) -> float:
        """For the supervisor."""
        struct.pack_into("q", self._map, _LOOKS, self._looks() + 1)
        return self._now()

    def take(self, seconds: float) -> None:
        """For a job, one at a time: so long does it work. On return all that it said before was heard,
        and the supervisor has looked what time it is."""
        self._be_seen()
        struct.pack_into("d", self._map, _NOW, self._now() + seconds)
        self._be_seen()

    def _be_seen(self) -> None:
        """The supervisor hears, looks, hears, looks …: within three looks it has done both since now."""
        until, first = time.monotonic() + _LIMIT_S, self._looks()
        while self._looks() < first + 3:
            if time.monotonic() > until:
                raise TimeoutError("nobody looks at this clock")
            time.sleep(0.005)

    def _now(self) -> float:
        (now,) = struct.unpack_from("d", self._map, _NOW)
        return float(now)

    def _looks(self) -> int:
        (looks,) = struct.unpack_from("q", self._map, _LOOKS)
        return int(looks)


def meet(folder: str) -> None:
    """Waits until another process was here too."""
    (Path(folder) / str(os.getpid())).touch()
    until = time.monotonic() + _LIMIT_S
    while len(list(Path(folder).iterdir())) < 2:
        if time.monotonic() > until:
            raise TimeoutError("nobody comes")
        time.sleep(0.005)


def take_turns(folder: str, total: int) -> int:
    """One of `total` parts, which two processes do in turn: each waits until the other has begun as many
    as it has. Tells who did it."""
    mine = Path(folder) / str(os.getpid())
    with mine.open("a") as file:
        file.write("x")
    begun, until = mine.stat().st_size, time.monotonic() + _LIMIT_S
    while True:
        all_begun = sum(path.stat().st_size for path in Path(folder).iterdir())
        if all_begun >= min(2 * begun, total):
            return os.getpid()
        if time.monotonic() > until:
            raise TimeoutError("nobody takes part")
        time.sleep(0.005)
