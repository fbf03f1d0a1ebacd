"""A watcher that is killed anywhere, and started again, loses no file and takes none in twice."""

from __future__ import annotations

import os
import random
import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from strata_fakes import Engine
from watch_kills import Watch

SEED = int(os.environ.get("DOCSTRATA_SEED", "20261122"))


def _drop(inbox: Path, batch: int, count: int) -> set[str]:
    """Good and broken files, one with a sidecar, and an archive."""
    names = set()
    for number in range(count):
        name = f"{batch}/{number}.md"
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_text(f"# Part {batch}.{number}\n\nPart {number} of {batch} turns left.\n", "utf-8")
        names.add(name)
    (inbox / f"{batch}/0.md.meta.json").write_text('{"plant": "north"}', "utf-8")
    (inbox / f"{batch}/broken.pdf").write_bytes(b"%PDF-1.7 cut")
    with zipfile.ZipFile(inbox / f"{batch}/plant.zip", "w") as archive:
        archive.writestr("valve.md", f"# Valve {batch}\n\nIt closes below {batch} bar.\n")
        archive.writestr("broken.pdf", "%PDF-1.7 cut")
    return names | {f"{batch}/broken.pdf", f"{batch}/plant.zip"}


def _check(inbox: Path, home: Path, dropped: set[str]) -> None:
    """Every file lies in one place, and is in the catalog and the index once."""
    notes = {f"{name}.error.json" for name in dropped if name.endswith((".pdf", ".zip"))}
    sidecars = {f"{name}.meta.json" for name in dropped if name.endswith("/0.md")}
    places = Counter(
        str(path.relative_to(inbox / base))
        for base in ("done", "quarantine")
        for path in (inbox / base).rglob("*")
        if path.is_file()
    )
    assert places == Counter(dropped | notes | sidecars)
    left = {path for path in inbox.rglob("*") if path.is_file()} - {
        path for base in ("done", "quarantine", ".docstrata") for path in (inbox / base).rglob("*")
    }
    assert left == set()
    assert [path for path in (inbox / ".docstrata" / "work").rglob("*") if path.is_file()] == []
    strata = Engine(home)
    files = strata.context.catalog.files.of_source("default", "inbox")
    assert {path for path, row in files.items() if not row.top} == dropped
    documents = {name for name in dropped if name.endswith(".md")}
    documents |= {f"{name}!/valve.md" for name in dropped if name.endswith(".zip")}
    found = Counter(payload.path for payload in strata.current())
    assert found == Counter(documents)
    assert {payload.metadata.get("plant") for payload in strata.current() if payload.path.endswith("/0.md")} == {
        "north"
    }
    versions = strata.context.catalog.database.rows("SELECT path, version FROM documents")
    assert all(version == 1 for _, version in versions)
    strata.close()


def _kill_and_check(place: Path, kills: int, seed: int) -> None:
    """Kills while files are claimed, read, published and settled: each watcher has some left over
    from the one before, and some that are new."""
    inbox, home = place / "inbox", place / "home"
    inbox.mkdir(parents=True)
    rng = random.Random(seed)
    dropped: set[str] = set()
    for kill in range(kills):
        watch = Watch(inbox, home)
        watch.until_it_watches()
        dropped |= _drop(inbox, kill, 6)
        # From before they have rested to after they were settled; starting the model included.
        time.sleep(0.1 + 3.0 * (kill + rng.random()) / kills)
        watch.kill()
    code, _, said = Watch(inbox, home, "--once").wait()
    assert code in {0, 3}, said
    _check(inbox, home, dropped)


@pytest.mark.timeout(900)
def test_three_kills_of_a_watcher_leave_no_trace_after_one_clean_look(tmp_path: Path) -> None:
    _kill_and_check(tmp_path, 3, SEED)


@pytest.mark.faults
@pytest.mark.timeout(7200)
def test_fifty_kills_of_a_watcher_leave_no_trace_after_one_clean_look(tmp_path: Path) -> None:
    for number in range(10):
        _kill_and_check(tmp_path / str(number), 5, SEED + number)
