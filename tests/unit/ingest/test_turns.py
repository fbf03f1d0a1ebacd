"""Threads that share an opened home take turns."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from strata_fakes import HashEmbedder

from ingest.api import Docstrata
from ingest.config import load_settings
from ingest.stages.parts import Parts
from ingest.turns import TakesTurns
from schemas.point import SearchMode

THREADS = 6
QUESTIONS = ("how is the pump oiled?", "gasket", "阀门在哪里", "ERR-007")


class Shared(TakesTurns):
    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.most = 0

    def add(self, times: int, *, pause_s: float = 0.001) -> int:
        """Tells what it was told."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        time.sleep(pause_s)
        self.inside -= 1
        return times

    def add_twice(self, times: int) -> int:
        return self.add(self.add(times))

    def fail(self) -> None:
        raise ValueError("as it does")


class Further(Shared):
    def also(self) -> int:
        return self.add(1)


def test_no_two_threads_are_ever_inside() -> None:
    shared = Further()
    start = Barrier(THREADS)

    def work(number: int) -> int:
        start.wait()
        return shared.also() + shared.add_twice(number)

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(work, range(THREADS))) == [number + 1 for number in range(THREADS)]
    assert shared.most == 1


def test_a_call_that_fails_gives_its_turn_up() -> None:
    shared = Shared()
    with ThreadPoolExecutor(1) as pool:
        assert isinstance(pool.submit(shared.fail).exception(), ValueError)
    assert shared.add(3) == 3


def test_calls_keep_their_names_and_words() -> None:
    assert Shared.add.__name__ == "add" and Shared.add.__doc__ == "Tells what it was told."


def test_threads_that_search_at_once_find_what_one_finds(tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    for number in range(12):
        text = (
            f"# Pump {number}\n\nThe gasket of pump {number} is oiled weekly, see ERR-00{number}.\n\n阀门在泵的左边。\n"
        )
        (documents / f"{number}.md").write_text(text, "utf-8")
    settings = load_settings(environ={}, overrides={"parse.workers": 0, "store.keep_originals": False})
    with Docstrata(tmp_path / "home", settings) as strata:
        strata._parts = Parts(strata._context, embedder=HashEmbedder())
        strata.run([documents])
        start = Barrier(THREADS)

        def search(thread: int) -> list[tuple[str, ...]]:
            start.wait()
            moment = 1 if thread % 2 else None
            return [
                tuple(hit.point_id for hit in strata.search(question, mode=mode, as_of_seq=moment).hits)
                for question in QUESTIONS
                for mode in SearchMode
            ]

        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(search, range(THREADS)))
        start = Barrier(1)
        assert any(map(any, found)) and found == [search(thread) for thread in range(THREADS)]
