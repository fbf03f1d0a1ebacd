"""Another embedding model in steps: look, build, then switch or give up. Each may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from ingest.logs import get_logger
from ingest.task_calls.channel import Json
from ingest.task_calls.errors import NothingToDo
from ingest.task_calls.home import absolute_path, opened, settings

if TYPE_CHECKING:
    from ingest.config import Overrides
    from ingest.steps import Canary

_log = get_logger(__name__)


def survey(params: Mapping[str, Json]) -> Json:
    """What is to be embedded, and how long that takes. Raises `NothingToDo` where the model is searched already,
    `ConfigError` where it cannot be built."""
    with opened("reindex", _overrides(params)) as steps:
        if steps.is_searched():
            raise NothingToDo(f"'{steps.settings.embed.model}' is searched with these settings already")
        found = steps.survey_reindex()
    _log.info("reindex: %s points to copy for '%s', %s texts to embed", found.points, found.model, found.texts)
    return asdict(found)


def build(params: Mapping[str, Json]) -> Json:
    """Builds the collection beside the one that is searched, and asks it the canaries."""
    canaries = _canaries(params)
    with opened("reindex", _overrides(params)) as steps:
        built = steps.build_beside(canaries)
    _log.info("reindex: %s points copied, %s texts embedded by this try", built.copied, built.embedded)
    return asdict(built) | {"canaries": len(canaries)}


def switch(params: Mapping[str, Json]) -> Json:
    """Copies what came meanwhile, and searches the new collection. `configure`: lines that the configuration has to
    hold from now on, or commands are refused."""
    from ingest.stages.identity import as_toml, differing, identity_of

    with opened("reindex", _overrides(params)) as steps:
        done = steps.reindex(_canaries(params))
        identity = identity_of(steps.settings)
    lines = as_toml(identity, differing(identity, identity_of(settings()))).splitlines()
    for line in lines:
        _log.warning("put this into docstrata.toml, or runs and searches are refused: %s", line)
    return asdict(done) | {"configure": lines}


def give_up() -> Json:
    """Removes what was built."""
    with opened("reindex") as steps:
        return {"dropped": steps.give_up_reindex().model}


def _overrides(params: Mapping[str, Json]) -> Overrides:
    given = {"embed.model": params.get("model"), "embed.device": params.get("device")}
    return {key: value for key, value in given.items() if value}


def _canaries(params: Mapping[str, Json]) -> tuple[Canary, ...]:
    from ingest.stages.canaries import read_canaries

    file = params.get("canaries")
    return read_canaries(absolute_path(str(file), "the file of canaries")) if file else ()
