"""A document by the name that somebody gives it."""

from __future__ import annotations

import pytest
from catalog_plans import SOURCE, TENANT, arrival, commit, document_id, plan_of, source_file

from ingest.catalog.catalog import Catalog
from ingest.catalog.plan import PlannedDocument
from ingest.catalog.versions import KnownDocument
from schemas.errors import ConfigError
from schemas.ids import doc_id


@pytest.fixture
def known(catalog: Catalog, run: int) -> Catalog:
    """Two sources; `gone.md` has gone from both, and come back to one."""
    for path in ("a.md", "b/a.md", "b/only.md", "mail.eml", "mail.eml!/x.pdf", "mail.eml!/y.zip!/z.md", "mail.emlx"):
        commit(catalog, arrival(catalog, run, path, f"of {path}"))
    for source in (SOURCE, "other"):
        _add(catalog, run, source, "gone.md")
    _leave(catalog, run, "other", "gone.md")
    return catalog


def _add(catalog: Catalog, run: int, source: str, path: str, version: int = 1) -> None:
    file = source_file(path, path).model_copy(update={"source": source})
    document = PlannedDocument(doc_id=doc_id(TENANT, source, path), version=version, file=file, chunk_key="ck")
    commit(catalog, plan_of(catalog, run).model_copy(update={"documents": (document,)}))


def _leave(catalog: Catalog, run: int, source: str, path: str) -> None:
    gone = PlannedDocument(doc_id=doc_id(TENANT, source, path), version=2, file=None, chunk_key="")
    commit(catalog, plan_of(catalog, run).model_copy(update={"documents": (gone,)}))


def names(found: list[KnownDocument]) -> list[str]:
    return [document.path for document in found]


def test_a_document_is_found_by_its_id_its_place_its_path_and_the_end_of_its_path(known: Catalog) -> None:
    wanted = KnownDocument(document_id("b/only.md"), SOURCE, "b/only.md", live=True)

    for name in (wanted.doc_id, f"{SOURCE}/b/only.md", "b/only.md", "only.md"):
        assert known.versions.find_document(TENANT, name) == wanted


def test_a_whole_path_comes_before_the_end_of_another(known: Catalog) -> None:
    assert known.versions.find_document(TENANT, "a.md").path == "a.md"


def test_a_live_document_comes_before_one_that_is_gone(known: Catalog) -> None:
    assert known.versions.find_document(TENANT, "gone.md").source == SOURCE
    assert not known.versions.find_document(TENANT, "other/gone.md").live


def test_a_name_of_several_is_refused_with_their_names(known: Catalog, run: int) -> None:
    _add(known, run, "other", "gone.md", version=3)

    with pytest.raises(ConfigError, match=f"2 documents: give one of {SOURCE}/gone.md, other/gone.md"):
        known.versions.find_document(TENANT, "gone.md")


def test_a_name_of_none_is_refused_with_the_nearest(known: Catalog) -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'b/only\.md'"):
        known.versions.find_document(TENANT, "b/onyl.md")
    for nothing in ("", "nly.md", document_id("nowhere.md")):
        with pytest.raises(ConfigError, match="there is no document"):
            known.versions.find_document(TENANT, nothing)
    with pytest.raises(ConfigError, match="there is no document"):
        known.versions.find_document("another tenant", "a.md")


def test_what_is_inside_a_document_is_found_at_every_depth_and_nothing_beside_it(known: Catalog) -> None:
    mail, archive, lone = (
        known.versions.find_document(TENANT, name) for name in ("mail.eml", "mail.eml!/y.zip!/z.md", "a.md")
    )

    assert names(known.versions.inside(TENANT, mail)) == ["mail.eml!/x.pdf", "mail.eml!/y.zip!/z.md"]
    assert known.versions.inside(TENANT, archive) == known.versions.inside(TENANT, lone) == []
