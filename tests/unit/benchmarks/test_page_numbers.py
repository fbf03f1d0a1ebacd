"""The check that a page shows its numbers sees when one is missing."""

from __future__ import annotations

import json
from pathlib import Path

from page_numbers import missing_numbers

from ingest.reports.html import render
from schemas.quality import QualityReport

SAMPLE = Path(__file__).resolve().parents[1] / "schemas" / "samples" / "v1" / "QualityReport.json"


def test_a_page_shows_its_numbers_and_one_that_it_does_not_show_is_named() -> None:
    report = QualityReport.model_validate_json(SAMPLE.read_bytes())
    page, told = render(report), json.loads(report.model_dump_json())
    missing, looked_at = missing_numbers(page, told)
    assert looked_at > 300
    assert len(missing) < looked_at / 50, missing

    told["documents"]["total"] = 98_765
    assert ("documents.total", 98_765) in missing_numbers(page, told)[0]
