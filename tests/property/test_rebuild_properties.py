"""Whatever happened to a folder: catalog and index agree, and a lost catalog is made again as it was."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quick_folders import quick_folder
from run_edits import Edit, apply, edits
from strata_fakes import Engine, HashEmbedder

from ingest.config import load_settings
from ingest.progress import Silent
from ingest.stages.rebuild import rebuild_catalog
from ingest.stages.reconcile import reconcile

_TABLES = {
    "documents": "d.doc_id, d.tenant, d.source, d.path, d.version, d.sha256, d.chunk_key, d.previous_doc_id, d.live,"
    " d.top, d.metadata_digest FROM documents d",
    "versions": "d.doc_id, v.version, v.seq, v.run_number, v.sha256, v.chunk_key, v.gone FROM versions v"
    " JOIN documents d ON d.doc_no = v.doc_no",
    "points": "p.point_id, p.chunk_id, d.doc_id, p.payload_digest, p.vector_key, p.survivor, p.from_seq, p.to_seq"
    " FROM points p JOIN documents d ON d.doc_no = p.doc_no",
    "survivors": "s.chunk_id, s.tenant, d.doc_id, s.text_digest, s.point_id, s.seq FROM survivors s"
    " JOIN documents d ON d.doc_no = s.doc_no",
    "commits": "seq, run_number, at_ns FROM commits",
    "sources": "tenant, source, kind, root FROM sources",
}


def tables(strata: Engine) -> dict[str, list[tuple[object, ...]]]:
    database = strata.context.catalog.database
    return {name: sorted(database.rows(f"SELECT {what}"), key=repr) for name, what in _TABLES.items()}


@pytest.mark.faults
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(edits, min_size=1, max_size=4))
def test_a_lost_catalog_is_made_again_whatever_happened(history: list[list[Edit]]) -> None:
    overrides = {"run.batch_chunks": 3}
    with quick_folder() as scratch:
        folder, home = scratch / "inbox", scratch / "home"
        folder.mkdir()
        strata = Engine(home, overrides)
        for step in history:
            for edit in step:
                apply(folder, edit)
            strata.run(folder, allow_vanish=True)
        assert reconcile(strata.context, strata.parts, repair=False, vectors=True).is_sound
        before = tables(strata)
        if not before["documents"]:
            before["sources"] = []  # told by manifests alone; the next run remembers it
        strata.close()
        (home / "catalog.db").unlink()

        made = {"parse.workers": 0, "store.keep_originals": False, **overrides}
        rebuild_catalog(home, load_settings(environ={}, overrides=made), progress=Silent(), embedder=HashEmbedder())

        strata = Engine(home, overrides)
        after = tables(strata)
        for name, rows in before.items():
            assert after[name] == rows, name
        again = strata.run(folder, allow_vanish=True)
        assert (again.embedded, again.written, again.retired) == (0, 0, 0)
        assert strata.embedder.texts == []
        assert reconcile(strata.context, strata.parts, repair=False, vectors=True).is_sound
        strata.close()
