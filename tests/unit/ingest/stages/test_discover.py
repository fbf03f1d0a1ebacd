from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from patience import wait_for_new_stamps

from ingest.catalog.catalog import Catalog, open_catalog
from ingest.catalog.plan import PlannedDocument, PlannedFile, PublishPlan
from ingest.catalog.rows import FileRow
from ingest.sources.folder import FolderRules, ListedFile
from ingest.stages.discover import Discovery, Skip, discover
from ingest.stages.naming import SourceSpec, name_sources
from schemas.errors import ConfigError
from schemas.ids import digest, doc_id
from schemas.report import Failure
from schemas.source import Route, SourceFile, SourceKind

TENANT = "default"
LONG_AGO = 1_600_000_000_000_000_000


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    opened = open_catalog(tmp_path / "home" / "catalog.db")
    yield opened
    opened.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "docs"
    path.mkdir()
    return path


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text of {name}", "utf-8")


def spec_of(root: Path, kind: SourceKind = SourceKind.MIRROR, *files: Path) -> SourceSpec:
    return SourceSpec(TENANT, "docs", kind, root, files)


def look(catalog: Catalog, spec: SourceSpec, **more: Any) -> Discovery:
    options: dict[str, Any] = {"rules": FolderRules(), "verify": False, "max_vanished_share": 0.2, **more}
    return discover(catalog, spec, skip=Skip(spec.root.parent / "home"), **options)


def publish(catalog: Catalog, discovery: Discovery, *, listed_at_ns: int | None = None) -> None:
    """What a run does with all changed files, as far as the catalog is concerned."""
    run = catalog.runs.begin("run", 1)
    spec, files = discovery.spec, discovery.changed
    sources = [
        SourceFile(
            tenant=spec.tenant,
            source=spec.name,
            path=file.path,
            uri=file.location.as_uri(),
            sha256=digest(file.location.read_bytes()),
            size=file.size,
            mtime_ns=file.mtime_ns,
            media_type="text/markdown",
            route=Route.MARKDOWN,
        )
        for file in files
    ]
    plan = PublishPlan(
        seq=catalog.history.next_seq(),
        run_number=run,
        at_ns=1,
        tenant=spec.tenant,
        points=(),
        retire=(),
        documents=tuple(
            PlannedDocument(doc_id=doc_id(spec.tenant, spec.name, file.path), version=1, file=file, chunk_key="k")
            for file in sources
        ),
        survivors=(),
        leaving=(),
        files=tuple(
            PlannedFile(
                source=spec.name,
                path=file.path,
                size=file.size,
                mtime_ns=file.mtime_ns,
                ctime_ns=file.ctime_ns,
                inode=file.inode,
                listed_at_ns=listed_at_ns or file.ctime_ns + 10**12,  # looked at long after it was written
                sha256=source.sha256,
            )
            for file, source in zip(files, sources, strict=True)
        ),
    )
    catalog.history.open_intent(plan)
    catalog.history.close_intent(plan)
    catalog.files.remember_source(spec.tenant, spec.name, spec.kind, spec.lies_at)


def quarantine(catalog: Catalog, spec: SourceSpec, file: ListedFile) -> None:
    row = FileRow(
        file.path, file.size, file.mtime_ns, file.ctime_ns, file.inode, file.ctime_ns + 10**12, "sha", "failed"
    )
    failure = Failure(
        key="k", source=spec.name, path=file.path, uri="file:///x", stage="parse", code="corrupt_file", message="no"
    )
    catalog.files.quarantine(spec.tenant, row, failure)


def changed(discovery: Discovery) -> list[str]:
    return [file.path for file in discovery.changed]


def vanished(discovery: Discovery) -> list[str]:
    return [row.path for row in discovery.vanished]


def known_folder(catalog: Catalog, root: Path, count: int, kind: SourceKind = SourceKind.MIRROR) -> SourceSpec:
    """A source of `count` documents that were published."""
    put(root, *(f"{number:03}.md" for number in range(count)))
    spec = spec_of(root, kind)
    publish(catalog, look(catalog, spec))
    return spec


# ------------------------------------------------------------------------- what changed


def test_at_first_every_file_is_to_be_read(catalog: Catalog, root: Path) -> None:
    put(root, "b.md", "a.md", ".hidden.md")

    found = look(catalog, spec_of(root))

    assert changed(found) == ["a.md", "b.md"]
    assert (found.unchanged, found.still_failed, found.ignored) == (0, 0, 1)


def test_a_file_that_looks_the_same_is_not_read_again(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 3)

    found = look(catalog, spec)

    assert (changed(found), found.unchanged) == ([], 3)
    assert found.documents.keys() == found.known.keys() == {"000.md", "001.md", "002.md"}


def test_a_file_that_was_touched_written_or_replaced_is_looked_into(
    catalog: Catalog, root: Path, tmp_path: Path
) -> None:
    spec = known_folder(catalog, root, 5)
    wait_for_new_stamps(tmp_path)
    os.utime(root / "000.md", ns=(LONG_AGO, LONG_AGO))
    with (root / "001.md").open("a") as file:
        file.write("more")
    _replace_keeping_times(root / "002.md")
    (root / "003.md").chmod(0o600)

    assert changed(look(catalog, spec)) == ["000.md", "001.md", "002.md", "003.md"]


