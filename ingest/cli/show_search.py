"""How what was found looks: panels for people, JSON for programs."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from ingest.cli.layout import show_passage
from ingest.cli.show_explanation import show_explanation
from ingest.search.request import Expansion, SearchResult
from schemas.point import Hit


def hit_json(hit: Hit, *, stale: bool = False) -> dict[str, object]:
    """`stale`: the file is newer, but could not be read."""
    payload = hit.payload
    return {
        "stale": stale,
        "text": payload.text,
        "score": hit.score,
        "source": payload.source,
        "path": payload.path,
        "heading_path": list(payload.heading_path),
        "pages": list(payload.pages),
        **payload.model_dump(
            mode="json",
            include={
                "title",
                "kind",
                "language",
                "container",
                "metadata",
                "doc_id",
                "chunk_id",
                "table_html",
                "part",
                "parts",
                "survivor",
            },
        ),
        "boxes": [{"page": p, "bbox": list(b)} for p, b in zip(payload.box_pages, payload.boxes, strict=True)],
        "dense_rank": hit.dense_rank,
        "sparse_rank": hit.sparse_rank,
        "dense_score": hit.dense_score,
        "sparse_score": hit.sparse_score,
        "rerank_score": hit.rerank_score,
    }


def search_json(result: SearchResult) -> dict[str, object]:
    found: dict[str, object] = {
        "hits": [hit_json(hit, stale=hit.payload.doc_id in result.stale) for hit in result.hits],
        "warnings": list(result.warnings),
        "as_of": result.as_of,
    }
    if result.expansions:
        found["expansions"] = [asdict(expansion) for expansion in result.expansions]
    if result.explanation is not None:
        found["explanation"] = asdict(result.explanation)
    return found


def show_hits(result: SearchResult, console: Console) -> None:
    if result.explanation is not None:
        show_explanation(result, result.explanation, console)
    if not result.hits:
        console.print("nothing found", style="yellow")
    if result.expansions:
        for expansion in result.expansions:
            _show_expansion(expansion, result, console)
        return
    for rank, hit in enumerate(result.hits, 1):
        payload = hit.payload
        title = _hit_title(f"{rank}. ", hit, payload.pages, stale=payload.doc_id in result.stale)
        show_passage(console, title, payload.heading_path, Text(_shortened(payload.text)))


def _show_expansion(expansion: Expansion, result: SearchResult, console: Console) -> None:
    """The hits' own text in bold."""
    text = Text(expansion.text)
    for start, end in expansion.marks:
        text.stylize("bold", start, end)
    first, *others = expansion.hits
    hit = result.hits[first - 1]
    title = _hit_title(f"{first}. ", hit, expansion.pages, stale=hit.payload.doc_id in result.stale)
    if others:
        title.append(f"  and {', '.join(map(str, others))}: the same text")
    show_passage(console, title, expansion.heading_path, text)


def _hit_title(rank: str, hit: Hit, pages: tuple[int, ...], *, stale: bool) -> Text:
    place = Text.assemble((f"{hit.payload.source}/{hit.payload.path}", "bold cyan"))
    if pages:
        place.append(f"  page {page_ranges(pages)}", style="cyan")
    if stale:
        place.append("  stale: the file is newer, but could not be read", style="yellow")
    return Text.assemble(rank, place, (f"  {hit.score:.3f}", "dim"))


def page_ranges(pages: tuple[int, ...]) -> str:
    return str(pages[0]) if len(pages) == 1 else f"{pages[0]}-{pages[-1]}"


def _shortened(text: str, limit: int = 600) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + " …"
