"""What is known of a file before it is parsed: its digest, its kind, what is told of it from outside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.config import Settings
from ingest.context import Context
from ingest.media_types import DATA
from ingest.options.parse import ParseOptions
from ingest.parsers.registry import parser_recipe
from ingest.routing import Routed, route
from ingest.sources.folder import ListedFile
from ingest.sources.path_rules import check_rules, metadata_of_path
from ingest.sources.patterns import matches
from ingest.sources.sidecars import read_sidecar
from ingest.stages.discover import Discovery, sha256_of
from ingest.stages.outcomes import Moving, Outcome, Rejected, Same
from ingest.stages.pending import Pending
from ingest.stages.work import PREPARE_VERSION
from ingest.text_bytes import SAMPLE, is_binary
from schemas.errors import BadSidecar, InputError, TooLarge, Unreadable, UnsupportedFormat
from schemas.ids import fingerprint
from schemas.source import MEMBER, MetadataValue, Route, SourceFile

_MIB = 1024 * 1024
_NO_MATTER = {"workers", "recycle_after"}
"""How many processes there are decides nothing: Airflow's tasks have fewer."""
_WITHOUT_PARSER = frozenset({Route.UNSUPPORTED, Route.ARCHIVE})


class Looker:
    """Looks at files, and knows which failures would be the same again."""

    def __init__(
        self, context: Context, images: Mapping[str, str], *, reprocess: bool = False, retry_failed: bool = False
    ) -> None:
        settings = context.settings
        check_rules(settings.metadata.rules)
        self._context = context
        self._reprocess = reprocess
        self._retry_failed = retry_failed
        self._attempt = fingerprint(
            [
                PREPARE_VERSION,
                [parser_recipe(kind, images) for kind in Route if kind not in _WITHOUT_PARSER],
                settings.parse.model_dump(mode="json", exclude=_NO_MATTER),
                settings.container.model_dump(mode="json"),
                settings.proposition.max_document_tokens,
            ]
        )

    def attempt_key(self, sha256: str) -> str:
        """Identity of an attempt to read these bytes: a failure is tried again when it changes."""
        return fingerprint([self._attempt, sha256])

    def rejected(self, listed: ListedFile, sha256: str, stage: str, error: InputError) -> Rejected:
        return Rejected(listed, sha256, stage, self.attempt_key(sha256), error)

    def untouched(self, listed: ListedFile, trouble: OSError) -> Outcome:
        """What becomes of an object that could not be fetched."""
        if isinstance(trouble, FileNotFoundError):
            return Moving(listed)
        refusal = Unreadable("it may not be fetched: check what the credentials may read", errno=trouble.errno)
        return self.rejected(listed, "", "discover", refusal)

    def look(self, pending: Pending, discovery: Discovery, inherited: Mapping[str, MetadataValue]) -> None:
        """Sets its `file` and `told`, or its `outcome` where there is nothing to read."""
        listed, settings = pending.listed, self._context.settings
        sha256 = ""
        try:
            check_size(listed.size, settings.parse)
            sha256 = sha256_of(listed.location)
            same = self._same(listed, sha256, discovery)
            if same is not None:
                pending.outcome = same
                return
            routed = kind_of(listed.location, listed.path, settings.parse)
            pending.told = told_of(listed, settings, inherited)
            pending.file = _source_file(listed, sha256, routed, discovery)
            check_route(routed)
        except FileNotFoundError:
            pending.outcome = Moving(listed)
        except OSError as error:
            refusal = Unreadable(f"it cannot be opened: {error.strerror}; check its rights", errno=error.errno)
            pending.outcome = self.rejected(listed, sha256, "discover", refusal)
        except InputError as error:
            pending.outcome = self.rejected(listed, sha256, "route", error)

    def _same(self, listed: ListedFile, sha256: str, discovery: Discovery) -> Same | None:
        """When these bytes were dealt with, in this place and with this sidecar. Of members only
        those in quarantine are known by themselves."""
        row = discovery.known.get(listed.path)
        if row is None or (row.sha256, row.sidecar) != (sha256, listed.stamp) or self._again(row.status):
            return None
        if listed.top:
            spec = discovery.spec
            failure = self._context.catalog.files.failure_of(spec.tenant, spec.name, listed.path)
            known = failure is not None and failure.key == self.attempt_key(sha256)
        else:
            known = listed.path not in discovery.again
        return Same(listed, sha256, failed=row.status == "failed") if known else None

    def _again(self, status: str) -> bool:
        return self._reprocess or (status == "failed" and self._retry_failed)


def check_size(size: int, options: ParseOptions) -> None:
    """Raises `TooLarge`."""
    if size > options.max_file_mb * _MIB:
        raise TooLarge(
            f"it has {size / _MIB:.1f} MiB, the limit is {options.max_file_mb:g}; raise parse.max_file_mb, or split it",
            size=size,
        )


def kind_of(path: Path, name: str, options: ParseOptions) -> Routed:
    """What it is and who reads it; data that the user calls text is text."""
    routed = route(path, name)
    if routed.route is Route.UNSUPPORTED and any(matches(name, pattern) for pattern in options.as_text):
        with path.open("rb") as file:
            if not is_binary(file.read(SAMPLE)):
                return Routed(routed.media_type, Route.TEXT)
    return routed


def check_route(routed: Routed) -> None:
    """Raises `UnsupportedFormat`."""
    if routed.route is not Route.UNSUPPORTED:
        return
    what = routed.media_type
    if what in DATA:
        sentence = f"{what} is data and no document: exclude it, or name it in parse.as_text to read it as plain text"
    else:
        sentence = f"nothing reads {what}: convert it to PDF, Markdown or text, or exclude it"
    raise UnsupportedFormat(sentence, media_type=what)


def told_of(listed: ListedFile, settings: Settings, inherited: Mapping[str, MetadataValue]) -> dict[str, MetadataValue]:
    """What a rule on its path and its sidecar say, the sidecar above the rule; a member inherits what
    is told of the file that holds it. Raises `BadSidecar`."""
    found = {**inherited, **metadata_of_path(listed.path, settings.metadata.rules)}
    if listed.sidecar is not None:
        try:
            found.update(read_sidecar(listed.sidecar.location, listed.sidecar.path))
        except OSError as error:
            raise BadSidecar(f"{listed.sidecar.path} cannot be opened: {error.strerror}; check its rights") from error
    return found


def has_moved(listed: ListedFile) -> bool:
    """Since it was listed. What was fetched cannot: it is a copy of our own."""
    if listed.remote:
        return False
    try:
        stat = listed.location.stat()
    except OSError:
        return True
    return (stat.st_size, stat.st_mtime_ns) != (listed.size, listed.mtime_ns)


def _source_file(listed: ListedFile, sha256: str, routed: Routed, discovery: Discovery) -> SourceFile:
    return SourceFile(
        tenant=discovery.spec.tenant,
        source=discovery.spec.name,
        path=listed.path,
        uri=listed.uri,
        sha256=sha256,
        size=listed.size,
        mtime_ns=0 if listed.top else listed.mtime_ns,  # that of a member is when it was unpacked
        media_type=routed.media_type,
        route=routed.route,
        container=listed.path.rpartition(MEMBER)[0] if listed.top else None,
    )
