"""What a run makes of documents does not depend on where they lie."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import LocalPlace, Lying, UrlPlace, clear_memory, memory_place, s3_place
from strata_fakes import Engine, engine

from ingest.sources import fetching
from ingest.sources.folder import FolderRules
from ingest.sources.remote import Remote
from ingest.stages.purge import purge
from schemas.errors import ConfigError, StoreDown

Files = dict[str, bytes]

AWKWARD: Files = {
    "plain.md": b"# Plain\n\nThe valve closes.\n",
    "with space.md": b"# Space\n\nThe pump has a space.\n",
    "合同/第一章.md": "# 第一章\n\n违约金为合同总价的百分之五。\n".encode(),
    "c#sharp.md": b"# Sharp\n\nA hash is no fragment.\n",
    "what?.md": b"# Question\n\nA question mark is no query.\n",
    "50%20off.md": b"# Percent\n\nNothing is unquoted.\n",
    "a+b&c=d.md": b"# Signs\n\nSigns stay what they are.\n",
    "deep/er/still/deep.md": b"# Deep\n\nFolders nest.\n",
    "deep/er/plain.md": b"# Plain\n\nThe valve closes.\n",
    "told.md": b"# Told\n\nA sidecar speaks of this.\n",
    "told.md.meta.json": b'{"plant": "north"}',
    "~$lock.md": b"not a document",
    ".hidden/x.md": b"# Hidden\n\nNobody asked.\n",
    ".docstrata/work/y.md": b"# State\n\nNot ours to read.\n",
    "broken.pdf": b"%PDF-1.7 cut",
    "data.bin": b"\x00\x01\x02\x03" * 50,
}


def _archive() -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("in/side.md", "# Inside\n\nA member is a document.\n")
    return written.getvalue()


FILES = {**AWKWARD, "box.zip": _archive()}


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lying]:
    if request.param == "memory":
        yield memory_place()
        clear_memory()
    else:
        yield LocalPlace(tmp_path / "docs")


@pytest.fixture
def memory() -> Iterator[UrlPlace]:
    yield memory_place()
    clear_memory()


@pytest.fixture(autouse=True)
def time_stamps_of_now_are_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or every test would wait two seconds for those of `memory://`, which has no tags; more, where the machine's clock
    is put back meanwhile."""
    monkeypatch.setattr("ingest.sources.remote._GRAIN_NS", -3600 * 10**9)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what was downloaded."""
    names: list[str] = []
    get = Remote.get

    def counted(self: Remote, name: str, to: Path, stopped: Callable[[], bool]) -> None:
        names.append(name)
        get(self, name, to, stopped)

    monkeypatch.setattr(Remote, "get", counted)
    return names


def put_all(place: Lying, files: Files) -> None:
    for name, content in files.items():
        place.put(name, content)


def found(strata: Engine) -> list[tuple[str, ...]]:
    """All that a reader can tell, but where it lies."""
    return [(p.chunk_id, p.doc_id, p.source, p.path, p.text, str(p.metadata)) for p in strata.current()]


def failures(strata: Engine) -> list[tuple[str, str, str]]:
    return [(f.path, f.code, f.key) for f in strata.context.catalog.files.failures("default")]


def leftovers(strata: Engine) -> list[str]:
    return [str(path) for path in strata.context.home.fetched.rglob("*") if path.is_file()]


# ------------------------------------------------------------------ the same everywhere


def test_the_same_files_give_the_same_documents_ids_and_chunks(url: UrlPlace, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    local = LocalPlace(tmp_path / "plain" / "docs")
    put_all(local, FILES)
    put_all(url, FILES)
    with (
        engine(tmp_path / "h1", store__keep_originals=True) as here,
        engine(tmp_path / "h2", store__keep_originals=True) as there,
    ):
        expected = here.run(local.what)
        summary = there.run(url.what)
        counts = {"seconds", "run_id"}
        assert summary.model_dump(exclude=counts) == expected.model_dump(exclude=counts)
        assert found(there) == found(here)
        assert failures(there) == failures(here)
        assert there.context.store.originals() == here.context.store.originals()
        assert leftovers(there) == []


def test_a_file_url_is_the_folder_itself(tmp_path: Path) -> None:
    place = LocalPlace(tmp_path / "docs", as_url=True)
    put_all(place, {"with space.md": AWKWARD["plain.md"]})
    with engine(tmp_path / "home") as strata:
        strata.run(place.what)
        again = strata.run(tmp_path / "docs")
        assert (again.unchanged, again.removed) == (1, 0)
        assert strata.run(f"{(tmp_path / 'docs').as_uri()}/with%20space.md").unchanged == 1


def test_a_second_run_of_what_did_not_change_reads_nothing(url: UrlPlace, tmp_path: Path, fetched: list[str]) -> None:
    put_all(url, FILES)
    with engine(tmp_path / "home") as strata:
        strata.run(url.what)
        before = found(strata)
        fetched.clear()
        again = strata.run(url.what)
        assert (again.parsed, again.written, again.retired) == (0, 0, 0)
        assert again.seen == again.unchanged + again.failed + again.ignored
        assert found(strata) == before
        assert fetched == []


def test_what_changed_comes_and_went_is_followed(url: UrlPlace, tmp_path: Path) -> None:
    put_all(url, {f"{number}.md": f"# Part {number}\n\nPart {number} turns.\n".encode() for number in range(6)})
    with engine(tmp_path / "home") as strata:
        strata.run(url.what)
        url.put("1.md", b"# Part 1\n\nPart 1 does not turn any more.\n")
        url.put("new.md", b"# New\n\nNobody had this.\n")
        url.remove("2.md")
        summary = strata.run(url.what)
        assert (summary.parsed, summary.removed, summary.unchanged) == (2, 1, 4)
        assert {payload.path for payload in strata.current()} == {"0.md", "1.md", "3.md", "4.md", "5.md", "new.md"}
        assert strata.texts("1.md") == ["Part 1\n\nPart 1 does not turn any more."]


def test_a_sidecar_that_changes_changes_its_document(memory: UrlPlace, tmp_path: Path) -> None:
    put_all(memory, {"a.md": AWKWARD["plain.md"], "a.md.meta.json": b'{"plant": "north"}'})
    with engine(tmp_path / "home") as strata:
        strata.run(memory.what)
        memory.put("a.md.meta.json", b'{"plant": "south"}')
        strata.run(memory.what)
        assert [payload.metadata["plant"] for payload in strata.current()] == ["south"]


def test_names_that_are_one_in_unicode_are_told(tmp_path: Path) -> None:
    place = memory_place()
    put_all(place, {"e\u0301.md": AWKWARD["plain.md"], "\u00e9.md": AWKWARD["told.md"]})
    with engine(tmp_path / "home") as strata:
        summary = strata.run(place.what)
        assert [payload.path for payload in strata.current()] == ["\u00e9.md"]
        assert "the same in Unicode" in summary.warnings[0]
    clear_memory()


def test_a_single_object_is_a_document_of_its_prefix(memory: UrlPlace, tmp_path: Path) -> None:
    put_all(memory, FILES)
    with engine(tmp_path / "home") as strata:
        summary = strata.run(f"{memory.what}/told.md")
        assert [(p.path, p.source, p.metadata["plant"]) for p in strata.current()] == [("told.md", "docs", "north")]
        assert summary.removed == 0
        whole = strata.run(memory.what)
        assert whole.unchanged == 1


# ----------------------------------------------------------------------------- globs


def test_a_glob_takes_what_matches_and_its_sidecars(place: Lying, tmp_path: Path) -> None:
    put_all(place, {**FILES, "deep/told.md": b"# T\n\nTold twice.\n", "deep/told.md.meta.json": b'{"plant": "south"}'})
    with engine(tmp_path / "home") as strata:
        strata.run(f"{place.what}/deep/**/*.md")
        assert {payload.path for payload in strata.current()} == {"er/plain.md", "er/still/deep.md", "told.md"}
    with engine(tmp_path / "other") as strata:
        strata.run(f"{place.what}/*.md")
        expected = {name for name in AWKWARD if name.endswith(".md") and "/" not in name and name[0] not in "~."}
        assert {payload.path for payload in strata.current()} == expected
        assert {p.metadata.get("plant") for p in strata.current() if p.path == "told.md"} == {"north"}


def test_what_vanishes_outside_of_a_glob_is_left_alone(place: Lying, tmp_path: Path) -> None:
    put_all(
        place, {f"{kind}/{n}.md": f"# {kind} {n}\n\nOne of {kind}: {n}.\n".encode() for kind in "ab" for n in range(3)}
    )
    with engine(tmp_path / "home") as strata:
        strata.run(place.what)
        place.remove("a/0.md")
        place.remove("b/0.md")
        summary = strata.run(f"{place.what}/a*/*.md")
        assert (summary.seen, summary.removed) == (2, 1)
        assert {p.path for p in strata.current()} == {"a/1.md", "a/2.md", "b/0.md", "b/1.md", "b/2.md"}
        assert strata.run(place.what).removed == 1


def test_a_local_file_whose_name_holds_a_wildcard_is_that_file(tmp_path: Path) -> None:
    place = LocalPlace(tmp_path / "docs")
    put_all(place, {"what?.md": AWKWARD["what?.md"], "whatx.md": AWKWARD["plain.md"]})
    with engine(tmp_path / "home") as strata:
        strata.run(f"{place.what}/what?.md")
        assert [payload.path for payload in strata.current()] == ["what?.md"]


# ----------------------------------------------------------------------- URLs alone


def test_a_document_names_its_object(url: UrlPlace, tmp_path: Path) -> None:
    put_all(url, {"合同/a b#?%.md": AWKWARD["plain.md"], "broken.pdf": b"%PDF-1.7 cut"})
    with engine(tmp_path / "home") as strata:
        strata.run(url.what)
        (failure,) = strata.context.catalog.files.failures("default")
        assert failure.uri == f"{url.what}/broken.pdf"
        assert strata.context.catalog.files.roots("default") == {"docs": url.what}
        told = purge(strata.context, strata.parts, "合同/a b#?%.md", dry_run=True)
        assert any(f"may still be at {url.what}" in note for note in told.notes)


def test_an_object_that_is_too_large_is_not_fetched(memory: UrlPlace, tmp_path: Path, fetched: list[str]) -> None:
    put_all(memory, {"large.md": b"# Large\n\n" + b"word " * 10_000, "small.md": AWKWARD["plain.md"]})
    with engine(tmp_path / "home", parse__max_file_mb=0.01) as strata:
        strata.run(memory.what)
        assert [path for path, _, _ in failures(strata)] == ["large.md"]
    assert [name.rpartition("/")[2] for name in fetched] == ["small.md"]


def test_an_object_that_goes_between_listing_and_fetching_costs_that_object(
    memory: UrlPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_all(memory, FILES)
    get = Remote.get

    def too_late(self: Remote, name: str, to: Path, stopped: Callable[[], bool]) -> None:
        if name.endswith("plain.md") and "deep" not in name:
            raise FileNotFoundError(name)
        if name.endswith("told.md"):
            raise PermissionError(13, "refused")
        get(self, name, to, stopped)

    monkeypatch.setattr(Remote, "get", too_late)
    with engine(tmp_path / "home") as strata:
        summary = strata.run(memory.what)
        assert any("plain.md changed or went away" in warning for warning in summary.warnings)
        assert ("told.md", "unreadable") in [(path, code) for path, code, _ in failures(strata)]
        assert {"plain.md", "told.md"}.isdisjoint(payload.path for payload in strata.current())
        monkeypatch.undo()
        strata.run(memory.what, retry_failed=True)
        assert {"plain.md", "told.md"} <= {payload.path for payload in strata.current()}


def test_a_source_that_is_away_takes_nothing_from_the_index(
    memory: UrlPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_all(memory, FILES)
    with engine(tmp_path / "home") as strata:
        strata.run(memory.what)
        before = found(strata)

        def away(*_args: object, **_options: object) -> None:
            raise TimeoutError("in the middle of the listing")

        monkeypatch.setattr(memory.fs, "find", away)
        with pytest.raises(StoreDown, match="cannot be reached"):
            strata.run(memory.what, allow_vanish=True)
        assert found(strata) == before


def test_a_source_that_goes_away_while_it_is_fetched_is_tried_again_and_gone_on_with(
    memory: UrlPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching.Fetcher._get.retry, "sleep", lambda _seconds: None)
    put_all(memory, FILES)
    calls: Counter[str] = Counter()
    fails = {"plain.md": 2, "with space.md": 99}
    get_file = memory.fs.get_file

    def flaky(name: str, *args: object, **options: object) -> None:
        last = name.rpartition("/")[2]
        calls[name] += 1
        if calls[name] <= fails.get(last, 0):
            raise ConnectionResetError("reset by peer")
        get_file(name, *args, **options)

    monkeypatch.setattr(memory.fs, "get_file", flaky)
    with engine(tmp_path / "home") as strata:
        with pytest.raises(StoreDown, match="cannot be reached"):
            strata.run(memory.what)
        assert leftovers(strata) == []
        fails.clear()
        strata.run(memory.what)
        assert len({payload.path for payload in strata.current()}) == 12


def test_a_prefix_that_is_empty_is_a_share_that_is_not_mounted(url: UrlPlace, tmp_path: Path) -> None:
    put_all(url, {f"{number}.md": f"# Part {number}\n\nPart {number} turns.\n".encode() for number in range(3)})
    with engine(tmp_path / "home") as strata:
        strata.run(url.what)
        for number in range(3):
            url.remove(f"{number}.md")
        summary = strata.run(url.what)
        assert "3 of 3 files of 'docs' vanished at once" in summary.warnings[0]
        assert len(strata.current()) == 3
        assert strata.run(url.what, allow_vanish=True).removed == 3


def test_a_prefix_that_never_held_anything_is_a_mistake(url: UrlPlace, tmp_path: Path) -> None:
    with engine(tmp_path / "home") as strata, pytest.raises(ConfigError, match=r"there is nothing at .*docs; check"):
        strata.run(url.what)


def test_a_bucket_that_is_gone_is_told(s3: str, tmp_path: Path) -> None:
    place = s3_place()
    put_all(place, {"a.md": AWKWARD["plain.md"]})
    with engine(tmp_path / "home") as strata:
        strata.run(place.what)
        place.remove("a.md")
        place.fs.rmdir(place.what.split("/")[2])
        with pytest.raises(ConfigError, match="there is no bucket 'documents-"):
            strata.run(place.what, allow_vanish=True)
        assert len(strata.current()) == 1


@pytest.mark.parametrize("refused", [PermissionError("Access Denied"), type("NoCredentialsError", (Exception,), {})()])
def test_credentials_that_are_wrong_are_told(
    memory: UrlPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: Exception
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise refused

    monkeypatch.setattr(memory.fs, "info", refuse)
    with engine(tmp_path / "home") as strata, pytest.raises(ConfigError, match="check the credentials"):
        strata.run(memory.what)


def test_a_bucket_may_be_larger_than_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many objects there are, few of them lie here at a time; in a run that adopts all of them too."""
    url = memory_place()
    put_all(url, {f"{number:03}.md": f"# Part {number}\n\nPart {number} turns.\n".encode() for number in range(160)})
    most = 0
    get = Remote.get

    def counted(self: Remote, name: str, to: Path, stopped: Callable[[], bool]) -> None:
        nonlocal most
        get(self, name, to, stopped)
        most = max(most, sum(1 for _ in to.parent.iterdir()))

    monkeypatch.setattr(Remote, "get", counted)
    with engine(tmp_path / "home") as strata:
        strata.run(url.what)
        assert most < 40
        most = 0
        strata.run(url.what, source="other")
        assert 0 < most < 100
    clear_memory()


def test_ten_thousand_objects_are_listed_in_seconds(tmp_path: Path) -> None:
    place = memory_place()
    for number in range(10_000):
        place.put(f"{number % 100}/{number}.bin", b"\x00\x01")
    listing = Remote(place.what).listing(FolderRules())
    clear_memory()
    assert len(listing.files) == 10_000
    assert listing.complete


@given(st.permutations(sorted(AWKWARD)), st.integers(1, len(AWKWARD)))
def test_the_order_in_which_objects_were_put_changes_nothing(order: list[str], count: int) -> None:
    some = sorted(AWKWARD)[:count]
    place = memory_place()
    listings = []
    for names in ([name for name in order if name in some], some):
        put_all(place, {name: AWKWARD[name] for name in names})
        listed = Remote(place.what).listing(FolderRules())
        listings.append([(file.path, file.size, file.ignored, file.sidecar is not None) for file in listed.files])
        clear_memory()
    assert listings[0] == listings[1]
