from __future__ import annotations

import socket
import threading
import urllib.request
from multiprocessing.connection import Client, Listener
from pathlib import Path

import pytest

from ingest.stages.seclusion import secluded


@pytest.fixture
def server() -> object:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()


def test_no_connection_is_opened_while_a_document_is_read(server: tuple[str, int]) -> None:
    socket.create_connection(server).close()
    with secluded(), pytest.raises(PermissionError):
        socket.create_connection(server)
    socket.create_connection(server).close()


def test_no_host_is_looked_up(server: tuple[str, int]) -> None:
    with secluded(), pytest.raises(PermissionError):
        socket.getaddrinfo("localhost", server[1])


def test_a_library_sees_a_network_that_is_not_there(server: tuple[str, int]) -> None:
    with secluded(), pytest.raises(OSError):
        urllib.request.urlopen(f"http://{server[0]}:{server[1]}/", timeout=1)


def test_other_threads_are_not_concerned(server: tuple[str, int]) -> None:
    done: list[bool] = []

    def connect() -> None:
        socket.create_connection(server).close()
        done.append(True)

    with secluded():
        thread = threading.Thread(target=connect)
        thread.start()
        thread.join()
    assert done == [True]


def test_a_socket_in_the_file_system_is_no_network(tmp_path: Path) -> None:
    address = str(tmp_path / "ocr")
    with Listener(address, "AF_UNIX"), secluded(), Client(address, "AF_UNIX") as client:
        assert not client.closed
