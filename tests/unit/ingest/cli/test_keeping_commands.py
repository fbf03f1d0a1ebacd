"""Versions, duplicates and upkeep as a person types them: one home, one command after another."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from strata_fakes import Engine, HashEmbedder

from ingest.cli.app import main
from ingest.stages import parts

SAME = "# Care\n\nEvery three hundred hours of work somebody has to oil the bearings of the pump.\n"


class Shell:
    """Types commands, in a folder that holds `inbox` and the home `state`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch = monkeypatch
        self._said = capsys

    def __call__(self, *words: str, code: int = 0) -> str:
        """What stood on standard output. Fails for another exit code."""
        self._patch.setattr(sys, "argv", ["docstrata", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self._said.readouterr()
        assert int(ended.value.code or 0) == code, said.err
        assert "Traceback" not in said.err
        return said.out

    def told(self, *words: str, code: int = 0) -> dict[str, object]:
        found: dict[str, object] = json.loads(self(*words, "--json", code=code))
        return found


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Over a home with two versions of `pump.md`, and a duplicate."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "pump.md").write_text("# Pump\n\nThe pump turns left.\n", "utf-8")
    (inbox / "a.md").write_text(SAME, "utf-8")
    (inbox / "b.md").write_text(SAME, "utf-8")
    strata = Engine(tmp_path / "state")
    strata.run(inbox)
    (inbox / "pump.md").write_text("# Pump\n\nThe pump turns right.\n", "utf-8")
    strata.run(inbox)
    strata.close()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCSTRATA_HOME", "state")
    monkeypatch.setenv("DOCSTRATA__PARSE__WORKERS", "0")
    monkeypatch.setattr(parts, "SentenceTransformerEmbedder", lambda *_, **__: HashEmbedder())
    return Shell(monkeypatch, capsys)


def test_a_document_has_versions_that_differ_and_is_rolled_back(shell: Shell) -> None:
    assert "2" in shell("versions", "pump.md")
    assert "right" in shell("diff", "pump.md")
    assert "The pump turns right." in shell("search", "pump turns", "--mode", "sparse")
    assert "The pump turns left." in shell("search", "pump turns", "--mode", "sparse", "--as-of-seq", "1")

    shell("rollback", "pump.md", "--to", "1", "--dry-run")
    assert "The pump turns right." in shell("search", "pump turns", "--mode", "sparse")
    shell("rollback", "pump.md", "--to", "1")
    assert "The pump turns left." in shell("search", "pump turns", "--mode", "sparse")


def test_duplicates_are_listed_with_their_reason(shell: Shell) -> None:
    said = shell("duplicates")
    assert "a.md" in said
    assert "b.md" in said
    assert "same text" in said


def test_damage_is_told_and_mended(shell: Shell) -> None:
    assert shell.told("reconcile")["sound"] is True
    strata = Engine(Path("state"))
    row = next(row for row in strata.rows(history=False) if row.payload["path"] == "pump.md")
    strata.parts.index.delete([row.id])
    strata.close()

    assert "docstrata reconcile --repair" in shell("reconcile", code=1)
    assert shell.told("reconcile", "--repair")["mended"] == 1
    assert "agree" in shell("reconcile")


def test_a_catalog_is_rebuilt(shell: Shell) -> None:
    Path("state/catalog.db").unlink()

    assert shell.told("catalog", "rebuild")["documents"] == 3
    assert Path("state/catalog.db").is_file()
    assert shell.told("reconcile")["sound"] is True


def test_what_is_old_is_removed_and_a_document_is_purged(shell: Shell) -> None:
    keep_one = ("--set", "retention.keep_versions=1")
    shell("gc", "--dry-run", *keep_one)
    assert "The pump turns left." in shell("search", "pump turns", "--mode", "sparse", "--as-of-seq", "1")
    shell("gc", *keep_one)
    shell("search", "pump", "--as-of-seq", "1", code=2)

    shell("purge", "pump.md", "--dry-run")
    shell("purge", "pump.md", "--yes")
    shell("versions", "pump.md", code=2)


@pytest.mark.parametrize(
    "words",
    [
        ("versions", "nothing.md"),
        ("diff", "pump.md", "1", "9"),
        ("rollback",),
        ("rollback", "pump.md", "--to", "9"),
        ("search", "pump", "--as-of", "the day that never was"),
        ("search", "pump", "--as-of", "1969-12-30"),
        ("versions", "pump.md", "--home", "nowhere"),
        ("catalog", "rebuild", "--home", "nowhere"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_one_sentence(shell: Shell, words: tuple[str, ...]) -> None:
    shell(*words, code=2)
