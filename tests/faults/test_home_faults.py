"""A full disk, folders that may not be written, a catalog that another process holds: a run says so
in a sentence, and the next one ends as a run without faults."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from light_cli import Ended, run
from small_home import Found, change, check_same, first_files, found_in
from sparse_copies import copied

from ingest.context import LEAST_ROOM

SETTINGS = ("run.batch_chunks=6",)
MIB = 2**20

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Scene:
    """Files that have changed since `before`, a home, took them in; what a run makes of them there."""

    inbox: Path
    before: Path
    expected: Found

    def begin(self, home: Path) -> None:
        copied(self.before, home)

    def run(self, home: Path, started_by: Sequence[str] = ()) -> Ended:
        return run(self.inbox, home, SETTINGS, started_by)

    def check_after_a_clean_run(self, home: Path) -> None:
        ended = self.run(home)
        assert ended.code == 0, ended.said
        check_same(found_in(home), self.expected)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    place = tmp_path_factory.mktemp("scene")
    inbox, home, unharmed = place / "inbox", place / "home", place / "unharmed"
    first_files(inbox)
    assert run(inbox, home, SETTINGS).code == 0
    change(inbox)
    copied(home, unharmed)
    assert run(inbox, unharmed, SETTINGS).code == 0
    return Scene(inbox, home, found_in(unharmed))


@pytest.fixture
def home(scene: Scene, tmp_path: Path) -> Path:
    scene.begin(tmp_path / "home")
    return tmp_path / "home"


# ------------------------------------------------------------------ a full disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    size = f"size={LEAST_ROOM + 512 * MIB}"
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", str(mounted)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no small file system can be mounted here: {made.stderr.decode().strip()}")
    yield mounted
    subprocess.run(["umount", "--lazy", str(mounted)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all but `leave` bytes."""
    hog = disk / "hog"
    with hog.open("ab") as file:
        while (room := shutil.disk_usage(disk).free - leave) > 0:
            file.write(bytes(min(room, MIB)))
            file.flush()
    return hog


def test_a_disk_without_room_for_a_commit_ends_the_run_before_it(disk: Path, scene: Scene) -> None:
    scene.begin(disk / "home")
    hog = fill(disk, leave=LEAST_ROOM - MIB)
    scene.run(disk / "home").check_told_in_one_sentence("is full", "make room and run again")
    hog.unlink()
    scene.check_after_a_clean_run(disk / "home")


@pytest.mark.parametrize("after_s", [0.0, 0.3, 0.6, 0.9, 1.2, 1.5])
def test_a_disk_that_another_fills_during_a_run_loses_nothing(disk: Path, scene: Scene, after_s: float) -> None:
    """The engines map files into memory: the system may end the process without a word."""
    scene.begin(disk / "home")
    filler = threading.Thread(target=lambda: (time.sleep(2.0 + after_s), fill(disk, leave=0)))
    filler.start()
    ended = scene.run(disk / "home")
    filler.join()
    if ended.code > 0:
        ended.check_told_in_one_sentence("room")
    (disk / "hog").unlink()
    scene.check_after_a_clean_run(disk / "home")


@pytest.mark.parametrize("limit_kib", [64, 256, 1024])
def test_a_limit_of_the_size_of_files_is_told_and_loses_nothing(home: Path, scene: Scene, limit_kib: int) -> None:
    ended = scene.run(home, ["prlimit", f"--fsize={limit_kib * 1024}"])
    if ended.code > 0:
        ended.check_told_in_one_sentence()
    scene.check_after_a_clean_run(home)


# ------------------------------------------------- folders that may not be written


def without_rights() -> list[str]:
    """How a command is started that may not write where the rights of a folder forbid it."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is needed, to run as root without a root's rights")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """And all folders and files in it."""
    places = [folder, *folder.rglob("*")]
    modes = {each: each.stat().st_mode for each in places}
    for each in places:
        each.chmod(modes[each] & ~0o222)
    try:
        yield
    finally:
        for each in places:
            each.chmod(modes[each])


@pytest.mark.parametrize(
    ("folder", "words"),
    [("", "not writable"), ("artifacts", "artifacts"), ("index", "index"), ("catalog.db", "catalog")],
)
def test_a_folder_that_may_not_be_written_is_named(home: Path, scene: Scene, folder: str, words: str) -> None:
    with read_only(home / folder):
        ended = scene.run(home, without_rights())
    ended.check_told_in_one_sentence(words)
    scene.check_after_a_clean_run(home)


# --------------------------------------------------------------- a locked catalog


@contextmanager
def locked(catalog: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(catalog, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield holder


def test_a_catalog_that_is_locked_for_a_while_is_waited_for(home: Path, scene: Scene) -> None:
    with locked(home / "catalog.db") as holder:
        threading.Timer(6, lambda: holder.execute("ROLLBACK")).start()
        ended = scene.run(home)
        assert ended.code == 0, ended.said
    check_same(found_in(home), scene.expected)


def test_a_catalog_that_stays_locked_ends_the_run_in_a_sentence(home: Path, scene: Scene) -> None:
    with locked(home / "catalog.db"):
        ended = scene.run(home)
    ended.check_told_in_one_sentence("another process is writing to it", "run again")
    scene.check_after_a_clean_run(home)
