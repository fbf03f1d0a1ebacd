"""The numbers of a real home, made by a real run with a light embedder."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from strata_fakes import Engine, engine

from ingest.reports.collect import STAGE, collect
from schemas.chunk import ChunkSet
from schemas.document import BlockKind, Document, Page, PageMethod
from schemas.errors import ConfigError
from schemas.ids import digest
from schemas.quality import LISTED, QualityReport
from schemas.verdict import Verdict

PUMP = (
    "# Pump\n\nThe pump moves 40 litres of water a minute at full speed.\n\n"
    "## Care\n\nOil it every 300 hours of work.\n\n| fault | cause |\n|---|---|\n| noise | dry bearing |\n"
)
VALVE = "# Valve\n\nThe valve closes when the pressure falls below two bar.\n"
PLAIN = "A sentence in a file that has no headings at all."
LIMIT = 256


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "pump.md").write_text(PUMP, "utf-8")
    (folder / "valve.md").write_text(VALVE, "utf-8")
    (folder / "离心泵.txt").write_text(PLAIN, "utf-8")
    return folder


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    opened = Engine(tmp_path / "home")
    yield opened
    opened.close()


def report(strata: Engine, source: str | None = None) -> QualityReport:
    return collect(strata.context, token_limit=LIMIT, source=source)


def codes(found: QualityReport) -> list[str]:
    return [reason.code for reason in found.reasons]


def found_in(found: QualityReport) -> list[tuple[str, str, int]]:
    return [(each.path, each.code, each.count) for each in found.findings]


def test_a_clean_home_is_good_and_told_in_numbers(strata: Engine, inbox: Path) -> None:
    summary = strata.run(inbox)
    found = report(strata)
    assert (found.verdict, found.reasons) == (Verdict.GOOD, ())
    assert (found.files.listed, found.files.indexed, found.documents.total) == (3, 3, 3)
    assert found.documents.by_parser == {"markdown": 2, "text": 1}
    assert found.chunks.total == found.points.current == summary.chunks
    assert found.joints.total == summary.chunks - 3
    assert (found.tables.total, found.tables.whole, found.tables.half_rows) == (1, 1, 0)
    assert (found.completeness.lost, found.documents.without_headings) == (0, 1)
    assert found.headings.depths[0] == 1
    assert found.headings.chunks_with == summary.chunks - 1
    assert found.runs[0].summary == summary
    assert [(line.name, line.files, line.documents) for line in found.sources] == [("inbox", 3, 3)]
    assert found.home == str(strata.context.home.path)


def test_characters_are_those_that_can_be_seen(strata: Engine, inbox: Path) -> None:
    (inbox / "pump.md").unlink()
    strata.run(inbox)
    visible = "Valve" + VALVE.removeprefix("# Valve") + PLAIN
    assert report(strata).completeness.characters == len("".join(visible.split()))


def test_the_same_home_gives_the_same_report(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    first, second = (report(strata).model_copy(update={"made_at": None}) for _ in range(2))
    assert first == second
    assert QualityReport.model_validate_json(report(strata).model_dump_json()).chunks == first.chunks


def test_a_report_changes_nothing_and_waits_for_nobody(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    home = strata.context.home.path
    number = strata.context.catalog.runs.begin("another", 1)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    with strata.context.catalog.database.transaction():  # a writer is in the middle of its work
        found = report(strata)
    assert codes(found) == ["run_going_on"]
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()} == before
    strata.context.catalog.runs.finish(number, "done", 2, None)
    assert report(strata).verdict is Verdict.GOOD


def test_a_run_that_comes_and_goes_while_documents_are_read_breaks_no_promise(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "more.md").write_text("# More\n\nThe boiler heats the water of the whole house.\n", "utf-8")
    done = []

    def run_once(stage: str, _more: int = 1) -> None:
        if stage == STAGE and not done:
            done.append(strata.run(inbox))

    strata.context.progress.advance = run_once
    found = report(strata)

    assert done[0].parsed == 1
    assert (found.verdict, found.reasons) == (Verdict.GOOD, ())


def test_a_home_whose_name_is_no_text_has_a_report_too(inbox: Path, tmp_path: Path) -> None:
    with engine(Path(os.fsdecode(os.fsencode(tmp_path) + b"/h\xe9me"))) as strata:
        strata.run(inbox)
        assert report(strata).model_dump_json().count("h\\\\xe9me") == 1


# ------------------------------------------------------------ files and documents


def test_every_file_is_in_one_group(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "copy.md").write_text(VALVE, "utf-8")
    (inbox / "empty.txt").write_bytes(b"")
    (inbox / "pump.md").write_bytes(b"")
    with zipfile.ZipFile(inbox / "plant.zip", "w") as archive:
        archive.writestr("boiler.md", "# Boiler\n\nIt heats the water of the whole house.\n")
        archive.writestr("empty.txt", "")
    strata.run(inbox)
    found = report(strata)
    files = found.files
    assert (files.listed, files.indexed, files.copies, files.opened) == (6, 2, 1, 1)
    assert (files.stale, files.quarantined, files.failed_members) == (1, 1, 1)
    assert files.listed == files.indexed + files.copies + files.opened + files.stale + files.quarantined
    assert files.by_code == {"no_text": 3}
    assert (found.documents.total, found.documents.members, found.documents.copies) == (5, 1, 1)
    assert found.documents.stale == 1
    assert ("pump.md", "stale", 1) in found_in(found)
    assert [line.path for line in found.failures] == ["empty.txt", "plant.zip!/empty.txt", "pump.md"]
    assert found.failures_total == 3
    assert all(line.message for line in found.failures)
    assert set(codes(found)) == {"stale", "failed_share"}


def test_a_copy_answers_through_its_survivor(strata: Engine, inbox: Path) -> None:
    (inbox / "copy.md").write_text(VALVE, "utf-8")
    strata.run(inbox)
    assert report(strata).points.through_survivor == 1


def test_what_was_retired_is_not_counted(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    (inbox / "valve.md").unlink()
    strata.run(inbox)
    found = report(strata)
    assert (found.documents.total, found.files.listed) == (2, 2)
    assert found.chunks.total == found.points.current
    assert found.verdict is Verdict.GOOD


def test_a_report_of_one_source_leaves_the_others_out(strata: Engine, inbox: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "tap.md").write_text("# Tap\n\nTurn it to the right to close it.\n", "utf-8")
    (other / "valve.md").write_text(VALVE, "utf-8")
    (other / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of a PDF follows")
    strata.run(inbox, other)
    one, all_of_them = report(strata, "other"), report(strata)
    assert (one.documents.total, one.files.listed, one.failures_total) == (2, 3, 1)
    assert (one.source, [line.name for line in one.sources]) == ("other", ["other"])
    assert one.documents.copies == 1, "of a document of the other source"
    assert one.points.current == one.chunks.total
    assert (all_of_them.documents.total, all_of_them.files.listed, all_of_them.failures_total) == (5, 6, 1)
    assert report(strata, "inbox").failures == ()


def test_a_source_that_is_not_there_is_refused_with_those_that_are(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    with pytest.raises(ConfigError, match="no source 'inbx'; its sources: 'inbox'"):
        report(strata, "inbx")


def test_a_home_without_documents_is_bad(strata: Engine, tmp_path: Path) -> None:
    assert codes(report(strata)) == ["no_documents"]
    (tmp_path / "nothing").mkdir()
    strata.run(tmp_path / "nothing")
    found = report(strata)
    assert (found.verdict, codes(found)) == (Verdict.BAD, ["no_documents"])


def test_no_more_failures_are_listed_than_can_be_read(inbox: Path, tmp_path: Path) -> None:
    for number in range(LISTED + 5):
        (inbox / f"{number:03}.txt").write_bytes(b"")
    with engine(tmp_path / "home", run__max_failure_share=1.0) as strata:
        strata.run(inbox)
        found = report(strata)
    assert (len(found.failures), found.failures_total, found.files.by_code) == (LISTED, LISTED + 5, {"no_text": 205})


# -------------------------------------------------------------------- the artifacts


def rewrite(strata: Engine, path: str, chunks: ChunkSet | None = None, document: Document | None = None) -> None:
    """Another outcome for a document than the one that the run stored."""
    catalog, store = strata.context.catalog, strata.context.store
    row = next(row for row in catalog.history.live_documents("default") if row.path == path)
    made = chunks or chunks_of(strata, path)
    if document is not None:
        body = document.model_dump_json().encode()
        catalog.artifacts.adopt(store.write_pack("parse", [(f"made-{path}", body)]))
        made = made.model_copy(update={"document": digest(body)})
    catalog.artifacts.drop("chunk", row.chunk_key)
    catalog.artifacts.adopt(store.write_pack("chunk", [(row.chunk_key, made.model_dump_json().encode())]))


def chunks_of(strata: Engine, path: str) -> ChunkSet:
    catalog = strata.context.catalog
    row = next(row for row in catalog.history.live_documents("default") if row.path == path)
    ref = catalog.artifacts.find("chunk", row.chunk_key)
    assert ref is not None
    return ChunkSet.model_validate_json(strata.context.store.read(ref))


def document_of(strata: Engine, path: str) -> Document:
    ref = strata.context.catalog.artifacts.of_digest("parse", chunks_of(strata, path).document)
    assert ref is not None
    return Document.model_validate_json(strata.context.store.read(ref))


def test_text_that_no_chunk_holds_is_found(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    whole = document_of(strata, "valve.md")
    end = len(whole.text)
    more = whole.model_copy(update={"text": whole.text + "Never forget it."})
    block = whole.blocks[-1].model_copy(
        update={"ordinal": len(whole.blocks), "kind": BlockKind.PARAGRAPH, "start": end, "end": end + 16}
    )
    rewrite(strata, "valve.md", document=more.model_copy(update={"blocks": (*whole.blocks, block)}))
    found = report(strata)
    assert (found.completeness.lost, found.completeness.documents_with_loss) == (14, 1)
    assert (found.verdict, codes(found)) == (Verdict.BAD, ["text_lost"])
    assert found_in(found) == [("valve.md", "text_lost", 14)]


def test_a_chunk_above_the_budget_is_found(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    made = chunks_of(strata, "valve.md")
    large = made.chunks[0].model_copy(update={"token_count": 257, "flags": ("word_cut", "row_cut")})
    rewrite(strata, "valve.md", made.model_copy(update={"chunks": (large, *made.chunks[1:])}))
    found = report(strata)
    assert (codes(found), found_in(found)) == (["over_budget"], [("valve.md", "over_budget", 1)])
    assert found.chunks.by_flag == {"row_cut": 1, "word_cut": 1}
    assert collect(strata.context, token_limit=100).chunks.lengths.budget == 100
    assert collect(strata.context, token_limit=None).chunks.lengths.over_budget == 1


def test_chunks_that_the_model_cannot_read_are_found(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    made = chunks_of(strata, "pump.md")
    shares = (0.3, *[0.31] * (len(made.chunks) - 1))
    rewrite(strata, "pump.md", made.model_copy(update={"unknown_shares": shares}))
    found = report(strata)
    assert (found.chunks.unread, found.chunks.unknown_warning) == (len(made.chunks) - 1, 0.3)
    assert codes(found) == ["unread_share"]


def test_pages_are_told_by_how_they_were_read(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    methods = (PageMethod.DIGITAL, PageMethod.OCR, PageMethod.OCR, PageMethod.FAILED)
    pages = tuple(Page(number=n + 1, width=1, height=1, method=method) for n, method in enumerate(methods))
    rewrite(strata, "valve.md", document=document_of(strata, "valve.md").model_copy(update={"pages": pages}))
    found = report(strata)
    assert found.pages.by_method == {"digital": 1, "ocr": 2, "mixed": 0, "empty": 0, "failed": 1}
    assert (found.pages.total, found.pages.documents_without) == (4, 2)
    assert (codes(found), found_in(found)) == (["page_failed"], [("valve.md", "page_failed", 1)])


def test_a_parse_that_is_gone_leaves_the_rest_of_the_report(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    total = report(strata).chunks.total
    rewrite(strata, "valve.md", chunks_of(strata, "valve.md").model_copy(update={"document": ""}))
    found = report(strata)
    assert (found.documents.without_parse, found.chunks.total) == (1, total)
    assert found.documents.by_parser == {"markdown": 1, "text": 1}
    assert (found.verdict, codes(found)) == (Verdict.LOOK, ["parse_missing"])


@pytest.mark.parametrize("damage", [b"", b"no zstandard frame"])
def test_a_damaged_pack_is_told_and_not_fatal(strata: Engine, inbox: Path, damage: bytes) -> None:
    strata.run(inbox)
    packs = list((strata.context.home.artifacts / "chunk").rglob("*.pack"))
    for pack in packs:
        pack.write_bytes(damage)
    found = report(strata)
    assert (found.documents.total, found.documents.unread, found.chunks.total) == (3, 3, 0)
    assert codes(found) == ["chunks_missing"]
    for pack in packs:
        pack.unlink()
    assert report(strata).documents.unread == 3


def test_a_chunk_set_of_another_docstrata_is_told_and_not_fatal(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    catalog = strata.context.catalog
    row = catalog.history.live_documents("default")[0]
    catalog.artifacts.drop("chunk", row.chunk_key)
    catalog.artifacts.adopt(strata.context.store.write_pack("chunk", [(row.chunk_key, b'{"chunks": [], "new": 1}')]))
    assert report(strata).documents.unread == 1


def test_documents_are_read_one_at_a_time_and_told_of(strata: Engine, inbox: Path) -> None:
    strata.run(inbox)
    calls: list[tuple[str, int]] = []

    class Told:
        def expect(self, stage: str, more: int) -> None:
            calls.append((stage, more))

        def advance(self, stage: str, done: int = 1) -> None:
            calls.append((stage, -done))

        def say(self, message: str) -> None:
            raise AssertionError(message)

    object.__setattr__(strata.context, "progress", Told())
    report(strata)
    assert calls == [("report", 3), ("report", -1), ("report", -1), ("report", -1)]
