"""A page that cannot be read is a failure of that page; the document is taken in without it."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from strata_fakes import Engine, engine

from schemas.report import Failure

SENTENCES = ("The relief valve opens at four bar.", "Every pump is oiled in spring.")


def two_pages(path: Path, broken: int | None) -> Path:
    """One of them is no page: what stands in its place is another kind of object."""
    with pymupdf.open() as document:
        for sentence in SENTENCES:
            document.new_page().insert_text((72, 100), sentence)
        if broken is not None:
            document.update_object(document[broken - 1].xref, "<</Type/Nothing>>")
        document.save(path)
    return path


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def pages(strata: Engine) -> list[Failure]:
    return strata.context.catalog.files.page_failures("default")


def test_the_page_is_named_and_the_others_are_found(inbox: Path, tmp_path: Path) -> None:
    two_pages(inbox / "manual.pdf", broken=2)
    with engine(tmp_path / "home", ocr__engine="none") as strata:
        summary = strata.run(inbox)
        (failure,) = pages(strata)
        assert (failure.path, failure.page, failure.code, failure.stage) == ("manual.pdf", 2, "page_failed", "parse")
        assert "page 2 could not be read" in failure.message
        assert (summary.seen, summary.parsed, summary.failed, summary.pages_failed) == (1, 1, 0, 1)
        assert any("manual.pdf" in warning and "failures" in warning for warning in summary.warnings)
        text = " ".join(strata.texts())
        assert SENTENCES[0] in text
        assert SENTENCES[1] not in text
        # It is no file in quarantine, so nothing is tried again for it.
        assert strata.context.catalog.files.failures("default") == []
        # The very document under another name is without it as well.
        (inbox / "copy.pdf").write_bytes((inbox / "manual.pdf").read_bytes())
        summary = strata.run(inbox)
        assert (summary.unchanged, summary.duplicates) == (1, 1)
        assert [(one.path, one.page) for one in pages(strata)] == [("copy.pdf", 2), ("manual.pdf", 2)]


def test_a_page_is_no_longer_told_when_its_file_was_mended_or_went_away(inbox: Path, tmp_path: Path) -> None:
    two_pages(inbox / "manual.pdf", broken=2)
    two_pages(inbox / "other.pdf", broken=1)
    with engine(tmp_path / "home", ocr__engine="none", run__max_vanished_share=1.0) as strata:
        strata.run(inbox)
        assert [(one.path, one.page) for one in pages(strata)] == [("manual.pdf", 2), ("other.pdf", 1)]
        two_pages(inbox / "manual.pdf", broken=None)
        (inbox / "other.pdf").unlink()
        assert strata.run(inbox).pages_failed == 0
        assert pages(strata) == []
