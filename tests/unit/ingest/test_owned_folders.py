"""Temporary folders are removed by their owner, or, where it was killed, by the next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ingest.owned_folders import OwnedFolder, sweep

OWNER = """
import sys
from ingest.owned_folders import OwnedFolder
folder = OwnedFolder("docstrata-test-")
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _temporary_files_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


def test_a_folder_is_gone_when_it_is_closed() -> None:
    folder = OwnedFolder("docstrata-test-")
    (folder.path / "copy.db").write_bytes(b"much")
    folder.close()
    assert not folder.path.exists()


def test_a_folder_of_a_killed_process_is_removed_by_the_next_and_one_of_a_living_process_is_not() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        left = Path(os.fsdecode(owner.stdout.readline().rstrip()))
        mine = OwnedFolder("docstrata-test-")
        assert left.is_dir()
        owner.send_signal(signal.SIGKILL)
        owner.wait()

    next_one = OwnedFolder("docstrata-test-")

    assert not left.exists()
    assert mine.path.is_dir()
    for folder in (mine, next_one):
        folder.close()


def test_what_looks_like_one_and_is_none_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "documents"
    elsewhere.mkdir()
    (elsewhere / "owner.lock").write_text("")
    (tmp_path / "docstrata-test-link").symlink_to(elsewhere)
    (tmp_path / "docstrata-test-nothing").mkdir()

    sweep("docstrata-test-")

    assert (elsewhere / "owner.lock").exists()
    assert (tmp_path / "docstrata-test-nothing").is_dir()
