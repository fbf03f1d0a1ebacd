"""What was decided about duplicates is written down with its reason, and can be listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from strata_fakes import Engine, engine

from ingest.search.searcher import SearchRequest
from ingest.stages.duplicate_lists import DuplicateList, list_duplicates
from schemas.errors import ConfigError

NOTICE = (
    "The supplier bears the risk until the goods have arrived at the warehouse of the customer, and whoever opens a "
    "crate before the carrier has left loses the right to complain about what can be seen from the outside. "
    "What has been damaged on the way is put aside, described in writing with all its parts, and kept as it is until "
    "somebody whom the supplier sends has looked at it and has said in the same way what shall become of it."
)


def write(folder: Path, name: str, *passages: str) -> None:
    folder.mkdir(exist_ok=True)
    sections = [f"# {heading}\n\n{text}\n" for heading, text in zip(("Opening", "Notice"), passages, strict=True)]
    (folder / f"{name}.md").write_text("\n".join(sections), "utf-8")


def own(name: str) -> str:
    """A passage that stands in no other document."""
    return f"What is told of {name} here stands nowhere else, and {name} alone is what it is told of."


def listed(strata: Engine, **options: object) -> DuplicateList:
    return list_duplicates(strata.context, **options)  # the call's own options


def test_every_duplicate_is_listed_below_its_survivor_with_kind_similarity_and_reason(tmp_path: Path) -> None:
    near = NOTICE.replace("opens a crate", "opens a sealed crate")
    for name, text in (("a", NOTICE), ("b", NOTICE.upper()), ("c", near)):
        write(tmp_path / "in", name, own(name), text)
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        found = listed(strata)
    (cluster,) = found.clusters
    assert (cluster.survivor.path, cluster.survivor.heading_path[-1]) == ("a.md", "Notice")
    assert NOTICE in cluster.survivor.text
    exact, like = cluster.copies
    assert (exact.place.path, exact.kind, exact.similarity, exact.reason) == ("b.md", "exact", 1.0, "the same text")
    assert (like.place.path, like.kind) == ("c.md", "near")
    assert like.similarity is not None
    assert 0.9 <= like.similarity < 1
    assert "no number, date, unit, name or negation differs" in str(like.reason)
    assert (cluster.duplicates, cluster.documents, cluster.boilerplate) == (2, 2, False)
    assert found.chunks == {"exact": 1, "near": 1}


def test_what_is_kept_though_similar_is_listed_with_what_differs(tmp_path: Path) -> None:
    write(tmp_path / "in", "a", own("a"), NOTICE)
    write(tmp_path / "in", "b", own("b"), NOTICE.replace("the customer,", "Globex,"))
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        found = listed(strata)
    (apart,) = found.kept_apart
    assert apart.other is not None
    assert (apart.place.path, apart.other.path, apart.reason) == ("b.md", "a.md", "a name differs")
    assert found.chunks == {"apart": 1}
    assert found.clusters == ()


def test_a_passage_that_recurs_in_many_documents_is_told_as_boilerplate(tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path / "in", f"n{number}", own(f"n{number}"), NOTICE)
    for name in ("x", "y"):
        write(
            tmp_path / "in",
            name,
            "What x and y have in common is told here and is told nowhere else at all.",
            own(name),
        )
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        everything, boilerplate = listed(strata), listed(strata, boilerplate_only=True)
    assert [(it.duplicates, it.boilerplate) for it in everything.clusters] == [(5, True), (1, False)]
    assert [(it.survivor.path, it.documents) for it in boilerplate.clusters] == [("n0.md", 5)]


def test_a_row_that_is_written_anew_keeps_the_reason(tmp_path: Path) -> None:
    write(tmp_path / "in", "a", own("a"), NOTICE)
    write(tmp_path / "in", "b", own("b"), NOTICE.upper())
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        before = {row.id for row in strata.rows(history=False)}
        (tmp_path / "in" / "b.md.meta.json").write_text('{"author": "Ada"}', "utf-8")
        strata.run(tmp_path / "in", verify=True)
        moved = [row for row in strata.rows(history=False) if row.id not in before]
        ((copy,),) = [cluster.copies for cluster in listed(strata).clusters]
    assert any(row.payload["survivor"] for row in moved)
    assert (copy.kind, copy.reason) == ("exact", "the same text")


def test_a_list_can_be_limited_to_a_source_and_in_length(tmp_path: Path) -> None:
    for source in ("one", "two"):
        for name in ("a", "b", "c"):
            write(
                tmp_path / source,
                name,
                own(f"{source} {name}"),
                NOTICE if name != "c" else own(source),
            )
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "one")
        assert listed(strata, source="one").chunks == {"exact": 1}
        strata.run(tmp_path / "two")
        assert listed(strata, source="one").chunks == {"exact": 1}
        assert listed(strata, source="two").chunks == {"exact": 2}
        assert len(listed(strata, limit=1).clusters) == 1
        with pytest.raises(ConfigError, match="no source 'three'"):
            listed(strata, source="three")


def test_when_a_survivor_goes_its_duplicate_is_searched_in_the_same_run_and_before_it_the_old(tmp_path: Path) -> None:
    write(tmp_path / "in", "a", own("a"), NOTICE)
    write(tmp_path / "in", "b", own("b"), NOTICE)
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        then = strata.context.catalog.history.next_seq() - 1
        (tmp_path / "in" / "a.md").unlink()
        strata.run(tmp_path / "in", allow_vanish=True)

        def paths(as_of: int | None) -> set[str]:
            request = SearchRequest(query=NOTICE, tenant=strata.settings.tenant, limit=10, as_of=as_of)
            return {
                hit.payload.path for hit in strata.parts.searcher.search(request).hits if NOTICE in hit.payload.text
            }

        assert paths(None) == {"b.md"}
        assert paths(then) == {"a.md"}
        assert listed(strata).clusters == ()
        assert listed(strata).chunks == {}
