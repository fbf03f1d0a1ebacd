"""Machines that share a catalog in Postgres, an artifact store and a Qdrant server; homes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from light_cli import Ended, command
from postgres_server import empty, postgres
from qdrant_stub import QdrantStub
from strata_fakes import Engine

from ingest.vectors import PayloadFilter
from schemas.point import OPEN

pytestmark = [pytest.mark.services, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@dataclass
class Site:
    """What the machines share."""

    place: Path
    catalog: str
    stub: QdrantStub

    @property
    def shared(self) -> dict[str, str]:
        return {
            "catalog.url": self.catalog,
            "store.url": str(self.place / "store"),
            "index.engine": "qdrant",
            "index.url": self.stub.url,
        }

    def start(self, machine: str, folder: Path) -> subprocess.Popen[str]:
        """`docstrata run` on that machine."""
        values = {**self.shared, "parse.workers": "0", "store.keep_originals": "false", "run.batch_chunks": "4"}
        sets = [part for key, value in values.items() for part in ("--set", f"{key}={value}")]
        arguments = command("run", str(folder), "--home", str(self.place / machine), *sets)
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def engine(self, machine: str) -> Engine:
        return Engine(self.place / machine, self.shared)

    def commits(self) -> int:
        with psycopg.connect(self.catalog) as connection:
            (count,) = connection.execute("SELECT count(*) FROM docstrata.commits").fetchone() or (0,)
            return int(count)


@pytest.fixture
def site(tmp_path: Path, server: str) -> Iterator[Site]:
    empty(server)
    stub = QdrantStub()
    # The tables, so that the test may count in them from the start.
    opened = Site(tmp_path, server, stub)
    opened.engine("first").close()
    yield opened
    stub.close()


def folder(place: Path, name: str, files: int) -> Path:
    made = place / name
    made.mkdir()
    for number in range(files):
        text = (
            f"# Pump {number}\n\nPump {number} of {name} turns left.\n\n## Care\n\nOil pump {number} of {name} daily.\n"
        )
        (made / f"{number}.md").write_text(text, "utf-8")
    return made


def ended(process: subprocess.Popen[str]) -> Ended:
    told, said = process.communicate(timeout=120)
    return Ended(process.returncode, told, said)


def check_agreement(site: Site, texts: int) -> None:
    """Catalog and index hold the same rows, nothing is open, and each text is there once."""
    strata = site.engine("observer")
    found = list(strata.parts.index.scroll(PayloadFilter({"tenant": "default"}, history=True)))
    rows = strata.context.catalog.database.rows("SELECT point_id, to_seq FROM points ORDER BY point_id")
    assert [(point.id.replace("-", ""), point.payload["to_seq"]) for point in found] == [
        (bytes(key).hex(), to_seq) for key, to_seq in rows if isinstance(key, bytes)
    ]
    assert all(point.payload["current"] == (point.payload["to_seq"] == OPEN) for point in found)
    assert strata.context.catalog.history.open_intents() == []
    current = [payload.text for payload in strata.current()]
    assert len(current) == len(set(current)) == texts
    strata.close()


def test_two_machines_take_in_at_once_and_the_second_knows_what_the_first_did(site: Site, tmp_path: Path) -> None:
    north, south = folder(tmp_path, "north", 12), folder(tmp_path, "south", 12)
    runs = [site.start("first", north), site.start("second", south)]
    for run in map(ended, runs):
        assert run.code == 0, run.said

    check_agreement(site, 48)
    with psycopg.connect(site.catalog) as connection:
        states = connection.execute("SELECT state FROM docstrata.runs").fetchall()
    assert states == [("done",), ("done",)]
    again = site.engine("second")
    summary = again.run(north)
    assert (summary.seen, summary.unchanged, summary.written) == (12, 12, 0)
    assert again.embedder.texts == []
    again.close()


def test_a_machine_that_dies_in_mid_run_is_followed_by_another(site: Site, tmp_path: Path) -> None:
    north = folder(tmp_path, "north", 24)
    run = site.start("first", north)
    until(lambda: site.commits() >= 3)
    run.kill()
    run.communicate()
    assert site.commits() < 12

    assert ended(site.start("second", north)).code == 0
    check_agreement(site, 48)


def test_a_machine_that_was_cut_off_and_comes_back_late_does_no_harm(site: Site, tmp_path: Path) -> None:
    """Its lock was lost with its connection; its run goes on where it stood, and is kept out by its number."""
    north = folder(tmp_path, "north", 24)
    late = site.start("first", north)
    until(lambda: site.commits() >= 3)
    pause_between_transactions(site, late)
    assert site.commits() < 12
    cut_off(site)

    (north / "0.md").unlink()
    assert ended(site.start("second", north)).code == 0
    check_agreement(site, 46)

    late.send_signal(signal.SIGCONT)
    end = ended(late)
    end.check_told_in_one_sentence("another run has")
    check_agreement(site, 46)


def until(happened: object, limit_s: float = 60.0) -> None:
    assert callable(happened)
    end = time.monotonic() + limit_s
    while not happened():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.002)


def pause_between_transactions(site: Site, process: subprocess.Popen[str]) -> None:
    """A transaction that stood still would hold the others up, for as long as the server lets it."""
    while True:
        os.kill(process.pid, signal.SIGSTOP)
        with psycopg.connect(site.catalog, autocommit=True) as connection:
            busy = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'docstrata' AND state <> 'idle'"
            ).fetchone()
        if busy == (0,):
            return
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.005)


def cut_off(site: Site) -> None:
    """Ends the connection that holds the run's lock, as a server does that hears nothing any more."""
    with psycopg.connect(site.catalog, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        ).fetchall()
    assert ended == [(True,)]
