"""How results look: tables for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TextIO

from rich.console import Console
from rich.text import Text

from chunkers.kinds import kind_of
from chunkers.tables import to_html
from ingest.api import Inspection, Status
from ingest.catalog.collections import CollectionState
from ingest.cli.layout import Column, show_groups, show_passage, show_rows
from ingest.cli.show_search import page_ranges
from ingest.stages.beside_status import BesideStatus
from ingest.stages.discover import Discovery
from schemas.chunk import Chunk
from schemas.document import Block, BlockKind, Document
from schemas.report import Failure, RunSummary


def write_json(value: object, out: TextIO) -> None:
    """One line."""
    out.write(json.dumps(value, ensure_ascii=False) + "\n")
    out.flush()


# ----------------------------------------------------------------------------- run


_FILES = ("seen", "parsed", "unchanged", "duplicates", "failed", "ignored", "renamed", "removed")
_CHUNKS = ("chunks", "embedded", "written", "retired", "points")
_DRY_RUN = (
    Column("source"),
    *(Column(name, number=True) for name in ("seen", "to read", "unchanged", "failed", "ignored", "to retire")),
)


def show_summary(summary: RunSummary, console: Console) -> None:
    files = [(name, f"{getattr(summary, name):,}") for name in _FILES]
    chunks = [(name, f"{getattr(summary, name):,}") for name in _CHUNKS]
    times = [(name, f"{seconds:,.1f} s") for name, seconds in summary.seconds.items()]
    show_groups(console, f"run {summary.run_id}", [files, chunks, times], _style_of_count)
    if summary.members:
        failed = f", {summary.members_failed:,} of them in quarantine" if summary.members_failed else ""
        console.print(f"members of archives and attachments: {summary.members:,}{failed}")
    if summary.failed or summary.members_failed:
        console.print(f"in quarantine: {summary.failed + summary.members_failed}; [bold]docstrata failures[/] says why")
    if summary.pages_failed:
        console.print(f"pages left out of documents: {summary.pages_failed:,}; [bold]docstrata failures[/] says which")


def _style_of_count(name: str, value: str) -> str:
    if value == "0":
        return "dim"
    return "red" if name == "failed" else ""


def show_dry_run(discoveries: list[Discovery], console: Console) -> None:
    rows = []
    for found in discoveries:
        numbers = (
            len(found.listing.files),
            len(found.changed),
            found.unchanged,
            found.still_failed,
            found.ignored,
            len(found.vanished),
        )
        rows.append([found.spec.name, *(f"{number:,}" for number in numbers)])
    show_rows(console, _DRY_RUN, rows)
    for found in discoveries:
        console.print(f"{found.spec.name}: {found.spec.lies_at}", style="dim", markup=False, highlight=False)
        for warning in found.warnings:
            console.print(warning, style="yellow", markup=False)
    console.print("nothing was written; without --dry-run the files 'to read' are taken in", style="dim")


def dry_run_json(discoveries: list[Discovery]) -> list[dict[str, object]]:
    return [
        {
            "source": found.spec.name,
            "root": found.spec.lies_at,
            "seen": len(found.listing.files),
            "to_read": [file.path for file in found.changed],
            "unchanged": found.unchanged,
            "failed": found.still_failed,
            "ignored": found.ignored,
            "to_retire": [row.path for row in found.vanished],
            "warnings": list(found.warnings),
        }
        for found in discoveries
    ]


# ------------------------------------------------------------------------- inspect


def inspection_json(inspection: Inspection) -> dict[str, object]:
    seen = kind_of(inspection.document)
    return {
        "document": inspection.document.model_dump(mode="json"),
        "kind": {"name": seen.kind.value, "rule": seen.rule},
        "chunks": [_chunk_json(chunk) for chunk in inspection.chunks.chunks],
    }


def _chunk_json(chunk: Chunk) -> dict[str, object]:
    boxes = [{"page": r.page, "bbox": list(r.bbox)} for r in chunk.regions if r.bbox is not None]
    return {
        **chunk.model_dump(mode="json"),
        "embed_text": chunk.embed_text(),
        "pages": list(chunk.pages),
        "boxes": boxes,
    }


def show_inspection(inspection: Inspection, console: Console) -> None:
    document = inspection.document
    facts = [document.parser, f"{len(document.pages)} pages" if document.pages else "", document.language or ""]
    facts += [f"{len(document.blocks)} blocks", f"{len(inspection.chunks.chunks)} chunks"]
    console.print(Text(document.title or "(no title)", style="bold"), Text(", ".join(filter(None, facts)), style="dim"))
    console.print(_route(inspection), style="dim", markup=False, highlight=False)
    for warning in document.quality.warnings:
        console.print(warning, style="yellow", markup=False)
    for chunk in inspection.chunks.chunks:
        title = f"{chunk.ordinal}. {chunk.kind} · {chunk.token_count} tokens"
        if chunk.parts > 1:
            title += f" · part {chunk.part} of {chunk.parts}"
        if chunk.pages:
            title += f" · page {page_ranges(chunk.pages)}"
        show_passage(console, Text(title), chunk.heading_path, Text(chunk.text))


def _route(inspection: Inspection) -> str:
    """What the document was taken for, and what that led to."""
    seen = kind_of(inspection.document)
    chosen = ", ".join(dict.fromkeys(f"{chunk.strategy} ({chunk.rule})" for chunk in inspection.chunks.chunks))
    return f"{seen.kind} ({seen.rule}) → {chosen}"


_DEEPEST = 6
_MARK = re.compile(r"\[(\d{1,3}|[*†‡§¶])\]")
_NOTE = re.compile(r"^\[(\d{1,3}|[*†‡§¶])\] ")
_BULLET = re.compile(r"^\s*[-*+•◦‣▪▫■□●○◆◇►▶➢➤✓✔✗❖∙·⁃–—]\s+")
_NUMBERED = re.compile(r"^\d{1,9}[.)]\s")
_LOOKS_LIKE_HEADING = re.compile(r"^#(?=#{0,5}\s)", re.MULTILINE)
"""A line of text that Markdown would take for a heading."""
"""Markdown has no deeper heading."""


def to_markdown(document: Document) -> str:
    """The document as Markdown, furniture left out, tables as HTML; headings stand below its title."""
    shift = 1 if any(block.kind is BlockKind.TITLE for block in document.blocks) else 0
    notes = defaultdict(set)
    for block in document.blocks:
        found = _NOTE.match(document.text_of(block)) if block.kind is BlockKind.FOOTNOTE else None
        if found is not None and block.parent is not None:
            notes[block.parent].add(found[1])
    parts = (
        _with_marks(_block_markdown(document, block, shift), notes.get(block.ordinal, set()))
        for block in document.blocks
        if not block.is_furniture
    )
    return "\n\n".join(parts) + "\n"


def _with_marks(text: str, notes: set[str]) -> str:
    """Marks as Markdown has them."""
    return _MARK.sub(lambda mark: f"[^{mark[1]}]" if mark[1] in notes else mark[0], text) if notes else text


def _block_markdown(document: Document, block: Block, shift: int) -> str:
    text = document.text_of(block)
    if block.table is not None:
        return to_html(block.table)
    if block.is_heading:
        level = 1 if block.kind is BlockKind.TITLE else (block.level or 1) + shift
        return f"{'#' * min(level, _DEEPEST)} {text}"
    if block.kind is BlockKind.FOOTNOTE and block.parent is not None:
        return _NOTE.sub(r"[^\1]: ", text, count=1)
    if block.kind is BlockKind.LIST_ITEM:
        text = _BULLET.sub("- ", text)
        return "  " * (block.level or 0) + (text if _NUMBERED.match(text) else f"- {text.removeprefix('- ')}")
    if block.kind is BlockKind.CODE and not text.lstrip().startswith(("```", "~~~")):
        return f"```{block.code_language or ''}\n{text}\n```"
    return _LOOKS_LIKE_HEADING.sub(r"\\\g<0>", text)


# ---------------------------------------------------------------- status, failures


def status_json(status: Status) -> dict[str, object]:
    totals = status.totals
    return {
        "home": str(status.home),
        "documents": totals.documents,
        "stale": totals.stale,
        "points": totals.points,
        "duplicates": totals.duplicates,
        "failures": totals.failures,
        "history": totals.history,
        "model": status.model,
        "beside": asdict(status.beside) if status.beside is not None else None,
        "sources": dict(status.sources),
        "runs": [
            {"run_id": r.run_id, "state": r.state, "started": _time(r.started_ns), "summary": _summary(r.summary)}
            for r in status.runs
        ],
    }


def show_status(status: Status, console: Console) -> None:
    totals = status.totals
    console.print(f"home       {status.home}", markup=False, highlight=False)
    console.print(f"model      {status.model or 'none yet: nothing was taken in'}", markup=False, highlight=False)
    if status.beside is not None:
        console.print(f"beside it  {_beside(status.beside)}", markup=False, highlight=False)
    console.print(f"documents  {totals.documents:,}" + (f" ({totals.stale:,} stale)" if totals.stale else ""))
    console.print(f"points     {totals.points:,} current, of them {totals.duplicates:,} duplicates;", end=" ")
    console.print(f"{totals.history:,} older")
    console.print(f"quarantine {totals.failures:,}" + (": docstrata failures" if totals.failures else ""))
    for source, root in status.sources.items():
        console.print(f"source     {source}: {root}", markup=False, highlight=False)
    if not status.runs:
        return
    rows = []
    for run in status.runs:
        row = [run.run_id, _time(run.started_ns), run.state]
        summary = RunSummary.model_validate_json(run.summary) if run.summary else None
        if summary is not None:
            row += [f"{summary.seen:,}", f"{summary.parsed:,}", f"{summary.failed:,}"]
            row.append(f"{summary.seconds.get('total', 0.0):,.1f}")
        rows.append(row + [""] * (len(_RUNS) - len(row)))
    show_rows(console, _RUNS, rows)


_RUNS = (
    *(Column(name) for name in ("run", "started", "state")),
    *(Column(name, number=True) for name in ("seen", "parsed", "failed", "seconds")),
)


def _beside(beside: BesideStatus) -> str:
    size = f" on {beside.size / 2**20:,.1f} MiB" if beside.size is not None else ""
    if beside.state is CollectionState.BUILDING:
        return f"{beside.model}, half built: {beside.points:,} points{size}, {beside.left:,} to copy; docstrata reindex"
    return f"{beside.model}, kept: {beside.points:,} points{size}; docstrata reindex --drop-old removes it"


def _time(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns / 1e9, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _summary(text: str) -> object:
    return json.loads(text) if text else None


def show_failures(failures: list[Failure], console: Console, *, tracebacks: bool) -> None:
    if not failures:
        console.print("no file is in quarantine", style="green")
        return
    pages = sum(failure.page is not None for failure in failures)
    for failure in failures:
        elsewhere = "" if failure.uri.startswith("file:") else f"\n  {failure.uri}"
        console.print(
            Text.assemble(
                (f"{failure.source}/{failure.path}", "bold"),
                (f"  {failure.code}", "red"),
                f"\n  {failure.message}",
                (elsewhere, "dim"),
            )
        )
        if tracebacks and failure.traceback:
            console.print(failure.traceback, style="dim", markup=False)
    console.print(
        f"in quarantine: {len(failures) - pages}{f'; pages left out of documents: {pages}' if pages else ''}."
        " A file that is mended is taken by the next run; run --retry-failed tries all",
        style="dim",
    )
