"""What flows where, for Airflow's OpenLineage provider: from the sources into the collection.

Airflow knows sources and collection as assets of the scheme `docstrata`, and asks us (an entry point in
pyproject.toml) what datasets they stand for: the folder or bucket, and the place of the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from ingest.config import Settings
from ingest.options.index import IndexEngine
from ingest.task_calls.home import home, settings

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from airflow.sdk import Asset
    from openlineage.client.event_v2 import Dataset

SCHEME = "docstrata"
_INBOX = "inbox"
_PLACE = "place"
"""In an asset's extra: the folder or URL that it stands for."""


def provider_info() -> dict[str, Any]:
    """What Airflow asks of whoever brings assets of a scheme of its own."""
    module = __name__
    return {
        "package-name": "docstrata",
        "name": "docstrata",
        "description": "Assets of docstrata's sources and collection",
        "asset-uris": [
            {
                "schemes": [SCHEME],
                "handler": f"{module}.as_it_is",
                "to_openlineage_converter": f"{module}.dataset_of",
            }
        ],
    }


def as_it_is(uri: SplitResult) -> SplitResult:
    """Airflow's own check of such a URI: any is right."""
    return uri


def source_assets(places: Sequence[str]) -> list[Asset]:
    """Of folders and URLs, as inlets of a task: each once."""
    from airflow.sdk import Asset

    return [
        Asset(name=f"docstrata_source {place}", uri=f"{SCHEME}://source/{quote(place, safe='')}", extra={_PLACE: place})
        for place in dict.fromkeys(places)
    ]


def dataset_of(asset: Asset, lineage_context: object) -> Dataset:
    """By OpenLineage's naming: `file` and a path, or the bucket and a key; the collection by where its index is."""
    from openlineage.client.event_v2 import Dataset

    inbox = settings().airflow.inbox if urlsplit(asset.uri).netloc == _INBOX else ""
    place = (asset.extra or {}).get(_PLACE) or inbox
    namespace, name = dataset_name(str(place)) if place else collection_name(settings(), str(home()))
    return Dataset(namespace=namespace, name=name)


def dataset_name(place: str) -> tuple[str, str]:
    """Namespace and name of a source."""
    if "://" not in place:
        return "file", place
    split = urlsplit(place)
    return f"{split.scheme}://{split.hostname or ''}", split.path.strip("/") or "/"


def collection_name(chosen: Settings, home_folder: str) -> tuple[str, str]:
    """Namespace and name of what is searched."""
    if chosen.index.engine is IndexEngine.EDGE:
        return "file", f"{home_folder}/index"
    split = urlsplit(chosen.index.url or "")
    return f"qdrant://{split.hostname}:{split.port or 6333}", chosen.index.alias or "docstrata"
