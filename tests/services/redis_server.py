"""A Redis of its own for tests, on a free port of 127.0.0.1, in memory alone, gone at the end."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

_START_LIMIT_S = 30.0


@contextmanager
def redis_server(port: int) -> Iterator[str]:
    """Its URL. `DOCSTRATA_TEST_REDIS` names another server's, with a database that holds nothing."""
    if url := os.environ.get("DOCSTRATA_TEST_REDIS"):
        yield url
        return
    program = shutil.which("redis-server")
    assert program is not None, "redis-server is missing: run 'make redis', or set DOCSTRATA_TEST_REDIS"
    password = secrets.token_hex(16)
    # On standard input: the list of processes is for everyone on this machine.
    settings = f"bind 127.0.0.1\nport {port}\nsave ''\nappendonly no\nrequirepass {password}\n"
    process = subprocess.Popen([program, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdin is not None
        process.stdin.write(settings)
        process.stdin.close()
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        _until_it_answers(url)
        yield url
    finally:
        process.kill()
        process.wait()


def _until_it_answers(url: str) -> None:
    end = time.monotonic() + _START_LIMIT_S
    while True:
        try:
            with redis.Redis.from_url(url) as client:
                client.ping()
        except redis.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
