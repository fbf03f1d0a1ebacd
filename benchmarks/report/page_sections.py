"""Which number of a report's JSON stands where: section by section, told from what the words beside each number say.

Of the engine it uses only what a distribution is called; the templates are not asked.
"""

from __future__ import annotations

from collections.abc import Callable

from page_bindings import NOTHING, Bindings, Bound, Figure, Said, Told

from ingest.reports.wording import distribution_words


def _overview(b: Bindings) -> None:
    prose = ("joints.between_blocks", "joints.between_sentences", "joints.inside_sentence")
    joints = f"{sum(int(b.told.number(path) or 0) for path in prose):,}"
    b.figures += [
        Figure("documents", b.n("documents.total"), f"from {b.n('files.listed')} files"),
        Figure("chunks", b.n("chunks.total"), f"median {b.n('chunks.lengths.median')} tokens"),
        Figure("characters lost", b.n("completeness.lost"), f"of {b.n('completeness.characters')}"),
        Figure(
            "chunks too long", b.n("chunks.lengths.over_budget"),
            f"above the budget of {b.n('chunks.lengths.budget')} tokens",
        ),
        Figure(
            "tables kept whole", b.share("tables.whole", "tables.total"),
            f"{b.n('tables.whole')} of {b.n('tables.total')}",
        ),
        Figure(
            "sentences cut", b.share("joints.inside_sentence", *prose),
            f"{b.n('joints.inside_sentence')} of {joints} joints in prose",
        ),
        Figure("in quarantine", b.n("failures_total"), "files and members"),
    ]  # fmt: skip
    _gates(b)
    shown = [at for at in range(b.told.count("changes")) if _differs(b, at)]
    for row, at in enumerate(shown):
        written = b.percent if str(b.told(f"changes.{at}.name")).endswith("_share") else b.n
        b.row("overview", "Numbers that differ", row, [written(f"changes.{at}.before"), written(f"changes.{at}.now")])
    kinds = {
        "documents": b.n, "chunks": b.n, "failed_share": b.percent, "faulty_share": b.percent, "over_budget": b.n,
        "cut_share": b.percent, "heading_share": b.percent, "right_share": b.percent, "leaning_share": b.percent,
    }  # fmt: skip
    for row in range(b.told.count("trend")):
        numbers = [written(f"trend.{row}.headline.{name}") for name, written in kinds.items()]
        b.row("overview", "Earlier reports", row, [None, *numbers])


def _differs(b: Bindings, at: int) -> bool:
    """Changes that are too small to be told are not in the table."""
    before, now = b.told.number(f"changes.{at}.before"), b.told.number(f"changes.{at}.now")
    least = 0.0005 if str(b.told(f"changes.{at}.name")).endswith("_share") else 1
    return before is None or now is None or abs(now - before) >= least


def _gates(b: Bindings) -> None:
    three = {"max_drift", "min_recall", "min_hit", "min_mrr", "min_ndcg"}
    order = sorted(range(b.told.count("gates")), key=lambda at: bool(b.told(f"gates.{at}.passed")))
    for row, at in enumerate(order):
        name = str(b.told(f"gates.{at}.name"))
        written = b.three if name in three else b.plain if name == "max_han_term_length" else b.percent
        side = "at least" if name.startswith("min_") else "at most"
        value, limit = written(f"gates.{at}.value"), written(f"gates.{at}.limit")
        b.row("overview", "Limits of section", row, [value, f"{side} {limit}", None, name])


def _parsing(b: Bindings) -> None:
    s, some = "parsing", bool(b.told.number("documents.total"))
    if some or b.told.number("files.listed"):
        _files(b)
    else:
        b.told.nothing_of("files", "documents")
    if some:
        _read(b)
    else:
        b.told.nothing_of("pages", "headings", "completeness", "documents")
    for row in range(b.told.count("failures")):
        b.row(s, "Files in quarantine", row, [b.n(f"failures.{row}.attempts")], 3)
    for row in range(b.told.count("findings")):
        b.row(s, "Documents that something is wrong with", row, [b.n(f"findings.{row}.count")], 2)
    if b.told("parsing") is not None:
        _formats(b)
        if some:
            _parsed(b)
        else:
            b.told.nothing_of("parsing.ocr", "parsing.headings", "parsing.tables", "parsing.paragraphs")


