from __future__ import annotations

from pathlib import Path

from docling_agreement import agreement, read_text, references
from scores.reading import read


def laid_out(corpus: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = corpus / "tests" / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return corpus


def test_a_document_is_scored_where_its_reference_lies_and_a_pdf_goes_by_its_stem(tmp_path: Path) -> None:
    names = ("odf/sources/a.odt", "odf/sources/a.odt.pdf", "odf/groundtruth/a.odt.md", "pdf/sources/b.pdf",
             "pdf/groundtruth/b.md", "email/sources/c.msg")  # fmt: skip
    corpus = laid_out(tmp_path, dict.fromkeys(names, ""))
    assert [(kind, path.name) for kind, path, _ in references(corpus)] == [("odf", "a.odt"), ("pdf", "b.pdf")]
    assert [kind for kind, _, _ in references(corpus, ["pdf"])] == ["pdf"]


def test_a_spanned_cell_reads_as_it_does_in_a_table_of_pipes() -> None:
    pipes = read("Above\n\n| a | a |\n| - | - |\n| 1 | 2 |\n\nBelow")
    spans = read("Above\n\n<table><tr><th colspan='2'>a</th></tr><tr><td>1</td><td>2</td></tr></table>\n\nBelow")
    assert read_text(pipes).split() == read_text(spans).split() == ["Above", "a", "a", "1", "2", "Below"]


def test_escapes_and_dollars_are_no_difference_and_a_failed_parser_scores_nothing(tmp_path: Path) -> None:
    corpus = laid_out(tmp_path, {"md/sources/a.md": "", "md/groundtruth/a.md.md": "a\\_b &amp; $x$"})
    [(kind, path, truth)] = references(corpus)
    assert agreement(lambda _: "a_b & x", kind, path, truth).scores["nid_read"] == 1.0

    def broken(_: Path) -> str:
        raise ValueError("no")

    failed = agreement(broken, kind, path, truth)
    assert (failed.scores["nid_read"], failed.error) == (0.0, "ValueError: no")
