from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from patience import PATIENCE_S, wait_until

from ingest.config import Settings
from ingest.context import Context, Home, open_context, run_lock
from ingest.options.storage import StoreOptions
from schemas.errors import ConfigError, StoreDown

_HOLD = """
import sys
from pathlib import Path
from ingest.config import Settings
from ingest.context import open_context, run_lock
with run_lock(open_context(Path(sys.argv[1]), Settings())):
    print("held", flush=True)
    sys.stdin.read()
"""


class Told:
    """Remembers what was said to the person who waits."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def expect(self, stage: str, more: int) -> None: ...

    def advance(self, stage: str, done: int = 1) -> None: ...

    def say(self, message: str) -> None:
        self.sentences.append(message)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def context(tmp_path: Path, told: Told) -> Iterator[Context]:
    opened = open_context(tmp_path / "home", Settings(), progress=told)
    yield opened
    opened.close()


@pytest.fixture
def holder(context: Context) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of a run."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(context.home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_run_that_shall_not_wait_is_told_for_whom(context: Context, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(StoreDown, match=f"process {holder.pid} is running in {context.home.path}; wait for it, or drop"),
        run_lock(context, wait=False),
    ):
        pytest.fail("two runs at once")


def test_a_second_run_waits_says_for_whom_and_goes_on(
    context: Context, holder: subprocess.Popen[str], told: Told
) -> None:
    entered: list[bool] = []

    def wait() -> None:
        with run_lock(context):
            entered.append(True)

    thread = Thread(target=wait)
    thread.start()
    wait_until(lambda: told.sentences)
    thread.join(0.3)
    assert entered == []
    assert told.sentences == [f"waiting for process {holder.pid}, which is running in {context.home.path}"]

    holder.communicate("")  # its run comes to its end
    thread.join(PATIENCE_S)
    assert entered == [True]


def test_a_run_that_was_killed_holds_nobody_up(context: Context, holder: subprocess.Popen[str], told: Told) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(PATIENCE_S)

    with run_lock(context, wait=False):
        assert context.home.lock.read_text("utf-8") == f"process {os.getpid()}"
    assert told.sentences == []


def test_a_run_that_failed_holds_nobody_up(context: Context) -> None:
    with pytest.raises(ValueError, match="the reason"), run_lock(context):
        raise ValueError("the reason")

    with run_lock(context, wait=False):
        pass


def test_a_lock_that_cannot_be_opened_is_told(context: Context) -> None:
    context.home.lock.mkdir()

    with pytest.raises(StoreDown, match=r"run\.lock cannot be opened: Is a directory"), run_lock(context):
        pytest.fail("a run without a lock")


def test_a_home_is_made_with_all_that_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    context = open_context(Path("deep/state"), Settings())

    assert context.home == Home(tmp_path / "deep" / "state")
    assert context.home.catalog.is_file()
    ref = context.store.write_pack("parse", [("k", b"content")])[0]
    assert (context.home.artifacts / ref.pack).is_file()
    context.close()


def test_artifacts_lie_where_the_configuration_says(tmp_path: Path) -> None:
    settings = Settings(store=StoreOptions(url=str(tmp_path / "elsewhere")))

    context = open_context(tmp_path / "home", settings)
    ref = context.store.write_pack("parse", [("k", b"content")])[0]

    assert (tmp_path / "elsewhere" / ref.pack).is_file()
    context.close()


def test_a_home_that_cannot_be_made_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for home in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigError, match=f"the home {home} cannot be made: .*; give --home DIR"):
            open_context(home, Settings())


def test_a_home_that_cannot_be_written_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Rights say nothing to root, who may run this test.
    monkeypatch.setattr(os, "access", lambda path, mode: not (Path(path) == tmp_path and mode & os.W_OK))

    with pytest.raises(ConfigError, match=f"the home {tmp_path} is not writable; give --home DIR"):
        open_context(tmp_path, Settings())
