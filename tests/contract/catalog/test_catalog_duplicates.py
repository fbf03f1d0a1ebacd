"""Which documents and chunks are alike, and which stands for the others."""

from __future__ import annotations

import pytest
from catalog_plans import (
    SOURCE,
    TENANT,
    arrival,
    commit,
    document_id,
    plan_of,
    planned_documents,
    planned_point,
    planned_survivor,
    text_digest,
)

from ingest.catalog.catalog import Catalog
from ingest.catalog.plan import PlannedDocument, PlannedDocumentText, PlannedJudgement, PlannedRelation, PlannedSurvivor
from ingest.catalog.survivors import SurvivorRow
from schemas.chunk import DocumentRelation
from schemas.ids import chunk_id, digest


def document_text(path: str, bands: tuple[int, ...], furniture: str | None = "For Acme") -> PlannedDocumentText:
    return PlannedDocumentText(
        doc_id=document_id(path),
        text_digest=digest(b"text"),
        facts_digest=digest(b"facts"),
        furniture=furniture,
        words=9,
        bands=bands,
    )


def relation(path: str, other: str, kind: DocumentRelation) -> PlannedRelation:
    return PlannedRelation(
        doc_id=document_id(path), other=document_id(other), kind=kind, similarity=0.95, reason=f"{path} {kind}"
    )


def relations_in(catalog: Catalog) -> set[tuple[str, str, str]]:
    return {(row.path, row.other_path, row.kind.value) for row in catalog.duplicate_lists.relations(TENANT, None, 99)}


@pytest.fixture
def related(catalog: Catalog, run: int) -> Catalog:
    """b and c are copies of a, d is near it, e is told apart from it."""
    commit(
        catalog,
        plan_of(catalog, run).model_copy(
            update={
                "documents": planned_documents("a.md", "b.md", "c.md", "d.md", "e.md"),
                "document_texts": (
                    document_text("a.md", (-(2**63), 2**63 - 1)),
                    document_text("b.md", ()),
                    document_text("c.md", ()),
                    document_text("d.md", (7, 2**63 - 1), None),
                    document_text("e.md", (2**63 - 1,), "For Globex"),
                ),
                "relations": (
                    relation("b.md", "a.md", DocumentRelation.EXACT),
                    relation("c.md", "a.md", DocumentRelation.EXACT),
                    relation("d.md", "a.md", DocumentRelation.NEAR),
                    relation("e.md", "a.md", DocumentRelation.APART),
                ),
            }
        ),
    )
    return catalog


def test_documents_are_found_by_band_and_what_is_known_of_them_is_told(related: Catalog) -> None:
    a, b, c, d, e = (document_id(f"{name}.md") for name in "abcde")
    found = related.duplicates.documents_by_bands([2**63 - 1, -(2**63), 5])
    assert found == {2**63 - 1: [a, d, e], -(2**63): [a]}
    texts = related.duplicates.texts([d, e, document_id("unknown")])
    assert {row.doc_id: row.furniture for row in texts.values()} == {d: None, e: "For Globex"}
    assert texts[e].text_digest == text_digest("text")
    assert {one: sorted(own) for one, own in related.duplicates.bands_of([b, d]).items()} == {d: [7, 2**63 - 1]}
    assert related.duplicates.originals([c, d]) == {c: a, d: d}
    assert relations_in(related) == {
        ("b.md", "a.md", "exact"),
        ("c.md", "a.md", "exact"),
        ("d.md", "a.md", "near"),
        ("e.md", "a.md", "apart"),
    }


def test_the_heir_of_a_document_that_goes_takes_over_its_bands_and_relations(related: Catalog, run: int) -> None:
    a, b, c = (document_id(f"{name}.md") for name in "abc")
    assert related.duplicates.heirs([a, b], frozenset({a})) == {a: b}
    assert related.duplicates.heirs([a], frozenset({a, b})) == {a: c}
    gone = PlannedDocument(doc_id=a, version=2)
    commit(related, plan_of(related, run).model_copy(update={"documents": (gone,), "heirs": {a: b}}))
    assert relations_in(related) == {("c.md", "b.md", "exact"), ("d.md", "b.md", "near"), ("e.md", "b.md", "apart")}
    assert related.duplicates.documents_by_bands([-(2**63)]) == {-(2**63): [b]}
    assert related.duplicates.texts([a]) == {}


def test_a_document_that_changes_without_an_heir_leaves_no_relation(related: Catalog, run: int) -> None:
    (changed,) = planned_documents("e.md")
    plan = plan_of(related, run).model_copy(
        update={
            "documents": (changed.model_copy(update={"version": 2}),),
            "document_texts": (document_text("e.md", (11,)),),
        }
    )
    commit(related, plan)
    assert {kind for _, _, kind in relations_in(related)} == {"exact", "near"}
    assert related.duplicates.bands_of([document_id("e.md")]) == {document_id("e.md"): [11]}


