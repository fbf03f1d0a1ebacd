"""Arguments that hold bytes of no text: a terminal or a disk of another encoding."""

from __future__ import annotations

import io
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from strata_fakes import Engine, HashEmbedder

from ingest.cli.app import main
from ingest.context import Context
from ingest.stages.parts import Parts

RAW = os.fsdecode(b"latin\xe9.md")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / RAW).write_text("# Lease\n\nThe notice period is thirty days.\n")
    engine = Engine(tmp_path / "home")
    engine.run(folder)
    engine.close()

    def parts(context: Context) -> Parts:
        return Parts(context, HashEmbedder())

    monkeypatch.setattr("ingest.api.Parts", parts)
    return tmp_path / "home"


def docstrata(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> tuple[int, str, str]:
    said, told = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "argv", ["docstrata", *arguments])
    with redirect_stdout(said), redirect_stderr(told), pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0), said.getvalue(), " ".join(told.getvalue().split())


def test_a_document_is_found_by_the_name_that_its_file_has(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said, told = docstrata(monkeypatch, "locate", f"{RAW}#0", "--home", str(home))

    assert (code, told) == (0, "")
    assert "latin\\xe9.md" in said


def test_a_filter_takes_the_name_that_the_file_has(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("search", "notice period", "--filter", f"path={RAW}", "--mode", "sparse", "--home", str(home))
    code, said, _ = docstrata(monkeypatch, *arguments)

    assert code == 0
    assert "thirty days" in said


def test_a_question_that_is_no_text_is_told_in_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said, told = docstrata(monkeypatch, "search", os.fsdecode(b"notice p\xe9riod"), "--home", str(home))

    assert (code, said) == (2, "")
    assert "the question is not UTF-8: set the terminal to UTF-8 and type it again" in told
