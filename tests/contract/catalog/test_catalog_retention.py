"""What is promised to be removed, until it is."""

from __future__ import annotations

from catalog_plans import SOURCE, TENANT, arrival, commit, document_id, ref, text_digest

from ingest.catalog.catalog import Catalog
from ingest.catalog.postgres import PostgresDatabase


def test_a_purge_that_was_promised_is_known_until_it_is_done(catalog: Catalog) -> None:
    documents = sorted(document_id(f"{number}.md") for number in range(3))
    catalog.retention.begin_purge(documents)
    assert catalog.retention.purging() == documents

    catalog.retention.end_purge(documents[:2])
    assert catalog.retention.purging() == documents[2:]


def test_a_pack_that_was_promised_to_be_rewritten_is_known_until_it_is(catalog: Catalog) -> None:
    catalog.artifacts.adopt([ref("k", "old"), ref("l", "other")])
    catalog.retention.drop([ref("k", "old")], [], ["parse/old.pack", "parse/other.pack"])
    assert catalog.retention.compacting() == ["parse/old.pack", "parse/other.pack"]

    catalog.retention.compacted("parse/old.pack")
    catalog.retention.keep("parse/other.pack")
    assert catalog.retention.compacting() == []
    assert catalog.artifacts.find("parse", "k") is None


def test_bands_of_those_that_are_gone_are_swept_in_time_however_many_are_there(catalog: Catalog) -> None:
    """On a Postgres with little memory to work with, which goes through all survivors for each band where it is asked
    in the wrong way."""
    many = 40_000
    database = catalog.database
    if isinstance(database, PostgresDatabase):
        database.rows("SELECT set_config('work_mem', '64kB', false), set_config('statement_timeout', '120s', false)")
    numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
    database.execute(
        "INSERT INTO survivors (survivor_no, chunk_id, tenant, doc_no, text_digest, point_id, seq, place)"
        f" {numbers} SELECT i, {_BYTES[database.dialect.blob]}, 'default', 1, ?, ?, 1, i FROM n",
        (many, b"digest", b"point"),
    )
    for band in range(5):
        database.execute(
            f"INSERT INTO bands (band, survivor_no) {numbers} SELECT {band} + 5 * i, i FROM n", (many + 10,)
        )

    assert catalog.survivors.sweep() == 50
    assert database.rows("SELECT count(*), max(survivor_no) FROM bands") == [(5 * many, many)]


_BYTES = {"BLOB": "CAST(CAST(i AS TEXT) AS BLOB)", "BYTEA": "decode(md5(CAST(i AS TEXT)), 'hex')"}
"""Made of a number, in each dialect."""


def test_a_document_that_is_forgotten_leaves_nothing_and_takes_nothing_of_others(catalog: Catalog, run: int) -> None:
    for path in ("a.md", "b.md"):
        commit(catalog, arrival(catalog, run, path, f"of {path}", f"more of {path}"))
    gone, kept = (document_id(path) for path in ("a.md", "b.md"))

    catalog.retention.forget_document(gone)
    catalog.survivors.sweep()

    assert catalog.history.document(gone) is None
    assert catalog.retention.points_of(gone) == []
    assert catalog.files.of_source(TENANT, SOURCE).keys() == {"b.md"}
    survivors = catalog.survivors.by_texts(TENANT, [text_digest("of a.md"), text_digest("of b.md")])
    assert survivors.keys() == {text_digest("of b.md")}
    assert catalog.database.rows("SELECT count(*) FROM bands") == [(4,)]
    assert len(catalog.history.current_points([kept])) == 2
