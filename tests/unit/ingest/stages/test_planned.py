"""A run in steps: what each step leaves for the next, and that nothing is done twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pymupdf
import pytest
from strata_fakes import Engine, engine

from ingest.batches import Lane
from ingest.stages.handover import Handover
from ingest.stages.notes import BatchNote, Refusal
from ingest.stages.outcomes import Refused
from ingest.stages.request import RunRequest
from ingest.stages.runner import RunFailed
from ingest.stages.step_embed import embed_batch
from ingest.stages.step_plan import make_plan
from ingest.stages.step_prepare import prepare_batch
from ingest.stages.step_publish import publish_plan
from schemas.errors import ConfigError, CorruptFile, ParserTimeout

PROSE = "The pump moves {0} litres of water a minute at full speed, and it stops by itself when {0} bar are reached.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    return folder


def prose(number: int) -> str:
    return f"# Pump {number}\n\n" + PROSE.format(number)


def pdf(path: Path, text: str) -> None:
    with pymupdf.open() as document:
        page = document.new_page()
        if text:
            page.insert_text((72, 72), text)
        else:
            pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 400, 600))
            pixmap.clear_with(120)
            page.insert_image(page.rect, pixmap=pixmap)
        document.save(path)


def all_steps(strata: Engine, folder: Path, **options: object) -> list[int]:
    """Returns how many texts each batch embedded."""
    plan = make_plan(strata.context, [RunRequest((folder,), **options)], batch_files=2)
    embedded = []
    for name in plan.names():
        prepare_batch(strata.context, name)
        embedded.append(embed_batch(strata.context, strata.parts, name))
    publish_plan(strata.context, strata.parts, plan.name)
    return embedded


def test_files_are_shared_out_by_what_reads_them(tmp_path: Path, folder: Path) -> None:
    (folder / "a.md").write_text(prose(1))
    (folder / "b.csv").write_text("pump,litres\nP1,40\nP2,45\n")
    (folder / "c.html").write_text("<html><body><p>The pump moves water.</p></body></html>")
    pdf(folder / "d.pdf", "The pump moves forty litres of water a minute.")
    pdf(folder / "e.pdf", "")
    (folder / "f.pdf").write_bytes(b"%PDF-1.7 broken")
    pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 40, 40)).save(folder / "g.png")

    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        handover = Handover(strata.context.catalog.artifacts, strata.context.store)
        found = {lane: [Path(file).name for name in plan.names(lane) for file in handover.get(name, BatchNote).files]
                 for lane in Lane}  # fmt: skip

    assert found == {
        Lane.TEXT: ["a.md"],
        Lane.OFFICE: ["b.csv", "c.html"],
        Lane.PDF: ["d.pdf", "f.pdf"],
        Lane.SCAN: ["e.pdf", "g.png"],
    }


def test_without_ocr_no_pdf_is_opened_to_plan(tmp_path: Path, folder: Path) -> None:
    pdf(folder / "e.pdf", "")
    with engine(tmp_path / "home", ocr__engine="none") as strata:
        assert make_plan(strata.context, [RunRequest((folder,))], batch_files=10).batches[Lane.SCAN] == 0


def test_publishing_finds_all_work_done(tmp_path: Path, folder: Path) -> None:
    for number in range(5):
        (folder / f"{number}.md").write_text(prose(number))

    with engine(tmp_path / "home") as strata:
        embedded = all_steps(strata, folder)
        (last,) = strata.context.catalog.runs.last(1, "default")

        assert [len(strata.texts(f"{number}.md")) for number in range(5)] == [1] * 5
    summary = json.loads(last.summary)
    assert (embedded, summary["embedded"], summary["parsed"]) == ([2, 2, 1], 0, 5)


def test_what_another_document_says_already_is_not_embedded(tmp_path: Path, folder: Path) -> None:
    (folder / "a.md").write_text(prose(1))
    with engine(tmp_path / "home") as strata:
        strata.run(folder)
        (folder / "b.md").write_text(prose(1))
        (folder / "b.md.meta.json").write_text('{"title": "Another title, and so another text to embed"}')
        (folder / "c.md").write_text(prose(2))

        assert all_steps(strata, folder) == [1]
        assert [payload.path for payload in strata.current() if payload.survivor is not None] == ["b.md"]


def test_a_step_that_is_repeated_does_nothing_twice(tmp_path: Path, folder: Path) -> None:
    (folder / "a.md").write_text(prose(1))
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        (name,) = plan.names()
        first = prepare_batch(strata.context, name), embed_batch(strata.context, strata.parts, name)
        again = prepare_batch(strata.context, name), embed_batch(strata.context, strata.parts, name)

    assert first[0] == again[0]
    assert (first[1], again[1]) == (1, 0)


def test_a_file_that_broke_its_parser_is_not_given_to_it_again(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        (name,) = plan.names()
        assert prepare_batch(strata.context, name).failed == 1
        monkeypatch.setattr("ingest.stages.work.make_parser", lambda *_: pytest.fail("it is parsed again"))

        publish_plan(strata.context, strata.parts, plan.name)

        (failure,) = strata.context.catalog.files.failures("default")
    assert (failure.path, failure.code, failure.attempts) == ("bad.pdf", "corrupt_file", 1)


def test_what_was_refused_is_tried_again_when_the_limits_have_changed(tmp_path: Path, folder: Path) -> None:
    with pymupdf.open() as document:
        for number in range(2):
            document.new_page().insert_text((72, 72), prose(number))
        document.save(folder / "a.pdf")
    with engine(tmp_path / "home", parse__max_pages=1, ocr__engine="none") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        assert prepare_batch(strata.context, plan.names()[0]).failed == 1

    with engine(tmp_path / "home", ocr__engine="none") as strata:
        (summary,) = publish_plan(strata.context, strata.parts, plan.name)

    assert (summary.parsed, summary.failed) == (1, 0)


def test_a_step_says_which_file_failed_and_why(tmp_path: Path, folder: Path) -> None:
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    said: list[str] = []
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        strata.context.progress.say = said.append
        prepare_batch(strata.context, plan.names()[0])

    (sentence,) = said
    assert sentence.startswith("bad.pdf (corrupt_file): ")


def test_chunks_that_were_damaged_before_they_were_embedded_are_made_again(tmp_path: Path, folder: Path) -> None:
    (folder / "a.md").write_text(prose(1))
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        (name,) = plan.names()
        prepare_batch(strata.context, name)
        for pack in (strata.context.home.artifacts / "chunk").rglob("*.pack"):
            pack.write_bytes(b"damaged")

        assert embed_batch(strata.context, strata.parts, name) == 0
        publish_plan(strata.context, strata.parts, plan.name)

        assert len(strata.texts("a.md")) == 1


def test_a_refusal_comes_back_as_the_error_that_it_was() -> None:
    back = Refusal.of(Refused(ParserTimeout("a.pdf took too long", seconds=3.5), "a.pdf")).refused()

    assert (type(back.error), back.error.facts, back.name) == (ParserTimeout, {"seconds": 3.5}, "a.pdf")
    assert type(Refusal.of(Refused(CorruptFile("no"), "a")).refused().error) is CorruptFile


def test_a_copy_of_a_broken_file_is_told_under_its_own_name(tmp_path: Path, folder: Path) -> None:
    for name in ("one.pdf", "two.pdf"):
        (folder / name).write_bytes(b"%PDF-1.7 broken")
    with engine(tmp_path / "home") as strata:
        all_steps(strata, folder)
        (folder / "three.pdf").write_bytes(b"%PDF-1.7 broken")
        strata.run(folder)
        failures = strata.context.catalog.files.failures("default")

    assert [(f.path, f.message.partition(" ")[0], f.facts["name"]) for f in failures] == [
        (name, name, name) for name in ("one.pdf", "three.pdf", "two.pdf")
    ]


def test_steps_of_a_plan_that_was_carried_out_have_nothing_left_to_do(tmp_path: Path, folder: Path) -> None:
    """Someone cleared a task of a run that had ended."""
    (folder / "a.md").write_text(prose(1))
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        publish_plan(strata.context, strata.parts, plan.name)
        (folder / "b.md").write_text(prose(2))
        strata.embedder.texts.clear()

        (name,) = plan.names()
        assert prepare_batch(strata.context, name).prepared == 0
        assert embed_batch(strata.context, strata.parts, name) == 0
        assert strata.embedder.texts == []
        assert left_of_plans(strata) == [f"{plan.name}/outcome"]


def test_a_plan_that_never_was_says_so(tmp_path: Path, folder: Path) -> None:
    with engine(tmp_path / "home") as strata:
        for step in (prepare_batch, partial(embed_batch, parts=strata.parts)):
            with pytest.raises(ConfigError, match="plan again"):
                step(strata.context, name="20260101T000000-0/text-000")


def left_of_plans(strata: Engine) -> list[str]:
    notes = strata.context.catalog.artifacts.below("plan", "")
    assert len(list((strata.context.home.artifacts / "plan").rglob("*.pack"))) == len(notes)
    return [note.key for note in notes]


def test_whoever_publishes_again_is_told_what_became_of_the_plan(tmp_path: Path, folder: Path) -> None:
    """A task that was killed before it could tell is tried again."""
    (folder / "a.md").write_text(prose(1))
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        first = publish_plan(strata.context, strata.parts, plan.name)

        assert publish_plan(strata.context, strata.parts, plan.name) == first
        assert first[0].parsed == 1
        assert len(strata.context.catalog.runs.last(9, "default")) == 1


def test_a_kill_while_a_plan_is_removed_leaves_nothing_behind(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.md").write_text(prose(1))
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=10)
        with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
            killed.setattr(strata.context.store, "remove", raising(KeyboardInterrupt()))
            publish_plan(strata.context, strata.parts, plan.name)

        assert [summary.parsed for summary in publish_plan(strata.context, strata.parts, plan.name)] == [1]
        assert [note.key for note in strata.context.catalog.artifacts.below("plan", "")] == [f"{plan.name}/outcome"]


def raising(error: BaseException) -> Callable[..., None]:
    def call(*_: object) -> None:
        raise error

    return call


def test_too_many_failures_fail_the_plan_after_every_source_was_taken_in(tmp_path: Path, folder: Path) -> None:
    for number in range(20):
        (folder / f"{number}.pdf").write_bytes(f"%PDF-1.7 broken {number}".encode())
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.md").write_text(prose(1))
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,)), RunRequest((other,))], batch_files=10)
        with pytest.raises(RunFailed, match="20 of 20"):
            publish_plan(strata.context, strata.parts, plan.name)

        assert len(strata.texts("a.md")) == 1
        with pytest.raises(RunFailed, match="20 of 20") as again:
            publish_plan(strata.context, strata.parts, plan.name)
        assert again.value.summary.failed == 20
        assert len(strata.context.catalog.runs.last(9, "default")) == 2


def test_a_name_that_is_no_text_goes_through_all_steps(tmp_path: Path, folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.md")).write_text(prose(1))
    with engine(tmp_path / "home") as strata:
        assert all_steps(strata, folder) == [1]
        assert [payload.path for payload in strata.current()] == ["caf\\xe9.md"]


def test_references_stay_small_however_many_files_there_are(tmp_path: Path, folder: Path) -> None:
    for number in range(300):
        (folder / f"{number}.md").write_text(prose(number))
    with engine(tmp_path / "home") as strata:
        plan = make_plan(strata.context, [RunRequest((folder,))], batch_files=1)

    assert len(plan.names()) <= 240
    assert len(json.dumps(plan.names())) < 10_000


def test_what_a_sidecar_tells_is_known_in_a_batch(tmp_path: Path, folder: Path) -> None:
    (folder / "a.md").write_text(prose(1))
    (folder / "a.md.meta.json").write_text('{"customer": "acme"}')
    with engine(tmp_path / "home") as strata:
        all_steps(strata, folder)

        assert [payload.metadata["customer"] for payload in strata.current()] == ["acme"]
