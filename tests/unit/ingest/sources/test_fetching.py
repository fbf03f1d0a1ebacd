"""Objects on their way to a parser: whole or not at all, and never more of them than there is room for."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from places import UrlPlace, clear_memory, memory_place

from ingest.sources.fetching import Fetcher, FetchPlaces
from ingest.sources.folder import FolderRules, ListedFile
from ingest.sources.remote import Remote
from schemas.errors import StoreDown


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def place() -> Iterator[UrlPlace]:
    made = memory_place()
    for number in range(20):
        made.put(f"{number:02}.md", b"x" * 1000)
    yield made
    clear_memory()


def places(tmp_path: Path, keep_bytes: int = 0) -> FetchPlaces:
    return FetchPlaces(tmp_path / "own", tmp_path / "kept", keep_bytes, least_room=10_000)


def listed(place: UrlPlace) -> tuple[ListedFile, ...]:
    return Remote(place.what).listing(FolderRules()).files


def everything(_listed: ListedFile) -> bool:
    return True


def test_files_come_in_order_and_are_gone_when_they_were_used(tmp_path: Path, place: UrlPlace) -> None:
    with Fetcher(Remote(place.what), places(tmp_path)) as fetcher:
        seen = []
        for fetched in fetcher.fetched(listed(place), everything):
            assert fetched.listed.location.read_bytes() == b"x" * 1000
            seen.append(fetched.listed.path)
            fetcher.release(fetched.listed)
            assert not fetched.listed.location.exists()
        assert seen == [f"{number:02}.md" for number in range(20)]
    assert not (tmp_path / "own").exists()


def test_a_full_disk_is_told_before_it_is_full(
    tmp_path: Path, place: UrlPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 12_500
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(20_000, 0, free))
    with Fetcher(Remote(place.what), places(tmp_path)) as fetcher:
        coming = fetcher.fetched(listed(place), everything)
        assert next(coming).listed.path == "00.md", "there is room for two"
        free = 10_500
        with pytest.raises(StoreDown, match="there is no room to fetch memory://"):
            list(coming)


def test_what_is_kept_is_bounded_and_taken_once(
    tmp_path: Path, place: UrlPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    get = Remote.get

    def counted(self: Remote, name: str, to: Path, stopped: Callable[[], bool]) -> None:
        asked.append(name)
        get(self, name, to, stopped)

    monkeypatch.setattr(Remote, "get", counted)
    for keep_bytes in (5_000, 0):
        with Fetcher(Remote(place.what), places(tmp_path, keep_bytes)) as fetcher:
            for fetched in fetcher.fetched(listed(place), everything):
                fetcher.release(fetched.listed)
        assert len(list((tmp_path / "kept").iterdir())) == keep_bytes // 1000
    assert len(asked) == 20 + 15


def test_an_object_of_another_size_than_was_listed_is_not_taken(tmp_path: Path, place: UrlPlace) -> None:
    files = listed(place)
    place.put("00.md", b"longer" * 1000)
    with Fetcher(Remote(place.what), places(tmp_path)) as fetcher:
        first = next(fetcher.fetched(files, everything))
        assert isinstance(first.trouble, FileNotFoundError)


def test_a_fetcher_that_is_given_up_leaves_nothing(tmp_path: Path, place: UrlPlace) -> None:
    fetcher = Fetcher(Remote(place.what), places(tmp_path))
    with fetcher:
        next(fetcher.fetched(listed(place), everything))
    assert not (tmp_path / "own").exists()
