"""Files in quarantine, tried again when a person says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.context import Context
from ingest.sources.drop_look import STATE
from ingest.stages.request import RunRequest
from schemas.errors import ConfigError


def retry_requests(context: Context, source: str | None, codes: Sequence[str]) -> list[RunRequest]:
    """A request for each source that has such files, with nothing but these to try again beside what changed
    meanwhile. What lies in the quarantine of a drop folder is its own: it is dropped again. Raises `ConfigError`
    for a source that is not there."""
    files, tenant = context.catalog.files, context.settings.tenant
    if source is not None and source not in files.roots(tenant):
        raise ConfigError(
            f"there is no source '{source}': the sources are {', '.join(sorted(files.roots(tenant))) or 'none yet'}"
        )
    failures = files.failures(tenant, source)
    wanted = sorted({failure.source for failure in failures if not codes or failure.code in codes})
    requests = []
    for name in wanted:
        kind, root = files.source(tenant, name)
        if (Path(root) / STATE).is_dir():
            context.progress.say(f"the files of {name} lie in {root}/quarantine: drop them again to have them tried")
            continue
        requests.append(RunRequest((Path(root),), kind=kind, source=name, retry_failed=True, retry_codes=tuple(codes)))
    return requests
