from __future__ import annotations

from pathlib import Path

import pytest

from schemas.quality import QualityReport

SAMPLE = Path(__file__).parents[2] / "schemas" / "samples" / "v1" / "QualityReport.json"


@pytest.fixture(scope="session")
def sample() -> QualityReport:
    """A report with something of everything."""
    return QualityReport.model_validate_json(SAMPLE.read_text("utf-8"))
