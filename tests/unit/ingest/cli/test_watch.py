"""`docstrata watch` as a person types it, with a light model."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from patience import PATIENCE_S, wait_until
from strata_fakes import engine
from typed import typed
from watch_kills import Watch

PUMP = "# Pump\n\nOil the bearings every 300 hours.\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def refused(*arguments: str | Path) -> tuple[int, str]:
    done = typed("watch", *arguments, cwd=Path.cwd())
    return done.returncode, " ".join(done.stderr.split())


def test_it_takes_in_what_is_dropped_lets_others_search_and_ends_when_told(inbox: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    watch = Watch(inbox, home)
    watch.until_it_watches()
    (inbox / "pump.md").write_text(PUMP, "utf-8")
    first = watch.cycle()
    assert (first["claimed"], first["trouble"]) == (["pump.md"], "")
    began = time.monotonic()
    with engine(home) as other:
        (text,) = other.texts("pump.md")
        assert "300 hours" in text
    assert time.monotonic() - began < PATIENCE_S
    (inbox / "pump.md").write_text(PUMP.replace("300", "400"), "utf-8")
    (inbox / "broken.pdf").write_bytes(b"%PDF-1.7\n")
    taken: set[str] = set()
    while len(taken) < 2:
        taken |= _places(watch.cycle())
    assert taken == {"done/pump (2).md", "quarantine/broken.pdf"}
    code, other_said = refused(inbox, "--home", tmp_path / "other", "--once")
    assert (code, f"process {watch.process.pid} serves the drop folder" in other_said) == (1, True)
    code, said = watch.end(signal.SIGINT)
    assert (code, "start it again to go on" in said) == (0, True)
    with engine(home) as after:
        (text,) = after.texts()
        assert "400 hours" in text


def _places(cycle: dict[str, object]) -> set[str]:
    settled = cycle["settled"]
    assert isinstance(settled, dict)
    return {*settled["done"], *(refused["lies_at"] for refused in settled["quarantined"])}


def test_a_cycle_that_is_interrupted_ends_in_good_order_and_is_gone_on_with(inbox: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    names = {f"{number}.md" for number in range(60)}
    for name in names:
        (inbox / name).write_text(f"# {name}\n\nPart {name} turns left.\n", "utf-8")
    watch = Watch(inbox, home)
    wait_until(lambda: any((inbox / ".docstrata" / "work").rglob("*.md")))
    code, said = watch.end()
    assert (code, "Traceback" in said) == (0, False), said
    code, told, said = Watch(inbox, home, "--once").wait()
    assert code == 0, said
    assert {path.name for path in (inbox / "done").iterdir()} == names
    with engine(home) as after:
        assert {payload.path for payload in after.current()} == names
    assert json.loads(told)["waiting"] == []


def test_once_takes_even_what_was_just_written_and_tells_of_quarantine_by_its_exit_code(
    inbox: Path, tmp_path: Path
) -> None:
    (inbox / "pump.md").write_text(PUMP, "utf-8")
    code, told, said = Watch(inbox, tmp_path / "home", "--once").wait()
    assert (code, json.loads(told)["settled"]["done"]) == (0, ["done/pump.md"]), said
    (inbox / "broken.pdf").write_bytes(b"%PDF-1.7\n")
    code, told, _ = Watch(inbox, tmp_path / "home", "--once").wait()
    (only,) = json.loads(told)["settled"]["quarantined"]
    assert (code, only["lies_at"], only["code"]) == (3, "quarantine/broken.pdf", "corrupt_file")


def test_once_in_an_empty_folder_is_quick_and_well(inbox: Path, tmp_path: Path) -> None:
    code, told, _ = Watch(inbox, tmp_path / "home", "--once").wait()
    assert (code, json.loads(told)["claimed"]) == (0, [])
    assert {path.name for path in inbox.iterdir()} == {".docstrata", "done", "quarantine"}


def test_wrong_places_are_a_sentence(tmp_path: Path) -> None:
    code, said = refused(tmp_path / "none")
    assert (code, "make it, or name" in said) == (2, True)
    (tmp_path / "inbox").mkdir()
    code, said = refused(tmp_path / "inbox", "--home", tmp_path / "inbox" / "state")
    assert (code, "give --home a place outside it" in said) == (2, True)
