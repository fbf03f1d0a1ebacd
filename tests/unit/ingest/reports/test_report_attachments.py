"""The pictures of the worst chunks: of those that stand on a page, and not more than a page can carry."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image
from strata_fakes import engine

from ingest.api import Docstrata
from ingest.config import load_settings
from ingest.reports import attachments
from ingest.reports.attachments import Attachments
from ingest.reports.html import render
from schemas.quality import QualityReport


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two PDFs of which some chunks lean on others."""
    (tmp_path / "inbox").mkdir()
    for name in ("a", "b"):
        with pymupdf.open() as document:
            page = document.new_page()
            page.insert_textbox(
                (72, 72, 500, 400), f"It moves the water of tank {name} through the pipe, as told:", fontsize=12
            )
            document.save(tmp_path / "inbox" / f"{name}.pdf")
    with engine(tmp_path / "home", store__keep_originals=True) as strata:
        strata.run(tmp_path / "inbox")
    return tmp_path


def test_a_worst_chunk_on_a_page_has_its_picture(folder: Path) -> None:
    with Docstrata(folder / "home", load_settings(environ={})) as strata:
        report = strata.report()
        found = strata.attachments(report)
    assert report.worst
    assert found.pictures.keys() == {chunk.chunk_id for chunk in report.worst if chunk.pages}
    picture = found.pictures[report.worst[0].chunk_id][0]
    kind, _, body = picture.uri.partition(",")
    assert kind == "data:image/webp;base64"
    assert Image.open(BytesIO(base64.b64decode(body))).width == 560
    page = render(report, found)
    assert picture.uri in page
    assert f"Page 1 of {report.worst[0].path}" in page


def test_what_would_make_the_page_too_large_is_left_out_and_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "_MOST_BYTES", 1)
    with Docstrata(folder / "home", load_settings(environ={})) as strata:
        report = strata.report()
        found = strata.attachments(report)
    assert len(found.pictures) == 1
    assert found.left_out == len(report.worst) - 1 > 0
    assert "so that this page stays small" in render(report, found)


def test_without_pictures_the_page_says_so(sample: QualityReport) -> None:
    assert sample.worst
    assert "No picture" in render(sample, Attachments())
