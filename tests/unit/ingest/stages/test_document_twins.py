"""Whole documents: the same, near, or told apart by what stands in their margins; in every order of arrival."""

from __future__ import annotations

import shutil
from pathlib import Path

import docx
import pytest
from strata_fakes import Engine, engine

from ingest.stages.duplicate_lists import list_duplicates

PARAGRAPHS = [
    "The supplier delivers the goods to the warehouse of the customer and bears the risk until they are there.",
    "Complaints about visible defects are made in writing, hidden defects as soon as they are discovered by anyone.",
    "The goods remain the property of the supplier until the price has been paid in full, interest and costs included.",
]
Relations = set[tuple[str, str, str]]


def write(folder: Path, name: str, header: str = "", paragraphs: list[str] = PARAGRAPHS) -> None:
    folder.mkdir(exist_ok=True)
    document = docx.Document()
    if header:
        document.sections[0].header.paragraphs[0].text = header
    for number, text in enumerate(paragraphs):
        document.add_heading(f"Part {'abcdefg'[number]}")
        document.add_paragraph(text)
    document.save(str(folder / name))


def relations(strata: Engine) -> Relations:
    found = list_duplicates(strata.context, limit=1000)
    return {(it.path, it.other_path, it.kind.value) for it in found.documents}


def stands_for(strata: Engine) -> set[tuple[str, str]]:
    """(document of the duplicate, document of its survivor)."""
    paths = {payload.chunk_id: payload.path for payload in strata.current()}
    return {(p.path, paths[p.survivor]) for p in strata.current() if p.survivor is not None}


