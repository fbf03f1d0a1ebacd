"""Two tenants in one home and one collection, with the same files at the same places: nothing of the
one is seen by the other, however it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path

import pytest
from qdrant_stub import serving
from strata_fakes import HashEmbedder

from ingest.api import Docstrata
from ingest.config import load_settings
from ingest.search.request import SearchResult
from schemas.errors import ConfigError
from schemas.point import Expand, SearchMode

WORDS = {"north": "aardvark", "south": "bumblebee"}
"""Of each tenant, and in no file of the other."""


@dataclass(frozen=True)
class Place:
    home: Path
    inboxes: dict[str, Path]
    index: dict[str, object]
    clock: Callable[[], int]
    """Goes on, whatever becomes of the machine's."""

    def opened(self, tenant: str) -> Docstrata:
        own = {"tenant": tenant, "parse.workers": 0, "store.keep_originals": False}
        settings = load_settings(environ={}, overrides={**own, **self.index})
        return Docstrata(self.home, settings, clock=self.clock)


@pytest.fixture(scope="module", params=["edge", "http"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("tenants")
    with pytest.MonkeyPatch.context() as patched, serving() as stub:
        patched.setattr("ingest.stages.parts.SentenceTransformerEmbedder", lambda *_, **__: HashEmbedder())
        # Time stamps of files are believed, also where the machine's clock is put back by seconds meanwhile.
        patched.setattr("ingest.stages.discover._CLOCK_TICK_NS", -3600 * 10**9)
        index = {"index.engine": "qdrant", "index.url": stub.url} if request.param == "http" else {}
        inboxes = {tenant: _inbox(folder / tenant / "inbox", WORDS[tenant]) for tenant in WORDS}
        there = Place(folder / "home", inboxes, index, count(1).__next__)
        for tenant, inbox in inboxes.items():
            with there.opened(tenant) as strata:
                assert strata.run([inbox]).failed == 1
        yield there


def _inbox(inbox: Path, word: str) -> Path:
    inbox.mkdir(parents=True)
    pump = "# Pump\n\n## Care\n\nOil the pump every week, and look at its seals every month.\n"
    (inbox / "pump.md").write_text(pump, "utf-8")
    (inbox / "copy.md").write_text(pump, "utf-8")
    (inbox / "own.md").write_text(f"# Pump\n\n## Keeper\n\nThe {word} keeps the pump, and nobody else.\n", "utf-8")
    (inbox / f"{word}.pdf").write_bytes(b"%PDF-1.7 cut")
    return inbox


def _other(tenant: str) -> str:
    return next(each for each in WORDS if each != tenant)


def _everything(found: SearchResult) -> str:
    return repr(found)


@pytest.mark.parametrize("tenant", WORDS)
def test_no_search_sees_what_is_anothers(place: Place, tenant: str) -> None:
    other = WORDS[_other(tenant)]
    with place.opened(_other(tenant)) as strata:
        (theirs,) = strata.search(other, mode=SearchMode.SPARSE, limit=1).hits
    with place.opened(tenant) as strata:
        queries = (WORDS[tenant], other, "oil the pump")
        filters = ({}, {"source": "inbox", "path": "own.md"}, {"doc_id": theirs.payload.doc_id})
        ways = product(queries, SearchMode, filters, (None, "Pump"), (None, place.clock()))
        hits = 0
        for query, mode, wanted, under, as_of_ns in ways:
            found = strata.search(query, mode=mode, filters=wanted, under=under, as_of_ns=as_of_ns)
            hits += len(found.hits)
            assert {hit.payload.tenant for hit in found.hits} <= {tenant}
            assert other not in _everything(found).replace(repr(query), "")
        assert hits
        assert strata.search("pump", filters={"doc_id": theirs.payload.doc_id}).hits == ()
        assert strata.search("pump", filters={"chunk_id": theirs.payload.chunk_id}).hits == ()
        for how in Expand:
            shown = strata.search("pump", expand=how)
            assert WORDS[tenant] in _everything(shown)
            assert other not in _everything(shown)
        for asked in (_other(tenant), tenant, (tenant, _other(tenant))):
            with pytest.raises(ConfigError, match="stays within its tenant"):
                strata.search("pump", filters={"tenant": asked})


@pytest.mark.parametrize("tenant", WORDS)
def test_a_chunk_is_no_duplicate_of_anothers(place: Place, tenant: str) -> None:
    with place.opened(tenant) as strata:
        # Its own copy is one, and stays within the tenant.
        assert strata.status().totals.duplicates == 1
        told = strata.duplicates()
        assert _other(tenant) not in repr(told)
        assert {hit.payload.path for hit in strata.search("oil the pump").hits} >= {"copy.md"}


@pytest.mark.parametrize("tenant", WORDS)
def test_nothing_that_is_told_of_a_home_is_anothers(place: Place, tenant: str) -> None:
    other = WORDS[_other(tenant)]
    with place.opened(tenant) as strata:
        status = strata.status()
        assert status.totals.documents == 3
        assert status.totals.failures == 1
        assert status.sources == {"inbox": str(place.inboxes[tenant])}
        assert [failure.path for failure in strata.failures()] == [f"{WORDS[tenant]}.pdf"]
        report = strata.report().model_dump_json()
        assert WORDS[tenant] in report
        assert other not in report
        (looked_at,) = strata.dry_run([place.inboxes[tenant]])
        assert (looked_at.unchanged, len(looked_at.changed), looked_at.vanished) == (3, 0, ())


def test_no_run_of_one_is_told_to_the_other(place: Place) -> None:
    told: list[set[int]] = []
    for tenant in WORDS:
        with place.opened(tenant) as strata:
            told.append({run.number for run in strata.status().runs})
    assert all(told)
    assert not told[0] & told[1]


def test_a_file_that_goes_away_goes_for_its_tenant_alone(place: Place) -> None:
    gone = place.inboxes["north"] / "pump.md"
    text = gone.read_text("utf-8")
    gone.unlink()
    with place.opened("north") as strata:
        assert strata.run([place.inboxes["north"]], allow_vanish=True).removed == 1
        assert strata.status().totals.documents == 2
    with place.opened("south") as strata:
        assert strata.status().totals.documents == 3
        assert strata.search("oil the pump", filters={"path": "pump.md"}).hits
    gone.write_text(text, "utf-8")
    with place.opened("north") as strata:
        strata.run([place.inboxes["north"]])
