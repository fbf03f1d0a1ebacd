"""A publish that breaks off at any step is rolled forward by the next run."""

from __future__ import annotations

from pathlib import Path

import pytest
from strata_fakes import Engine


class Crash(BaseException):
    """Like a kill: nothing catches it."""


class CrashingIndex:
    """Passes calls on, and dies before, or just after, the n-th that writes."""

    def __init__(self, index: object, after: int) -> None:
        self._index = index
        self._left = after

    def __getattr__(self, name: str) -> object:
        method = getattr(self._index, name)
        if name not in {"insert", "make_current", "retire"}:
            return method

        def counted(*arguments: object, **named: object) -> object:
            if self._left == 0:
                raise Crash
            self._left -= 1
            result = method(*arguments, **named)
            if self._left == 0:
                raise Crash
            return result

        return counted


def _inbox(folder: Path) -> Path:
    folder.mkdir()
    for number in range(6):
        text = f"# Part {number}\n\nPart number {number} turns left.\n\n## Care\n\nOil part {number} now and then.\n"
        (folder / f"{number}.md").write_text(text, "utf-8")
    return folder


def _change(folder: Path) -> None:
    (folder / "0.md").unlink()
    (folder / "1.md").rename(folder / "9.md")
    (folder / "2.md").write_text("# Part 2\n\nPart number 2 turns right.\n\n## Care\n\nNever oil it.\n", "utf-8")
    (folder / "new.md").write_text("# Part 3\n\nPart number 3 turns left.\n", "utf-8")


def _state(strata: Engine) -> tuple[object, ...]:
    rows = sorted(
        (row.id, sorted(row.payload.items(), key=str), None if row.dense is None else row.dense.tobytes())
        for row in strata.rows(history=True)
    )
    tables = [
        strata.context.catalog.database.rows(f"SELECT {columns} FROM {table} ORDER BY 1, 2, 3")
        for table, columns in {
            "points": "point_id, from_seq, to_seq, survivor",
            "documents": "doc_id, version, live, path",
            "survivors": "chunk_id, point_id, seq",
            "versions": "doc_no, version, seq, gone",
            "intents": "seq, run_number, plan",
        }.items()
    ]
    return rows, tables


@pytest.fixture(scope="module")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    place = tmp_path_factory.mktemp("unharmed")
    inbox = _inbox(place / "inbox")
    strata = Engine(place / "home", {"run.batch_chunks": 4})
    strata.run(inbox)
    _change(inbox)
    strata.run(inbox)
    state = _state(strata)
    strata.close()
    return state


@pytest.mark.parametrize("after", range(9))
def test_a_crash_at_any_write_is_healed_by_the_next_run(
    after: int, unharmed: tuple[object, ...], tmp_path: Path
) -> None:
    inbox = _inbox(tmp_path / "inbox")
    strata = Engine(tmp_path / "home", {"run.batch_chunks": 4})
    strata.run(inbox)
    _change(inbox)
    strata.parts._index = CrashingIndex(strata.parts.index, after)
    with pytest.raises(Crash):
        strata.run(inbox)
    strata.close()
    again = Engine(tmp_path / "home", {"run.batch_chunks": 4})
    again.run(inbox)
    state = _state(again)
    again.close()
    assert state == unharmed


def test_readers_never_see_a_hole_while_a_crash_is_healed(tmp_path: Path) -> None:
    inbox = _inbox(tmp_path / "inbox")
    strata = Engine(tmp_path / "home")
    strata.run(inbox)
    (inbox / "2.md").write_text("# Part 2\n\nPart number 2 turns right.\n", "utf-8")
    # insert, current, retire: the crash comes after the old rows were retired, before the intent is closed.
    strata.parts._index = CrashingIndex(strata.parts.index, 3)
    with pytest.raises(Crash):
        strata.run(inbox)
    strata.close()
    again = Engine(tmp_path / "home")
    seen: list[int] = []
    index = again.parts.index

    class Watched:
        def __getattr__(self, name: str) -> object:
            if name in {"insert", "make_current", "retire", "retrieve"}:
                seen.append(len(again.texts("2.md")))
            return getattr(index, name)

    again.parts._index = Watched()
    again.run(inbox)
    again.parts._index = index
    again.close()
    assert seen
    assert min(seen) > 0
