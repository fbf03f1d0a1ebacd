"""Warm OCR processes and their clients, with engines that obey the image."""

from __future__ import annotations

import importlib
import os
import pickle
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
from patience import PATIENCE_S, spawned_children, wait_ended, wait_until
from worker_clocks import UnhurriedClock, keep_time_by

from ingest.ocr.client import OcrAddress, OcrClient
from ingest.ocr.devices import pages_at_once
from ingest.ocr.local import LocalOcr
from ingest.ocr.service import OcrService
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage
from ingest.workers.pool import PoolOptions, WorkerPool
from schemas.errors import (
    ConfigError,
    CorruptFile,
    DocstrataError,
    InputError,
    InvariantError,
    ParserCrashed,
    ParserTimeout,
    TooLarge,
)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[3]


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Importable here and, since they inherit the path, in child processes."""
    monkeypatch.syspath_prepend(HERE)
    return importlib.import_module("ocr_engine_fakes")


@pytest.fixture(autouse=True)
def _no_time_goes_by_while_the_machine_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_time_by(UnhurriedClock(), monkeypatch, UnhurriedClock.MOMENT_S / 2)


@pytest.fixture
def run(fakes: ModuleType) -> Any:
    """Reads orders through a service with the given options; what was said, or the errors."""

    def read(*orders: str, **options: object) -> list[object]:
        with service(fakes.ObedientEngine, **options) as (_, client):
            return outcomes(client, *orders)

    return read


@contextmanager
def service(make: Any, **options: object) -> Iterator[tuple[OcrService, OcrClient]]:
    settings = OcrOptions.model_validate({"devices": ("cpu",), "page_timeout_s": 30, **options})
    with OcrService(settings, make) as running:
        yield running, OcrClient(running.address)


def outcomes(client: OcrClient | LocalOcr, *orders: str, then: Callable[[], object] = lambda: None) -> list[object]:
    """`then` is called before the last is handed in."""
    order = importlib.import_module("ocr_engine_fakes").order

    def images() -> Iterator[PageImage]:
        for number, said in enumerate(orders, start=1):
            if number == len(orders):
                then()
            yield order(said)

    return [plain(outcome) for outcome in client.read(images())]


def plain(outcome: ReadImage | InputError) -> object:
    return outcome.lines[0].text if isinstance(outcome, ReadImage) else outcome


def test_results_come_in_the_order_of_the_images_from_several_devices(run: Any) -> None:
    orders = [f"say {n}" if n % 4 else "sleep 0.2" for n in range(12)]
    expected = [str(n) if n % 4 else "None" for n in range(12)]
    assert run(*orders, devices=("cpu", "cuda:0", "cuda:1")) == expected


def test_a_process_a_device_starts_only_when_it_is_needed(fakes: ModuleType, tmp_path: Path) -> None:
    def go_on() -> None:
        wait_until(lambda: len(spawned_children()) == 2, "nobody helps the one that is busy")
        (tmp_path / "go").touch()

    with service(fakes.ObedientEngine, devices=("cpu", "cuda:3")) as (_, client):
        assert spawned_children() == []
        assert outcomes(client, "device") == ["cpu"]
        assert len(spawned_children()) == 1
        assert outcomes(client, f"until {tmp_path / 'go'}", "device", "say on", then=go_on)[1] == "cuda:3"
    assert spawned_children() == []


def test_no_images_are_no_work(run: Any) -> None:
    assert run() == []
    assert spawned_children() == []


def test_pages_that_wait_are_read_together_and_answered_in_their_order(fakes: ModuleType, tmp_path: Path) -> None:
    most = 0
    with service(fakes.ObedientEngine, batch_pages=4) as (_, client):
        for pause_s in (0.1, 1, 10):  # until what was handed in has arrived; on a busy machine it takes longer
            go = tmp_path / f"go-{pause_s}"
            orders = [f"until {go}", *["size"] * 4, "say last"]
            first, *sizes, last = map(str, outcomes(client, *orders, then=partial(_make_later, go, pause_s)))
            assert (first, last) == ("None", "last")
            most = max(map(int, sizes))
            assert most <= 4
            if most > 1:
                break
    assert most > 1


def _make_later(file: Path, pause_s: float) -> None:
    time.sleep(pause_s)
    file.touch()


@pytest.mark.parametrize(
    ("wanted", "device", "pages"), [(0, "cpu", 1), (0, "cuda:1", 8), (3, "cpu", 3), (1, "cuda", 1)]
)
def test_how_many_pages_a_device_reads_at_once(wanted: int, device: str, pages: int) -> None:
    assert pages_at_once(wanted, device) == pages


@pytest.mark.parametrize("bad", ["refuse broken", "fail", "die 1", "sleep 600"])
def test_a_batch_that_fails_costs_the_page_that_caused_it_and_no_other(run: Any, bad: str) -> None:
    before, error, after = run("sleep 0.2", bad, "say after", batch_pages=8, page_timeout_s=2)
    assert (before, after) == ("None", "after")
    assert isinstance(error, InputError)


def test_an_engine_that_cannot_be_built_stops_the_readers_of_batches_too(fakes: ModuleType) -> None:
    with service(fakes.never_built, batch_pages=4) as (_, client), pytest.raises(ConfigError, match="no such model"):
        outcomes(client, "say 1", "say 2")


def test_a_process_stays_warm(run: Any) -> None:
    assert len(set(run(*["pid"] * 5))) == 1


def test_threads_of_an_engine_are_its_share_of_the_cores_unless_told(run: Any) -> None:
    cores = len(os.sched_getaffinity(0))
    assert run("threads") == [str(cores)]
    assert run("threads", devices=("cpu", "cpu")) == [str(max(1, cores // 2))]
    assert run("threads", threads=5) == ["5"]


@pytest.mark.parametrize("hang", ["sleep 600", "hold 600"])
def test_a_page_that_hangs_is_a_timeout_of_that_page(run: Any, hang: str) -> None:
    before, error, after = run("pid", hang, "pid", page_timeout_s=2)
    assert isinstance(error, ParserTimeout)
    assert "within 2 s: raise ocr.page_timeout_s" in error.message
    assert before != after


def test_loading_the_engine_is_not_counted(fakes: ModuleType) -> None:
    with service(partial(fakes.slow_to_load, 3.0), page_timeout_s=2) as (_, client):
        assert outcomes(client, "say loaded") == ["loaded"]


@pytest.mark.parametrize("death", ["die 3", "crash"])
def test_a_page_that_kills_the_engine_costs_that_page(run: Any, death: str) -> None:
    before, error, after = run("pid", death, "pid")
    assert isinstance(error, ParserCrashed)
    assert before != after


def test_a_page_that_bloats_the_engine_is_too_large(run: Any) -> None:
    error, after = run("bloat 900", "say on", max_rss_mb=600)
    assert isinstance(error, TooLarge)
    assert "ocr.max_rss_mb" in error.message
    assert error.facts["max_rss_mb"] == 600
    assert after == "on"


def test_errors_of_the_engine_come_through_with_their_facts(run: Any) -> None:
    refused, failed, after = run("refuse broken", "fail", "say on")
    assert isinstance(refused, CorruptFile)
    assert refused.facts["page"] == 3
    assert isinstance(failed, ParserCrashed)
    assert failed.facts["exception"] == "ZeroDivisionError"
    assert after == "on"


def test_an_engine_that_cannot_be_built_stops_every_reader_with_its_own_error(fakes: ModuleType) -> None:
    with service(fakes.never_built) as (running, client):
        for reader in (client, client, OcrClient(running.address)):
            with pytest.raises(ConfigError, match="there is no such model"):
                outcomes(reader, "say 1", "say 2")


def test_images_are_pulled_as_results_are_taken(fakes: ModuleType) -> None:
    with service(fakes.ObedientEngine) as (running, client):
        pulled = 0

        def images() -> Iterator[PageImage]:
            nonlocal pulled
            for number in range(50):
                pulled += 1
                yield fakes.order(f"say {number}")

        for taken, _ in enumerate(client.read(images()), start=1):
            assert pulled - taken < running.address.ahead == 3
        assert pulled == 50


def test_a_read_that_is_given_up_leaves_nothing_to_the_next(fakes: ModuleType) -> None:
    with service(fakes.ObedientEngine) as (_, client):
        first = client.read(map(fakes.order, ["say 1", "say 2", "say 3"]))
        next(first)
        first.close()
        assert outcomes(client, "say 4", "say 5") == ["4", "5"]


def test_many_clients_get_their_own_results(fakes: ModuleType) -> None:
    heard: dict[int, list[object]] = {}
    with service(fakes.ObedientEngine, devices=("cpu", "cuda:0")) as (running, _):

        def read(number: int) -> None:
            orders = [f"say {number}-{page}" for page in range(20)]
            heard[number] = outcomes(OcrClient(running.address), *orders)

        threads = [Thread(target=read, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert heard == {number: [f"{number}-{page}" for page in range(20)] for number in range(12)}


def test_parser_processes_reach_the_service_and_their_clock_stands_still_meanwhile(fakes: ModuleType) -> None:
    with service(fakes.ObedientEngine) as (running, _):
        parser = partial(fakes.make_reader, running.address)
        with WorkerPool(parser, PoolOptions(workers=2, timeout_s=1.5)) as pool:
            jobs = [["sleep 0.9", "sleep 0.9", "sleep 0.9", f"say {n}"] for n in range(2)]
            read = [outcome for _, outcome in pool.imap(jobs)]
    assert read == [["None", "None", "None", "0"], ["None", "None", "None", "1"]]


def test_a_page_that_fails_in_the_service_is_not_the_parsers_end(fakes: ModuleType) -> None:
    with (
        service(fakes.ObedientEngine, page_timeout_s=2) as (running, _),
        WorkerPool(partial(fakes.make_reader, running.address), PoolOptions(workers=1)) as pool,
    ):
        [(_, read)] = pool.imap([["say 1", "sleep 600", "die 1", "say 4"]])
    assert read == ["1", "ParserTimeout", "ParserCrashed", "4"]


def test_a_wrong_model_stops_the_run_from_within_a_parser_process(fakes: ModuleType) -> None:
    with service(fakes.never_built) as (running, _):
        parser = partial(fakes.make_reader, running.address)
        with (
            WorkerPool(parser, PoolOptions(workers=1)) as pool,
            pytest.raises(ConfigError, match="there is no such model"),
        ):
            list(pool.imap([["say 1"]]))


def test_a_client_that_dies_costs_no_one_else(fakes: ModuleType, tmp_path: Path) -> None:
    with service(fakes.ObedientEngine) as (running, client):
        [before] = outcomes(client, "pid")
        parser = partial(fakes.make_reader, running.address)
        with WorkerPool(parser, PoolOptions(workers=1)) as pool:
            hanging = pool.imap([["say 1"], [f"until {tmp_path / 'go'}", "sleep 600", "sleep 600"]])
            next(hanging)
            wait_until((tmp_path / "go.begun").exists)
            there = len(of_the_service())
            pool.close()
            wait_until(lambda: len(of_the_service()) < there, "nobody notices that it died")
            (tmp_path / "go").touch()
        # The page that was being read is finished, those behind it are dropped, the engine stays.
        assert outcomes(client, "pid") == [before]


def test_closing_ends_processes_threads_and_socket_at_once(fakes: ModuleType) -> None:
    with service(fakes.ObedientEngine, page_timeout_s=600) as (running, client):
        hung = Thread(target=lambda: failure.append(reason(client, "sleep 600")))
        failure: list[object] = []
        hung.start()
        wait_until(spawned_children)
        started = time.monotonic()
    assert time.monotonic() - started < PATIENCE_S
    hung.join(PATIENCE_S)
    assert [type(error) for error in failure] == [InvariantError]
    assert spawned_children() == []
    assert running.address.path.strip("\0") not in Path("/proc/net/unix").read_text("utf-8")
    assert of_the_service() == []
    assert isinstance(reason(OcrClient(running.address), "say 1"), InvariantError)


def test_the_address_is_small_picklable_and_hides_its_key(fakes: ModuleType) -> None:
    with service(fakes.ObedientEngine) as (running, _):
        address = running.address
        assert pickle.loads(pickle.dumps(address)) == address
        assert address.key.hex() not in repr(address)
        assert repr(address.key) not in repr(address)
        assert address.recipe["engine"] == "paddleocr"


def test_a_client_with_a_wrong_key_gets_nothing_and_does_no_harm(fakes: ModuleType) -> None:
    with service(fakes.ObedientEngine) as (running, client):
        address = running.address
        stranger = OcrClient(OcrAddress(address.path, b"wrong", address.ahead, address.recipe))
        assert isinstance(reason(stranger, "say 1"), InvariantError)
        assert outcomes(client, "say 1") == ["1"]


def test_a_client_that_stalls_at_the_door_holds_up_neither_others_nor_the_end(fakes: ModuleType) -> None:
    with service(fakes.ObedientEngine) as (running, client), socket.socket(socket.AF_UNIX) as stalled:
        stalled.connect(running.address.path)
        assert outcomes(client, "say 1") == ["1"]


def test_a_service_without_clients_ends(fakes: ModuleType) -> None:
    for _ in range(20):
        with service(fakes.ObedientEngine):
            pass
    assert of_the_service() == []


def test_clients_that_come_while_it_closes_are_let_in_by_nobody(fakes: ModuleType) -> None:
    def come(address: OcrAddress) -> None:
        with suppress(OSError, EOFError, AuthenticationError):
            Client(address.path, "AF_UNIX", address.key).close()

    for _ in range(20):
        with service(fakes.ObedientEngine) as (running, _):
            clients = [Thread(target=come, args=(running.address,)) for _ in range(4)]
            for client in clients:
                client.start()
        assert of_the_service() == []
        for client in clients:
            client.join()


def test_a_deep_temporary_folder_is_no_obstacle(
    fakes: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 5)
    deep.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    with service(fakes.ObedientEngine) as (_, client):
        assert outcomes(client, "say 1") == ["1"]


def test_ocr_in_this_process_gives_results_and_errors_alike(fakes: ModuleType) -> None:
    options = OcrOptions(devices=("cpu",))
    local = LocalOcr(options, partial(fakes.ObedientEngine, options, "cpu"))
    said, refused, failed, after = outcomes(local, "say 1", "refuse broken", "fail", "say 4")
    assert (said, after) == ("1", "4")
    assert isinstance(refused, CorruptFile)
    assert isinstance(failed, ParserCrashed)
    with pytest.raises(ConfigError, match="off"):
        outcomes(local, "stop off")


PARENT = """
import os, sys
sys.path.insert(0, {here!r})
import ocr_engine_fakes
from ingest.ocr.client import OcrClient
from ingest.ocr.service import OcrService
from ingest.options.ocr import OcrOptions
if __name__ == "__main__":
    with OcrService(OcrOptions(devices=("cpu",)), ocr_engine_fakes.ObedientEngine) as service:
        for outcome in OcrClient(service.address).read(map(ocr_engine_fakes.order, ["pid", "hold 600"])):
            print(ocr_engine_fakes.said(outcome), flush=True)
"""


def test_no_ocr_process_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent(PARENT.format(here=str(HERE))))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        engine = int(parent.stdout.readline())
        parent.kill()
        wait_ended(engine)


def reason(client: OcrClient, *orders: str) -> object:
    """What stopped the reading."""
    try:
        return outcomes(client, *orders)
    except DocstrataError as error:
        return error


def of_the_service() -> list[str]:
    """Its threads in this process."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("ocr-service")]
