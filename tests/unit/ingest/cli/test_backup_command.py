"""`docstrata backup` and `docstrata restore`, of a home before its first run: no model is loaded."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ingest.catalog.catalog import open_catalog
from ingest.cli.app import main


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    open_catalog(tmp_path / "state" / "catalog.db").close()
    return tmp_path


def docstrata(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["docstrata", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_there_and_back(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert docstrata(monkeypatch, "backup", "home.tar.zst", "--home", "state") == 0
    assert docstrata(monkeypatch, "restore", "home.tar.zst", "--home", "again") == 0

    said = capsys.readouterr().out
    assert "1 files saved in home.tar.zst, 0." in said
    assert "restored to again" in said
    assert (place / "again" / "catalog.db").is_file()


def test_a_dry_run_tells_what_is_in_it(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    docstrata(monkeypatch, "backup", "home.tar.zst", "--home", "state", "--json")
    saved = json.loads(capsys.readouterr().out)

    assert docstrata(monkeypatch, "restore", "home.tar.zst", "--home", "again", "--dry-run", "--json") == 0
    found = json.loads(capsys.readouterr().out)

    assert (found["members"], found["size"], found["dry_run"]) == (saved["members"], saved["size"], True)
    assert not (place / "again").exists()


def test_what_cannot_be_done_is_one_sentence_and_an_exit_code(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "letter.txt").write_text("dear")

    assert docstrata(monkeypatch, "backup", "home.tar.zst", "--home", "nowhere") == 2
    assert docstrata(monkeypatch, "restore", "missing.tar.zst", "--home", "again") == 2
    assert docstrata(monkeypatch, "restore", "letter.txt", "--home", "again") == 2

    told = " ".join(capsys.readouterr().err.split())
    assert "nowhere holds nothing yet" in told
    assert "missing.tar.zst cannot be opened: No such file or directory" in told
    assert "letter.txt is cut short, or is no backup: nothing was restored" in told
    assert not (place / "again").exists()
