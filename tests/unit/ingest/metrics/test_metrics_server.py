"""`/metrics` and `/healthz`, asked over a socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from patience import PATIENCE_S
from prometheus_client import CollectorRegistry
from strata_fakes import engine

from ingest.config import load_settings
from ingest.context import Home
from ingest.metrics import names
from ingest.metrics.exposition import HomeCollector, registry_of
from ingest.metrics.live import CountedProgress, LiveCounters
from ingest.metrics.readings import Place
from ingest.metrics.server import Address, read_address, serving
from ingest.progress import Silent
from schemas.errors import ConfigError

ANYWHERE = Address("127.0.0.1", 0)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with engine(tmp_path / "home") as strata:
        return strata.context.home


@pytest.fixture
def url(home: Home) -> Iterator[str]:
    collector = HomeCollector(Place(home, load_settings(environ={})))
    with serving(ANYWHERE, registry_of(collector), collector) as address:
        yield f"http://{address}"


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, timeout=PATIENCE_S)


def test_a_scrape_gets_prometheus_text_or_open_metrics_as_it_asks(url: str) -> None:
    plain = get(f"{url}/metrics")
    modern = get(f"{url}/metrics", Accept="application/openmetrics-text;version=1.0.0")

    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert "docstrata_up 1.0" in plain.text.splitlines()
    assert modern.text.endswith("# EOF\n")


def test_health_is_that_of_the_home(url: str, home: Home) -> None:
    assert (get(f"{url}/healthz").status_code, get(f"{url}/healthz").text) == (200, "ok\n")

    home.catalog.rename(home.path / "away")
    sick = get(f"{url}/healthz")
    assert sick.status_code == 503
    assert sick.text.startswith("store_down: there is no catalog in")
    assert "docstrata_up 0.0" in get(f"{url}/metrics").text

    (home.path / "away").rename(home.catalog)
    assert get(f"{url}/healthz").status_code == 200


def test_other_paths_say_what_there_is(url: str) -> None:
    assert get(f"{url}/").text.count("href") == 2
    away = get(f"{url}/metric")
    assert (away.status_code, away.text) == (404, "there are /metrics and /healthz here\n")
    assert httpx.head(f"{url}/metrics", timeout=PATIENCE_S).text == ""


def test_whoever_hangs_up_leaves_no_trace(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
    assert get(f"{url}/healthz").text == "ok\n"
    assert capsys.readouterr().err == ""


def test_a_port_that_is_taken_is_told(home: Home) -> None:
    collector = HomeCollector(Place(home, load_settings(environ={})))
    with (
        serving(ANYWHERE, registry_of(collector), collector) as taken,
        pytest.raises(ConfigError, match="another program listens there already"),
        serving(taken, registry_of(collector), collector),
    ):
        pass


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9464", Address("127.0.0.1", 9464)),
        (":9464", Address("0.0.0.0", 9464)),
        ("localhost:0", Address("localhost", 0)),
        ("[::1]:9464", Address("::1", 9464)),
    ],
)
def test_an_address_is_host_and_port(text: str, address: Address) -> None:
    assert read_address(text, "--listen") == address


@pytest.mark.parametrize("text", ["", "9464", "localhost", "localhost:", "localhost:http", "localhost:99999", "a:b:1"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--listen takes HOST:PORT, for example 127\.0\.0\.1:9464"):
        read_address(text, "--listen")


def test_an_ipv6_address_needs_its_brackets() -> None:
    with pytest.raises(ConfigError, match="stands in brackets"):
        read_address("::1:9464", "--metrics")


def test_a_watching_process_counts_what_it_finds_and_does() -> None:
    counters, registry = LiveCounters(), CollectorRegistry()
    registry.register(counters)
    progress = CountedProgress(Silent(), counters)
    progress.expect("parse", 3)
    progress.advance("parse", 2)
    progress.advance("parse")
    counters.cycle(done=2, quarantined=1)
    counters.trouble(lasts=True)

    def told(metric: names.Metric, **labels: str) -> float | None:
        return registry.get_sample_value(metric.name, labels)

    assert (told(names.WATCH_FOUND, stage="parse"), told(names.WATCH_DONE, stage="parse")) == (3, 3)
    assert told(names.WATCH_CYCLES) == 1
    assert (told(names.WATCH_FILES, outcome="done"), told(names.WATCH_FILES, outcome="quarantined")) == (2, 1)
    assert told(names.WATCH_TROUBLE) == 1
    counters.trouble(lasts=False)
    assert told(names.WATCH_TROUBLE) == 0
