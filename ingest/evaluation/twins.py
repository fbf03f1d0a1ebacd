"""Other documents in which a quotation stands, too: they answer as well, and count as wrong unless the question names
them. Copies, other formats of a text and older versions of it are found so; a translation is not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ingest.context import Context
from ingest.evaluation.questions import Question, QuestionSet
from ingest.evaluation.truths import NoSuchDocument, Truths
from schemas.errors import ConfigError

STAGE = "seek"


@dataclass(frozen=True, slots=True)
class Twin:
    """`documents`: source/path, by name, without those that the question names."""

    question: Question
    text: str
    documents: tuple[str, ...]


def find_twins(context: Context, asked: QuestionSet) -> tuple[Twin, ...]:
    """By line. Reads the chunks of every live document once. A question about a document that is not here has none.
    Raises `ConfigError` where a document cannot be read."""
    truths = Truths(context)
    quotations = {place.text for question in asked.questions for place in question.all_places if place.text}
    standing = _standing(context, truths, quotations)
    twins: list[Twin] = []
    for question in asked.questions:
        try:
            named = {truths.name(place.document) for place in question.all_places}
        except NoSuchDocument:
            continue
        for text in dict.fromkeys(place.text for place in question.all_places if place.text):
            others = tuple(name for name in standing[text] if name not in named)
            if others:
                twins.append(Twin(question, text, others))
    return tuple(twins)


def _standing(context: Context, truths: Truths, quotations: set[str]) -> defaultdict[str, list[str]]:
    standing: defaultdict[str, list[str]] = defaultdict(list)
    context.progress.expect(STAGE, len(truths.documents))
    for name in truths.documents:
        try:
            held = truths.held(name, quotations)
        except NoSuchDocument as error:
            raise ConfigError(str(error)) from error
        for text in held:
            standing[text].append(name)
        context.progress.advance(STAGE)
    return standing
