from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ingest.embed.local_limit import local_limit
from ingest.options.embed import EmbedOptions
from schemas.errors import ConfigError


def test_a_carried_model_says_what_it_reads() -> None:
    assert local_limit(EmbedOptions()) == 256
    assert local_limit(EmbedOptions(max_tokens=100)) == 100


def test_more_than_the_model_reads_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"embed\.max_tokens is 300"):
        local_limit(EmbedOptions(max_tokens=300))


@pytest.mark.parametrize("model", ["carried:another", "./nowhere", "no/such-model", "not a name: %"])
def test_a_model_that_is_not_here_is_not_fetched(model: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if asked and event in {"socket.connect", "socket.getaddrinfo"}:
            raise AssertionError(f"{event} {arguments}")

    asked = [True]
    sys.addaudithook(refuse)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    try:
        assert local_limit(EmbedOptions(model=model)) is None
    finally:
        asked.clear()  # a hook stays for the life of the process
