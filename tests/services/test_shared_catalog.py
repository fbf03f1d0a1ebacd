"""Two machines on one catalog: one run at a time, and nobody is held up by the dead."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from postgres_server import empty, postgres

from ingest.config import Settings, load_settings
from ingest.context import Context, open_context, run_lock
from schemas.errors import ConfigError, StoreDown

pytestmark = pytest.mark.services

_HOLD = """
import sys
from pathlib import Path
from ingest.config import load_settings
from ingest.context import open_context, run_lock
overrides = {"catalog.url": sys.argv[2], "store.url": sys.argv[3], "index.engine": "qdrant", "index.url": "http://none"}
with run_lock(open_context(Path(sys.argv[1]), load_settings(environ={}, overrides=overrides))):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.fixture
def url(server: str) -> str:
    empty(server)
    return server


def shared(url: str, store: Path) -> Settings:
    overrides = {"catalog.url": url, "store.url": str(store), "index.engine": "qdrant", "index.url": "http://none"}
    return load_settings(environ={}, overrides=overrides)


@pytest.fixture
def context(tmp_path: Path, url: str) -> Iterator[Context]:
    opened = open_context(tmp_path / "here", shared(url, tmp_path / "store"))
    yield opened
    opened.close()


@pytest.fixture
def elsewhere(tmp_path: Path, url: str, context: Context) -> Iterator[subprocess.Popen[str]]:
    """Another machine in the middle of a run: it has a home of its own."""
    command = [sys.executable, "-c", _HOLD, str(tmp_path / "there"), url, str(tmp_path / "store")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_run_that_shall_not_wait_is_told_of_the_other_machine(
    context: Context, elsewhere: subprocess.Popen[str]
) -> None:
    with pytest.raises(StoreDown, match="a run on another machine uses this catalog"), run_lock(context, wait=False):
        pytest.fail("two runs at once")


def test_a_run_waits_for_the_other_machine_and_goes_on(context: Context, elsewhere: subprocess.Popen[str]) -> None:
    entered = Event()

    def wait() -> None:
        with run_lock(context):
            entered.set()

    thread = Thread(target=wait)
    thread.start()
    assert not entered.wait(0.5)

    elsewhere.communicate("")  # its run comes to its end
    assert entered.wait(10)
    thread.join()


def test_a_run_whose_machine_died_holds_nobody_up(context: Context, elsewhere: subprocess.Popen[str]) -> None:
    elsewhere.send_signal(signal.SIGKILL)
    elsewhere.wait(10)

    with run_lock(context):
        pass


def test_a_database_that_is_not_there_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreDown, match="the catalog in Postgres cannot be reached"):
        open_context(tmp_path / "home", shared("postgresql://nobody@127.0.0.1:1/none", tmp_path))


def test_an_address_that_is_none_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"catalog\.url cannot be used"):
        open_context(tmp_path / "home", shared("postgresql://host/name?no_such_option=1", tmp_path))
