"""The check that a page shows its numbers sees one that is missing, stands elsewhere, or is of nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from page_numbers import check

from ingest.api import Docstrata
from ingest.config import load_settings
from ingest.reports.html import render
from schemas.quality import QualityReport

SAMPLE = Path(__file__).resolve().parents[1] / "schemas" / "samples" / "v1" / "QualityReport.json"


@pytest.fixture(scope="module")
def page() -> str:
    return render(QualityReport.model_validate_json(SAMPLE.read_bytes()))


@pytest.fixture
def told() -> dict[str, Any]:
    return dict(json.loads(QualityReport.model_validate_json(SAMPLE.read_bytes()).model_dump_json()))


def test_every_number_of_a_report_stands_at_its_place(page: str, told: dict[str, Any]) -> None:
    checked = check(page, told)
    assert checked.wrong == ()
    assert checked.looked_at > 300


def test_a_page_of_an_empty_home_says_nothing_of_what_is_not_there(tmp_path: Path) -> None:
    with Docstrata(tmp_path / "home", load_settings(environ={}, overrides={})) as strata:
        report = strata.report()
    assert check(render(report), json.loads(report.model_dump_json())).wrong == ()


def test_a_number_that_is_not_there_is_named_at_each_of_its_places(page: str, told: dict[str, Any]) -> None:
    told["documents"]["total"] = 98_765
    wrong = check(page, told).wrong
    assert any(sentence.startswith("figure 'documents': '98,765'") for sentence in wrong)
    assert any(sentence.startswith("parsing, table 'Documents', row live, cell 1: '98,765'") for sentence in wrong)


def test_a_number_that_stands_in_the_row_of_another_is_found(page: str, told: dict[str, Any]) -> None:
    outcome, other = ">indexed: gave a document<", ">copies of a file before them<"
    swapped = page.replace(outcome, ">?<").replace(other, outcome).replace(">?<", other)
    assert swapped != page
    wrong = check(swapped, told).wrong
    assert any("row indexed: gave a document" in sentence for sentence in wrong)


def test_a_number_that_the_page_has_no_place_for_is_named(page: str, told: dict[str, Any]) -> None:
    told["documents"]["forgotten"] = 7
    assert "no place on the page: documents.forgotten" in check(page, told).wrong


def test_a_cell_that_is_of_no_number_is_found(page: str, told: dict[str, Any]) -> None:
    row = '<tr><th scope="row">live</th>'
    assert row in page
    added = page.replace(row, f'<tr><th scope="row">made up</th><td class="n">41</td></tr>{row}')
    assert any("'41' is of nothing" in sentence for sentence in check(added, told).wrong)
