"""What Airflow's OpenLineage provider makes of our assets."""

from __future__ import annotations

import json
from importlib import import_module, resources
from pathlib import Path

import jsonschema
import pytest
from airflow.sdk import Asset

from ingest.airflow_tasks import lineage
from ingest.airflow_tasks.tasks import COLLECTION
from ingest.config import load_settings


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "docstrata.toml"
    config.write_text(f'[airflow]\ninbox = "{tmp_path}/drop"\n')
    monkeypatch.setenv("DOCSTRATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCSTRATA_CONFIG", str(config))


def dataset(asset: Asset) -> tuple[str, str]:
    found = lineage.dataset_of(asset, None)
    return found.namespace, found.name


def test_a_source_is_the_dataset_of_its_folder_or_bucket() -> None:
    folder, bucket = lineage.source_assets(["/data/contracts", "s3://papers/2026/", "/data/contracts"])

    assert dataset(folder) == ("file", "/data/contracts")
    assert dataset(bucket) == ("s3://papers", "2026")


def test_sources_of_odd_names_are_assets_of_their_own() -> None:
    places = ["/data/合同", "/data/a b", "/data/a%20b", "/data/a?b=1#c"]
    assets = lineage.source_assets(places)

    assert [dataset(asset)[1] for asset in assets] == places
    assert len({asset.uri for asset in assets}) == len({asset.name for asset in assets}) == len(places)


def test_the_collection_is_where_its_index_is(tmp_path: Path) -> None:
    assert dataset(COLLECTION) == ("file", f"{tmp_path}/home/index")
    server = load_settings(
        environ={}, overrides={"index.engine": "qdrant", "index.url": "http://qdrant.lan:6333", "index.alias": "papers"}
    )
    assert lineage.collection_name(server, "/home") == ("qdrant://qdrant.lan:6333", "papers")


def test_the_inbox_is_its_folder(tmp_path: Path) -> None:
    assert dataset(Asset(name="docstrata_inbox", uri="docstrata://inbox")) == ("file", f"{tmp_path}/drop")


def test_airflow_accepts_what_we_say_of_ourselves() -> None:
    info = lineage.provider_info()
    schema = json.loads(resources.files("airflow").joinpath("provider_info.schema.json").read_text("utf-8"))
    jsonschema.validate(info, schema)

    assert info["package-name"] == "docstrata"
    for entry in info["asset-uris"]:
        for name in (entry["handler"], entry["to_openlineage_converter"]):
            module, _, attribute = name.rpartition(".")
            assert callable(getattr(import_module(module), attribute))
