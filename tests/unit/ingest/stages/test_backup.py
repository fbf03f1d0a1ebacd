"""A home saved as one file, and made again of it."""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import zstandard
from strata_fakes import Engine, engine

from ingest.catalog.catalog import open_catalog
from ingest.catalog.copying import copy_catalog
from ingest.catalog.database import Database, SqliteDatabase
from ingest.context import LEAST_ROOM, Home, reindex_lock, run_lock
from ingest.options.index import IndexEngine
from ingest.progress import Silent
from ingest.stages import backup_file
from ingest.stages.backup import BackedUp, backup
from ingest.stages.parts import Parts
from ingest.stages.restore import check, restore
from ingest.vectors import PayloadFilter
from schemas.errors import ConfigError, StoreDown

QUESTION = "which pump is oiled?"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    for number in range(3):
        parts = [f"## Part {part}\n\nPump {number} is oiled in week {part * 7 + number}." for part in range(3)]
        (folder / f"pump-{number}.md").write_text("# Pumps\n\n" + "\n\n".join(parts))
    (folder / "copy.md").write_text((folder / "pump-0.md").read_text())
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(tmp_path_factory.mktemp("state") / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def saved(home: Engine, inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backup of a home with a duplicate, an old version and a document that went; runs came after it."""
    folder = tmp_path_factory.mktemp("saved")
    home.run(inbox)
    (inbox / "pump-1.md").write_text("# Pumps\n\nPump 1 was sold.")
    (inbox / "pump-2.md").unlink()
    home.run(inbox, allow_vanish=True)
    save(home, folder / "home.tar.zst")
    (folder / "state.json").write_text(json.dumps(state(home)))
    (inbox / "later.md").write_text("# Later\n\nPump 9 came after the backup.")
    home.run(inbox)
    assert state(home) != json.loads((folder / "state.json").read_text())
    return folder / "home.tar.zst"


@pytest.fixture
def filled(home: Engine, saved: Path) -> Engine:
    """Only read."""
    assert saved.exists()
    return home


def save(home: Engine, file: Path) -> BackedUp:
    return backup(home.context, home.parts, file)


def tables(database: Database) -> dict[str, list[str]]:
    names = [name for (name,) in database.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {str(name): sorted(map(repr, database.rows(f"SELECT * FROM {name}"))) for name in names}


def state(home: Engine) -> dict[str, object]:
    """All that a home answers with."""
    everything = PayloadFilter(equals={}, history=True, all_tenants=True)
    rows = sorted(home.parts.index.scroll(everything, with_vectors=True), key=lambda row: row.id)
    vector = home.embedder.embed_query(QUESTION)
    where = PayloadFilter(equals={"tenant": home.settings.tenant})
    weights = home.parts.encoder.encode_query(QUESTION)
    return {
        "tables": tables(home.context.catalog.database),
        "rows": [[row.id, repr(row.payload), None if row.dense is None else row.dense.tolist()] for row in rows],
        "dense": [[hit.id, hit.score] for hit in home.parts.index.search_dense(vector, where, 5)],
        "sparse": [[hit.id, hit.score] for hit in home.parts.index.search_sparse(weights, where, 5)],
    }


def restored_into(file: Path, home: Path) -> None:
    restore(file, home, Silent())


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


# ------------------------------------------------------------------------------------ there and back


def test_a_restored_home_is_what_it_was_at_the_backup(saved: Path, tmp_path: Path) -> None:
    restored_into(saved, tmp_path / "again")

    with engine(tmp_path / "again") as again:
        assert state(again) == json.loads((saved.parent / "state.json").read_text())
        for document in again.context.catalog.history.live_documents(again.settings.tenant):
            ref = again.context.catalog.artifacts.find("chunk", document.chunk_key)
            assert ref is not None and again.context.store.read(ref)


def test_a_restored_home_goes_on(saved: Path, inbox: Path, tmp_path: Path) -> None:
    restored_into(saved, tmp_path / "again")

    with engine(tmp_path / "again") as again:
        again.run(inbox)

        assert "Pump 9 came after the backup." in "\n".join(again.texts("later.md"))
        assert len(again.embedder.texts) == 1


def test_a_commit_that_was_open_at_the_backup_is_finished_by_the_restored_home(
    saved: Path, inbox: Path, tmp_path: Path
) -> None:
    def dies(_: object) -> None:
        raise KeyboardInterrupt

    restored_into(saved, tmp_path / "first")
    with engine(tmp_path / "first") as first, pytest.MonkeyPatch.context() as patch:
        patch.setattr(first.context.catalog.history, "close_intent", dies)
        with pytest.raises(KeyboardInterrupt):
            first.run(inbox)
        save(first, tmp_path / "open.tar.zst")
    restored_into(tmp_path / "open.tar.zst", tmp_path / "again")

    with engine(tmp_path / "again") as again:
        assert len(again.context.catalog.history.open_intents()) == 1
        again.run(inbox)
        assert again.context.catalog.history.open_intents() == []
        assert "Pump 9 came after the backup." in "\n".join(again.texts("later.md"))
        assert again.embedder.texts == []


def test_an_empty_folder_may_become_the_home(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()

    restored_into(saved, tmp_path / "volume")

    assert {path.name for path in (tmp_path / "volume").iterdir()} == {"catalog.db", "artifacts", "index"}


def test_sparse_files_stay_sparse(saved: Path, tmp_path: Path) -> None:
    restored_into(saved, tmp_path / "again")

    stats = [path.stat() for path in files_below(tmp_path / "again")]
    assert sum(stat.st_blocks * 512 for stat in stats) < sum(stat.st_size for stat in stats) / 10


def test_tar_reads_a_backup_and_finds_the_manifest_in_it(saved: Path) -> None:
    with (
        saved.open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True) as stream,
        tarfile.open(fileobj=BytesIO(stream.read())) as archive,
    ):
        names = archive.getnames()
        manifest = json.loads(archive.extractfile("manifest.json").read())

    assert names == [*(member["name"] for member in manifest["members"]), "manifest.json"]
    assert names[0] == "catalog.db" and manifest["collection"].startswith("docstrata-")


def test_a_dry_run_compares_everything_and_writes_nothing(saved: Path, tmp_path: Path) -> None:
    found = check(saved, tmp_path / "again", Silent())

    assert found.members == restore(saved, tmp_path / "other", Silent()).members
    assert not (tmp_path / "again").exists()


# ------------------------------------------------------------------------------ what is not restored


def damaged(saved: Path, where: float) -> bytes:
    content = bytearray(saved.read_bytes())
    content[int(where * (len(content) - 1))] ^= 0x55
    return bytes(content)


@pytest.mark.parametrize("where", [0.0, 0.1, 0.5, 0.75, 0.99, 1.0])
def test_a_damaged_byte_leaves_nothing_behind(saved: Path, tmp_path: Path, where: float) -> None:
    file = tmp_path / "damaged.tar.zst"
    file.write_bytes(damaged(saved, where))

    with pytest.raises(ConfigError, match=r"damaged\.tar\.zst is (damaged|cut short).*nothing was restored"):
        restored_into(file, tmp_path / "again")
    assert set(tmp_path.iterdir()) == {file}


@pytest.mark.parametrize("left", [0, 10, 0.5, -1])
def test_a_file_that_was_cut_short_leaves_nothing_behind(saved: Path, tmp_path: Path, left: float) -> None:
    content = saved.read_bytes()
    file = tmp_path / "cut.tar.zst"
    file.write_bytes(content[: int(left * len(content)) if isinstance(left, float) else left])

    with pytest.raises(ConfigError, match=r"cut\.tar\.zst is cut short.*take another copy"):
        restored_into(file, tmp_path / "again")
    assert set(tmp_path.iterdir()) == {file}


def test_a_missing_middle_is_told(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    file = tmp_path / "holed.tar.zst"
    file.write_bytes(content[: len(content) // 4] + content[len(content) // 2 :])

    with pytest.raises(ConfigError, match=r"holed\.tar\.zst is cut short"):
        restored_into(file, tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("newer", [{"format": 99}, {"catalog_version": 99}, {"payload_version": 99}])
def test_a_backup_of_a_newer_release_is_told(
    newer: dict[str, int], inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "newer.tar.zst"
    with file.open("wb") as opened:
        writer = backup_file.BackupWriter(opened, lambda _: None)
        writer.add("catalog.db", inbox / "copy.md")
        about = {
            "docstrata": "99.0", "catalog_version": 1, "payload_version": 1, "made_at_ns": 0, "catalog": "sqlite",
            "engine": "edge", "collection": None, "model": None, "store": "",
        }  # fmt: skip
        writer.finish(lambda members: backup_file.Manifest(**{**about, **newer}, members=members))

    with pytest.raises(ConfigError, match=r"was made by a newer docstrata \(99\.0\).*update this one first"):
        restored_into(file, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_home_that_holds_anything_is_left_alone(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")

    with pytest.raises(ConfigError, match="home is not empty: give a --home that is not there yet"):
        restored_into(saved, tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["letter.txt"]


def test_a_restore_that_was_killed_is_told(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "home" / ".restoring").mkdir(parents=True)

    with pytest.raises(ConfigError, match="was interrupted: remove that folder, and restore again"):
        restored_into(saved, tmp_path / "home")


def test_a_member_that_leads_out_of_the_home_is_refused(inbox: Path, saved: Path, tmp_path: Path) -> None:
    with saved.open("rb") as opened:
        manifest = backup_file.BackupReader(opened, saved, newest=lambda *_: True).manifest
    file = tmp_path / "evil.tar.zst"
    with file.open("wb") as opened:
        writer = backup_file.BackupWriter(opened, lambda _: None)
        writer.add("../evil.md", inbox / "copy.md")
        writer.finish(lambda members: manifest.model_copy(update={"members": members}))

    with pytest.raises(ConfigError, match=r"evil\.tar\.zst is damaged"):
        restored_into(file, tmp_path / "home")
    assert set(tmp_path.iterdir()) == {file}


def test_no_room_to_restore_is_told_before_anything_is_written(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=LEAST_ROOM))

    with pytest.raises(StoreDown, match=r"MiB free, and .* holds .* MiB: make room"):
        restored_into(saved, tmp_path / "again")
    assert not (tmp_path / "again").exists()


# --------------------------------------------------------------------------------------- what is saved


def test_a_backup_replaces_the_one_before_and_leaves_nothing_beside_it(filled: Engine, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()
    (target / "home.tar.zst").write_text("the one before")

    done = save(filled, target / "home.tar.zst")

    assert list(target.iterdir()) == [target / "home.tar.zst"]
    assert done.written == (target / "home.tar.zst").stat().st_size > 1000
    assert done.apart == ()


def test_no_room_for_a_backup_is_told_and_the_one_before_stays(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backup").write_text("the one before")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=LEAST_ROOM))

    with pytest.raises(StoreDown, match=r"the backup may take .* MiB: make room, or choose another place"):
        save(filled, tmp_path / "backup")
    assert (tmp_path / "backup").read_text() == "the one before"


def test_a_place_that_is_not_there_is_told(filled: Engine, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name a file in a folder that is there"):
        save(filled, tmp_path / "nowhere" / "backup")


def test_a_home_whose_index_is_lost_is_not_saved_as_if_it_were_whole(filled: Engine, tmp_path: Path) -> None:
    lost = replace(filled.context, home=Home(tmp_path / "home"))
    lost.home.make()

    with pytest.raises(ConfigError, match=r"the index lacks the collection docstrata-.*reconcile --repair"):
        backup(lost, Parts(lost), tmp_path / "backup")
    assert set(tmp_path.iterdir()) == {tmp_path / "home"}


def test_a_run_or_a_reindex_that_goes_on_is_not_saved_in_the_middle(filled: Engine, tmp_path: Path) -> None:
    with run_lock(filled.context), pytest.raises(StoreDown, match="is running in"):
        backup(filled.context, filled.parts, tmp_path / "backup", wait=False)
    with reindex_lock(filled.context), pytest.raises(StoreDown, match="is at work on the collections"):
        save(filled, tmp_path / "backup")

    assert list(tmp_path.iterdir()) == []


def test_a_home_before_its_first_run_is_saved(tmp_path: Path) -> None:
    with engine(tmp_path / "home") as fresh:
        done = save(fresh, tmp_path / "backup")
    restored_into(tmp_path / "backup", tmp_path / "again")

    assert (done.members, done.collection) == (1, None)
    assert {path.name for path in (tmp_path / "again").iterdir()} == {"catalog.db"}


def test_artifacts_elsewhere_are_named_without_the_password_and_not_saved(filled: Engine, tmp_path: Path) -> None:
    store = filled.settings.store.model_copy(update={"url": "ftp://me:secret@files.example/packs"})
    context = replace(filled.context, settings=filled.settings.model_copy(update={"store": store}))

    done = backup(context, filled.parts, tmp_path / "backup")

    restored_into(tmp_path / "backup", tmp_path / "again")
    assert done.apart == (
        "the artifacts lie in ftp://files.example/packs and are not in this file: save that place with its own means",
    )
    assert {path.name for path in (tmp_path / "again").iterdir()} == {"catalog.db", "index"}


def test_a_collection_on_a_server_is_named_and_not_saved(filled: Engine, tmp_path: Path) -> None:
    collection = filled.context.catalog.collections.active()
    assert collection is not None
    index = filled.settings.index.model_copy(update={"engine": IndexEngine.QDRANT, "url": "http://localhost:1"})
    context = replace(filled.context, settings=filled.settings.model_copy(update={"index": index}))

    done = backup(context, filled.parts, tmp_path / "backup")

    assert len(done.apart) == 1 and f"the collection {collection.name} lies on the Qdrant server" in done.apart[0]
    restored_into(tmp_path / "backup", tmp_path / "again")
    assert {path.name for path in (tmp_path / "again").iterdir()} == {"catalog.db", "artifacts"}


class _Elsewhere:
    """A catalog that is no file here: only what the protocol offers is asked of it."""

    def __init__(self, database: SqliteDatabase) -> None:
        self.rows = database.rows


def test_a_catalog_is_copied_row_by_row_where_it_is_no_file(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.catalog.copying._AT_ONCE", 2)
    source = filled.context.catalog.database

    copy_catalog(_Elsewhere(source), tmp_path / "copy.db")

    copied = open_catalog(tmp_path / "copy.db")
    assert tables(copied.database) == tables(source)
    copied.close()
