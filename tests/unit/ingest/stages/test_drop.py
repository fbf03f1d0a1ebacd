"""A cycle of a drop folder: from dropped files to what can be found, and to done/ or quarantine/."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine

from ingest.sources.drop_folder import DropFolder
from ingest.stages.drop import TakenIn, drop_folder, settle, take_in
from schemas.errors import ConfigError, StoreDown

PUMP = "# Pump\n\nThe pump moves 40 litres of water a minute at full speed.\n"
VALVE = "# Valve\n\nThe valve closes when the pressure falls below two bar.\n"
BROKEN = b"%PDF-1.7 this is no PDF"


class Scene:
    """A drop folder and a home, opened."""

    def __init__(self, place: Path, **overrides: object) -> None:
        self.inbox = place / "inbox"
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.strata = Engine(place / "home", {"watch.settle_s": 0, **overrides})

    @property
    def folder(self) -> DropFolder:
        return drop_folder(self.inbox, self.strata.settings, self.strata.context.home.path)

    def drop(self, path: str, content: str | bytes) -> Path:
        file = self.inbox / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def take_in(self, **options: str) -> TakenIn:
        return take_in(self.strata.context, self.strata.parts, self.folder, **options)

    def files(self) -> set[str]:
        return {
            str(path.relative_to(self.inbox))
            for path in self.inbox.rglob("*")
            if path.is_file() and (".docstrata" not in path.parts or "work" in path.parts)
        }

    def note(self, path: str) -> dict[str, object]:
        note: dict[str, object] = json.loads((self.inbox / path).read_text("utf-8"))
        return note

    def found(self) -> list[tuple[str, int, str]]:
        """What can be found, with how many versions of its document there are."""
        documents = self.strata.context.catalog.history.live_documents("default")
        versions = {document.doc_id: document.version for document in documents}
        return [(p.path, versions[p.doc_id], p.text.splitlines()[-1]) for p in self.strata.current()]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    opened = Scene(tmp_path)
    yield opened
    opened.strata.close()


def zipped(**members: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("_", ".")), content)
    return buffer.getvalue()


# -------------------------------------------------------------------------------- outcomes


def test_what_was_dropped_can_be_found_under_the_path_that_it_was_dropped_at(scene: Scene) -> None:
    scene.drop("plant/泵.md", PUMP)
    taken = scene.take_in()
    assert (taken.claimed, taken.settled.done) == (("plant/泵.md",), ("done/plant/泵.md",))
    assert scene.files() == {"done/plant/泵.md"}
    (payload,) = scene.strata.current()
    assert (payload.source, payload.path) == ("inbox", "plant/泵.md")
    assert scene.strata.context.catalog.files.roots("default") == {"inbox": str(scene.inbox)}


def test_a_second_cycle_has_nothing_to_do(scene: Scene) -> None:
    scene.drop("pump.md", PUMP)
    scene.take_in()
    taken = scene.take_in()
    assert (taken.claimed, taken.settled.done, taken.run_id) == ((), (), "")
    assert len(scene.strata.context.catalog.runs.last(9, "default")) == 1


def test_a_document_stays_when_its_file_has_left(scene: Scene) -> None:
    scene.drop("pump.md", PUMP)
    scene.take_in()
    (scene.inbox / "done" / "pump.md").unlink()
    scene.drop("valve.md", VALVE)
    scene.take_in()
    assert [path for path, *_ in scene.found()] == ["pump.md", "valve.md"]


def test_the_same_name_dropped_again_is_a_new_version_and_the_old_one_is_not_found(scene: Scene) -> None:
    scene.drop("pump.md", PUMP)
    scene.take_in()
    scene.drop("pump.md", PUMP.replace("40", "50"))
    taken = scene.take_in()
    assert taken.settled.done == ("done/pump (2).md",)
    assert (scene.inbox / "done" / "pump.md").read_text("utf-8") == PUMP
    assert scene.found() == [("pump.md", 2, "The pump moves 50 litres of water a minute at full speed.")]


def test_the_same_file_dropped_again_changes_nothing_and_is_done(scene: Scene) -> None:
    scene.drop("pump.md", PUMP)
    scene.take_in()
    scene.drop("pump.md", PUMP)
    assert scene.take_in().settled.done == ("done/pump (2).md",)
    assert [version for _, version, _ in scene.found()] == [1]


def test_a_broken_file_is_in_quarantine_with_a_note_that_a_person_can_read(scene: Scene) -> None:
    scene.drop("notes/kaputt é.pdf", BROKEN)
    scene.drop("pump.md", PUMP)
    taken = scene.take_in()
    (refused,) = taken.settled.quarantined
    assert (refused.path, refused.lies_at) == ("notes/kaputt é.pdf", "quarantine/notes/kaputt é.pdf")
    assert scene.files() == {
        "done/pump.md",
        "quarantine/notes/kaputt é.pdf",
        "quarantine/notes/kaputt é.pdf.error.json",
    }
    text = (scene.inbox / "quarantine/notes/kaputt é.pdf.error.json").read_text("utf-8")
    assert text.startswith('{\n  "file": "kaputt é.pdf",\n  "document": "notes/kaputt é.pdf",\n')
    note = json.loads(text)
    assert (note["code"], note["stage"], note["attempts"], note["page"]) == ("corrupt_file", "parse", 1, None)
    assert note["message"] == refused.message
    assert note["what_to_do"] == "mend the file and drop it again under the same name"
    assert note["run"] == taken.run_id
    assert note["when"].startswith("20")


def test_a_mended_file_that_is_dropped_again_is_done_and_its_note_is_gone(scene: Scene) -> None:
    scene.drop("pump.md", b"")
    scene.take_in()
    assert scene.files() == {"quarantine/pump.md", "quarantine/pump.md.error.json"}
    (scene.inbox / "quarantine/pump.md").rename(scene.inbox / "pump.md")
    (scene.inbox / "pump.md").write_text(PUMP, "utf-8")
    taken = scene.take_in()
    assert (taken.settled.done, scene.files()) == (("done/pump.md",), {"done/pump.md"})
    assert scene.strata.context.catalog.files.failures("default") == []
    assert [path for path, *_ in scene.found()] == ["pump.md"]


def test_a_file_that_is_dropped_again_as_it_was_is_tried_again(scene: Scene) -> None:
    for attempts, place in ((1, "broken.pdf"), (2, "broken (2).pdf")):
        scene.drop("broken.pdf", BROKEN)
        scene.take_in()
        assert scene.note(f"quarantine/{place}.error.json")["attempts"] == attempts


def test_a_sidecar_says_what_is_known_and_travels_with_its_file(scene: Scene) -> None:
    scene.drop("pump.md", PUMP)
    scene.drop("pump.md.meta.json", '{"plant": "north"}')
    scene.drop("valve.md", VALVE)
    scene.drop("valve.md.meta.json", "not JSON")
    taken = scene.take_in()
    assert scene.files() == {
        "done/pump.md",
        "done/pump.md.meta.json",
        "quarantine/valve.md",
        "quarantine/valve.md.meta.json",
        "quarantine/valve.md.error.json",
    }
    assert taken.settled.quarantined[0].code == "bad_sidecar"
    assert "valve.md.meta.json beside it" in str(scene.note("quarantine/valve.md.error.json")["what_to_do"])
    assert scene.strata.current()[0].metadata["plant"] == "north"


def test_an_archive_with_a_bad_member_is_done_and_says_which(scene: Scene) -> None:
    scene.drop("plant.zip", zipped(pump_md=PUMP, broken_pdf=BROKEN))
    taken = scene.take_in()
    assert taken.settled.done == ("done/plant.zip",)
    assert [(member.path, member.lies_at) for member in taken.settled.members] == [
        ("plant.zip!/broken.pdf", "done/plant.zip")
    ]
    note = scene.note("done/plant.zip.error.json")
    assert (note["code"], note["message"]) == (
        "",
        "1 of the files in it could not be taken in; the others were",
    )
    (member,) = note["members"]  # a list
    assert (member["path"], member["code"]) == ("plant.zip!/broken.pdf", "corrupt_file")
    assert [path for path, *_ in scene.found()] == ["plant.zip!/pump.md"]


def test_a_file_that_changes_while_it_is_read_stays_and_is_taken_by_the_next_cycle(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.drop("pump.md", PUMP)
    index = scene.strata.parts.index
    insert = index.insert

    def insert_late(*arguments: object) -> None:
        (scene.folder.work / "pump.md").write_text(VALVE, "utf-8")
        insert(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(index, "insert", insert_late)
        taken = scene.take_in()
    assert (taken.settled.done, taken.settled.left) == ((), ("pump.md",))
    assert scene.take_in().settled.done == ("done/pump.md",)
    assert [text for *_, text in scene.found()] == [VALVE.splitlines()[-1]]


def test_a_file_that_somebody_still_writes_is_not_settled(scene: Scene) -> None:
    scene.drop("pump.md", PUMP)
    folder = scene.folder
    folder.claim()
    scene.strata.run(folder.work, source="inbox", stands_for=folder.root)
    with (folder.work / "pump.md").open("a"):
        assert settle(scene.strata.context, folder).left == ("pump.md",)
    assert settle(scene.strata.context, folder).done == ("done/pump.md",)


def test_what_is_excluded_after_it_was_claimed_is_given_back(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.drop("pump.md", PUMP)
    scene.folder.claim()
    scene.strata.close()
    scene = Scene(tmp_path, **{"source.exclude": ["*.md"]})
    taken = scene.take_in()
    assert (scene.files(), taken.settled.left, taken.run_id) == ({"pump.md"}, (), "")
    scene.strata.close()


def test_a_folder_that_was_emptied_or_made_anew_under_the_watch_is_gone_on_with(scene: Scene) -> None:
    folder = scene.folder
    with folder.lock():
        shutil.rmtree(scene.inbox)
        scene.inbox.mkdir()
        scene.drop("pump.md", PUMP)
        taken = take_in(scene.strata.context, scene.strata.parts, folder)
    assert taken.settled.done == ("done/pump.md",)
    assert [path for path, *_ in scene.found()] == ["pump.md"]


def test_claim_run_and_settle_may_be_three_processes(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.drop("pump.md", PUMP)
    assert scene.folder.claim().files == ("pump.md",)
    assert settle(scene.strata.context, scene.folder).left == ("pump.md",)
    scene.strata.run(scene.folder.work, source="inbox", stands_for=scene.inbox)
    scene.strata.close()
    scene = Scene(tmp_path)
    assert settle(scene.strata.context, scene.folder, "inbox").done == ("done/pump.md",)
    assert settle(scene.strata.context, scene.folder, "inbox").done == ()
    scene.strata.close()


# --------------------------------------------------------------------------------- trouble


def test_a_run_with_too_many_failures_is_settled_and_told(scene: Scene) -> None:
    for number in range(21):
        scene.drop(f"{number}.pdf", BROKEN + bytes([number]))
    taken = scene.take_in()
    assert "21 of 21 files" in taken.trouble
    assert taken.run_id
    assert len(taken.settled.quarantined) == 21
    assert not scene.folder.has_work()


def test_when_the_disk_is_full_files_stay_claimed_and_the_next_cycle_takes_them(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.drop("pump.md", PUMP)

    def full(*_: object) -> None:
        raise StoreDown("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(scene.strata.context.store, "write_pack", full)
        with pytest.raises(StoreDown):
            scene.take_in()
    assert scene.files() == {".docstrata/work/pump.md"}
    assert scene.take_in().settled.done == ("done/pump.md",)
    assert len(scene.found()) == 1


def test_a_home_of_another_model_is_refused_before_anything_is_moved(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.drop("pump.md", PUMP)
    scene.take_in()
    scene.strata.close()
    scene = Scene(tmp_path)
    scene.strata.embedder.fingerprint = "another"
    scene.drop("valve.md", VALVE)
    with pytest.raises(ConfigError):
        scene.take_in()
    assert scene.files() == {"done/pump.md", "valve.md"}
    scene.strata.close()


# ----------------------------------------------------------------------------------- kills


class Killed(BaseException):
    """From here on nothing can be moved any more, as after a kill."""


def _kill_at(monkeypatch: pytest.MonkeyPatch, root: Path, after: int) -> None:
    """The n-th move or removal in the drop folder does not happen, and none after it."""
    left = after

    def dying(real: Callable[..., None]) -> Callable[..., None]:
        def call(path: str, *others: object, **named: object) -> None:
            nonlocal left
            if str(path).startswith(str(root)) and not str(path).endswith("probe"):
                if left == 0:
                    raise Killed
                left -= 1
            real(path, *others, **named)

        return call

    for name in ("rename", "unlink"):
        monkeypatch.setattr(os, name, dying(getattr(os, name)))


def _dropped(place: Path) -> Scene:
    scene = Scene(place)
    scene.drop("a/pump.md", PUMP)
    scene.drop("a/pump.md.meta.json", '{"plant": "north"}')
    scene.drop("broken.pdf", BROKEN)
    scene.drop("broken.pdf.meta.json", '{"plant": "south"}')
    scene.drop("plant.zip", zipped(valve_md=VALVE, broken_pdf=BROKEN))
    return scene


def _end(scene: Scene) -> tuple[set[str], list[tuple[str, int, str]], list[object]]:
    catalog = scene.strata.context.catalog
    told = [payload.metadata.get("plant") for payload in scene.strata.current()]
    failures = [(failure.path, failure.attempts) for failure in catalog.files.failures("default")]
    return scene.files(), scene.found(), [told, failures]


def test_a_kill_at_any_move_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    clean = _dropped(tmp_path / "clean")
    clean.take_in()
    expected = _end(clean)
    clean.strata.close()
    assert len(expected[0]) == 7
    kills = 0
    for after in range(100):
        place = tmp_path / str(after)
        scene = _dropped(place)
        with pytest.MonkeyPatch.context() as patched:
            _kill_at(patched, scene.inbox, after)
            try:
                scene.take_in()
            except Killed:
                kills += 1
            else:
                break
        scene.strata.close()
        scene = Scene(place)
        scene.take_in()
        assert _end(scene) == expected, f"killed after {after} moves"
        scene.strata.close()
    assert kills > 15
