"""A drop folder at a URL: the same layout as a folder, nothing lost and nothing taken in twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from patience import wait_until
from places import UrlPlace, clear_memory, memory_place, s3_place
from strata_fakes import Engine, engine

from ingest.sources.drop_look import Why
from ingest.sources.drop_prefix import DropPrefix
from ingest.sources.folder import FolderRules
from ingest.sources.inbox import Inbox
from ingest.sources.remote import Remote
from ingest.stages.drop import TakenIn, drop_folder, take_in
from schemas.errors import ConfigError

GOOD = b"# Valve\n\nThe valve closes below three bar.\n"
BROKEN = b"%PDF-1.7 cut"


@pytest.fixture
def place(url: UrlPlace) -> UrlPlace:
    return url


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    with engine(tmp_path / "home", watch__settle_s=0) as opened:
        yield opened


def inbox_of(strata: Engine, place: UrlPlace) -> Inbox:
    return drop_folder(place.what, strata.settings, strata.context.home.path)


def take(strata: Engine, place: UrlPlace) -> TakenIn:
    """One cycle, by a process that knows nothing of those before."""
    return take_in(strata.context, strata.parts, inbox_of(strata, place))


def documents(place: UrlPlace) -> set[str]:
    """All but our own."""
    return {name for name in place.names() if not name.startswith(".docstrata/")}


def test_what_is_dropped_is_taken_in_and_sorted(strata: Engine, place: UrlPlace) -> None:
    place.put("合同/a b#?%.md", GOOD)
    place.put("合同/a b#?%.md.meta.json", b'{"plant": "north"}')
    place.put("broken.pdf", BROKEN)
    place.put("~$draft.md", b"left alone")
    taken = take(strata, place)
    assert set(taken.claimed) == {"合同/a b#?%.md", "broken.pdf"}
    assert documents(place) == {
        "done/合同/a b#?%.md",
        "done/合同/a b#?%.md.meta.json",
        "quarantine/broken.pdf",
        "quarantine/broken.pdf.error.json",
        "~$draft.md",
    }
    note = json.loads(place.read("quarantine/broken.pdf.error.json"))
    assert (note["file"], note["document"], note["source"]) == ("broken.pdf", "broken.pdf", "docs")
    (payload,) = strata.current()
    assert (payload.path, payload.source, payload.metadata["plant"]) == ("合同/a b#?%.md", "docs", "north")
    (failure,) = strata.context.catalog.files.failures("default")
    assert failure.uri == f"{place.what}/broken.pdf"
    assert take(strata, place).claimed == ()


def test_a_name_that_is_dropped_again_is_a_new_version_and_overwrites_nothing(strata: Engine, place: UrlPlace) -> None:
    for content in (GOOD, GOOD.replace(b"three", b"four"), GOOD.replace(b"three", b"four")):
        place.put("a.md", content)
        assert take(strata, place).settled.done
    assert documents(place) == {"done/a.md", "done/a (2).md", "done/a (3).md"}
    assert strata.texts("a.md") == ["Valve\n\nThe valve closes below four bar."]
    versions = strata.context.catalog.database.rows("SELECT path, version FROM documents")
    assert versions == [("a.md", 2)]


def test_a_refused_file_that_is_dropped_again_with_its_note_is_tried_again(strata: Engine, place: UrlPlace) -> None:
    place.put("a.pdf", BROKEN)
    refused_at = Remote(place.what).time_ns("a.pdf")
    take(strata, place)

    def dropped_later() -> bool:
        """S3's time stamps are whole seconds: within one, the same file again is the one that was refused."""
        for name in ("a.pdf", "a.pdf.error.json"):
            place.put(name, place.read(f"quarantine/{name}"))
        return Remote(place.what).time_ns("a.pdf") != refused_at

    wait_until(dropped_later)
    for name in ("a.pdf", "a.pdf.error.json"):
        place.remove(f"quarantine/{name}")
    taken = take(strata, place)
    assert taken.claimed == ("a.pdf",)
    (failure,) = strata.context.catalog.files.failures("default")
    assert failure.attempts == 2
    assert documents(place) == {"quarantine/a.pdf", "quarantine/a.pdf.error.json"}


def test_a_note_whose_file_was_taken_away_is_removed(strata: Engine, place: UrlPlace) -> None:
    place.put("a.pdf", BROKEN)
    take(strata, place)
    place.remove("quarantine/a.pdf")
    place.put("quarantine/mine.error.json", b"{}")
    take(strata, place)
    assert documents(place) == {"quarantine/mine.error.json"}