def _replace_keeping_times(path: Path) -> None:
    """Another file of the same size and modification time, as `cp -p` or an unpacked archive leaves it."""
    stat = path.stat()
    other = path.with_name("other")
    other.write_bytes(b"x" * stat.st_size)
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(path)


@pytest.mark.parametrize(
    ("age_ns", "trusted"), [(-5_000_000, False), (0, False), (19_000_000, False), (21_000_000, True)]
)
def test_a_time_stamp_is_trusted_when_it_was_old_at_the_listing(
    catalog: Catalog, root: Path, age_ns: int, trusted: bool
) -> None:
    """A write in the same tick of the clock may have left the very same time stamp."""
    put(root, "a.md")
    spec = spec_of(root)
    first = look(catalog, spec)
    publish(catalog, first, listed_at_ns=first.changed[0].ctime_ns + age_ns)

    assert (changed(look(catalog, spec)) == []) is trusted


def test_the_listing_is_stamped_with_the_clock_of_the_files(catalog: Catalog, root: Path) -> None:
    assert abs(time.time_ns() - look(catalog, spec_of(root)).listed_at_ns) < 3600 * 10**9


def test_verifying_looks_into_every_file(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 2)

    assert changed(look(catalog, spec, verify=True)) == ["000.md", "001.md"]


def test_a_file_that_shall_be_tried_again_is(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 2)

    assert changed(look(catalog, spec, again=frozenset({"001.md", "gone.md"}))) == ["001.md"]


def test_a_file_in_quarantine_stays_there_until_it_changes(catalog: Catalog, root: Path, tmp_path: Path) -> None:
    put(root, "bad.pdf")
    spec = spec_of(root)
    quarantine(catalog, spec, look(catalog, spec).changed[0])

    found = look(catalog, spec)
    assert (changed(found), found.still_failed, found.unchanged) == ([], 1, 0)

    wait_for_new_stamps(tmp_path)
    put(root, "bad.pdf")
    assert changed(look(catalog, spec)) == ["bad.pdf"]


def test_every_file_that_is_listed_is_accounted_for(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 4)
    put(root, "new.md", ".hidden", "x.tmp", "bad.pdf")
    quarantine(catalog, spec, next(f for f in look(catalog, spec).changed if f.path == "bad.pdf"))

    found = look(catalog, spec)

    told = len(found.changed) + found.unchanged + found.still_failed + found.ignored
    assert (told, found.unchanged, found.still_failed, found.ignored) == (len(found.listing.files), 4, 1, 2)


# ----------------------------------------------------------------------- what vanished


def test_a_file_that_is_gone_from_a_mirror_has_vanished(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 6)
    (root / "001.md").unlink()

    assert vanished(look(catalog, spec)) == ["001.md"]


def test_a_file_that_is_excluded_now_has_vanished_from_a_mirror(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 6)

    found = look(catalog, spec, rules=FolderRules(exclude=("001.md",)))

    assert (vanished(found), found.ignored) == (["001.md"], 1)


def test_a_failure_whose_file_is_gone_is_forgotten(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 6)
    put(root, "bad.pdf")
    quarantine(catalog, spec, look(catalog, spec).changed[0])
    (root / "bad.pdf").unlink()

    found = look(catalog, spec)

    assert (vanished(found), found.vanished_failures) == ([], ("bad.pdf",))


def test_from_a_drop_folder_nothing_ever_vanishes(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 6, SourceKind.APPEND)
    put(root, "bad.pdf")
    quarantine(catalog, spec, look(catalog, spec).changed[0])
    for file in root.iterdir():
        file.unlink()

    found = look(catalog, spec, max_vanished_share=1.0)

    assert (found.vanished, found.vanished_failures, found.warnings) == ((), (), ())


