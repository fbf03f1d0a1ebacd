"""Takes the example inbox in and asks it two questions: `python examples/search.py`."""

from pathlib import Path

from ingest.api import Docstrata

QUESTIONS = ("How long is the notice period for ending the service agreement?", "离心泵启动前要检查什么？")


def main() -> None:
    with Docstrata(home=".docstrata/example") as strata:
        run = strata.run([Path(__file__).parent / "inbox"])
        print(f"{run.parsed} files parsed, {run.unchanged} unchanged, {run.failed} in quarantine; {run.points} chunks")
        for question in QUESTIONS:
            best = strata.search(question, limit=1).hits[0].payload
            place = [best.path, *best.heading_path, *(f"page {page}" for page in best.pages)]
            print(f"\n{question}\n{' > '.join(place)}\n\n{best.text}")


if __name__ == "__main__":  # files are parsed in processes of their own, which import this one again
    main()