def _files(b: Bindings) -> None:
    s = "parsing"
    b.lines(s, "Each file is in one group", "files", {
        "indexed: gave a document": "indexed", "copies of a file before them": "copies",
        "opened: archives without text of their own": "opened",
        "stale: failed, an older version is still live": "stale",
        "quarantined: failed, nothing of it is live": "quarantined",
    })  # fmt: skip
    b.counts(s, "Live documents by their parser", "documents.by_parser", "documents.total")
    b.lines(s, "Documents", "documents", {
        "live": "total", "members of archives and mails": "members",
        "copies: the bytes of a document before them": "copies", "stale": "stale",
        "chunks missing or damaged in the store": "unread", "parse missing or damaged in the store": "without_parse",
    })  # fmt: skip


def _read(b: Bindings) -> None:
    s, without = "parsing", b.n("pages.documents_without")
    if b.told.number("pages.total"):
        b.counts(s, f"Pages by how they were read; {without} documents have no", "pages.by_method", "pages.total")
    else:
        b.told.nothing_of("pages")
        b.sentences.append(Said(s, f"{without} documents, and none has pages"))
    for depth in b.told.keys("headings.depths"):
        b.row(s, "Chunks by the number of headings", depth, [b.n(f"headings.depths.{depth}")])
    b.lines(s, "Characters of the text", "completeness", {
        "all": "characters", "in no chunk": "lost", "documents with such": "documents_with_loss",
    })  # fmt: skip
    b.row(s, "Characters of the text", "documents without headings", [b.n("documents.without_headings")])


def _formats(b: Bindings) -> None:
    s, whole = "parsing", "whole"
    formats = sorted(
        range(b.told.count("parsing.formats")),
        key=lambda at: (
            b.told(f"parsing.formats.{at}.outcome") == whole,
            -int(b.told.number(f"parsing.formats.{at}.documents") or 0),
        ),
    )
    for row, at in enumerate(formats):
        media_type = str(b.told(f"parsing.formats.{at}.media_type")) or NOTHING
        b.row(s, "Documents, and files in quarantine", row, [b.n(f"parsing.formats.{at}.documents"), media_type], 3)
    for at in range(b.told.count("parsing.failures")):
        path = f"parsing.failures.{at}.files"
        b.row(
            s, "By error code", str(b.told(f"parsing.failures.{at}.code")), [b.n(path), b.share(path, "failures_total")]
        )


def _parsed(b: Bindings) -> None:
    s = "parsing"
    if b.told.number("parsing.ocr.pages"):
        b.lines(s, "What OCR says", "parsing.ocr", {
            "pages with a confidence": "pages", "characters read by it": "characters",
            "pages with doubtful lines": "doubtful_pages", "doubtful lines": "doubtful_lines",
        })  # fmt: skip
        b.row(s, "What OCR says", "mean of the pages", [b.three("parsing.ocr.pages_mean")])
        b.row(s, "What OCR says", "mean of the characters", [b.three("parsing.ocr.characters_mean")])
        for row in range(b.told.count("parsing.ocr.bins")):
            b.row(s, "Pages by the confidence of OCR", row, [b.n(f"parsing.ocr.bins.{row}.pages")])
    for level in b.told.keys("parsing.headings"):
        b.row(s, "Headings by their level", level, [b.n(f"parsing.headings.{level}")])
    b.lines(s, "Tables with a grid", "parsing.tables", {"found": "total", "rows": "rows", "cells": "cells"})
    b.lines(s, "Tables with a grid", "parsing.tables", {
        "joined from several pages": "over_pages", "with header rows": "with_header",
    }, "parsing.tables.total")  # fmt: skip
    if b.told("parsing.paragraphs") is None:
        return
    if b.told.number("parsing.paragraphs.paragraphs"):
        _paragraphs(b)
    else:
        b.told.nothing_of("parsing.paragraphs")


