from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest

from ingest.sources.folder import FolderRules, Listing, list_files, list_folder
from schemas.errors import ConfigError

ALL = FolderRules(hidden=True)


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode("utf-8", "surrogateescape"))


def paths(listing: Listing) -> list[str]:
    return [file.path for file in listing.files]


def taken(root: Path, include: Iterable[str] = ("**",), exclude: Iterable[str] = (), hidden: bool = False) -> list[str]:
    listing = list_folder(root, FolderRules(tuple(include), tuple(exclude), hidden))
    assert listing.complete
    return [file.path for file in listing.files if not file.ignored]


# ------------------------------------------------------------------ what is told of a file


def test_files_come_in_the_order_of_their_paths_whatever_the_folder_says(tmp_path: Path) -> None:
    put(tmp_path, "b.md", "a/z.md", "a.md", "a/b/c.md", "Z.md", "泵.md")

    listing = list_folder(tmp_path, FolderRules())

    assert paths(listing) == sorted(["b.md", "a/z.md", "a.md", "a/b/c.md", "Z.md", "泵.md"])
    assert (listing.complete, listing.problems) == (True, ())


def test_a_file_is_told_with_what_decides_whether_it_changed(tmp_path: Path) -> None:
    put(tmp_path, "a/b.md")

    (file,) = list_folder(tmp_path, FolderRules()).files

    stat = (tmp_path / "a/b.md").stat()
    assert (file.size, file.mtime_ns, file.ctime_ns, file.inode) == (
        stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino,
    )  # fmt: skip
    assert file.location.read_bytes() == b"a/b.md"
    assert not file.ignored


def test_a_relative_folder_gives_the_same_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "docs/a.md", "docs/x/b.md")
    monkeypatch.chdir(tmp_path)

    assert paths(list_folder(Path("docs"), ALL)) == ["a.md", "x/b.md"]
    assert paths(list_folder(Path(), ALL)) == ["docs/a.md", "docs/x/b.md"]


def test_an_empty_folder_is_a_complete_listing_of_nothing(tmp_path: Path) -> None:
    assert list_folder(tmp_path, FolderRules()) == Listing((), complete=True)


@pytest.mark.parametrize("name", ["gone", "file.md"])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    put(tmp_path, "file.md")

    with pytest.raises(ConfigError, match="is not a folder; name one that holds documents, or a single file"):
        list_folder(tmp_path / name, FolderRules())


# ----------------------------------------------------------------------------- names


def test_a_decomposed_name_is_told_composed_and_still_opens(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "Überblick/café.md")
    put(tmp_path, name)

    (file,) = list_folder(tmp_path, FolderRules()).files

    assert file.path == unicodedata.normalize("NFC", name) != name
    assert file.location.is_file()


def test_two_names_that_are_one_when_composed_are_told_and_nothing_is_retired_for_it(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "é.md") for form in ("NFC", "NFD"))
    put(tmp_path, composed, decomposed)

    listing = list_folder(tmp_path, FolderRules())

    assert paths(listing) == [composed]
    assert listing.files[0].location.name == min(composed, decomposed)
    assert not listing.complete
    assert listing.problems == (f"two names in {tmp_path} are the same in Unicode's composed form: {composed}",)


def test_a_name_that_is_not_utf8_is_told_in_text_that_every_store_holds(tmp_path: Path) -> None:
    folder = os.fsdecode(b"caf\xe9")
    put(tmp_path, f"{folder}/na\udcefve.md")

    (file,) = list_folder(tmp_path, FolderRules()).files

    assert file.path == r"caf\xe9/na\xefve.md"
    assert file.path.encode()
    assert file.location.is_file()


# -------------------------------------------------------------- which files are taken


def test_hidden_files_are_ignored_and_hidden_folders_not_entered(tmp_path: Path) -> None:
    put(tmp_path, "a.md", ".env", ".git/config", "x/.cache/y.md")

    listing = list_folder(tmp_path, FolderRules())

    assert [(file.path, file.ignored) for file in listing.files] == [(".env", True), ("a.md", False)]
    assert taken(tmp_path, hidden=True) == [".env", ".git/config", "a.md", "x/.cache/y.md"]


def test_a_folder_that_is_hidden_itself_can_be_a_source(tmp_path: Path) -> None:
    put(tmp_path, ".notes/a.md")

    assert taken(tmp_path / ".notes") == ["a.md"]


@pytest.mark.parametrize(
    "name",
    ["~$report.docx", ".~lock.report.odt#", "a.tmp", "A.TMP", "a.pdf.part", "a.crdownload", ".a.md.swp", "a.md~"],
)
def test_what_editors_and_browsers_leave_for_a_while_is_ignored(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "report.docx")

    assert taken(tmp_path, hidden=True) == ["report.docx"]


