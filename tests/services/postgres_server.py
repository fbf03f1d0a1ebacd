"""A Postgres of its own for tests: a new cluster in a folder, on a socket there or on a port of 127.0.0.1, gone at
the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

_START_LIMIT_S = 30.0
_LOCALE = "en_US.UTF-8"
"""As servers have it that a package or an image makes: text is ordered as a language does, not by code points."""


@contextmanager
def postgres(port: int | None = None) -> Iterator[str]:
    """The URL of a database that holds nothing. `DOCSTRATA_TEST_POSTGRES` names another server's."""
    if url := os.environ.get("DOCSTRATA_TEST_POSTGRES"):
        yield url
        return
    # Not pytest's own folder: a socket's path has a hundred characters at most.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        _as_server(folder, "localedef", "-i", "en_US", "-f", "UTF-8", str(folder / _LOCALE))
        new = ("-A", "trust", "-U", "docstrata", "--locale", _LOCALE)
        _as_server(folder, str(_program("initdb")), "-D", str(folder / "data"), *new)
        with _started(folder, port) as url:
            yield url
    finally:
        shutil.rmtree(folder)


def empty(url: str) -> None:
    """Removes the catalog that is there."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS docstrata CASCADE")


@contextmanager
def new_database(url: str, name: str) -> Iterator[str]:
    """The URL of another database of the same server, gone at the end."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        parts = urlsplit(url)
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _started(folder: Path, port: int | None) -> Iterator[str]:
    data = str(folder / "data")
    url = f"postgresql://docstrata@/postgres?host={folder}"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    if port is not None:
        url = f"postgresql://docstrata@127.0.0.1:{port}/postgres"
        options = f"{options} -c listen_addresses=127.0.0.1 -c port={port}"
    _as_server(folder, str(_program("pg_ctl")), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        _until_it_answers(url)
        yield url
    finally:
        _as_server(folder, str(_program("pg_ctl")), "-D", data, "-m", "immediate", "stop")


def _as_server(folder: Path, *command: str) -> None:
    """Postgres refuses to run as root: then as the user that its package made."""
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        command = ("runuser", "-u", "postgres", "--", *command)
    environment = {**os.environ, "LOCPATH": str(folder)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")


def _program(name: str) -> Path:
    """Debian keeps them apart from the path, a folder a version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        raise AssertionError(f"{name} is missing: run 'make postgres', or set DOCSTRATA_TEST_POSTGRES")
    return found[-1]


def _until_it_answers(url: str) -> None:
    end = time.monotonic() + _START_LIMIT_S
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
