"""Fixtures that every suite shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real documents, kept beside the repository and not in it."""
    path = Path(os.environ.get("DOCSTRATA_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not path.is_dir():
        pytest.skip(f"the corpus of real documents is not at {path} (set DOCSTRATA_CORPUS)")
    return path
