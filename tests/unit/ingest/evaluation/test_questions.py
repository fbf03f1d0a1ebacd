from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.evaluation.questions import Place, parse_questions, read_questions
from schemas.errors import ConfigError

GOOD = {"question": "How long?", "document": "a.md"}


def read(*lines: object) -> str:
    """The sentence that the file is refused with."""
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    with pytest.raises(ConfigError) as refused:
        parse_questions("q.jsonl", text.encode())
    return refused.value.message


def test_a_question_names_one_place_or_several() -> None:
    one = {**GOOD, "page": 3, "text": "two  weeks", "tags": ["en"], "answer": "14 days", "under": "Terms"}
    several = {"question": " 多久？ ", "expected": [{"document": "a.md", "span": [0, 5]}, {"document": "b.md"}]}
    several["pooled"] = [{"document": "c.md", "text": "两周"}]
    content = "\ufeff" + "\n\n".join(json.dumps(line) for line in (one, several))

    asked = parse_questions("q.jsonl", content.encode())

    first, second = asked.questions
    assert (first.line, first.tags, first.answer, first.under) == (1, ("en",), "14 days", "Terms")
    assert first.places == (Place(document="a.md", page=3, text="two  weeks"),)
    assert (second.line, second.question) == (3, "多久？")
    assert second.places == (Place(document="a.md", span=(0, 5)), Place(document="b.md"))
    assert (first.pooled, second.pooled) == ((), (Place(document="c.md", text="两周"),))
    assert not asked.starter


def test_a_set_that_a_program_drew_from_is_marked() -> None:
    assert parse_questions("q.jsonl", json.dumps({**GOOD, "starter": True}).encode()).starter


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2: not JSON"),
        ('"text"', "line 2: not an object"),
        ({"document": "a.md"}, "line 2: question: Field required"),
        ({"question": "why?"}, "line 2: no document"),
        ({**GOOD, "question": "  "}, "line 2: question is empty"),
        ({**GOOD, "question": "？ … !"}, "line 2: question is empty"),
        ({**GOOD, "txt": "x"}, "line 2: 'txt' is not a field of a question"),
        ({**GOOD, "text": " "}, "text is empty"),
        ({**GOOD, "page": 0}, "line 2: page"),
        ({**GOOD, "page": "3"}, "line 2: page"),
        ({**GOOD, "span": [5, 5]}, "holds nothing"),
        ({**GOOD, "expected": [{"document": "b.md"}]}, "give expected, or document, not both"),
        ({"question": "why?", "expected": [{"document": ""}]}, "line 2: expected.0.document"),
        ({**GOOD, "pooled": [{"text": "x"}]}, "line 2: pooled.0.document"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_reason(line: object, reason: str) -> None:
    assert reason in read(GOOD, line)


def test_all_lines_at_fault_are_told_at_once_as_far_as_one_reads() -> None:
    told = read(*["{"] * 13)
    assert "line 1: " in told
    assert "line 10: " in told
    assert "line 11: " not in told
    assert told.endswith("and 3 more lines")


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_an_empty_file_is_refused_with_an_example(content: bytes) -> None:
    with pytest.raises(ConfigError, match=r"no question in q\.jsonl.*\"question\""):
        parse_questions("q.jsonl", content)


def test_another_encoding_is_told_with_its_line() -> None:
    with pytest.raises(ConfigError, match="not UTF-8, from line 2 on"):
        parse_questions("q.jsonl", json.dumps(GOOD).encode() + b"\n" + "质保".encode("gb18030"))


def test_a_file_that_is_not_there_or_a_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no questions file"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_questions(tmp_path)
