"""The example program, run as a reader would run it."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import pytest
from strata_fakes import HashEmbedder

from ingest.embed.tokens import HuggingFaceTokenCounter
from ingest.options.embed import EmbedOptions

PROGRAM = Path(__file__).parents[3] / "examples" / "application.py"


def test_a_question_becomes_numbered_passages_with_their_sources_within_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "inbox").mkdir()
    sections = "\n\n".join(
        f"## {number}. Clause\n\n{'The parties keep to this clause. ' * 12}Item {number} costs {number} euros."
        for number in range(1, 12)
    )
    notice = "## 12. Notice\n\nThe notice period is ninety days from the end of a month."
    (tmp_path / "inbox" / "agreement.md").write_text(f"# Agreement\n\n{sections}\n\n{notice}\n", "utf-8")
    monkeypatch.setattr("ingest.stages.parts.SentenceTransformerEmbedder", lambda *_, **__: HashEmbedder())
    monkeypatch.setenv("DOCSTRATA__PARSE__WORKERS", "0")
    monkeypatch.chdir(tmp_path)
    asked = ["How long is the notice period?", "--folder", "inbox", "--home", "home", "--tokens", "300"]
    monkeypatch.setattr(sys, "argv", ["application.py", *asked])
    runpy.run_path(str(PROGRAM), run_name="__main__")
    said = capsys.readouterr().out
    assert "Question: How long is the notice period?" in said
    sources = re.findall(r"^\[(\d+)\] agreement\.md › Agreement › (\d+)\. ", said, re.MULTILINE)
    assert [int(number) for number, _ in sources] == list(range(1, len(sources) + 1))
    assert "12" in {clause for _, clause in sources} and "ninety days" in said
    assert 2 <= len(sources) <= 6
    assert HuggingFaceTokenCounter(EmbedOptions()).count([said])[0] < 300 + 40 * (len(sources) + 2)