def _paragraphs(b: Bindings) -> None:
    s, p = "parsing", "parsing.paragraphs"
    b.sentences.append(Said(s, f"A plain reading of {b.n(f'{p}.compared')} of {b.n(f'{p}.documents')} originals"))
    found = f"{b.n(f'{p}.found')} ({b.share(f'{p}.found', f'{p}.paragraphs')}) of them stand in the parsed"
    b.sentences.append(Said(s, f"has {b.n(f'{p}.paragraphs')} paragraphs; {found}"))
    b.sentences += [Said(s, f"{b.n(f'{p}.not_compared.{why}')} (") for why in b.told.keys(f"{p}.not_compared")]
    if b.told.count(f"{p}.worst"):
        b.sentences.append(Said(s, f"Documents that lack paragraphs: {b.n(f'{p}.documents_with_loss')}"))
    for caption, lines, first in (
        ("Paragraphs by format", f"{p}.by_format", 2),
        ("Those with the most", f"{p}.worst", 1),
    ):
        for row in range(b.told.count(lines)):
            line = f"{lines}.{row}"
            missing = int(b.told.number(f"{line}.paragraphs") or 0) - int(b.told.number(f"{line}.found") or 0)
            b.row(s, caption, row, [b.n(f"{line}.paragraphs"), f"{missing:,}"], first)
    for row in range(b.told.count(f"{p}.by_format")):
        line = f"{p}.by_format.{row}"
        b.row(s, "Paragraphs by format", row, [b.n(f"{line}.documents")])
        b.row(s, "Paragraphs by format", row, [b.share(f"{line}.found", f"{line}.paragraphs")], 4)


def _chunks(b: Bindings) -> None:
    s, lengths = "chunks", "chunks.lengths"
    if not b.told.number("chunks.total"):
        parts = ("tables", "integrity", "joints", "standing", "coherence", "redundancy", "distributions", "faults")
        b.told.nothing_of("chunks.lengths", "headings", *parts)
        b.told("faulty")
        return

    def several(*names: str) -> str:
        return ", ".join(b.n(f"{lengths}.{name}") for name in names)

    tokens = {
        "smallest, largest": several("smallest", "largest"),
        "5, 25, 50, 75, 95% have at most": several("p05", "p25", "median", "p75", "p95"),
        "target, maximum of [chunk]": several("target", "maximum"),
        f"above the budget of {b.n(f'{lengths}.budget')}": b.n(f"{lengths}.over_budget"),
        f"below the minimum of {b.n(f'{lengths}.minimum')}": b.n(f"{lengths}.below_minimum"),
        "above the target": b.n(f"{lengths}.over_target"),
    }
    for head, text in tokens.items():
        b.row(s, "Tokens of a chunk", head, [text])
    if b.told(f"{lengths}.limit") is not None:
        b.row(s, "Tokens of a chunk", "limit of the embedder", [b.n(f"{lengths}.limit")])
    for row in range(b.told.count(f"{lengths}.bins")):
        line = f"{lengths}.bins.{row}"
        b.row(s, "Chunks by their number of tokens", row, [
            f"{b.n(f'{line}.first')} to {b.n(f'{line}.last')}", b.n(f"{line}.chunks")
        ], 0)  # fmt: skip
    if any(b.told.number(f"distributions.{row}.count") for row in range(b.told.count("distributions"))):
        names = ("mean", "smallest", "p05", "p25", "median", "p75", "p95", "largest")
        for row in range(b.told.count("distributions")):
            line = f"distributions.{row}"
            b.row(s, "So many percent", row, [b.n(f"{line}.count"), *(b.plain(f"{line}.{name}") for name in names)], 2)
    for row in range(b.told.count("distributions")):
        _distribution(b, f"distributions.{row}")
    _groups(b)
    for caption, path in (("By kind", "by_kind"), ("By strategy", "by_rule"), ("By flag", "by_flag")):
        b.counts(s, caption, f"chunks.{path}", "chunks.total")
    _tables(b)
    _figures_of_chunks(b)
    if b.told.number("faulty"):
        b.sentences.append(
            Said(s, f"{b.n('faulty')} chunks ({b.share('faulty', 'chunks.total')}) have a fault or more")
        )
        for row, fault in enumerate(b.told.keys("faults")):
            b.row(
                s,
                "Faults, the gravest first",
                row,
                [b.n(f"faults.{fault}"), b.share(f"faults.{fault}", "chunks.total")],
            )
    for card in range(b.told.count("worst")):
        line = f"worst.{card}"
        size = f"{b.n(f'{line}.tokens')} tokens, {b.n(f'{line}.characters')} characters"
        b.sentences.append(Said(s, f"{b.told(f'{line}.kind')} by {b.told(f'{line}.strategy')}, {size}", card))