def test_from_a_listing_with_holes_nothing_vanishes(
    catalog: Catalog, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = known_folder(catalog, root, 6)
    put(root, "locked/a.md")
    (root / "001.md").unlink()
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = look(catalog, spec, max_vanished_share=1.0)

    assert (found.vanished, found.vanished_failures) == ((), ())
    assert found.warnings == (f"the folder {root}/locked cannot be read: Permission denied",)


def test_the_rest_of_a_folder_has_not_vanished_when_single_files_are_named(catalog: Catalog, root: Path) -> None:
    known_folder(catalog, root, 6)

    found = look(catalog, spec_of(root, SourceKind.MIRROR, root / "001.md"), max_vanished_share=1.0)

    assert (found.vanished, found.unchanged) == ((), 1)


@pytest.mark.parametrize(
    ("count", "gone", "retired"),
    [
        (20, 4, True),  # exactly the limit
        (20, 5, False),
        (10, 2, True),
        (10, 3, False),
        (3, 2, True),  # few: a share says little
        (2, 1, True),
        (4, 3, False),
    ],
)
def test_many_documents_do_not_vanish_at_once(
    catalog: Catalog, root: Path, count: int, gone: int, retired: bool
) -> None:
    spec = known_folder(catalog, root, count)
    for number in range(gone):
        (root / f"{number:03}.md").unlink()

    found = look(catalog, spec)

    assert len(found.vanished) == (gone if retired else 0)
    assert bool(found.warnings) is not retired
    told = look(catalog, spec, max_vanished_share=1.0)
    assert (len(told.vanished), told.warnings) == (gone, ())


def test_the_guard_says_what_it_saw_and_what_to_do(catalog: Catalog, root: Path) -> None:
    spec = known_folder(catalog, root, 10)
    for number in range(4):
        (root / f"{number:03}.md").unlink()

    assert look(catalog, spec).warnings == (
        "4 of 10 files of 'docs' vanished at once (40%; the limit is 20%): nothing is retired;"
        " run with --allow-vanish if that is meant",
    )


@pytest.mark.parametrize("count", [1, 2, 30])
def test_an_empty_folder_is_more_likely_unmounted_than_emptied(catalog: Catalog, root: Path, count: int) -> None:
    spec = known_folder(catalog, root, count)
    for file in root.iterdir():
        file.unlink()

    found = look(catalog, spec, max_vanished_share=0.99)
    assert (found.vanished, len(found.warnings)) == ((), 1)
    assert len(look(catalog, spec, max_vanished_share=1.0).vanished) == count


# --------------------------------------------------------------------- names of sources


def named(catalog: Catalog, *paths: Path, name: str | None = None) -> list[SourceSpec]:
    return list(name_sources(catalog, TENANT, list(paths), name, SourceKind.MIRROR))


def test_a_source_is_named_after_its_folder(catalog: Catalog, root: Path) -> None:
    assert named(catalog, root) == [spec_of(root)]
    assert named(catalog, root, name="manuals") == [replace(spec_of(root), name="manuals")]


def test_a_folder_keeps_the_name_that_it_was_given(catalog: Catalog, root: Path) -> None:
    catalog.files.remember_source(TENANT, "manuals", SourceKind.MIRROR, str(root))

    assert [spec.name for spec in named(catalog, root)] == ["manuals"]


def test_another_folder_of_the_same_name_is_another_source(catalog: Catalog, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "docs"
    other.mkdir(parents=True)
    catalog.files.remember_source(TENANT, "docs", SourceKind.MIRROR, str(root))

    (spec,) = named(catalog, other)
    assert spec.name == f"docs-{digest(str(other).encode())[:6]}"

    catalog.files.remember_source(TENANT, spec.name, SourceKind.MIRROR, str(other))
    assert named(catalog, other, root) == [spec, spec_of(root)]


def test_two_new_folders_of_one_name_are_two_sources_in_one_run_too(
    catalog: Catalog, root: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "docs"
    put(other, "a.md")

    names = [spec.name for spec in named(catalog, root, other, other / "a.md")]

    assert names[0] == "docs"
    assert names[1] == names[2] != "docs"


def test_a_folder_that_is_named_twice_or_by_a_detour_is_one_source(
    catalog: Catalog, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "sub/a.md")
    monkeypatch.chdir(root / "sub")

    specs = named(catalog, root, root / "sub" / "..", Path(".."), Path("../../docs"))

    assert specs == [spec_of(root)]


def test_a_link_to_a_folder_is_the_source_wherever_it_leads(catalog: Catalog, root: Path, tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to(root)

    (spec,) = named(catalog, link)

    assert (spec.name, spec.root) == ("current", link)


def test_a_folder_whose_name_is_not_utf8_can_be_a_source(catalog: Catalog, tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    put(folder, "a.md")

    (spec,) = named(catalog, folder)
    catalog.files.remember_source(TENANT, spec.name, spec.kind, spec.lies_at)

    assert spec.name == r"caf\xe9"
    assert named(catalog, folder) == [spec]
    assert changed(look(catalog, spec)) == ["a.md"]


def test_single_files_are_a_source_a_folder(catalog: Catalog, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "more"
    put(root, "a.md", "b.md")
    put(other, "c.md")

    specs = named(catalog, root / "b.md", other / "c.md", root / "a.md")

    assert [(spec.name, spec.root, spec.files) for spec in specs] == [
        ("docs", root, (root / "b.md", root / "a.md")),
        ("more", other, (other / "c.md",)),
    ]


def test_a_given_name_is_for_one_source(catalog: Catalog, root: Path, tmp_path: Path) -> None:
    put(root, "a.md", "b.md")

    assert [spec.name for spec in named(catalog, root / "a.md", root / "b.md", name="x")] == ["x"]
    for paths in ((root, tmp_path), (root, root / "a.md"), ()):
        with pytest.raises(ConfigError, match="--source names one source: give one folder or URL, or files of"):
            named(catalog, *paths, name="x")


def test_a_path_where_nothing_is_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"there is no file or folder at {tmp_path}/gone; check the path"):
        named(catalog, tmp_path / "gone")


def test_sources_of_another_tenant_take_no_names(catalog: Catalog, root: Path) -> None:
    catalog.files.remember_source("other", "docs", SourceKind.MIRROR, "/elsewhere/docs")

    assert [spec.name for spec in named(catalog, root)] == ["docs"]
