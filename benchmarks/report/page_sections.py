"""Which number of a report's JSON stands where: section by section, told from what the words beside each number say.

The templates are not asked.
"""

from __future__ import annotations

from collections.abc import Callable

from page_bindings import NOTHING, Bindings, Bound, Figure, Said, Told
from page_chunks import bind_chunks
from page_parsing import bind_parsing


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
        is_share = str(b.told(f"changes.{at}.name")).endswith("_share")
        before, now = f"changes.{at}.before", f"changes.{at}.now"
        told = [(b.percent if is_share else b.n)(path) for path in (before, now)]
        b.row("overview", "Numbers that differ", row, [*told, b.change(before, now, is_share=is_share)])
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
    _overview, bind_parsing, bind_chunks, _place, _duplicates, _retrieval, _drift, _runs,
)  # fmt: skip


def bindings(told: Told) -> Bindings:
    bound = Bindings(told)
    for part in _PARTS:
        part(bound)
    return bound
