"""A drop folder: what has come to rest is claimed, and nothing of anybody's is ever overwritten."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from patience import wait_until

from ingest.sources import drop_folder as module
from ingest.sources.drop_folder import DropFolder
from ingest.sources.drop_look import Look, Why, look_into
from ingest.sources.drop_notes import ErrorNote
from ingest.sources.folder import FolderRules, ListedFile, list_folder
from schemas.errors import ConfigError, StoreDown

NOTE = ErrorNote(
    file="",
    document="a.pdf",
    source="inbox",
    code="corrupt_file",
    message="it is cut",
    what_to_do="mend it",
    stage="parse",
    page=None,
    attempts=1,
    when="2026-01-02T03:04:05+00:00",
    run="r1",
)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def drop(inbox: Path, path: str, content: str = "text") -> Path:
    file = inbox / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, "utf-8")
    return file


def at_once(inbox: Path, rules: FolderRules | None = None) -> DropFolder:
    return DropFolder(inbox, 0, rules)


def whys(folder: DropFolder) -> dict[str, Why]:
    return {waiting.path: waiting.why for waiting in folder.look().waiting}


def claimed(folder: DropFolder) -> dict[str, ListedFile]:
    return {file.path: file for file in list_folder(folder.work, FolderRules()).files if not file.ignored}


def seen_after(file: Path, seconds: float, settle_s: float) -> Look:
    """What lies beside a file, so long after that was written last: whatever this machine is busy with."""
    return look_into(file.parent, FolderRules(), settle_s, lambda: file.stat().st_ctime_ns + round(seconds * 1e9))


def below(folder: Path) -> dict[str, str]:
    """Every file of a folder but docstrata's own, with what is in it."""
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".docstrata" not in path.parts
    }


# ------------------------------------------------------------------- what has come to rest


def test_a_file_that_still_grows_is_left_alone(inbox: Path) -> None:
    file = drop(inbox, "a.md")
    for _ in range(3):
        with file.open("a") as growing:
            growing.write("more")
        assert not DropFolder(inbox, 3600).ready()
        assert seen_after(file, 0.2, settle_s=0.3).ready == ()
    assert [dropped.location for dropped in seen_after(file, 0.3, settle_s=0.3).ready] == [file]
    folder = DropFolder(inbox, 0.1)
    wait_until(folder.ready)
    assert folder.claim().files == ("a.md",)


def test_old_time_stamps_do_not_make_a_file_old(inbox: Path) -> None:
    os.utime(file := drop(inbox, "a.md"), (1, 1))
    (waiting,) = seen_after(file, 5, settle_s=30).waiting
    assert (waiting.why, waiting.rests_in_s) == (Why.YOUNG, 25)
    assert whys(DropFolder(inbox, 3600)) == {"a.md": Why.YOUNG}


def test_a_clock_that_was_put_back_holds_no_file_up(inbox: Path) -> None:
    file = drop(inbox, "a.md")
    assert [dropped.location for dropped in seen_after(file, -3600, settle_s=2).ready] == [file]
    (young,) = seen_after(file, -1, settle_s=2).waiting
    assert (young.why, young.rests_in_s) == (Why.YOUNG, 3)
    assert [dropped.location for dropped in seen_after(file, -1, settle_s=0).ready] == [file]


def test_a_file_that_is_written_while_we_look_is_young(inbox: Path) -> None:
    """However long the look takes."""
    file = drop(inbox, "a.md")
    clock = iter([file.stat().st_ctime_ns - 3600 * 10**9, file.stat().st_ctime_ns + 10**9])

    (young,) = look_into(inbox, FolderRules(), 2, lambda: next(clock)).waiting
    assert (young.why, young.rests_in_s) == (Why.YOUNG, 1)


