from __future__ import annotations

import threading
from itertools import count

import pytest
from patience import PATIENCE_S

from ingest.embed.parallel import SharedBatches, in_parallel


def test_every_batch_goes_to_one_worker_and_all_take_part() -> None:
    work = SharedBatches(iter([[number] for number in range(40)]))
    meet = threading.Barrier(3, timeout=PATIENCE_S)
    taken: dict[str, list[int]] = {"a": [], "b": [], "c": []}

    def take(worker: str) -> None:
        for place, batch in enumerate(work):
            if place == 0:
                meet.wait()  # nobody goes on before all three have one
            taken[worker] += batch

    in_parallel(take, list(taken), work.stop)
    assert sorted(number for numbers in taken.values() for number in numbers) == list(range(40))
    assert all(taken.values())


def test_when_one_device_fails_the_others_end_and_the_error_is_told() -> None:
    work = SharedBatches([number] for number in count())

    def take(worker: int) -> None:
        for _ in work:
            if worker == 1:
                raise MemoryError("device 1 is full")

    with pytest.raises(MemoryError, match="device 1"):
        in_parallel(take, [0, 1], work.stop)
    assert next(iter(work), None) is None
