"""What is promised to be removed, until it is."""

from __future__ import annotations

from catalog_plans import document_id, ref

from ingest.catalog.catalog import Catalog


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
