"""What the gates are called where a person reads them, and where on the page their numbers stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.reports.wording import NOTHING, told
from schemas.verdict import Gate

Form = Literal["share", "three", "plain"]


@dataclass(frozen=True, slots=True)
class GateWords:
    """`title`: what is measured. `place`: the id of what tells more of it on the page."""

    title: str
    place: str
    form: Form = "share"


_WORDS: dict[str, GateWords] = {
    "max_failed_share": GateWords("files that failed", "quarantine"),
    "max_cut_share": GateWords("joints in prose that lie inside a sentence", "joints"),
    "max_unread_share": GateWords("chunks that the model cannot read", "unread"),
    "min_heading_share": GateWords("chunks that know the headings above them", "headings"),
    "min_paragraph_share": GateWords("paragraphs that arrived, of the worst format", "paragraphs"),
    "max_needless_table_cut_share": GateWords("tables that are cut though they fit", "joints"),
    "max_miscounted_share": GateWords("chunks whose tokens were counted wrongly", "embedder"),
    "max_equal_vector_share": GateWords("vectors that are like another text's, or broken", "embedder"),
    "max_broken_border_share": GateWords("borders that seem to lie inside a sentence", "words"),
    "max_lone_han_share": GateWords("Han characters that the word search has no word for", "words"),
    "max_han_term_length": GateWords("characters of a Han word, in the mean", "words", "plain"),
    "max_drift": GateWords("drift of the last run from before, 0 to 1", "last-run", "three"),
    "min_recall": GateWords("recall of the evaluation", "retrieval", "three"),
    "min_hit": GateWords("questions of the evaluation with a right hit", "retrieval", "three"),
    "min_mrr": GateWords("MRR of the evaluation", "retrieval", "three"),
    "min_ndcg": GateWords("nDCG of the evaluation", "retrieval", "three"),
}

_PLACES = {
    "run_failed": "runs", "run_interrupted": "runs", "run_going_on": "runs", "no_documents": "quarantine",
    "text_lost": "findings", "over_budget": "findings", "half_row": "findings", "headless": "findings",
    "chunks_missing": "findings", "page_failed": "findings", "stale": "findings", "parse_missing": "findings",
    "points_differ": "duplicates",
}  # fmt: skip
"""Of the reasons that are no gate's."""


@dataclass(frozen=True, slots=True)
class ToldGate:
    """A gate in words. `place`: empty where nothing was measured. `result`: passed, broken, or not measured."""

    name: str
    title: str
    place: str
    measured: str
    limit: str
    result: str
    broken: bool


def told_gate(gate: Gate) -> ToldGate:
    words = _WORDS.get(gate.name, GateWords(gate.name, "overview"))
    side = "at least" if gate.name.startswith("min_") else "at most"
    passed = "passed" if gate.value is not None else "not measured"
    return ToldGate(
        name=gate.name,
        title=words.title,
        place="" if gate.value is None else words.place,
        measured=_told(gate.value, words.form),
        limit=f"{side} {_told(gate.limit, words.form)}",
        result=passed if gate.passed else "broken",
        broken=not gate.passed,
    )


def _told(value: float | None, form: Form) -> str:
    if value is None:
        return NOTHING
    return f"{value:.3g}" if form == "plain" else told(value, form)


def place_of(code: str) -> str:
    """The id of what tells more of a reason; empty where nothing does."""
    gates = (_WORDS.get(f"{side}_{code}") for side in ("max", "min"))
    return next((words.place for words in gates if words), _PLACES.get(code, ""))