def test_copies_with_one_header_are_exact_and_share_everything(tmp_path: Path) -> None:
    for name in ("a.docx", "b.docx", "c.docx"):
        write(tmp_path / "in", name, "Terms of trade")
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        assert relations(strata) == {("b.docx", "a.docx", "exact"), ("c.docx", "a.docx", "exact")}
        assert stands_for(strata) == {("b.docx", "a.docx"), ("c.docx", "a.docx")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Prepared for Acme Limited", "Prepared for Globex Limited"), ("Terms of trade", "DRAFT Terms of trade"),
        ("Valid from 3 March 2021", "Valid from 4 March 2021"), ("Version 1.2", "Version 1.3"),
        ("合同方：张伟", "合同方：李娜"),
        ("Terms of trade", "The Terms of Trade of Acme"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("together", [True, False])
def test_documents_whose_header_differs_in_a_fact_are_told_apart(
    one: str, other: str, together: bool, tmp_path: Path
) -> None:
    for headers in ((one, other), (other, one)):
        folder, home = tmp_path / f"in {headers}", tmp_path / f"home {headers}"
        with engine(home) as strata:
            for name, header in zip(("a.docx", "b.docx"), headers, strict=True):
                write(folder, name, header)
                if not together:
                    strata.run(folder)
            strata.run(folder)
            assert relations(strata) == {("b.docx", "a.docx", "apart")}
            assert stands_for(strata) == set()
            apart = list_duplicates(strata.context).documents[0]
            assert apart.similarity == 1.0
            assert apart.reason.endswith("in what stands in the margins")
        shutil.rmtree(folder)


def test_a_header_that_says_nothing_does_not_set_documents_apart(tmp_path: Path) -> None:
    write(tmp_path / "in", "a.docx", "The terms of trade")
    write(tmp_path / "in", "b.docx", "The general terms of trade")
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        assert relations(strata) == {("b.docx", "a.docx", "near")}
        assert stands_for(strata) == {("b.docx", "a.docx")}


def test_a_text_that_is_near_without_a_fact_is_a_near_document(tmp_path: Path) -> None:
    write(tmp_path / "in", "a.docx")
    write(
        tmp_path / "in", "b.docx", paragraphs=[PARAGRAPHS[0].replace("the goods", "the ordered goods"), *PARAGRAPHS[1:]]
    )
    write(tmp_path / "in", "c.docx", paragraphs=[PARAGRAPHS[0].replace("The supplier", "Globex"), *PARAGRAPHS[1:]])
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        assert relations(strata) == {("b.docx", "a.docx", "near")}
        assert stands_for(strata) == {("b.docx", "a.docx"), ("c.docx", "a.docx")}  # c shares its other parts


def test_what_differs_in_the_text_alone_leaves_boilerplate_shared(tmp_path: Path) -> None:
    write(tmp_path / "in", "a.docx", "Terms of trade")
    write(tmp_path / "in", "b.docx", "Terms of trade", [*PARAGRAPHS[:2], PARAGRAPHS[2] + " Interest is 7 percent."])
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        assert relations(strata) == set()
        assert stands_for(strata) == {("b.docx", "a.docx")}


def test_different_documents_with_different_headers_still_share_a_passage(tmp_path: Path) -> None:
    others = [f"{word} rivers carry sand and clay to the sea, and layer upon layer is laid down there." for word in
              ("Old", "Young", "Slow", "Cold")]  # fmt: skip
    write(tmp_path / "in", "a.docx", "Prepared for Acme", PARAGRAPHS)
    write(tmp_path / "in", "b.docx", "Prepared for Globex", [PARAGRAPHS[0], *others])
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        assert relations(strata) == set()
        assert stands_for(strata) == {("b.docx", "a.docx")}


def test_a_header_that_changes_parts_documents_that_shared_everything(tmp_path: Path) -> None:
    for changed in ("a.docx", "b.docx"):
        folder, home = tmp_path / f"in {changed}", tmp_path / f"home {changed}"
        for name in ("a.docx", "b.docx", "c.docx"):
            write(folder, name, "Prepared for Acme")
        with engine(home) as strata:
            strata.run(folder)
            assert len(stands_for(strata)) == 2
            write(folder, changed, "Prepared for Globex")
            strata.run(folder)
            left = "b.docx" if changed == "a.docx" else "a.docx"
            assert stands_for(strata) == {("c.docx", left)}
            assert ("c.docx", left, "exact") in relations(strata)
            assert {kind for one, other, kind in relations(strata) if changed in (one, other)} == {"apart"}


def test_when_the_first_of_its_copies_goes_the_next_takes_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a.docx", "b.docx", "c.docx"):
        write(folder, name, "Prepared for Acme")
    write(folder, "d.docx", "Prepared for Globex")
    with engine(tmp_path / "home") as strata:
        strata.run(folder)
        (folder / "a.docx").unlink()
        strata.run(folder, allow_vanish=True)
        assert relations(strata) == {("c.docx", "b.docx", "exact"), ("d.docx", "b.docx", "apart")}
        assert stands_for(strata) == {("c.docx", "b.docx")}
        write(folder, "e.docx", "Prepared for Acme")
        strata.run(folder)
        assert ("e.docx", "b.docx", "exact") in relations(strata)
        assert stands_for(strata) == {("c.docx", "b.docx"), ("e.docx", "b.docx")}


def test_a_document_that_is_only_read_again_keeps_its_place_among_its_copies(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a.docx", "b.docx"):
        write(folder, name)
    with engine(tmp_path / "home") as strata:
        strata.run(folder)
        (folder / "a.docx.meta.json").write_text('{"title": "Terms"}', "utf-8")
        strata.run(folder, reprocess=True)
        assert {kind for _, _, kind in relations(strata)} == {"exact"}


def test_documents_are_compared_anew_when_the_scheme_changes(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name, header in (("a.docx", "For Acme"), ("b.docx", "For Acme"), ("c.docx", "For Globex")):
        write(folder, name, header)
    with engine(tmp_path / "home") as strata:
        strata.run(folder)
        before = relations(strata)
        with strata.context.catalog.database.transaction():
            strata.context.catalog.duplicates.forget_all_documents()
            strata.context.catalog.database.execute("DELETE FROM facts WHERE name = 'dedup'")
        write(folder, "d.docx", "For Globex")
        strata.run(folder)
        assert relations(strata) == before | {("d.docx", "c.docx", "exact")}