def _distribution(b: Bindings, line: str) -> None:
    """Its bins, under its chart, which only those have whose values are in several."""
    counts = [f"{line}.bins.{at}.count" for at in range(b.told.count(f"{line}.bins"))]
    title = distribution_words(str(b.told(f"{line}.name"))).title
    if sum(bool(b.told.number(count)) for count in counts) > 1:
        for row, count in enumerate(counts):
            b.row("chunks", title, row, [b.n(count)])


def _groups(b: Bindings) -> None:
    by_kind: dict[str, list[int]] = {}
    for at in range(b.told.count("groups")):
        by_kind.setdefault(str(b.told(f"groups.{at}.by")), []).append(at)
    for by, places in by_kind.items():
        ordered = sorted(places, key=lambda at: -int(b.told.number(f"groups.{at}.chunks") or 0))
        for row, at in enumerate(ordered):
            g = f"groups.{at}"
            parts = {
                "inside_sentence": "prose_joints", "leaning": "judged", "with_heading": "chunks", "right": "judged",
                "unread": "chunks",
            }  # fmt: skip
            b.row("chunks", f"Chunks by {by}", row, [
                b.n(f"{g}.documents"), b.n(f"{g}.chunks"), b.share(f"{g}.faulty", f"{g}.chunks"),
                b.n(f"{g}.over_budget"), b.n(f"{g}.lost"),
                *(b.share(f"{g}.{part}", f"{g}.{whole}") for part, whole in parts.items()),
                b.n(f"{g}.tokens_p05"), b.n(f"{g}.tokens_median"), b.n(f"{g}.tokens_p95"),
            ])  # fmt: skip


def _tables(b: Bindings) -> None:
    s, tables = "chunks", "Tables"
    b.lines(s, tables, "tables", {
        "all": "total", "rows in pieces, not flagged": "half_rows",
        "parts without the header rows, not flagged": "headless", "cut, and would have fitted": "needless",
    })  # fmt: skip
    b.lines(s, tables, "tables", {
        "whole, in one chunk": "whole", "cut between rows": "between_rows",
        "with a row cut, which did not fit by itself": "row_cut", "in no chunk": "lost",
    }, "tables.total")  # fmt: skip
    for row, parts in enumerate(b.told.keys("tables.parts")):
        b.row(s, "Tables by the number of chunks", row, [parts, b.n(f"tables.parts.{parts}")], 0)
    b.lines(s, "Joints: where a chunk ends", "joints", {
        "between two blocks": "between_blocks", "between two sentences": "between_sentences",
        "inside a sentence": "inside_sentence", "in a table": "in_tables",
        "in code, a formula or metadata": "in_lines",
    }, "joints.total")  # fmt: skip


