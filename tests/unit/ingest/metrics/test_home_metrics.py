"""What a monitor is told of a home, and what it costs to tell it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from strata_fakes import Engine, engine

from ingest.catalog.database import Row, SqliteDatabase, Value
from ingest.config import load_settings
from ingest.context import Home, run_lock
from ingest.metrics import names
from ingest.metrics.exposition import HomeCollector, registry_of, write_textfile
from ingest.metrics.names import METRICS, Kind
from ingest.metrics.readings import Place, inbox_of
from ingest.reports.collect import collect
from ingest.stages.maintenance import maintain
from ingest.stages.measuring import tell_report
from ingest.stages.reconcile import reconcile
from schemas.errors import ConfigError

BROKEN = b"%PDF-1.7\nnothing of a PDF"
Told = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    with engine(tmp_path / "home") as opened:
        yield opened


def place_of(strata: Engine, inbox: Path | None = None) -> Place:
    return Place(strata.context.home, strata.settings, inbox)


def told(place: Place) -> Told:
    """What a scrape gives, read by Prometheus' own reader."""
    text = generate_latest(registry_of(HomeCollector(place))).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Told, metric: names.Metric, **labels: str) -> float:
    return found[metric.name, frozenset(labels.items())]


def fill(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name in ("one", "two", "three"):
        (folder / f"{name}.md").write_text(f"# {name}\n\nThe pump {name} is oiled every week by whoever is there.\n")
    (folder / "copy.md").write_text((folder / "one.md").read_text())
    (folder / "broken.pdf").write_bytes(BROKEN)
    return folder


def test_the_numbers_of_a_home_are_those_of_its_catalog(strata: Engine, tmp_path: Path) -> None:
    folder = fill(tmp_path / "inbox")
    strata.run(folder)
    (folder / "two.md").write_text("# two\n\nIt is oiled every month now.\n")
    (folder / "three.md").write_bytes(b"")
    summary = strata.run(folder)

    found, totals = told(place_of(strata)), strata.context.catalog.history.totals("default")
    here = {"tenant": "default", "source": "inbox"}
    assert totals.stale and totals.history and totals.duplicates and totals.failures == 2
    assert value(found, names.UP) == 1
    assert value(found, names.DOCUMENTS, **here) == totals.documents
    assert value(found, names.STALE, **here) == totals.stale
    assert value(found, names.POINTS, **here) == totals.points == summary.points
    assert value(found, names.DUPLICATES, **here) == totals.duplicates
    assert value(found, names.HISTORY, **here) == totals.history
    assert value(found, names.QUARANTINED, **here, code="corrupt_file") == 1
    assert sum(number for (name, _), number in found.items() if name == names.QUARANTINED.name) == totals.failures
    assert value(found, names.OPEN_COMMITS) == 0


def test_the_last_run_and_the_sums_over_all_runs_are_told(strata: Engine, tmp_path: Path) -> None:
    folder = fill(tmp_path / "inbox")
    first, second = strata.run(folder), strata.run(folder)

    found = told(place_of(strata))
    assert value(found, names.RUN_FILES, tenant="default", outcome="unchanged") == second.unchanged == 4
    assert value(found, names.FILES, tenant="default", outcome="parsed") == first.parsed == 3
    assert value(found, names.FILES, tenant="default", outcome="seen") == 10
    assert value(found, names.CHUNKS, tenant="default", event="embedded") == first.embedded
    assert value(found, names.READ, tenant="default", how="parsed") == 3
    assert value(found, names.READ, tenant="default", how="adopted") == 1
    assert value(found, names.RUNS, tenant="default", state="done") == 2
    assert value(found, names.RUN_STATE, tenant="default", state="done") == 1
    assert value(found, names.RUN_STATE, tenant="default", state="failed") == 0
    stages = {dict(labels)["stage"] for name, labels in found if name == names.STAGE_SECONDS.name}
    assert stages == {"discover", "parse", "store", "dedup", "embed", "publish"}


def test_a_run_that_was_killed_is_running_until_the_next_one_says_that_it_was_interrupted(
    strata: Engine, tmp_path: Path
) -> None:
    folder = fill(tmp_path / "inbox")
    strata.run(folder)
    strata.context.catalog.runs.begin("abcdef", 77, "default")

    found = told(place_of(strata))
    assert value(found, names.RUN_STATE, tenant="default", state="running") == 1
    assert value(found, names.RUN_STARTED_AT, tenant="default") == 77 / 1e9
    assert value(found, names.RUN_FILES, tenant="default", outcome="seen") == 5, "of the run that has ended"
    strata.run(folder)
    assert value(told(place_of(strata)), names.RUNS, tenant="default", state="interrupted") == 1


def test_a_code_that_is_over_says_zero(strata: Engine, tmp_path: Path) -> None:
    folder = fill(tmp_path / "inbox")
    strata.run(folder)
    (folder / "broken.pdf").unlink()
    strata.run(folder)

    found = told(place_of(strata))
    assert value(found, names.QUARANTINED, tenant="default", source="inbox", code="corrupt_file") == 0


def test_the_report_and_its_gates_are_told_each_source_its_own(strata: Engine, tmp_path: Path) -> None:
    folder = fill(tmp_path / "inbox")
    strata.run(folder)
    whole = collect(strata.context, token_limit=256)
    tell_report(strata.context, whole)
    tell_report(strata.context, collect(strata.context, token_limit=256, source="inbox"))

    found = told(place_of(strata))
    for source in ("", "inbox"):
        here = {"tenant": "default", "source": source}
        verdicts = {
            verdict: value(found, names.VERDICT, **here, verdict=verdict) for verdict in ("good", "look", "bad")
        }
        assert sorted(verdicts.values()) == [0, 0, 1]
        assert value(found, names.GATE_LIMIT, **here, gate="max_failed_share") == 0.1
    assert value(found, names.GATE_VALUE, tenant="default", source="", gate="max_failed_share") == 0.2
    assert value(found, names.VERDICT, tenant="default", source="", verdict=whole.verdict.value) == 1


def test_what_reconcile_and_maintenance_find_is_told_until_it_is_mended(strata: Engine, tmp_path: Path) -> None:
    strata.run(fill(tmp_path / "inbox"))
    strata.parts.index.delete([strata.rows(history=False)[0].id])
    reconcile(strata.context, strata.parts, repair=False)
    maintain(strata.context, strata.parts)

    found = told(place_of(strata))
    assert value(found, names.RECONCILE, kind="hole") == 1
    assert value(found, names.INDEX_DIFFERENCE, tenant="default") == 1
    reconcile(strata.context, strata.parts, repair=True)
    found = told(place_of(strata))
    assert [number for (name, _), number in found.items() if name == names.RECONCILE.name] == [0]
    assert value(found, names.INDEX_DIFFERENCE, tenant="default") == 0


def test_each_tenant_has_numbers_of_its_own(tmp_path: Path) -> None:
    for tenant, files in (("a", 1), ("b", 2)):
        folder = tmp_path / tenant
        folder.mkdir()
        for number in range(files):
            (folder / f"{number}.md").write_text(f"# {number}\n\nText of {tenant} and {number}.\n")
        with engine(tmp_path / "home", tenant=tenant) as strata:
            strata.run(folder)
    found = told(Place(Home(tmp_path / "home"), load_settings(environ={})))

    assert value(found, names.DOCUMENTS, tenant="a", source="a") == 1
    assert value(found, names.DOCUMENTS, tenant="b", source="b") == 2
    assert value(found, names.RUNS, tenant="b", state="done") == 1


def test_a_scrape_reads_no_table_that_grows_with_the_documents(
    strata: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strata.run(fill(tmp_path / "inbox"))
    asked: list[str] = []
    rows = SqliteDatabase.rows

    def noted(self: SqliteDatabase, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        asked.append(sql)
        return rows(self, sql, values)

    monkeypatch.setattr(SqliteDatabase, "rows", noted)

    told(place_of(strata))

    tables = {word for sql in asked for word in sql.replace(",", " ").split()}
    assert tables & {"measures", "runs", "sources", "intents"}
    assert not tables & {"points", "documents", "files", "versions", "artifacts", "failures", "vectors", "commits"}


def test_a_scrape_waits_for_no_run(strata: Engine, tmp_path: Path) -> None:
    strata.run(fill(tmp_path / "inbox"))

    with run_lock(strata.context), strata.context.catalog.database.transaction():
        assert value(told(place_of(strata)), names.UP) == 1


def test_a_home_that_is_gone_is_down_and_is_not_made_again(tmp_path: Path) -> None:
    place = Place(Home(tmp_path / "home"), load_settings(environ={}))

    collector = HomeCollector(place)
    assert value(told(place), names.UP) == 0
    generate_latest(registry_of(collector))
    assert collector.trouble is not None and "there is no catalog in" in collector.trouble.message
    assert not (tmp_path / "home").exists()


def test_the_drop_folder_tells_how_many_wait_and_since_when(strata: Engine, tmp_path: Path) -> None:
    inbox = tmp_path / "drop"
    for folder in (inbox / "deep", inbox / "done", inbox / ".docstrata" / "work"):
        folder.mkdir(parents=True)
    (inbox / "deep" / "a.md").write_text("a")
    (inbox / "deep" / "a.md.meta.json").write_text("{}")
    (inbox / ".hidden").write_text("left alone")
    (inbox / "done" / "b.md").write_text("taken")
    (inbox / ".docstrata" / "work" / "c.md").write_text("claimed")
    oldest = min(path.stat().st_ctime_ns for path in (inbox / "deep" / "a.md", inbox / ".docstrata" / "work" / "c.md"))

    found = told(place_of(strata, inbox))
    assert value(found, names.INBOX_FILES, state="waiting") == 1
    assert value(found, names.INBOX_FILES, state="claimed") == 1
    assert value(found, names.INBOX_OLDEST_AT) == pytest.approx(oldest / 1e9, abs=1e-3)


def test_an_empty_drop_folder_has_no_oldest_file_and_one_that_is_away_says_so(strata: Engine, tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()

    found = told(place_of(strata, tmp_path / "drop"))
    assert value(found, names.INBOX_UP) == 1
    assert (names.INBOX_OLDEST_AT.name, frozenset()) not in found
    assert value(told(place_of(strata, tmp_path / "away")), names.INBOX_UP) == 0


def test_a_drop_folder_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        inbox_of(load_settings(environ={}), tmp_path / "away")


def test_all_that_is_told_is_in_the_list_of_names(strata: Engine, tmp_path: Path) -> None:
    strata.run(fill(tmp_path / "inbox"))
    tell_report(strata.context, collect(strata.context, token_limit=256))
    listed = {metric.name: metric for metric in METRICS}

    for name, labels in told(place_of(strata, tmp_path / "inbox")):
        assert {label for label, _ in labels} == set(listed[name].labels)


def test_names_are_as_prometheus_wants_them() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    for metric in METRICS:
        assert metric.name.startswith("docstrata_")
        assert (metric.kind is Kind.COUNTER) == metric.name.endswith("_total")
        assert metric.help.endswith(".")
        assert ("timestamp" in metric.name) == metric.name.endswith("_timestamp_seconds")


def test_a_textfile_is_put_in_place_whole_and_can_be_read_by_others(strata: Engine, tmp_path: Path) -> None:
    strata.run(fill(tmp_path / "inbox"))
    place, folder = tmp_path / "out" / "docstrata.prom", tmp_path / "out"
    folder.mkdir()
    place.write_text("old")
    registry = registry_of(HomeCollector(place_of(strata)))

    write_textfile(registry, place)

    assert "docstrata_up 1.0" in place.read_text()
    assert place.stat().st_mode & 0o777 == 0o644
    assert list(folder.iterdir()) == [place]


@pytest.mark.parametrize(("name", "said"), [("x.txt", "has to end in .prom"), ("away/x.prom", "cannot be written")])
def test_a_textfile_that_nobody_would_read_is_refused(strata: Engine, tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        write_textfile(registry_of(HomeCollector(place_of(strata))), tmp_path / name)
