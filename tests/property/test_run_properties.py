"""Whatever happens to a folder, the index follows it; running twice changes nothing."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strata_fakes import Engine

NAMES = ("a.md", "b.md", "c/d.md", "c/e.txt")
ARCHIVES = ("p.zip", "q.zip")
SENTENCES = (
    "The pump moves 40 litres of water a minute at full speed and stops by itself.",
    "The pump moves 45 litres of water a minute at full speed and stops by itself.",
    "离心泵启动前应检查轴承箱油位，油面应在视油镜中线，油质清亮。",
    "The valve closes when the pressure in the boiler falls below two bar for a minute.",
    "Every three hundred hours of work somebody has to oil the bearings of the pump.",
)

texts = st.lists(st.sampled_from(SENTENCES), min_size=0, max_size=4).map(
    lambda lines: "\n\n".join(f"# Part {number}\n\n{line}" for number, line in enumerate(lines))
)
writes = st.tuples(st.just("write"), st.sampled_from(NAMES), texts)
packs = st.tuples(st.just("pack"), st.sampled_from(ARCHIVES), st.dictionaries(st.sampled_from(NAMES), texts))
deletes = st.tuples(st.just("delete"), st.sampled_from(NAMES + ARCHIVES), st.just(""))
moves = st.sampled_from((NAMES, ARCHIVES)).flatmap(
    lambda names: st.tuples(st.just("move"), st.sampled_from(names), st.sampled_from(names))
)
edits = st.lists(st.one_of(writes, writes, packs, deletes, moves), min_size=1, max_size=5)


def _apply(folder: Path, edit: tuple[str, str, str | dict[str, str]]) -> None:
    what, name, value = edit
    path = folder / name
    if isinstance(value, dict):
        with zipfile.ZipFile(path, "w") as archive:
            for member, text in value.items():
                archive.writestr(zipfile.ZipInfo(member), text)
    elif what == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value, "utf-8")
    elif what == "delete":
        path.unlink(missing_ok=True)
    elif path.exists():
        (folder / value).parent.mkdir(parents=True, exist_ok=True)
        path.rename(folder / value)


def _findable(strata: Engine) -> set[tuple[str, str]]:
    return {(payload.path, payload.text) for payload in strata.current()}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(edits, min_size=1, max_size=4))
def test_the_index_follows_the_folder_and_a_second_run_changes_nothing(
    history: list[list[tuple[str, str, str | dict[str, str]]]],
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "inbox"
        folder.mkdir()
        strata = Engine(Path(scratch) / "home", {"run.batch_chunks": 3})
        for step in history:
            for edit in step:
                _apply(folder, edit)
            strata.run(folder, allow_vanish=True)
            rows = [(row.id, dict(row.payload)) for row in strata.rows(history=True)]
            again = strata.run(folder, allow_vanish=True)
            assert (again.parsed, again.embedded, again.written, again.retired) == (0, 0, 0, 0)
            assert [(row.id, dict(row.payload)) for row in strata.rows(history=True)] == rows
            _check_laws(strata)
        fresh = Engine(Path(scratch) / "fresh")
        fresh.run(folder)
        expected = {pair for pair in _findable(fresh) if not _is_stale(strata, pair[0])}
        found = {pair for pair in _findable(strata) if not _is_stale(strata, pair[0])}
        strata.close()
        fresh.close()
        assert found == expected


def _is_stale(strata: Engine, path: str) -> bool:
    """An emptied file keeps its last good version, which a fresh home never saw."""
    return any(failure.path == path for failure in strata.context.catalog.files.failures("default"))


def _check_laws(strata: Engine) -> None:
    current = {payload.chunk_id: payload for payload in strata.current()}
    vectors = {str(row.payload["chunk_id"]): row.dense for row in strata.rows(history=False)}
    for chunk, payload in current.items():
        if payload.survivor is None:
            assert vectors[chunk] is not None, "a survivor without a vector"
        else:
            assert vectors[chunk] is None, "a duplicate with a vector"
            assert current[payload.survivor].survivor is None, "a survivor that is a duplicate itself"
    told = {row.chunk_id for row in strata.context.catalog.history.current_points(_documents(strata))}
    assert told == current.keys(), "the catalog and the index differ"


def _documents(strata: Engine) -> list[str]:
    return [str(row[0]) for row in strata.context.catalog.database.rows("SELECT doc_id FROM documents")]