def _figures_of_chunks(b: Bindings) -> None:
    s, caption = "chunks", "Each line is explained"

    def of(head: str, part: str, whole: str) -> None:
        b.row(s, caption, head, [b.n(part), b.n(whole), b.share(part, whole)])

    names = {"figure": "figures", "list_item": "list items", "code": "code", "formula": "formulas"}
    for kind in b.told.keys("integrity.by_kind"):
        fate, head = f"integrity.by_kind.{kind}", f"{names[kind]} kept whole"
        of(head, f"{fate}.whole", f"{fate}.total")
        needless = f"{b.n(f'{fate}.needless')} of the {b.n(f'{fate}.cut')}"
        cut = f"{needless} that are cut would have fitted into one chunk, by an estimate."
        b.row(s, caption, head, [cut if b.told.number(f"{fate}.cut") else "Each is in one chunk."], 4)
    of("notes beside what they explain", "integrity.notes_together", "integrity.notes")
    of("sentences cut though they fit", "joints.needless", "joints.total")
    of("heading path right", "headings.right", "headings.judged")
    of("leaning on neighbours", "standing.leaning", "standing.chunks")
    for head, name in (
        ("begins with a pronoun", "pronoun"), ("begins with a conjunction", "conjunction"), ("ends open", "open_end"),
        ("ends with a heading", "hanging_heading"),
    ):  # fmt: skip
        of(head, f"standing.by_leaning.{name}", "standing.chunks")
    of("borders at a turn", "coherence.clear", "coherence.borders")
    b.row(s, caption, "borders at a turn", [
        "Borders where the words before and behind have less in common than at the sentence ends nearest to them inside"
        f" chunks; {b.n('coherence.even')} are even."
    ], 4)  # fmt: skip
    of("near-identical neighbours", "redundancy.alike", "redundancy.pairs")
    of("text said before", "redundancy.repeated", "redundancy.grams")
    of("overlap", "redundancy.overlapping", "redundancy.characters")
    of("repeated header rows", "redundancy.added", "redundancy.characters")
    means = f"is {b.three('coherence.between_mean')} at these borders and {b.three('coherence.inside_mean')} at the"
    b.sentences.append(Said(s, means))
    b.sentences.append(Said(s, f"over the first {b.n('coherence.looked_at')} characters of each document"))


def _place(b: Bindings) -> None:
    chunks = b.told.count("sample.chunks")
    total = b.n("sample.total")
    if chunks:
        all_of_them = chunks == b.told.number("sample.total")
        b.sentences.append(Said("place", f"All {total} chunks" if all_of_them else f"{chunks:,} of {total} chunks"))
    for at in range(chunks):
        line = f"sample.chunks.{at}"
        pages = [str(b.told(f"{line}.pages.{page}.page")) for page in range(b.told.count(f"{line}.pages"))]
        b.row("place", "Sampled chunks", str(b.told(f"{line}.chunk_id")), [
            ", ".join(pages) or NOTHING, b.n(f"{line}.tokens"),
        ], 2)  # fmt: skip


def _duplicates(b: Bindings) -> None:
    s = "duplicates"
    b.lines(s, "Rows of the index", "points", {"current rows": "current"})
    b.lines(s, "Rows of the index", "points", {
        "of them duplicates, for which another chunk answers": "through_survivor",
    }, "points.current")  # fmt: skip
    b.lines(s, "Rows of the index", "documents", {"documents that are copies": "copies"}, "documents.total")
    if b.told("duplication") is None:
        return
    b.lines(s, "Chunks that were left out", "duplication", {
        "the same text as another": "exact", "nearly the same": "near",
        "by a release that recorded no reason": "unexplained", "kept though as similar, as a fact differs": "apart",
    }, "duplication.chunks")  # fmt: skip
    b.lines(s, "Chunks that were left out", "duplication", {"clusters": "clusters_total"})
    boilerplate = f"of them boilerplate, in {b.n('duplication.boilerplate_documents')} documents or more"
    b.row(s, "Chunks that were left out", boilerplate, [b.n("duplication.boilerplate_clusters")])
    clusters = b.told.count("duplication.clusters")
    for card in range(clusters):
        line = f"duplication.clusters.{card}"
        b.sentences.append(Said(s, f"{b.n(f'{line}.duplicates')} left out:", card))
        b.sentences.append(Said(s, f"in {b.n(f'{line}.documents')} documents", card))
    for at in range(b.told.count("duplication.kept_apart")):
        b.sentences.append(Said(s, b.three(f"duplication.kept_apart.{at}.similarity"), clusters + at))
    for row in range(b.told.count("duplication.margin_lines")):
        b.row(s, "Lines in the margins", row, [b.n(f"duplication.margin_lines.{row}.documents")])


