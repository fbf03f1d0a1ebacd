"""What the figures of a report are called where a person reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.comparison import Change
from schemas.figures import Fault, GroupBy
from schemas.parsing import ParseOutcome

Form = Literal["n", "share", "three"]


@dataclass(frozen=True, slots=True)
class HeadlineWords:
    """`better`: the direction that is good news; None where neither is."""

    title: str
    form: Form
    better: Literal["more", "less"] | None = None


HEADLINES: dict[str, HeadlineWords] = {
    "failed_share": HeadlineWords("files that failed", "share", "less"),
    "documents": HeadlineWords("documents", "n"),
    "chunks": HeadlineWords("chunks", "n"),
    "tokens_median": HeadlineWords("median tokens of a chunk", "n"),
    "over_budget": HeadlineWords("chunks over the budget", "n", "less"),
    "cut_share": HeadlineWords("joints inside a sentence", "share", "less"),
    "heading_share": HeadlineWords("chunks with headings", "share", "more"),
    "right_share": HeadlineWords("heading paths that are right", "share", "more"),
    "leaning_share": HeadlineWords("chunks that lean on neighbours", "share", "less"),
    "unread_share": HeadlineWords("chunks that the model cannot read", "share", "less"),
    "faulty_share": HeadlineWords("chunks with a fault", "share", "less"),
    "lost": HeadlineWords("characters in no chunk", "n", "less"),
    "without_parse": HeadlineWords("documents without their parse", "n", "less"),
    "unread_documents": HeadlineWords("documents without their chunks", "n", "less"),
}


@dataclass(frozen=True, slots=True)
class DistributionWords:
    """`tells`: in a sentence. `counted`: of what its values are."""

    title: str
    tells: str
    counted: str


DISTRIBUTIONS: dict[str, DistributionWords] = {
    "heading_depth": DistributionWords("Headings above a chunk", "How much a chunk knows of its place.", "chunks"),
    "unknown_share": DistributionWords(
        "Unknown tokens of a chunk", "What the model cannot read is found by its words alone.", "chunks"
    ),
    "repeated_by_design": DistributionWords(
        "Text repeated by design", "Header rows and overlap, as the options ask: their part of a chunk.", "chunks"
    ),
    "confidence": DistributionWords(
        "OCR confidence of a chunk", "Below 80% its text may be wrong: look at the page.", "chunks"
    ),
    "leanings": DistributionWords(
        "Leanings of a chunk", "Signs that its beginning or its end needs a neighbour.", "chunks"
    ),
    "neighbour_similarity": DistributionWords(
        "Likeness of neighbours", "From 0.8 on two neighbours say nearly the same.", "pairs"
    ),
    "repeated_grams": DistributionWords(
        "Text said before in the document", "Runs of five words that an earlier chunk has, too.", "chunks"
    ),
    "border_cohesion": DistributionWords(
        "Cohesion at the borders", "What the text before and behind a border has in common.", "borders"
    ),
    "inside_cohesion": DistributionWords(
        "Cohesion inside of chunks", "The same at the sentence ends nearest to a border.", "borders"
    ),
    "border_difference": DistributionWords(
        "Turns at the borders", "Above 0 a chunk ends where the text turns.", "borders"
    ),
    "table_parts": DistributionWords("Chunks of a table", "One is best: the table is whole.", "tables"),
    "document_chunks": DistributionWords("Chunks of a document", "Very many: is it one document?", "documents"),
    "document_covered": DistributionWords("Covered text of a document", "All of it has to be in a chunk.", "documents"),
    "document_right_paths": DistributionWords(
        "Right heading paths of a document", "Far below 100%: look at how its headings are read.", "documents"
    ),
    "document_cut_joints": DistributionWords(
        "Cut sentences of a document", "Joints in prose that lie inside a sentence.", "documents"
    ),
}
"""By the name of the distribution."""


def distribution_words(name: str) -> DistributionWords:
    return DISTRIBUTIONS.get(name, DistributionWords(name.replace("_", " "), "", "values"))


FAULTS: dict[Fault, tuple[str, str]] = {
    Fault.OVER_BUDGET: (
        "over the budget",
        "more tokens than the embedder or chunk.max_tokens take: its end is not read",
    ),
    Fault.PATH_WRONG: ("wrong heading path", "its headings are not those that stand above it"),
    Fault.HALF_ROW: ("half a row", "a part of a table row, and not marked as such"),
    Fault.HEADLESS: ("headless", "rows of a table without its header rows"),
    Fault.NEEDLESS_CUT: ("needless cut", "a sentence is cut that would have fitted"),
    Fault.TABLE_CUT: ("table cut", "a table is cut that would have fitted"),
    Fault.REPEATS: ("repeats", "nearly the same as the chunk before it"),
    Fault.UNREAD: ("unread", "too many of its tokens are unknown to the embedder"),
    Fault.LOW_CONFIDENCE: ("low confidence", "OCR was not sure of it"),
    Fault.WORD_CUT: ("word cut", "a word did not fit by itself"),
    Fault.ROW_CUT: ("row cut", "a table row did not fit by itself"),
    Fault.SENTENCE_CUT: ("sentence cut", "a sentence did not fit by itself"),
    Fault.HANGING_HEADING: ("hanging heading", "it ends with a heading, and the text is in the next chunk"),
    Fault.OPEN_END: ("open end", "it ends with a colon or a comma"),
    Fault.PRONOUN: ("pronoun", "it begins with a word that stands for something told before"),
    Fault.CONJUNCTION: ("conjunction", "it begins with a word that goes on from what was told before"),
    Fault.FRAGMENT: ("fragment", "very short, though a neighbour has room for it"),
}
"""By fault: in a word, and in a sentence."""

GROUPS: dict[GroupBy, str] = {
    GroupBy.FORMAT: "format",
    GroupBy.SOURCE: "source",
    GroupBy.STRATEGY: "strategy",
    GroupBy.LANGUAGE: "language",
}

OUTCOMES: dict[ParseOutcome, str] = {
    ParseOutcome.WHOLE: "whole",
    ParseOutcome.PARTLY: "some pages not read",
    ParseOutcome.STALE: "newer version not read",
    ParseOutcome.QUARANTINED: "in quarantine",
}

DRIFTS: dict[str, str] = {
    "unknown_tokens": "unknown tokens",
    "languages": "languages",
    "token_lengths": "tokens of a chunk",
    "duplicates": "duplicates",
    "ocr_confidence": "OCR confidence",
    "formats": "formats",
}

FINDINGS: dict[str, str] = {
    "text_lost": "characters in no chunk",
    "over_budget": "chunks above the budget",
    "half_row": "table rows in pieces, not flagged",
    "headless": "parts of tables without header rows",
    "chunks_missing": "its chunks are missing from the store",
    "page_failed": "pages that could not be read",
    "stale": "a newer version could not be read",
    "parse_missing": "its parse is missing from the store",
}

NOT_COMPARED: dict[str, str] = {
    "original": "the original is not kept",
    "format": "there is no plain reading of the format",
    "ocr": "a scan without a text layer",
    "size": "too large for a report",
    "unreadable": "the plain reading fails",
    "empty": "no paragraph is long enough",
}

NOTHING = "–"
_LEAST_SHARE = 0.0005
"""A change that is told in tenths of a point: a smaller one is hardly one."""


def told(value: float | None, form: Form) -> str:
    if value is None:
        return NOTHING
    return f"{value:.1%}" if form == "share" else f"{value:.3f}" if form == "three" else f"{value:,.0f}"


@dataclass(frozen=True, slots=True)
class ToldChange:
    """`difference` with its sign; of a share in points of a hundred. `tone`: good, bad, or none."""

    title: str
    before: str
    now: str
    difference: str
    tone: Literal["good", "bad", ""]


def told_change(change: Change) -> ToldChange:
    words = HEADLINES.get(change.name, HeadlineWords(change.name.replace("_", " "), "n"))
    difference, tone = NOTHING, ""
    if change.before is not None and change.now is not None:
        grown = change.now - change.before
        difference = f"{grown * 100:+.1f} points" if words.form == "share" else f"{grown:+,.0f}"
        shown = abs(grown) >= (_LEAST_SHARE if words.form == "share" else 1)
        difference = difference if shown else "hardly"
        if words.better and shown:
            tone = "good" if (grown > 0) == (words.better == "more") else "bad"
    return ToldChange(
        words.title, told(change.before, words.form), told(change.now, words.form), difference,
        "good" if tone == "good" else "bad" if tone == "bad" else "",
    )  # fmt: skip
