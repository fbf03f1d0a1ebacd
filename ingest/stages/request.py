"""What is asked of a run, and what its sources hold at this moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingest.config import Settings
from ingest.context import Context
from ingest.sources.folder import EVERYTHING, FolderRules
from ingest.sources.places import Root
from ingest.stages.discover import Discovery, Skip, discover
from ingest.stages.naming import SourceSpec, name_sources
from schemas.source import SourceKind


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to take in, and how.

    `reprocess`: documents made by another recipe are made again. `retry_failed`: files in
    quarantine are tried again, with `retry_codes` only those that failed with one of them. `verify`:
    time stamps are distrusted. `allow_vanish`: however many files vanished, their documents are
    retired. `stands_for`: the folder that the files were claimed from. `inbox`: the path is a drop
    folder at a URL. `scope`: patterns of what is asked about, of folders and prefixes. A path that is text may be a
    glob, or a URL.
    """

    paths: tuple[Root, ...]
    kind: SourceKind = SourceKind.MIRROR
    source: str | None = None
    reprocess: bool = False
    retry_failed: bool = False
    retry_codes: tuple[str, ...] = ()
    verify: bool = False
    allow_vanish: bool = False
    wait: bool = True
    stands_for: Root | None = None
    inbox: bool = False
    scope: tuple[str, ...] = EVERYTHING

    def wants_again(self, code: str) -> bool:
        """Whether files in quarantine with this code are to be tried again."""
        return self.retry_failed and (not self.retry_codes or code in self.retry_codes)

    def specs(self, context: Context) -> list[SourceSpec]:
        """Raises `ConfigError` when a path is not there, `StoreDown` when a URL cannot be reached."""
        return list(
            name_sources(
                context.catalog,
                context.settings.tenant,
                list(self.paths),
                self.source,
                self.kind,
                stands_for=self.stands_for,
                inbox=self.inbox,
                scope=self.scope,
            )
        )


def folder_rules(settings: Settings) -> FolderRules:
    source = settings.source
    return FolderRules(source.include, source.exclude, source.hidden, settings.metadata.sidecars)


def list_source(
    context: Context, spec: SourceSpec, request: RunRequest, again: frozenset[str] = frozenset()
) -> Discovery:
    """`again`: paths to look at whatever they look like."""
    return discover(
        context.catalog,
        spec,
        folder_rules(context.settings),
        _skip(context),
        verify=request.verify or request.reprocess,
        max_vanished_share=1.0 if request.allow_vanish else context.settings.run.max_vanished_share,
        again=again,
    )


def _skip(context: Context) -> Skip:
    store = context.settings.store.url.rstrip("/")
    return Skip(context.home.path, f"{store}/" if store else "", context.settings.watch.settle_s)


def failed_again(
    context: Context, spec: SourceSpec, request: RunRequest, attempt_key: Callable[[str], str]
) -> frozenset[str]:
    """Files in quarantine whose attempt would be another one now, or that the request wants tried again; of a
    member, the file that holds it."""
    failures = context.catalog.files.failures(spec.tenant, spec.name)
    known = context.catalog.files.of_source(spec.tenant, spec.name) if failures else {}
    return frozenset(
        (known[failure.path].top if failure.path in known else "") or failure.path
        for failure in failures
        if request.wants_again(failure.code)
        or (failure.path in known and failure.key != attempt_key(known[failure.path].sha256))
    )
