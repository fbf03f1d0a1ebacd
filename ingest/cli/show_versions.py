"""How versions and their differences look: tables for people, JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from ingest.cli.layout import Column, show_rows
from ingest.cli.show_search import page_ranges
from ingest.stages.diff import Change, Edit, Fate, Place
from ingest.stages.rollback import Rollback
from ingest.stages.versions import DocumentDiff, DocumentVersion, DocumentVersions, Happening

_SHOWN = 400
"""Characters of a passage."""
_AROUND = 60
"""Characters of what stayed the same, on both sides of a change."""
_VERSION_COLUMNS = (
    Column("version", number=True),
    Column("commit", number=True),
    Column("published"),
    Column("run"),
    Column("what happened"),
    Column("bytes", number=True),
    Column("chunks", number=True),
)
_STYLES = {Fate.CAME: "green", Fate.WENT: "red", Fate.MOVED: "cyan", Fate.CHANGED: "yellow"}
_SIGNS = {Fate.CAME: "+", Fate.WENT: "-", Fate.MOVED: "→", Fate.CHANGED: "~"}


def at_time(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


# ------------------------------------------------------------------------ versions


def versions_json(found: DocumentVersions) -> dict[str, object]:
    return {
        "doc_id": found.doc_id,
        "source": found.source,
        "path": found.path,
        "live": found.live,
        "versions": [{**asdict(one), "at": at_time(one.at_ns)} for one in found.versions],
    }


def show_versions(found: DocumentVersions, console: Console) -> None:
    console.print(Text.assemble((f"{found.source}/{found.path}", "bold"), (f"  {found.doc_id}", "dim")))
    rows: list[list[Text]] = []
    for one in found.versions:
        size = "" if one.size is None else f"{one.size:,}"
        chunks = "" if one.chunks is None else f"{one.chunks:,}"
        mark = " ← current" + (", stale" if one.stale else "") if one.current else ""
        row = [f"{one.version}", f"{one.seq}", at_time(one.at_ns), one.run_id, _what(one) + mark, size, chunks]
        rows.append([Text(cell, "bold" if one.current else "") for cell in row])
    show_rows(console, _VERSION_COLUMNS, rows)
    if any(one.stale for one in found.versions):
        console.print("stale: the file is newer, but could not be read; docstrata failures says why", style="yellow")


def _what(one: DocumentVersion) -> str:
    if one.what is Happening.RENAMED:
        return f"renamed from {one.renamed_from}"
    if one.what is Happening.ROLLED_BACK:
        return "rolled back: removed" if one.restored is None else f"rolled back to {one.restored}"
    return one.what.value


# ---------------------------------------------------------------------------- diff


def diff_json(found: DocumentDiff) -> dict[str, object]:
    return {
        "doc_id": found.doc_id,
        "source": found.source,
        "path": found.path,
        "old": found.old,
        "new": found.new,
        **{fate.value: found.diff.count(fate) for fate in Fate},
        "same": found.diff.same,
        "changes": [asdict(change) for change in found.diff.changes],
    }


def show_diff(found: DocumentDiff, console: Console) -> None:
    console.print(Text(f"{found.source}/{found.path}, version {found.old} to {found.new}", style="bold"))
    for change in found.diff.changes:
        console.print(_change(change))
    counts = ", ".join(f"{found.diff.count(fate)} {fate.value}" for fate in Fate)
    console.print(f"{counts}, {found.diff.same} the same", style="dim")


def _change(change: Change) -> Text:
    style = _STYLES[change.fate]
    line = Text.assemble((f"{_SIGNS[change.fate]} {change.fate.value:<8}", style))
    now, was = change.new, change.old
    place = now or was
    if place is None:
        return line
    line.append(_where(place), style="bold")
    if now is not None and was is not None and (change.fate is Fate.MOVED or was.heading_path != now.heading_path):
        line.append(f"  (was {_where(was)})", style="dim")
    line.append("\n    ")
    if change.fate is Fate.CHANGED:
        line.append_text(_words(change))
    else:
        line.append(_shortened(place.text), style=style if change.fate is not Fate.MOVED else "")
    return line


def _words(change: Change) -> Text:
    text = Text()
    for piece in change.words:
        if piece.edit is Edit.OUT:
            text.append(f"[-{piece.text}-]", style="red")
        elif piece.edit is Edit.IN:
            text.append(f"[+{piece.text}+]", style="green")
        elif len(piece.text) <= 2 * _AROUND:
            text.append(piece.text.replace("\n", " "))
        else:
            same = piece.text.replace("\n", " ")
            text.append(f"{same[:_AROUND]} … {same[-_AROUND:]}")
    return text


def _where(place: Place) -> str:
    parts = [f"chunk {place.ordinal}", " › ".join(place.heading_path)]
    if place.pages:
        parts.append(f"page {page_ranges(place.pages)}")
    return ", ".join(filter(None, parts))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]} …"


# ------------------------------------------------------------------------ rollback


def rollback_json(done: Rollback) -> dict[str, object]:
    summary = done.summary
    return {
        "documents": [asdict(one) for one in done.documents],
        "run_id": summary.run_id if summary is not None else None,
        "summary": summary.model_dump(mode="json", exclude={"schema_version"}) if summary is not None else None,
        "notes": list(done.notes),
    }


def show_rollback(done: Rollback, console: Console, *, dry_run: bool) -> None:
    for one in done.documents:
        outcome = f"version {one.current} → as in version {one.to}" if one.to is not None else "goes away"
        undone = f"  (changed since by {', '.join(one.undone)})" if one.undone else ""
        console.print(Text.assemble((f"{one.source}/{one.path}", "bold"), f"  {outcome}", (undone, "dim")))
    for note in done.notes:
        console.print(note, style="yellow", markup=False, highlight=False)
    summary = done.summary
    if summary is not None:
        console.print(
            f"run {summary.run_id}: {summary.written:,} rows written, {summary.retired:,} retired,"
            f" {summary.embedded:,} texts embedded"
        )
    elif dry_run:
        console.print("nothing was written; without --dry-run this is done", style="dim")
