"""`docstrata metrics`, and `docstrata watch --metrics`, as a person types them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from patience import PATIENCE_S, wait_until
from strata_fakes import engine
from typed import typed
from typer.testing import CliRunner

from ingest.cli.app import app
from schemas.errors import ConfigError

DOCSTRATA = str(Path(sys.executable).with_name("docstrata"))


@contextmanager
def serving(*arguments: str | Path, cwd: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and the URL that it tells."""
    process = subprocess.Popen([DOCSTRATA, *map(str, arguments)], cwd=cwd, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = ""
        while "http://" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        yield process, re.search(r"http://[\d.:]+", said)[0]
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def asked(url: str) -> str:
    return httpx.get(url, timeout=PATIENCE_S).text


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("metrics")
    (folder / "inbox").mkdir()
    (folder / "inbox" / "pump.md").write_text("# Pump\n\nIt moves water.\n")
    with engine(folder / "home") as strata:
        strata.run(folder / "inbox")
    return folder


def test_metrics_are_printed_as_text_and_as_json(place: Path) -> None:
    text = typed("metrics", "--home", "home", cwd=place)
    data = typed("metrics", "--home", "home", "--json", cwd=place)

    assert (text.returncode, text.stderr) == (0, "")
    assert 'docstrata_documents{source="inbox",tenant="default"} 1.0' in text.stdout.splitlines()
    samples = json.loads(data.stdout)
    assert {"name": "docstrata_up", "labels": {}, "value": 1.0} in samples


def test_a_catalog_that_cannot_be_read_is_told_in_the_answer_and_by_the_exit_code(place: Path) -> None:
    (place / "ruined").mkdir()
    (place / "ruined" / "catalog.db").write_text("this is no catalog, whatever its name says" * 100)

    done = typed("metrics", "--home", "ruined", "--textfile", "out.prom", cwd=place)

    assert done.returncode == 1
    assert "is damaged" in " ".join(done.stderr.split())
    assert "docstrata_up 0.0" in (place / "out.prom").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--home", "away"), "away holds nothing yet: begin with 'docstrata run FOLDER --home away'"),
        (("--home", "home", "--listen", "9464"), "--listen takes HOST:PORT"),
        (("--home", "home", "--listen", ":0", "--json"), "give one of --listen, --textfile and --json, or none"),
        (("--home", "home", "--inbox", "away"), "there is no folder away"),
    ],
)
def test_what_cannot_be_told_is_refused_in_one_sentence(
    place: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(place)

    refused = CliRunner().invoke(app, ["metrics", *arguments]).exception

    assert isinstance(refused, ConfigError)
    assert said in refused.message
    assert not (place / "away").exists()


def test_it_serves_until_it_is_told_to_stop(place: Path) -> None:
    with serving("metrics", "--home", "home", "--listen", "127.0.0.1:0", cwd=place) as (process, url):
        assert "docstrata_up 1.0" in asked(f"{url}/metrics")
        assert asked(f"{url}/healthz") == "ok\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None and process.stderr.read() == "stopped\n"


def test_a_watching_process_serves_what_it_counts_beside_what_the_home_holds(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    arguments = ("watch", "drop", "--home", "home", "--metrics", "127.0.0.1:0", "--set", "watch.settle_s=0")
    with serving(*arguments, cwd=tmp_path) as (process, url):
        assert "docstrata_watch_cycles_total 0.0" in asked(f"{url}/metrics")
        (tmp_path / "drop" / "empty.txt").write_bytes(b"")
        settled = 'docstrata_watch_files_total{outcome="quarantined"} 1.0'
        wait_until(lambda: settled in asked(f"{url}/metrics"), "no cycle has ended")
        text = asked(f"{url}/metrics")
        assert 'docstrata_files_total{outcome="failed",tenant="default"} 1.0' in text
        assert 'docstrata_inbox_files{state="waiting"} 0.0' in text
        assert "process_resident_memory_bytes" in text
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