def test_only_what_is_included_and_not_excluded_is_taken_and_the_rest_is_told_as_ignored(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "b.pdf", "c.txt", "drafts/d.md", "x/e.md", "x/drafts/f.md")

    assert taken(tmp_path, ["*.md", "*.pdf"]) == ["a.md", "b.pdf", "drafts/d.md", "x/drafts/f.md", "x/e.md"]
    assert taken(tmp_path, ["**/*.md"], ["drafts"]) == ["a.md", "x/e.md"]
    assert taken(tmp_path, exclude=["/drafts", "*.txt"]) == ["a.md", "b.pdf", "x/drafts/f.md", "x/e.md"]
    assert taken(tmp_path, ["x/**"]) == ["x/drafts/f.md", "x/e.md"]
    assert len(list_folder(tmp_path, FolderRules(include=("x/**",))).files) == 6


# ------------------------------------------------------------------- links, own home


def test_a_link_to_a_file_is_a_file_and_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/b.md", "docs/a.md")
    (tmp_path / "docs/link.md").symlink_to(tmp_path / "elsewhere/b.md")
    (tmp_path / "docs/folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "docs/up").symlink_to(tmp_path / "docs")

    assert taken(tmp_path / "docs") == ["a.md", "link.md"]


def test_links_that_lead_nowhere_hide_nothing_else(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "z.md", "x/b.md")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "ping").symlink_to("pong")
    (tmp_path / "pong").symlink_to("ping")
    (tmp_path / "dangling.md").symlink_to("gone.md")

    assert taken(tmp_path) == ["a.md", "x/b.md", "z.md"]


def test_a_source_that_is_itself_a_link_is_listed(tmp_path: Path) -> None:
    put(tmp_path, "release-42/a.md")
    (tmp_path / "current").symlink_to("release-42")

    assert taken(tmp_path / "current") == ["a.md"]


def test_what_is_neither_file_nor_folder_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    os.mkfifo(tmp_path / "pipe.md")

    assert taken(tmp_path) == ["a.md"]


def test_docstratas_own_home_is_not_a_document(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "state/catalog.db", "state/artifacts/parse/x.pack", "other/state/b.md")
    (tmp_path / "home").symlink_to("state")

    for home in (tmp_path / "state", tmp_path / "home", tmp_path / "other" / ".." / "state"):
        assert paths(list_folder(tmp_path, ALL, skip=home)) == ["a.md", "other/state/b.md"]


def test_the_home_itself_is_refused_as_a_source(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is docstrata's own home; give another folder, or another --home"):
        list_folder(tmp_path, FolderRules(), skip=tmp_path / "x" / "..")


# ------------------------------------------------------------- what cannot be looked at


def refuse(monkeypatch: pytest.MonkeyPatch, folder: Path, number: int) -> None:
    """A user without rights is not to be had in every test: rights say nothing to root."""
    real = os.scandir

    def scandir(path: str) -> object:
        if path == str(folder):
            raise OSError(number, os.strerror(number), path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOENT, errno.EIO])
def test_a_folder_that_cannot_be_read_makes_the_listing_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    put(tmp_path, "a.md", "locked/b.md", "z/c.md")
    refuse(monkeypatch, tmp_path / "locked", number)

    listing = list_folder(tmp_path, FolderRules())

    assert paths(listing) == ["a.md", "z/c.md"]
    assert not listing.complete
    assert listing.problems == (f"the folder {tmp_path}/locked cannot be read: {os.strerror(number)}",)


def test_a_source_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, tmp_path, errno.EACCES)

    assert not list_folder(tmp_path, FolderRules()).complete


def test_a_problem_with_a_name_that_is_not_utf8_can_be_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = tmp_path / os.fsdecode(b"caf\xe9")
    locked.mkdir()
    refuse(monkeypatch, locked, errno.EACCES)

    (problem,) = list_folder(tmp_path, FolderRules()).problems

    assert problem.encode().decode() == rf"the folder {tmp_path}/caf\xe9 cannot be read: Permission denied"


# ---------------------------------------------------------------------- single files


def test_single_files_are_listed_once_in_order_and_are_never_all_there_is(tmp_path: Path) -> None:
    put(tmp_path, "b.md", ".hidden.md", "a.tmp")
    files = [tmp_path / name for name in ("b.md", ".hidden.md", "a.tmp", "b.md")]

    listing = list_files(tmp_path, files)

    assert paths(listing) == [".hidden.md", "a.tmp", "b.md"]
    assert not any(file.ignored for file in listing.files)  # who names a file means it
    assert (listing.complete, listing.problems) == (False, ())


def test_a_single_file_that_went_away_is_told(tmp_path: Path) -> None:
    put(tmp_path, "a.md")

    listing = list_files(tmp_path, [tmp_path / "a.md", tmp_path / "gone.md"])

    assert paths(listing) == ["a.md"]
    assert listing.problems == ("gone.md cannot be looked at: No such file or directory",)