def test_what_was_written_a_moment_ago_and_a_lone_sidecar_wait(place: UrlPlace) -> None:
    place.put("a.md", GOOD)
    place.put("b.md.meta.json", b"{}")
    look = DropPrefix(place.what, 30.0, FolderRules()).look()
    assert look.ready == ()
    assert {(waiting.path, waiting.why) for waiting in look.waiting} == {
        ("a.md", Why.YOUNG),
        ("b.md.meta.json", Why.LONE_SIDECAR),
    }
    young = next(waiting for waiting in look.waiting if waiting.why is Why.YOUNG)
    assert 0 < young.rests_in_s <= 31
    assert [file.path for file in DropPrefix(place.what, 0.0, FolderRules()).look().ready] == ["a.md"]


def test_what_lies_in_done_is_not_listed(place: UrlPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        place.put(f"done/{number}.md", GOOD)
    place.put("new/a.md", GOOD)
    asked: list[str] = []
    find = place.fs.find

    def told(path: str, *args: object, **options: object) -> object:
        asked.append(path)
        return find(path, *args, **options)

    monkeypatch.setattr(place.fs, "find", told)
    assert [file.path for file in DropPrefix(place.what, 0.0, FolderRules()).look().ready] == ["new/a.md"]
    assert [path.rpartition("/")[2] for path in asked] == ["new"]


def test_what_is_dropped_anew_while_it_is_settled_stays(
    strata: Engine, place: UrlPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = GOOD.replace(b"three", b"four")
    place.put("a.md", GOOD)
    copy = Remote.copy

    def overtaken(self: Remote, name: str, to: str) -> None:
        place.put("a.md", newer)
        copy(self, name, to)

    monkeypatch.setattr(Remote, "copy", overtaken)
    taken = take(strata, place)
    assert taken.settled.left == ("a.md",)
    assert documents(place) == {"a.md"}
    monkeypatch.undo()
    assert take(strata, place).settled.done == ("done/a.md",)
    assert place.read("done/a.md") == newer
    assert "four bar" in strata.texts("a.md")[0]


class Killed(BaseException):
    pass


def test_a_kill_between_any_two_requests_loses_nothing_and_takes_nothing_in_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = memory_place()
    after = 0
    with engine(tmp_path / "home", watch__settle_s=0) as strata:
        while True:
            dropped = {f"{after}/good.md": GOOD + str(after).encode(), f"{after}/broken.pdf": BROKEN}
            for name, content in {**dropped, f"{after}/good.md.meta.json": b"{}"}.items():
                place.put(name, content)
            with monkeypatch.context() as patch:
                count = _kill_after(patch, after)
                try:
                    take(strata, place)
                except Killed:
                    take_again = True
                else:
                    take_again = False
            if take_again:
                patch.undo()
                take(strata, place)
            _check_settled(strata, place, after)
            if count() < after:
                break  # the cycle came to its end before it was killed
            after += 1
    clear_memory()
    assert after > 15, "the cycle was killed in its middle"


def _kill_after(patch: pytest.MonkeyPatch, requests: int) -> Callable[[], int]:
    """Ends the process, as far as it knows, before it changes anything at the URL for the `requests`th time."""
    made = 0

    def counted(method: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object) -> object:
            nonlocal made
            if made >= requests:
                raise Killed
            made += 1
            return method(*args)

        return call

    for name in ("write", "copy", "remove"):
        patch.setattr(Remote, name, counted(getattr(Remote, name)))
    return lambda: made


def _check_settled(strata: Engine, place: UrlPlace, number: int) -> None:
    of_this = Counter(name.replace(f"{number}/", "", 1) for name in documents(place) if f"{number}/" in name)
    assert of_this == Counter(
        ["done/good.md", "done/good.md.meta.json", "quarantine/broken.pdf", "quarantine/broken.pdf.error.json"]
    )
    assert not [name for name in place.names() if "/moves/" in name]
    found = [payload.path for payload in strata.current() if payload.path.startswith(f"{number}/")]
    assert found == [f"{number}/good.md"]


def test_a_url_that_is_not_there_or_not_ours_is_told(s3: str, strata: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"there is no s3://no-such-bucket/inbox .*: check the URL"):
        take_in(strata.context, strata.parts, drop_folder("s3://no-such-bucket/inbox", strata.settings, Path("home")))
    with pytest.raises(ConfigError, match="is a pattern"):
        drop_folder("s3://bucket/*.md", strata.settings, Path("home"))

    place = s3_place()

    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(place.fs, "pipe_file", refuse)
    with pytest.raises(ConfigError, match="write where it is a drop folder"):
        take(strata, place)
