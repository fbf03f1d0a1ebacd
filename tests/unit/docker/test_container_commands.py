"""The images' scripts, run here: how a container begins, and how it is found alive."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "docker"


def script(name: str, place: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(place)}
    return subprocess.run(
        ["sh", str(FOLDER / name), *arguments],
        env={**known, "DOCSTRATA_HOME": str(place / "home"), **environ},
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture
def page() -> Iterator[str]:
    """The port of a server that answers everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield str(server.server_port)
    server.shutdown()
    server.server_close()


def test_a_container_begins_with_a_home_and_becomes_its_command(tmp_path: Path) -> None:
    done = script("entrypoint.sh", tmp_path, "sh", "-c", "echo $PPID; umask", "ignored")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(os.getpid()), "0002"], "not a child: signals reach it"
    assert (tmp_path / "home").is_dir()


def test_a_home_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    done = script("entrypoint.sh", tmp_path, "true")
    assert done.returncode == 2
    assert "mount a volume that belongs to it" in done.stderr


@pytest.mark.parametrize("command", [("docstrata", "metrics", "--listen", "0.0.0.0:9464"), ("airflow", "api-server")])
def test_a_server_is_alive_when_it_answers(tmp_path: Path, page: str, command: tuple[str, ...]) -> None:
    (tmp_path / "docstrata-command").write_text(" ".join(command))
    ports = {"METRICS_PORT": page, "AIRFLOW__API__PORT": page}
    assert script("healthcheck.sh", tmp_path, **ports).returncode == 0
    nobody = {"METRICS_PORT": "1", "AIRFLOW__API__PORT": "1"}
    dead = script("healthcheck.sh", tmp_path, **nobody)
    assert dead.returncode == 1
    assert "refused" in dead.stderr


def test_a_command_that_ends_by_itself_is_not_called_ill(tmp_path: Path) -> None:
    script("entrypoint.sh", tmp_path, "true", "docstrata", "run", "/documents")
    assert script("healthcheck.sh", tmp_path).returncode == 0


def test_a_container_that_began_otherwise_is_told(tmp_path: Path) -> None:
    done = script("healthcheck.sh", tmp_path)
    assert done.returncode == 1
    assert "not started by its entrypoint" in done.stderr
