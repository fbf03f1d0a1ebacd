"""Which number of a report's JSON stands where in the section of chunks. Of the engine it uses only what a distribution
is called."""

from __future__ import annotations

from page_bindings import Bindings, Said

from ingest.reports.wording import distribution_words


def bind_chunks(b: Bindings) -> None:
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
