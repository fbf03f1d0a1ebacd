"""Sources and files, and what is in quarantine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from catalog_plans import SOURCE, TENANT, arrival, commit, failure, file_row

from ingest.catalog.catalog import Catalog
from schemas.source import SourceKind


def test_a_source_is_remembered_and_can_move(catalog: Catalog) -> None:
    assert catalog.files.roots(TENANT) == {}

    catalog.files.remember_source(TENANT, SOURCE, SourceKind.MIRROR, "/srv")
    catalog.files.remember_source(TENANT, SOURCE, SourceKind.APPEND, "/mnt")
    catalog.files.remember_source("other", SOURCE, SourceKind.MIRROR, "/other")

    assert catalog.files.roots(TENANT) == {SOURCE: "/mnt"}


def test_a_file_is_given_back_as_it_was_and_the_last_word_counts(catalog: Catalog) -> None:
    first, changed = file_row("泵/a.md"), file_row("泵/a.md", "failed", size=11, sha256="other")
    catalog.files.remember(TENANT, SOURCE, [first, file_row("b.md")])
    catalog.files.remember("other", SOURCE, [file_row("c.md")])

    assert catalog.files.of_source(TENANT, SOURCE) == {"泵/a.md": first, "b.md": file_row("b.md")}
    catalog.files.remember(TENANT, SOURCE, [changed])
    assert catalog.files.of_source(TENANT, SOURCE)["泵/a.md"] == changed


def test_a_failure_is_kept_with_the_files_state(catalog: Catalog) -> None:
    catalog.files.quarantine(TENANT, file_row("b.pdf", "failed"), failure("b.pdf"))
    catalog.files.quarantine(TENANT, file_row("a.pdf", "failed"), failure("a.pdf"))

    assert catalog.files.failures(TENANT) == [failure("a.pdf"), failure("b.pdf")]
    assert catalog.files.failures(TENANT, SOURCE) == catalog.files.failures(TENANT)
    assert catalog.files.failures(TENANT, "elsewhere") == catalog.files.failures("other") == []
    assert catalog.files.failure_of(TENANT, SOURCE, "a.pdf") == failure("a.pdf")
    assert catalog.files.failure_of(TENANT, SOURCE, "c.pdf") is None
    assert catalog.files.of_source(TENANT, SOURCE)["a.pdf"].status == "failed"


def test_a_second_failure_takes_the_place_of_the_first(catalog: Catalog) -> None:
    catalog.files.quarantine(TENANT, file_row("a.pdf", "failed"), failure("a.pdf", "one"))
    catalog.files.quarantine(TENANT, file_row("a.pdf", "failed"), failure("a.pdf", "two", attempts=2))

    assert catalog.files.failures(TENANT) == [failure("a.pdf", "two", attempts=2)]


def test_pages_that_a_document_is_without_are_told_while_it_is_live(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.pdf", "of a"))
    commit(catalog, arrival(catalog, run, "b.pdf", "of b"))
    for path in ("a.pdf", "b.pdf", "gone.pdf"):
        pages = [failure(path).model_copy(update={"page": number}) for number in (7, 2)]
        catalog.files.keep_page_failures(TENANT, SOURCE, path, "", pages)

    told = catalog.files.page_failures(TENANT)

    assert [(one.path, one.page) for one in told] == [("a.pdf", 2), ("a.pdf", 7), ("b.pdf", 2), ("b.pdf", 7)]
    assert catalog.files.failures(TENANT) == catalog.files.page_failures("other") == []
    catalog.files.keep_page_failures(TENANT, SOURCE, "a.pdf", "", [])
    catalog.files.forget(TENANT, SOURCE, ["b.pdf"])
    assert catalog.files.page_failures(TENANT) == []


def test_a_file_is_released_from_quarantine_alone(catalog: Catalog) -> None:
    for path in ("a.pdf", "b.pdf"):
        catalog.files.quarantine(TENANT, file_row(path, "failed"), failure(path))

    catalog.files.release(TENANT, SOURCE, ["a.pdf"])

    assert [f.path for f in catalog.files.failures(TENANT)] == ["b.pdf"]
    assert "a.pdf" in catalog.files.of_source(TENANT, SOURCE)


def test_settling_notes_what_was_touched_and_forgets_what_is_gone(catalog: Catalog, run: int) -> None:
    catalog.files.remember(TENANT, SOURCE, [file_row("a.md")])
    catalog.files.quarantine(TENANT, file_row("gone.pdf", "failed"), failure("gone.pdf"))

    catalog.files.settle(TENANT, SOURCE, run, [file_row("a.md", mtime_ns=5)], ["gone.pdf"])

    assert catalog.files.of_source(TENANT, SOURCE) == {"a.md": file_row("a.md", mtime_ns=5)}
    assert catalog.files.failures(TENANT) == []


def test_settling_is_all_or_nothing(catalog: Catalog, run: int) -> None:
    def gone() -> Iterator[str]:
        yield "a.md"
        raise KeyboardInterrupt

    catalog.files.remember(TENANT, SOURCE, [file_row("a.md")])
    with pytest.raises(KeyboardInterrupt):
        catalog.files.settle(TENANT, SOURCE, run, [file_row("a.md", mtime_ns=5)], gone())

    assert catalog.files.of_source(TENANT, SOURCE) == {"a.md": file_row("a.md")}
    catalog.files.settle(TENANT, SOURCE, run, [], ["a.md"])  # and the connection can go on
    assert catalog.files.of_source(TENANT, SOURCE) == {}


def test_a_document_whose_new_file_fails_is_stale_until_it_is_published_again(catalog: Catalog, run: int) -> None:
    commit(catalog, arrival(catalog, run, "a.md", "one"))
    catalog.files.quarantine(TENANT, file_row("a.md", "failed"), failure("a.md"))

    stale = catalog.history.documents(TENANT, SOURCE)["a.md"]
    assert (stale.live, stale.stale, stale.version) == (True, True, 1)
    assert catalog.history.totals(TENANT).stale == 1

    commit(catalog, arrival(catalog, run, "a.md", "two", version=2))
    assert not catalog.history.documents(TENANT, SOURCE)["a.md"].stale
    assert catalog.files.failures(TENANT) == []
    assert catalog.files.of_source(TENANT, SOURCE)["a.md"].status == "ok"