def test_a_file_that_a_program_has_open_for_writing_is_left_alone(inbox: Path) -> None:
    file = drop(inbox, "a.md")
    with file.open("rb") as probe:
        try:
            fcntl.fcntl(probe.fileno(), fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except OSError as error:
            pytest.skip(f"this file system has no leases: {error.strerror}")
    folder = at_once(inbox)
    with file.open("a"):
        assert whys(folder) == {"a.md": Why.IN_USE}
        assert folder.claim().files == ()
    with file.open():
        assert folder.claim().files == ("a.md",)


_MEETS_A_WRITER = """
import fcntl, os, sys
from pathlib import Path
from ingest.sources.open_files import is_open_for_writing
real = fcntl.fcntl
def and_a_writer_comes(descriptor, command, value):
    real(descriptor, command, value)
    if (command, value) == (fcntl.F_SETLEASE, fcntl.F_RDLCK):
        try:
            os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK)
        except BlockingIOError:
            pass
fcntl.fcntl = and_a_writer_comes
is_open_for_writing(Path(sys.argv[1]))
"""


def test_a_writer_who_comes_while_we_look_does_not_end_the_process(inbox: Path) -> None:
    """A lease that is broken sends a signal: it must be one that does nothing."""
    done = subprocess.run([sys.executable, "-c", _MEETS_A_WRITER, str(drop(inbox, "a.md"))], check=False)
    assert done.returncode == 0


def test_temporary_hidden_and_excluded_names_are_left_alone(inbox: Path) -> None:
    names = ("~$a.docx", ".~lock.a.odt#", "a.tmp", "a.part", "b.crdownload", ".hidden", ".folder/a.md", "drafts/a.md")
    for name in (*names, "a.md"):
        drop(inbox, name)
    claim = at_once(inbox, FolderRules(exclude=("drafts",))).claim()
    assert (claim.files, claim.waiting) == (("a.md",), ())
    assert below(inbox).keys() == set(names)


def test_an_empty_file_that_a_browser_downloads_to_waits_for_the_download(inbox: Path) -> None:
    drop(inbox, "a.pdf", "")
    part = drop(inbox, "a.pdf.part")
    folder = at_once(inbox)
    assert whys(folder) == {"a.pdf": Why.DOWNLOADING}
    part.rename(inbox / "a.pdf")
    assert folder.claim().files == ("a.pdf",)


def test_links_and_what_is_no_file_are_left_alone(inbox: Path, tmp_path: Path) -> None:
    (inbox / "file.md").symlink_to(drop(tmp_path, "elsewhere/a.md"))
    (inbox / "folder").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(inbox / "pipe.md")
    folder = at_once(inbox)
    assert whys(folder) == {"file.md": Why.LINK, "folder": Why.LINK}
    assert folder.claim().files == ()


def test_only_the_top_has_reserved_names(inbox: Path) -> None:
    drop(inbox, "done/old.md")
    drop(inbox, "quarantine/old.md")
    drop(inbox, "2026/done/new.md")
    folder = at_once(inbox, FolderRules(hidden=True))
    assert folder.claim().files == ("2026/done/new.md",)
    assert folder.claim().files == ()


def test_nothing_is_written_while_nothing_lies_there(inbox: Path) -> None:
    assert not at_once(inbox).ready()
    assert list(inbox.iterdir()) == []


def test_a_folder_that_may_not_be_changed_is_told(inbox: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may change every folder")
    folder = drop(inbox, "locked/a.md").parent
    folder.chmod(0o555)
    try:
        assert whys(at_once(inbox)) == {"locked/a.md": Why.CLOSED}
    finally:
        folder.chmod(0o755)


# ---------------------------------------------------------------------------------- claims


def test_a_claim_keeps_folders_and_takes_names_of_any_kind(inbox: Path) -> None:
    names = ["a.md", "合同/采购 合同.md", "Ordner/ä b.txt"]
    for name in names:
        drop(inbox, name, name)
    raw = Path(os.fsdecode(os.fsencode(inbox) + b"/raw-\xff.md"))
    raw.write_text("raw", "utf-8")
    folder = at_once(inbox)
    assert set(folder.claim().files) == {*names, "raw-\\xff.md"}
    assert below(inbox) == {}
    assert set(claimed(folder)) == {*names, "raw-\\xff.md"}
    assert folder.has_work()


def test_a_sidecar_comes_with_its_file_and_only_with_it(inbox: Path) -> None:
    drop(inbox, "b.md.meta.json")
    folder = at_once(inbox)
    assert whys(folder) == {"b.md.meta.json": Why.LONE_SIDECAR}
    assert folder.claim().files == ()
    drop(inbox, "b.md")
    assert folder.claim().files == ("b.md",)
    assert claimed(folder)["b.md"].sidecar is not None
    assert below(inbox) == {}


def test_a_file_waits_until_its_sidecar_has_rested(inbox: Path) -> None:
    drop(inbox, "a.md")
    time.sleep(0.25)
    sidecar = drop(inbox, "a.md.meta.json", "{}")
    (waiting,) = seen_after(sidecar, 0.1, settle_s=0.2).waiting
    assert (waiting.path, waiting.why) == ("a.md", Why.YOUNG)
    folder = DropFolder(inbox, 0.2)
    wait_until(folder.ready)
    folder.claim()
    assert claimed(folder)["a.md"].sidecar is not None


def test_where_sidecars_are_off_they_are_files_like_others(inbox: Path) -> None:
    drop(inbox, "a.md.meta.json")
    assert at_once(inbox, FolderRules(sidecars=False)).claim().files == ("a.md.meta.json",)


@pytest.mark.parametrize(("first", "second"), [("a.md", "a.md"), ("a", "a/b.md"), ("a/b.md", "a")])
def test_what_was_claimed_is_never_overwritten(inbox: Path, first: str, second: str) -> None:
    folder = at_once(inbox)
    drop(inbox, first, "first")
    folder.claim()
    if (inbox / "a").is_dir():
        (inbox / "a").rmdir()
    drop(inbox, second, "second")
    claim = folder.claim()
    assert claim.files == ()
    assert [(waiting.path, waiting.why) for waiting in claim.waiting] == [(second, Why.BEING_TAKEN)]
    assert below(inbox) == {second: "second"}
    assert (folder.work / first).read_text("utf-8") == "first"


def test_a_claim_adds_to_what_is_not_settled_yet(inbox: Path) -> None:
    folder = at_once(inbox)
    drop(inbox, "a.md")
    folder.claim()
    drop(inbox, "b.md")
    assert folder.claim().files == ("b.md",)
    assert set(claimed(folder)) == {"a.md", "b.md"}


def test_a_file_that_goes_between_look_and_claim_is_not_claimed(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.md", "a.md.meta.json", "b.md"):
        drop(inbox, name)
    look_into = module.look_into

    def look_then_lose(*arguments: object) -> Look:
        look = look_into(*arguments)
        (inbox / "a.md").unlink()
        return look

    monkeypatch.setattr(module, "look_into", look_then_lose)
    folder = at_once(inbox)
    assert folder.claim().files == ("b.md",)
    assert set(claimed(folder)) == {"b.md"}
    assert set(below(inbox)) == {"a.md.meta.json"}


def test_a_file_that_cannot_be_moved_waits_and_the_others_do_not(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(inbox, "a.md")
    drop(inbox, "b.md")
    rename = os.rename

    def refuse(source: Path, to: Path) -> None:
        if Path(source).name == "a.md":
            raise OSError(errno.EXDEV, "another disk", str(source))
        rename(source, to)

    monkeypatch.setattr(os, "rename", refuse)
    claim = at_once(inbox).claim()
    assert claim.files == ("b.md",)
    assert [(waiting.path, waiting.why) for waiting in claim.waiting] == [("a.md", Why.ELSEWHERE)]


def test_a_disk_that_fails_is_told_as_what_may_pass(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(inbox, "a.md")

    def fail(source: Path, _to: Path) -> None:
        raise OSError(errno.EIO, "input/output error", str(source))

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(StoreDown, match="input/output error"):
        at_once(inbox).claim()
    assert set(below(inbox)) == {"a.md"}


# --------------------------------------------------------------------------- done, quarantine


def put_away(folder: DropFolder, path: str, into: Path, note: ErrorNote | None = None) -> str:
    folder.claim()
    return str(folder.put_away(claimed(folder)[path], into, note).relative_to(folder.root))


def test_a_name_that_is_taken_gets_a_number(inbox: Path) -> None:
    folder = at_once(inbox)
    places = []
    for content in ("1", "2", "3"):
        drop(inbox, "c/a.tar.gz", content)
        drop(inbox, "c/a.tar.gz.meta.json", content)
        places.append(put_away(folder, "c/a.tar.gz", folder.done))
    assert places == ["done/c/a.tar.gz", "done/c/a (2).tar.gz", "done/c/a (3).tar.gz"]
    for place, content in zip(places, ("1", "2", "3"), strict=True):
        assert below(inbox)[place] == below(inbox)[f"{place}.meta.json"] == content


@pytest.mark.parametrize("there", ["a.pdf", "a.pdf.meta.json", "a.pdf.error.json"])
def test_a_name_is_taken_too_by_what_belongs_to_it(inbox: Path, there: str) -> None:
    drop(inbox, f"quarantine/{there}", "a person's")
    drop(inbox, "a.pdf", "new")
    folder = at_once(inbox)
    assert put_away(folder, "a.pdf", folder.quarantine, NOTE) == "quarantine/a (2).pdf"
    assert below(inbox)[f"quarantine/{there}"] == "a person's"
    assert '"file": "a (2).pdf"' in below(inbox)["quarantine/a (2).pdf.error.json"]


def test_a_file_in_the_place_of_a_folder_stays(inbox: Path) -> None:
    drop(inbox, "done/a", "a person's")
    drop(inbox, "a/b.md", "new")
    folder = at_once(inbox)
    assert put_away(folder, "a/b.md", folder.done) == "done/a (2)/b.md"
    assert below(inbox)["done/a"] == "a person's"


@pytest.mark.parametrize("name", ["长" * 84 + ".md", "x" * 252 + ".md", "y." + "z" * 250])
def test_names_as_long_as_they_may_be_find_room_for_a_number_and_a_note(inbox: Path, name: str) -> None:
    folder = at_once(inbox)
    places = []
    for content in ("1", "2"):
        drop(inbox, name, content)
        places.append(put_away(folder, name, folder.quarantine, NOTE))
    assert places[0] == f"quarantine/{name}"
    assert places[1] != places[0]
    assert [below(inbox)[place] for place in places] == ["1", "2"]
    folder.recover()
    assert sum(path.endswith(".error.json") for path in below(inbox)) == 2


def test_the_note_of_a_file_that_was_taken_out_is_removed(inbox: Path) -> None:
    folder = at_once(inbox)
    raw = Path(os.fsdecode(os.fsencode(inbox) + b"/raw-\xff.pdf"))
    for file in (inbox / "a.pdf", inbox / "b.pdf", raw):
        file.write_text("broken", "utf-8")
    folder.claim()
    for listed in claimed(folder).values():
        folder.put_away(listed, folder.quarantine, NOTE)
    drop(inbox, "quarantine/notes.error.json", '{"a": "person\'s own"}')
    drop(inbox, "quarantine/list.error.json", "not JSON")
    (folder.quarantine / "a.pdf").rename(inbox / "a.pdf")
    folder.recover()
    notes = {path.name for path in folder.quarantine.iterdir() if path.name.endswith(".error.json")}
    assert notes == {"b.pdf.error.json", f"{raw.name}.error.json", "notes.error.json", "list.error.json"}


def test_our_own_note_that_is_dropped_with_its_file_is_not_taken_for_a_document(inbox: Path) -> None:
    (inbox / "a.pdf.error.json").write_bytes(replace(NOTE, file="a.pdf").to_json())
    drop(inbox, "a.pdf")
    drop(inbox, "b.error.json", '{"a": "person\'s own"}')
    folder = at_once(inbox)
    assert folder.claim().files == ("a.pdf", "b.error.json")
    assert below(inbox) == {}


def test_what_is_not_to_be_taken_in_is_given_back_unless_its_name_is_taken(inbox: Path) -> None:
    folder = at_once(inbox)
    drop(inbox, "a.md", "1")
    folder.claim()
    listed = claimed(folder)["a.md"]
    drop(inbox, "a.md", "2")
    folder.give_back(listed)
    assert (folder.work / "a.md").read_text("utf-8") == "1"
    (inbox / "a.md").unlink()
    folder.give_back(listed)
    assert below(inbox) == {"a.md": "1"}


# --------------------------------------------------------------------------------- locks, places


def test_one_at_a_time_serves_a_folder_and_the_other_is_told_who(inbox: Path) -> None:
    said: list[str] = []
    second = at_once(inbox)
    with at_once(inbox).lock(), pytest.raises(StoreDown) as refused, second.lock(wait_s=0.1, say=said.append):
        pass
    assert f"process {os.getpid()} serves the drop folder" in refused.value.message
    assert len(said) == 1
    with second.lock(wait_s=0):
        assert second.claim().files == ()


def test_a_lock_may_be_nested(inbox: Path) -> None:
    folder = at_once(inbox)
    with folder.lock():
        folder.claim()
        with pytest.raises(StoreDown), at_once(inbox).lock(wait_s=0):
            pass


def test_a_file_in_the_place_of_our_own_folders_is_a_sentence(inbox: Path) -> None:
    drop(inbox, "done")
    with pytest.raises(ConfigError, match="move the file of that name away"):
        at_once(inbox).make()


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make it"):
        at_once(tmp_path / "none").claim()
    with pytest.raises(StoreDown, match="cannot be read"):
        at_once(tmp_path / "none").look()


@pytest.mark.parametrize(
    ("folder", "home", "hidden", "refused"),
    [
        ("inbox", "home", False, False),
        ("inbox", "inbox/.docstrata", False, False),
        ("inbox", "inbox/.docstrata", True, False),
        ("inbox", "inbox/.state", False, False),
        ("inbox", "inbox/.state", True, True),
        ("inbox", "inbox/state", False, True),
        ("inbox", "inbox/done/state", False, True),
        ("inbox", "inbox", False, True),
        ("home/inbox", "home", False, True),
    ],
)
def test_the_home_and_the_folder_keep_apart(
    tmp_path: Path, folder: str, home: str, hidden: bool, refused: bool
) -> None:
    watched = DropFolder(tmp_path / folder, 0, FolderRules(hidden=hidden))
    if refused:
        with pytest.raises(ConfigError, match="home"):
            watched.check_apart(tmp_path / home)
    else:
        watched.check_apart(tmp_path / home)


def test_a_trigger_that_looks_loads_nothing_heavy() -> None:
    code = "import sys, ingest.sources.drop_folder; print(*(n for n in ('pydantic', 'numpy') if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
