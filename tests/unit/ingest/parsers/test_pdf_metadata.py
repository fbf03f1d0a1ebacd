import pytest

from ingest.parsers.pdf.metadata import iso_date, metadata_of, real_title

NOBODY_WROTE = (
    "",
    "untitled",
    "Microsoft Word - report.doc",
    "report.docx",
    "Document1",
    "PowerPoint Presentation",
    "(anonymous)",
    "C:\\temp\\x",
    "final_v2",
    "12",
    "my report",
    "未命名",
)


@pytest.mark.parametrize("title", NOBODY_WROTE)
def test_a_title_that_nobody_wrote_is_none(title: str) -> None:
    assert real_title(title, "My_Report.pdf") is None


@pytest.mark.parametrize(
    "title", ["Annual Report 2023", "社区图书室管理办法", "Scandinavian Design", "Titles of Kings"]
)
def test_a_title_that_somebody_wrote_is_kept(title: str) -> None:
    assert real_title(f"  {title} ", "x.pdf") == title


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("D:20210203040506+08'00'", "2021-02-03T04:05:06+08:00"),
        ("D:20210203040506Z", "2021-02-03T04:05:06+00:00"),
        ("D:20210203040506-05'30", "2021-02-03T04:05:06-05:30"),
        ("D:2021", "2021-01-01T00:00:00"),
        ("20210203", "2021-02-03T00:00:00"),
        ("D:20211303", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_iso_8601_or_none(value: str, expected: str | None) -> None:
    assert iso_date(value) == expected


def test_only_what_the_file_says_is_metadata() -> None:
    info = {"author": " Ada  Lovelace ", "subject": "", "keywords": None, "creationDate": "D:20200101", "modDate": "x"}
    assert metadata_of(info) == {"author": "Ada Lovelace", "created": "2020-01-01T00:00:00"}