def test_why_a_row_is_a_duplicate_is_kept_until_it_is_retired(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "same"))
    plan = arrival(catalog, run, "b.md", "near")
    survivor = chunk_id(document_id("a.md"), "same", None, 0)
    point = planned_point("b.md", "near", plan.seq, survivor)
    judged = PlannedJudgement(point_id=point.point_id, kind="near", similarity=0.93, reason="a reason")
    commit(catalog, plan.model_copy(update={"points": (point,), "survivors": (), "judgements": (judged,)}))
    lists = catalog.duplicate_lists
    assert catalog.duplicates.judgements([point.point_id]) == {point.point_id: judged}
    (cluster,) = lists.clusters(TENANT, SOURCE, 1, 9)
    assert (cluster.survivor.path, cluster.duplicates, cluster.documents) == ("a.md", 1, 1)
    (copy,) = lists.duplicates_of(survivor, 9)
    assert (copy.chunk.path, copy.kind, copy.similarity, copy.reason) == ("b.md", "near", 0.93, "a reason")
    assert lists.counts(TENANT, None) == {"near": 1}
    assert lists.clusters(TENANT, "other", 1, 9) == []
    assert lists.clusters(TENANT, None, 2, 9) == []
    assert lists.counts("other", None) == {}
    commit(catalog, plan_of(catalog, run).model_copy(update={"retire": (point.point_id,)}))
    assert catalog.duplicates.judgements([point.point_id]) == {}
    assert lists.clusters(TENANT, None, 1, 9) == []


def by_text(catalog: Catalog, tenant: str, digest_: bytes) -> list[SurvivorRow]:
    return catalog.survivors.by_texts(tenant, [b"unknown", digest_]).get(digest_, [])


def by_bands(catalog: Catalog, tenant: str, bands: list[bytes], most: int = 64) -> list[SurvivorRow]:
    found = catalog.survivors.by_bands(tenant, {"asked": bands, "nobody's": [b"unknown"]}, most)
    return found.get("asked", [])


def test_survivors_of_a_text_come_in_the_order_of_their_arrival(catalog: Catalog, run: int) -> None:
    paths = ("z.md", "a.md", "m.md")
    points = [planned_point(path, "same", 1) for path in paths]
    survivors = tuple(planned_survivor(point, place, b"band") for place, point in enumerate(points))
    changes = {"points": tuple(points), "survivors": survivors[::-1], "documents": planned_documents(*paths)}
    commit(catalog, plan_of(catalog, run).model_copy(update=changes))
    commit(catalog, arrival(catalog, run, "0.md", "same"))

    wanted = [document_id(path) for path in ("z.md", "a.md", "m.md", "0.md")]
    assert [row.doc_id for row in by_text(catalog, TENANT, text_digest("same"))] == wanted
    assert [row.doc_id for row in by_bands(catalog, TENANT, [b"band"])] == wanted
    assert by_text(catalog, TENANT, text_digest("other")) == []
    assert by_text(catalog, "other", text_digest("same")) == []


def test_a_survivor_that_shares_several_bands_is_told_once(catalog: Catalog, run: int) -> None:
    plan = arrival(catalog, run, "a.md")
    points = [planned_point("a.md", text, 1) for text in ("one", "two")]
    survivors = (planned_survivor(points[0], 0, b"\x00\xff", b"b"), planned_survivor(points[1], 1, b"b", b"c"))
    commit(catalog, plan.model_copy(update={"points": tuple(points), "survivors": survivors}))

    def found(*bands: bytes) -> list[str]:
        return [row.point_id for row in by_bands(catalog, TENANT, bands)]

    both = [point.point_id for point in points]
    assert found(b"\x00\xff", b"b", b"c") == both
    assert found(b"\x00\xff") == both[:1]
    assert found(b"c", b"unknown") == both[1:]
    assert found() == []
    assert by_bands(catalog, "other", [b"b"]) == []


def test_a_chunk_that_leaves_stands_for_nobody(catalog: Catalog, run: int) -> None:
    (point,) = commit(catalog, arrival(catalog, run, "a.md", "one")).points
    leaving = {"leaving": (point.payload.chunk_id,), "retire": (point.point_id,)}
    commit(catalog, plan_of(catalog, run).model_copy(update=leaving))

    assert by_text(catalog, TENANT, text_digest("one")) == []
    assert by_bands(catalog, TENANT, [b"band"]) == []


def test_a_survivor_keeps_its_place_when_its_row_is_written_anew(catalog: Catalog, run: int) -> None:
    (old,) = commit(catalog, arrival(catalog, run, "a.md", "same")).points
    commit(catalog, arrival(catalog, run, "b.md", "same"))
    new = planned_point("a.md", "same", 3)
    moved = PlannedSurvivor(
        chunk_id=new.payload.chunk_id,
        doc_id=new.payload.doc_id,
        point_id=new.point_id,
        text_digest="",
        bands=(),
        place=0,
    )
    commit(
        catalog,
        plan_of(catalog, run).model_copy(update={"points": (new,), "retire": (old.point_id,), "survivors": (moved,)}),
    )

    rows = by_text(catalog, TENANT, text_digest("same"))
    assert [row.doc_id for row in rows] == [document_id("a.md"), document_id("b.md")]
    assert rows[0].point_id == new.point_id
    assert rows == by_bands(catalog, TENANT, [text_digest("same")])
