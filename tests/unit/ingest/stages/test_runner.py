"""What a run does to the index, told by what can be found after it and what went through the model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from strata_fakes import Engine, engine

from ingest.stages.request import RunRequest
from ingest.stages.runner import RunFailed, dry_run
from schemas.errors import ConfigError, StoreDown
from schemas.source import SourceKind

PUMP = (
    "# Pump\n\nThe pump moves 40 litres of water a minute at full speed.\n\n"
    "## Care\n\nOil it every 300 hours of work.\n"
)
VALVE = "# Valve\n\nThe valve closes when the pressure falls below two bar.\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "pump.md").write_text(PUMP, "utf-8")
    (folder / "valve.md").write_text(VALVE, "utf-8")
    return folder


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    opened = Engine(tmp_path / "home")
    yield opened
    opened.close()


def test_a_first_run_takes_everything_in(strata: Engine, inbox: Path) -> None:
    summary = strata.run(inbox)
    assert (summary.seen, summary.parsed, summary.failed) == (2, 2, 0)
    assert summary.chunks == summary.written == summary.points == len(strata.current()) == 3
    assert summary.embedded == 3
    assert {payload.path for payload in strata.current()} == {"pump.md", "valve.md"}


def test_a_second_run_does_nothing(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    before = strata.rows(history=True)
    summary = strata.run(inbox)
    assert (summary.unchanged, summary.parsed, summary.embedded, summary.written, summary.retired) == (2, 0, 0, 0, 0)
    assert [(p.id, p.payload) for p in strata.rows(history=True)] == [(p.id, p.payload) for p in before]


def test_a_touched_file_is_unchanged(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    os.utime(inbox / "pump.md")
    assert strata.run(inbox).unchanged == 2


def test_only_the_chunks_that_changed_are_embedded(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "pump.md").write_text(PUMP.replace("300 hours", "250 hours"), "utf-8")
    summary = strata.run(inbox)
    assert (summary.parsed, summary.embedded) == (1, 1)
    assert (summary.written, summary.retired) == (2, 2)  # the chunk beside it has another vector now
    assert "250 hours" in strata.embedder.texts[0]
    assert not any("300 hours" in text for text in strata.texts())


def test_an_old_row_stays_in_the_history(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "valve.md").write_text(VALVE.replace("two bar", "three bar"), "utf-8")
    strata.run(inbox)
    rows = {str(row.payload["text"]): row.payload for row in strata.rows(history=True)}
    old, new = (next(p for text, p in rows.items() if bar in text) for bar in ("two bar", "three bar"))
    assert (old["current"], old["from_seq"], old["to_seq"]) == (False, 1, 2)
    assert (new["current"], new["from_seq"]) == (True, 2)


def test_a_vanished_file_is_retired_from_a_mirror(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "valve.md").unlink()
    summary = strata.run(inbox)
    assert (summary.seen, summary.removed, summary.retired) == (1, 1, 1)
    assert {payload.path for payload in strata.current()} == {"pump.md"}


def test_a_vanished_file_stays_in_an_append_source(strata: Engine, inbox: Path) -> None:
    strata.run(inbox, kind=SourceKind.APPEND)
    (inbox / "valve.md").unlink()
    summary = strata.run(inbox, kind=SourceKind.APPEND)
    assert (summary.removed, summary.retired) == (0, 0)
    assert {payload.path for payload in strata.current()} == {"pump.md", "valve.md"}


def test_a_renamed_file_is_not_embedded_again(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "valve.md").rename(inbox / "tap.md")
    summary = strata.run(inbox)
    assert (summary.renamed, summary.removed, summary.parsed, summary.embedded) == (1, 0, 0, 0)
    assert {payload.path for payload in strata.current()} == {"pump.md", "tap.md"}
    rows = strata.context.catalog.database.rows("SELECT path, previous_doc_id IS NULL FROM documents WHERE live = 1")
    assert dict(rows) == {"pump.md": 1, "tap.md": 0}


def test_a_file_that_comes_back_is_searchable_again(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "valve.md").unlink()
    strata.run(inbox)
    (inbox / "valve.md").write_text(VALVE, "utf-8")
    summary = strata.run(inbox)
    assert (summary.embedded, summary.written) == (0, 1)
    assert strata.texts("valve.md")


def test_most_of_a_mirror_vanishing_at_once_retires_nothing_unless_told(strata: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(10):
        (folder / f"{number}.md").write_text(f"# Part {number}\n\nPart number {number} of the machine.\n", "utf-8")
    strata.run(folder)
    for number in range(5):
        (folder / f"{number}.md").unlink()
    summary = strata.run(folder)
    assert (summary.removed, summary.retired) == (0, 0)
    assert "--allow-vanish" in summary.warnings[0]
    assert strata.run(folder, allow_vanish=True).removed == 5


def test_an_emptied_mirror_is_suspected_to_be_away(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    for file in list(inbox.iterdir()):
        file.unlink()
    assert strata.run(inbox).removed == 0
    assert len(strata.current()) == 3


def test_a_copy_shares_its_vectors_and_answers_through_its_survivor(strata: Engine, inbox: Path) -> None:
    (inbox / "copy.md").write_text(VALVE, "utf-8")
    summary = strata.run(inbox)
    assert (summary.parsed, summary.duplicates, summary.embedded) == (2, 1, 3)
    copy, original = (next(p for p in strata.current() if p.path == path) for path in ("copy.md", "valve.md"))
    assert copy.survivor is None
    assert original.survivor == copy.chunk_id


def test_a_duplicate_takes_over_when_its_survivor_goes(strata: Engine, inbox: Path) -> None:
    (inbox / "copy.md").write_text(VALVE, "utf-8")
    strata.run(inbox)
    (inbox / "copy.md").unlink()
    summary = strata.run(inbox)
    assert summary.embedded == 0
    (heir,) = [row for row in strata.rows(history=False) if row.payload["path"] == "valve.md"]
    assert heir.payload["survivor"] is None
    assert heir.dense is not None


def test_a_duplicate_in_the_same_file_that_changes_is_decided_anew(strata: Engine, inbox: Path) -> None:
    (inbox / "copy.md").write_text(VALVE, "utf-8")
    strata.run(inbox)
    (inbox / "copy.md").write_text("# Something else\n\nA boiler heats the water of the whole house.\n", "utf-8")
    strata.run(inbox)
    (heir,) = [row for row in strata.rows(history=False) if row.payload["path"] == "valve.md"]
    assert heir.payload["survivor"] is None


def test_a_file_at_fault_goes_to_quarantine_and_the_others_go_on(strata: Engine, inbox: Path) -> None:
    (inbox / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    (inbox / "empty.txt").write_bytes(b"")
    (inbox / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    summary = strata.run(inbox)
    assert (summary.parsed, summary.failed) == (2, 3)
    failures = {f.path: f.code for f in strata.context.catalog.files.failures("default")}
    assert failures == {"broken.pdf": "corrupt_file", "empty.txt": "no_text", "picture.md": "corrupt_file"}


def test_a_file_in_quarantine_is_not_tried_again_until_it_changes(strata: Engine, inbox: Path) -> None:
    (inbox / "empty.txt").write_bytes(b"")
    strata.run(inbox)
    assert strata.run(inbox).failed == 1
    assert strata.context.catalog.files.failures("default")[0].attempts == 1
    assert strata.run(inbox, retry_failed=True).failed == 1
    assert strata.context.catalog.files.failures("default")[0].attempts == 2
    (inbox / "empty.txt").write_text("It holds a sentence now.", "utf-8")
    summary = strata.run(inbox)
    assert (summary.failed, summary.parsed) == (0, 1)
    assert strata.context.catalog.files.failures("default") == []


def test_the_number_of_workers_is_no_reason_to_try_a_broken_file_again(inbox: Path, tmp_path: Path) -> None:
    (inbox / "empty.txt").write_bytes(b"")
    keys = set()
    for workers in (0, 1):
        with engine(tmp_path / "shared", parse__workers=workers) as strata:
            strata.run(inbox)
            keys.add(strata.context.catalog.files.failures("default")[0].key)
    assert len(keys) == 1


def test_a_changed_file_that_fails_keeps_its_last_good_version(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "valve.md").write_bytes(b"")
    summary = strata.run(inbox)
    assert (summary.failed, summary.retired) == (1, 0)
    assert strata.texts("valve.md")
    assert strata.context.catalog.history.totals("default").stale == 1
    (inbox / "valve.md").write_text(VALVE, "utf-8")
    strata.run(inbox)
    assert strata.context.catalog.history.totals("default").stale == 0


def test_a_file_above_the_size_limit_is_refused(tmp_path: Path, inbox: Path) -> None:
    strata = Engine(tmp_path / "small", {"parse.max_file_mb": 0.0001})
    summary = strata.run(inbox)
    codes = [failure.code for failure in strata.context.catalog.files.failures("default")]
    strata.close()
    assert summary.failed == 1
    assert codes == ["too_large"]


def test_a_folder_where_most_fails_fails_the_run(strata: Engine, inbox: Path) -> None:
    for number in range(20):
        (inbox / f"{number}.txt").write_bytes(b"")
    with pytest.raises(RunFailed, match="20 of 22 files") as caught:
        strata.run(inbox)
    assert caught.value.summary.parsed == 2


def test_other_options_change_nothing_until_reprocessing_is_asked_for(tmp_path: Path, inbox: Path) -> None:
    first = Engine(tmp_path / "home")
    first.run(inbox)
    first.close()
    second = Engine(tmp_path / "home", {"chunk.context_share": 0.0})
    assert second.run(inbox).written == 0
    summary = second.run(inbox, reprocess=True)
    assert summary.written == summary.retired > 0
    assert second.run(inbox, reprocess=True).written == 0
    second.close()


def test_a_single_file_is_a_source_that_retires_nothing(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    summary = strata.run(inbox / "pump.md")
    assert (summary.seen, summary.unchanged, summary.removed) == (1, 1, 0)


def test_two_folders_of_one_name_are_two_sources(strata: Engine, inbox: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "inbox"
    other.mkdir(parents=True)
    (other / "pump.md").write_text(VALVE, "utf-8")
    strata.run(inbox, other)
    assert len({payload.source for payload in strata.current()}) == 2
    assert strata.run(inbox, other).unchanged == 3


def test_a_path_that_is_not_there_is_told_before_anything_is_done(strata: Engine, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file or folder at"):
        strata.run(tmp_path / "nowhere")


def test_a_home_refuses_another_model(tmp_path: Path, inbox: Path) -> None:
    first = Engine(tmp_path / "home")
    first.run(inbox)
    first.close()
    second = Engine(tmp_path / "home")
    second.embedder.fingerprint = "another"
    with pytest.raises(ConfigError, match="filled with the model"):
        second.run(inbox)
    second.close()


def test_a_dry_run_says_what_would_be_done_and_does_nothing(strata: Engine, inbox: Path) -> None:
    (found,) = dry_run(strata.context, RunRequest(paths=(inbox,)))
    assert [file.path for file in found.changed] == ["pump.md", "valve.md"]
    assert strata.context.catalog.runs.last(1, "default") == []


def test_files_are_processed_with_bounded_batches(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number:02}.md").write_text(f"# Part {number}\n\nPart number {number} turns left.\n", "utf-8")
    strata = Engine(tmp_path / "home", {"run.batch_chunks": 5})
    strata.run(folder)
    commits = strata.context.catalog.database.rows("SELECT count(*) FROM commits")
    strata.close()
    assert commits == [(3,)]


def test_one_warning_names_what_to_configure_when_the_model_cannot_read_the_texts(strata: Engine, inbox: Path) -> None:
    assert strata.run(inbox).warnings == ()
    (inbox / "离心泵.md").write_text("# 离心泵\n\n启动前应检查轴承箱油位，油面应在视油镜中线。\n", "utf-8")
    (warning,) = strata.run(inbox).warnings
    assert "set embed.model" in warning


def test_duplicates_of_old_chunks_are_found_although_the_options_of_signing_changed(
    tmp_path: Path, inbox: Path
) -> None:
    first = Engine(tmp_path / "home", {"dedup.permutations": 64})
    first.run(inbox)
    first.close()
    (inbox / "copy.md").write_text(VALVE.upper(), "utf-8")
    second = Engine(tmp_path / "home", {"dedup.permutations": 32, "dedup.shingle_words": 2})
    second.run(inbox)
    (copy,) = [payload for payload in second.current() if payload.path == "copy.md"]
    second.close()
    assert copy.survivor is not None


def test_a_full_disk_ends_the_run_with_a_sentence_and_loses_nothing(
    strata: Engine, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strata.run(inbox)
    (inbox / "valve.md").write_text(VALVE.replace("two bar", "three bar"), "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda _: _Disk(free=10 * 2**20))
        with pytest.raises(StoreDown, match="make room and run again"):
            strata.run(inbox)
    assert any("two bar" in text for text in strata.texts())
    assert strata.run(inbox).written == 1


@dataclass
class _Disk:
    free: int
