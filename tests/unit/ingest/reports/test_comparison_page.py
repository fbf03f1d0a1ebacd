"""Two runs side by side: on a page, and on the terminal."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from ingest.cli.reporting import show_comparison
from ingest.reports.html import render_comparison
from ingest.reports.wording import HEADLINES, told_change
from ingest.reports.writing import write_comparison
from schemas.comparison import Change, Comparison, Headline
from schemas.errors import ConfigError

SAMPLE = Path(__file__).parents[2] / "schemas" / "samples" / "v1" / "Comparison.json"
EVIL = "<script>alert(1)</script>\"'&amp;{{ 7 * 7 }}\u202eevil"


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison.model_validate_json(SAMPLE.read_text("utf-8"))


def test_both_runs_and_what_differs_are_told(comparison: Comparison) -> None:
    page = render_comparison(comparison).replace("<wbr>", "")
    assert comparison.before.run_id in page
    assert comparison.after.run_id in page
    assert "+10" in page
    assert "manuals/pump.pdf" in page


def test_names_are_text_whatever_they_hold(comparison: Comparison) -> None:
    hostile = comparison.worse[0].model_copy(update={"source": EVIL, "path": EVIL})
    page = render_comparison(comparison.model_copy(update={"worse": (hostile,), "source": EVIL}))
    assert page.count("<script>") == 2
    assert "{{ 7 * 7 }}" in page


def test_a_page_and_its_json_are_written(comparison: Comparison, tmp_path: Path) -> None:
    data = write_comparison(comparison, tmp_path / "two.html")
    assert Comparison.model_validate_json(data.read_text("utf-8")) == comparison
    assert (tmp_path / "two.html").is_file()
    with pytest.raises(ConfigError, match=r"two\.html"):
        write_comparison(comparison, tmp_path / "two.md")


def test_the_terminal_has_a_table(comparison: Comparison) -> None:
    console = Console(file=StringIO(), width=120)
    show_comparison(comparison, Path("two.html"), console)
    told = console.file.getvalue()
    assert "chunks" in told
    assert "+10" in told
    assert "4 → 6" in told
    assert "two.html" in told


@pytest.mark.parametrize(
    ("change", "difference", "tone"),
    [
        (Change(name="cut_share", before=0.02, now=0.05), "+3.0 points", "bad"),
        (Change(name="heading_share", before=0.5, now=0.6), "+10.0 points", "good"),
        (Change(name="cut_share", before=0.02, now=0.0201), "hardly", ""),
        (Change(name="documents", before=10, now=9), "-1", ""),
        (Change(name="lost", before=None, now=9), "–", ""),
    ],
)
def test_a_change_says_by_how_much_and_whether_that_is_good(change: Change, difference: str, tone: str) -> None:
    told = told_change(change)
    assert (told.difference, told.tone) == (difference, tone)


def test_every_number_of_the_headline_has_words() -> None:
    assert HEADLINES.keys() == Headline.model_fields.keys() - {"schema_version"}
