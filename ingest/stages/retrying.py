"""Files in quarantine, tried again when a person says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.context import Context
from ingest.sources.drop_look import STATE
from ingest.sources.folder import exactly
from ingest.sources.places import Root, is_url
from ingest.sources.remote import Remote
from ingest.stages.request import RunRequest
from schemas.errors import ConfigError


def retry_requests(context: Context, source: str | None, codes: Sequence[str]) -> list[RunRequest]:
    """A request for each source that has such files, about its files in quarantine and no others: it may have been
    taken in by a glob. What lies in the quarantine of a drop folder is its own: it is dropped again. Raises
    `ConfigError` for a source that is not there."""
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
        place: Root = root if is_url(root) else Path(root)
        if _is_drop_folder(place):
            context.progress.say(f"the files of {name} lie in {root}/quarantine: drop them again to have them tried")
            continue
        known = files.of_source(tenant, name)
        tops = {known[f.path].top or f.path if f.path in known else f.path for f in failures if f.source == name}
        requests.append(
            RunRequest(
                (place,),
                kind=kind,
                source=name,
                retry_failed=True,
                retry_codes=tuple(codes),
                scope=exactly(tops),
            )
        )
    return requests


def _is_drop_folder(place: Root) -> bool:
    if isinstance(place, Path):
        return (place / STATE).is_dir()
    return Remote(place).exists(f"{STATE}/probe")
