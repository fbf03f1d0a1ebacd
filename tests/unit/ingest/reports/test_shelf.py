from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ingest.reports.shelf import shelve
from schemas.quality import QualityReport

SAMPLE = Path(__file__).resolve().parents[2] / "schemas" / "samples" / "v1" / "QualityReport.json"


def report_of(hour: int) -> QualityReport:
    sample = QualityReport.model_validate_json(SAMPLE.read_text("utf-8"))
    return sample.model_copy(update={"made_at": datetime(2026, 1, 5, hour, tzinfo=UTC)})


def test_the_newest_reports_stay_and_one_is_called_the_newest(tmp_path: Path) -> None:
    (tmp_path / "notes.html").write_text("somebody's own")
    for hour in (1, 2, 3):
        page = shelve(report_of(hour), tmp_path, keep=2)

    assert page == tmp_path / "2026-01-05T030000Z.html"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "2026-01-05T020000Z.html",
        "2026-01-05T020000Z.json",
        "2026-01-05T020000Z.md",
        "2026-01-05T030000Z.html",
        "2026-01-05T030000Z.json",
        "2026-01-05T030000Z.md",
        "notes.html",
        "report.html",
        "report.json",
        "report.md",
    ]
    assert json.loads((tmp_path / "report.json").read_text())["made_at"] == "2026-01-05T03:00:00Z"
