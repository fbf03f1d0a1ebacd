"""What stands before a language model in an application: a question in, numbered passages with their sources out.

    python examples/application.py "How long is the notice period?" [--folder FOLDER] [--home HOME] [--tokens 1200]

No model is asked: what is printed is what it would be given to answer from.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.api import Docstrata
from ingest.search.request import SearchResult
from schemas.point import Expand, PointPayload


@dataclass(frozen=True)
class Source:
    """A passage that an answer may cite as [number]; `chunk_id` leads back to it, in years too."""

    number: int
    citation: str
    chunk_id: str
    text: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("question")
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "inbox", help="taken in first")
    parser.add_argument("--home", type=Path, default=Path(".docstrata/example"))
    parser.add_argument("--tokens", type=int, default=1200, help="of all passages together")
    arguments = parser.parse_args()
    with Docstrata(arguments.home) as strata:
        strata.run([arguments.folder])
        result = strata.search(arguments.question, limit=8, expand=Expand.SECTION)
        sources = list(within(arguments.tokens, result))
        print(prompt(arguments.question, sources))
        for source in sources:
            # A citation is kept by its id: the passage is found again, with what stands around it.
            again = strata.chunk(source.chunk_id, around=Expand.NEIGHBOURS, tokens=60)
            assert again.payload.chunk_id == source.chunk_id


def within(tokens: int, result: SearchResult) -> Iterator[Source]:
    """The best passages that fit together; one that does not is passed over for a shorter one behind it."""
    number = 0
    for expansion in result.expansions:
        if expansion.tokens > tokens:
            continue
        tokens -= expansion.tokens
        number += 1
        payload = result.hits[expansion.hits[0] - 1].payload
        yield Source(number, cited(payload, expansion.pages), payload.chunk_id, expansion.text)


def cited(payload: PointPayload, pages: tuple[int, ...]) -> str:
    """ "contracts/service-agreement.md › 9. Term › 9.2 Notice, page 3" """
    page = f", page {'-'.join(map(str, sorted({pages[0], pages[-1]})))}" if pages else ""
    return " › ".join([payload.path, *payload.heading_path]) + page


def prompt(question: str, sources: list[Source]) -> str:
    passages = [f"[{source.number}] {source.citation}\n{source.text}" for source in sources]
    asked = "Answer from these passages alone, and cite them by their numbers."
    return "\n\n".join([asked, *passages, f"Question: {question}"])


if __name__ == "__main__":  # files are parsed in processes of their own, which import this one again
    main()