def _retrieval(b: Bindings) -> None:
    if b.told("evaluation") is None:
        return
    s, e = "retrieval", "evaluation"
    b.sentences.append(Said(s, f"{b.n(f'{e}.questions')} questions of {b.told(f'{e}.name')}"))
    b.sentences.append(Said(s, f"for {b.n(f'{e}.k')} hits each"))
    _metrics(b, "Metrics by mode", e)
    if b.told(f"{e}.unpooled") is not None:
        _metrics(b, "Metrics by mode, without pooled places", f"{e}.unpooled")
    modes = b.told.count(f"{e}.modes")
    for row in range(modes):
        latency = f"{e}.modes.{row}.latency"
        times = [b.plain(f"{latency}.{name}") for name in ("p50_ms", "p95_ms", "p99_ms", "per_second")]
        b.row(s, "Milliseconds of a search", row, [b.n(f"{latency}.searches"), *times])
        if b.told(f"{e}.modes.{row}.mode") == b.told(f"{e}.main"):
            hits = f"{e}.modes.{row}.scores.at.{b.told.count(f'{e}.modes.{row}.scores.at') - 1}"
            small = f"of {b.n(f'{e}.questions')}, among {b.n(f'{hits}.k')} hits, {b.told(f'{e}.main')}"
            b.figures.append(Figure("questions answered", b.percent(f"{hits}.hit.mean"), small))
    tags = sorted(range(b.told.count(f"{e}.tags")), key=lambda at: -int(b.told.number(f"{e}.tags.{at}.questions") or 0))
    for row, at in enumerate(tags):
        of_tag = [f"{e}.tags.{at}.modes.{mode}.scores" for mode in range(b.told.count(f"{e}.tags.{at}.modes"))]
        last = b.told.count(f"{of_tag[0]}.at") - 1
        measures = (f"at.{last}.hit", "mrr", "ndcg")
        numbers = [b.three(f"{scores}.{measure}.mean") for measure in measures for scores in of_tag]
        b.row(s, "Metrics by tag and mode", row, [b.n(f"{e}.tags.{at}.questions"), *numbers])
    for row in range(b.told.count(f"{e}.results")):
        line = f"{e}.results.{row}"
        ranks = [f"{line}.modes.{mode}.ranks" for mode in range(b.told.count(f"{line}.modes"))]
        firsts = [b.n(f"{found}.0") if b.told.count(found) else NOTHING for found in ranks]
        b.row(
            s,
            "Rank of the first right hit",
            row,
            [b.n(f"{line}.line"), None, None, b.n(f"{line}.right"), *firsts],
            0,
        )
    for card in range(b.told.count(f"{e}.misses")):
        b.sentences.append(Said(s, f"{b.told(f'{e}.misses.{card}.line')} ", card))


def _metrics(b: Bindings, caption: str, e: str) -> None:
    """Of modes and of their differences, each mean with its interval in small print."""
    s = "retrieval"
    modes, differences = b.told.count(f"{e}.modes"), b.told.count(f"{e}.differences")
    lines = [f"{e}.modes.{at}.scores" for at in range(modes)] + [
        f"{e}.differences.{at}.scores" for at in range(differences)
    ]
    for row, scores in enumerate(lines):
        last = b.told.count(f"{scores}.at") - 1
        means = [f"{scores}.at.{at}.recall" for at in range(last + 1)]
        means += [f"{scores}.at.{last}.precision", f"{scores}.at.{last}.hit", f"{scores}.mrr", f"{scores}.ndcg"]
        b.row(s, caption, row, [b.three(f"{mean}.mean") for mean in means])
        for cell, mean in enumerate(means, 1):
            if b.told(f"{mean}.low") is not None:
                between = f"{b.three(f'{mean}.low')} to {b.three(f'{mean}.high')}"
                b.cells.append(Bound((s, caption, row, cell), between, small=True))


