"""What a person names, and where it lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.cli.arguments import complete_path
from ingest.sources.places import Place, is_url, last_name, place_of, split_url
from ingest.task_calls.home import absolute
from schemas.errors import ConfigError


@pytest.mark.parametrize(
    ("what", "root", "pattern"),
    [
        ("s3://bucket/prefix/", "s3://bucket/prefix", ""),
        ("s3://bucket", "s3://bucket", ""),
        ("s3://bucket/*/a/**/*.pdf", "s3://bucket", "/*/a/**/*.pdf"),
        ("s3://bucket/a/x*/b.pdf", "s3://bucket/a", "/x*/b.pdf"),
        ("s3://bucket/a/report-[ab].pdf", "s3://bucket/a", "/report-[ab].pdf"),
        ("https://host/file?version=2", "https://host/file?version=2", ""),
        ("memory://x/what?.md", "memory://x", "/what?.md"),
        ("s3://bucket/50%20off/a#b", "s3://bucket/50%20off/a#b", ""),
    ],
)
def test_a_url_ends_where_its_pattern_begins(what: str, root: str, pattern: str) -> None:
    assert place_of(what) == Place(root, pattern)


def test_a_local_glob_ends_where_its_pattern_begins(tmp_path: Path) -> None:
    assert place_of(f"{tmp_path}/*/x/**/*.pdf") == Place(tmp_path, "/*/x/**/*.pdf")
    assert place_of(tmp_path / "a" / "b?.md") == Place(tmp_path / "a", "/b?.md")
    assert place_of("/*.md") == Place(Path("/"), "/*.md")


def test_a_folder_that_is_called_like_a_pattern_is_that_folder(tmp_path: Path) -> None:
    (tmp_path / "a[1]").mkdir()
    assert place_of(f"{tmp_path}/a[1]") == Place(tmp_path / "a[1]")


def test_a_file_url_is_a_path_as_written_or_with_its_escapes_read(tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    assert place_of(f"file://{tmp_path}/a%20b") == Place(tmp_path / "a b")
    (tmp_path / "a%20b").mkdir()
    assert place_of(f"file://{tmp_path}/a%20b") == Place(tmp_path / "a%20b")


def test_a_password_does_not_belong_in_a_url() -> None:
    with pytest.raises(ConfigError, match="take the password out") as caught:
        place_of("sftp://me:hunter2@host/x")
    assert "hunter2" not in caught.value.message


def test_only_text_with_a_scheme_is_a_url() -> None:
    assert is_url("s3://b/x")
    assert is_url("zip::s3://b/x.zip")
    assert not is_url("/data/s3://x")
    assert not is_url("C:/x")
    assert not is_url(Path("s3:/b"))


def test_a_place_is_called_after_its_last_folder() -> None:
    assert [last_name(root) for root in ("s3://bucket", "s3://bucket/a/合同", Path("/data/x"))] == [
        "bucket",
        "合同",
        "x",
    ]


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("s3://bucket/a b.md", ("s3://bucket", "a b.md")),
        ("memory://a.md", ("memory://", "a.md")),
        ("sftp://me@host/x/y", ("sftp://me@host/x", "y")),
    ],
)
def test_an_object_lies_in_the_place_above_its_name(url: str, parts: tuple[str, str]) -> None:
    assert split_url(url) == parts


def test_airflow_takes_urls_and_absolute_paths() -> None:
    assert absolute("s3://bucket/x", "a path") == "s3://bucket/x"
    assert absolute("/data/*/x", "a path") == Path("/data/*/x")
    with pytest.raises(ConfigError, match="give an absolute path"):
        absolute("data", "a path")


def test_paths_are_completed_and_urls_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("docs/a.md", "docs/.hidden", "dog.md"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert complete_path("do") == ["docs/", "dog.md"]
    assert complete_path("docs/") == ["docs/a.md"]
    assert complete_path(f"{tmp_path}/docs/.") == [f"{tmp_path}/docs/.hidden"]
    assert complete_path("s3://bucket/") == []
