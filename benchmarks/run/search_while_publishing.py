"""How long a search takes while a long run publishes into the same embedded index.

    python benchmarks/run/search_while_publishing.py [--points 100000] [--seconds 60] [--fresh 8] [--home DIR]

A home is filled through the real publisher with made vectors (or DIR, filled so before, is used).
Then one process publishes batch after batch without a pause, and another searches: an opened
`Docstrata` again and again, and now and then one that is opened, asked once and closed, timed whole
but for the model, which is loaded before. Nobody publishes faster than this: a run spends most of
its time on parsing and embedding.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from made_home import MadeHome, arrivals, word

from ingest.api import Docstrata
from ingest.config import load_settings
from schemas.errors import DocstrataError

_CHUNKS = 20
_BATCH = 25
"""Documents; with `_CHUNKS` as many chunks as a run publishes together."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--fresh", type=int, default=8, help="searches that open the home anew")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--publish-from", type=int, help="used by itself, in the other process")
    arguments = parser.parse_args()
    if arguments.publish_from is not None:
        _publish_on(arguments.home, arguments.publish_from)
        return
    with tempfile.TemporaryDirectory() as scratch:
        home = arguments.home or Path(scratch) / "home"
        documents = arguments.points // _CHUNKS
        if not home.exists():
            _fill(home, documents)
        quiet = _searched(home, 10, 2)
        _tell("nobody publishes", *quiet)
        publisher = subprocess.Popen(
            [sys.executable, __file__, "--home", str(home), "--publish-from", str(int(time.time()) % 10**8 * 1000)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            publisher.stdout.readline()  # the first batch is published
            busy = _searched(home, arguments.seconds, arguments.fresh)
        finally:
            publisher.terminate()
            told, _ = publisher.communicate()
        _tell(f"while {len(told.split())} batches of {_BATCH * _CHUNKS} points are published", *busy)


def _fill(home: Path, documents: int) -> None:
    with MadeHome(home) as made:
        for first in range(0, documents, 10 * _BATCH):
            made.publish(list(arrivals(first, min(10 * _BATCH, documents - first), chunks=_CHUNKS)))


def _publish_on(home: Path, first: int) -> None:
    with MadeHome(home) as made:
        while True:
            made.publish(list(arrivals(first, _BATCH, chunks=_CHUNKS)))
            first += _BATCH
            print(first, flush=True)


def _searched(home: Path, seconds: float, fresh: int) -> tuple[list[float], list[float], int]:
    """Seconds of the searches of an opened home, and of those that opened it; errors."""
    settings = load_settings(environ={}, overrides={"dedup.enabled": False})
    opened, anew, errors = [], [], 0
    with Docstrata(home, settings) as strata:
        strata.search("warms the model")
        until, turn = time.monotonic() + seconds, 0
        next_fresh = time.monotonic()
        while time.monotonic() < until:
            turn += 1
            question = " ".join(word(turn * 37 % 20_000 + step * 11) for step in range(5))
            errors += _timed(opened, lambda question=question: len(strata.search(question).hits))
            if len(anew) < fresh and time.monotonic() > next_fresh:
                next_fresh += seconds / fresh
                errors += _timed(anew, lambda question=question: _asked_anew(home, settings, strata, question))
            time.sleep(0.05)
    return opened, anew, errors


def _asked_anew(home: Path, settings: object, warm: Docstrata, question: str) -> int:
    with Docstrata(home, settings) as strata:
        # The loaded model: loading it takes seconds, with or without anybody who publishes.
        strata._parts.embedder = warm._parts.embedder
        return len(strata.search(question).hits)


def _timed(into: list[float], ask: object) -> int:
    began = time.perf_counter()
    try:
        found = ask()
    except DocstrataError as error:
        print(f"error: {error.message}")
        found = 0
    into.append(time.perf_counter() - began)
    return int(found == 0)


def _tell(when: str, opened: list[float], anew: list[float], errors: int) -> None:
    print(f"{when}:")
    for name, seconds in (("an opened home", opened), ("opened anew", anew)):
        if len(seconds) > 1:
            p95 = statistics.quantiles(seconds, n=20)[-1]
            print(
                f"  {name}: {len(seconds)} searches, p50 {statistics.median(seconds) * 1000:.0f} ms,"
                f" p95 {p95 * 1000:.0f} ms, slowest {max(seconds) * 1000:.0f} ms"
            )
    print(f"  searches that failed or found nothing: {errors}", flush=True)


if __name__ == "__main__":
    main()