def _drift(b: Bindings) -> None:
    s = "drift"
    if b.told("drift") is not None:
        brought = f"brought {b.n('drift.new_documents')} documents"
        b.sentences.append(Said(s, brought))
        b.sentences.append(Said(s, f"{b.n('drift.before_documents')} were there before"))
        for row in range(b.told.count("drift.lines")):
            line, name = f"drift.lines.{row}", str(b.told(f"drift.lines.{row}.name"))
            shares = name in {"unknown_tokens", "duplicates"}
            mean = b.percent if shares else b.n if name == "token_lengths" else b.three
            b.row(s, "What differs", row, [
                b.n(f"{line}.before_documents"), b.n(f"{line}.new_documents"), mean(f"{line}.before"),
                mean(f"{line}.new"), b.three(f"{line}.distance"), b.three(f"{line}.chance"),
            ])  # fmt: skip
            words = {"token_lengths": "tokens of a chunk", "ocr_confidence": "OCR confidence"}.get(name, name)
            for at in range(b.told.count(f"{line}.groups")):
                group = f"{line}.groups.{at}"
                shares_of_it = [b.percent(f"{group}.before"), b.percent(f"{group}.new")]
                b.row(s, f"Shares before and in the last run, {words}", at, shares_of_it)
    if b.told("fit") is not None:
        _fit(b)
    if b.told("segmentation") is not None:
        borders, han = "segmentation.borders", "segmentation.han"
        b.row(s, "Borders inside a paragraph", "borders", [b.n(f"{borders}.total")])
        b.row(s, "Borders inside a paragraph", "that seem to lie inside a sentence", [
            b.n(f"{borders}.inside"), b.share(f"{borders}.inside", f"{borders}.total")
        ])  # fmt: skip
        words_of = f"Words of Chinese text, as BM25 counts them in {b.n(f'{han}.sampled')} sampled chunks"
        b.lines(s, words_of, han, {
            "Han characters": "characters", "words": "words", "characters that stand alone": "alone",
        })  # fmt: skip
        b.row(s, words_of, "mean length of a word", [b.three(f"{han}.mean_length")])
    unread = f"{b.n('chunks.unread')} chunks ({b.share('chunks.unread', 'chunks.total')}) have more than"
    b.sentences.append(Said(s, f"{unread} {b.percent('chunks.unknown_warning')} unknown tokens"))


def _fit(b: Bindings) -> None:
    s = "drift"
    for row in range(b.told.count("fit.languages")):
        line = f"fit.languages.{row}"
        tokens, characters = b.told.number(f"{line}.tokens") or 0, b.told.number(f"{line}.characters")
        a_character = f"{tokens / characters:.3f}" if characters else NOTHING
        b.row(s, "What the model's tokenizer makes", row, [
            b.n(f"{line}.chunks"), b.n(f"{line}.tokens"), a_character, b.share(f"{line}.unknown", f"{line}.tokens"),
        ])  # fmt: skip
    if b.told("fit.recount") is not None:
        sampled = f"{b.n('fit.recount.sampled')} of {b.n('fit.recount.total')}"
        b.row(s, "Token counts", "sampled chunks", [sampled])
        b.lines(s, "Token counts", "fit.recount", {"with another count": "differing", "largest difference": "largest"})
    if b.told("fit.vectors") is not None:
        b.row(s, "Vectors in the store", "sampled", [f"{b.n('fit.vectors.sampled')} of {b.n('fit.vectors.total')}"])
        b.lines(s, "Vectors in the store", "fit.vectors", {
            "dimension": "dimension", "not finite, or of length 0": "broken",
            "nearly equal, of different texts": "nearly_equal",
        })  # fmt: skip
        b.row(s, "Vectors in the store", "mean cosine of two", [b.three("fit.vectors.mean_cosine")])
        rank = b.told.number("fit.vectors.effective_rank")
        b.row(
            s, "Vectors in the store", "directions that carry the sample", [NOTHING if rank is None else f"{rank:.1f}"]
        )


def _runs(b: Bindings) -> None:
    names = ("seen", "parsed", "unchanged", "duplicates", "failed", "ignored", "removed")
    for row in range(b.told.count("runs")):
        if b.told(f"runs.{row}.summary") is not None:
            b.row("runs", "The last runs", row, [b.n(f"runs.{row}.summary.{name}") for name in names], 3)
    for row in range(b.told.count("sources")):
        line = f"sources.{row}"
        b.row("runs", "Sources", row, [b.n(f"{line}.files"), b.n(f"{line}.documents"), b.n(f"{line}.failures")], 2)


_PARTS: tuple[Callable[[Bindings], None], ...] = (
    _overview, _parsing, _chunks, _place, _duplicates, _retrieval, _drift, _runs,
)  # fmt: skip


def bindings(told: Told) -> Bindings:
    bound = Bindings(told)
    for part in _PARTS:
        part(bound)
    return bound
