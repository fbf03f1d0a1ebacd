"""Real passages, each with one fact changed (none may be dropped) or only typed differently (all must be found)."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.dedup.base import Candidate
from ingest.dedup.finder import DuplicateFinder
from ingest.dedup.memory_store import MemorySurvivorStore
from ingest.dedup.shingles import jaccard, read, shingles
from ingest.options.dedup import DedupOptions
from schemas.chunk import Duplicate

Change = Callable[[str, random.Random], str]


def replaced(pattern: str, by: Callable[[re.Match[str], random.Random], str]) -> Change:
    """Changes one match, chosen by chance; the text comes back as it is when there is none."""

    def change(text: str, chance: random.Random) -> str:
        matches = list(re.finditer(pattern, text))
        if not matches:
            return text
        match = chance.choice(matches)
        return text[: match.start()] + by(match, chance) + text[match.end() :]

    return change


FACTS: dict[str, Change] = {
    "digit": replaced(r"\d", lambda m, c: str((int(m[0]) + c.randint(1, 9)) % 10)),
    "number gone": replaced(r"\d+", lambda *_: ""),
    "punctuation in a number": replaced(
        r"(?<=\d)[.,:/-](?=\d)", lambda m, c: c.choice([x for x in ".,:/- " if x != m[0]] + [""])
    ),
    "not added": replaced(r"\b(is|are|can|will|should|does|has|was)\b", lambda m, _: f"{m[0]} not"),
    "not gone": replaced(r"\b(not|never|no|without) ", lambda *_: ""),
    "n't gone": replaced(r"n['’]t\b", lambda *_: ""),
    "name": replaced(r"(?<=[a-z] )[A-Z][a-z]+", lambda _, c: c.choice(["Zurich", "Acme", "Maria"])),
    "name gone": replaced(r"(?<=[a-z] )[A-Z][a-z]{2,} ", lambda *_: ""),
    "identifier": replaced(r"`[a-z][a-z_]+`", lambda *_: "`other_name`"),
    "identifier gone": replaced(r"`[a-z][a-z_]+` ", lambda *_: ""),
    "word": replaced(r"\b[a-z]{5,}\b", lambda *_: "barcelona"),
    "unit": replaced(r"(?<=\d) ?[a-zA-Z]+\b", lambda *_: " kg"),
    "不 gone": replaced(r"[不没无非未]", lambda *_: ""),
    "不 added": replaced(r"(?<=[\u4e00-\u9fff])(是|能|会|可以|支持|需要)", lambda m, _: f"不{m[0]}"),
    "Chinese name": replaced(r"(?<=[\u4e00-\u9fff])[\u4e00-\u9fff]{2}(?=[\u4e00-\u9fff])", lambda *_: "王芳"),
    "Chinese name added": replaced(r"(?<=[\u4e00-\u9fff])(的|在|是)", lambda m, _: f"{m[0]}上海"),
    "Chinese unit": replaced(r"(?<=\d) ?[\u4e00-\u9fff]", lambda *_: "吨"),
    "Chinese number gone": replaced(r"[一二三四五六七八九十百千万亿]", lambda *_: ""),
}

_COMMON = ",.;:!?，。；：！？"


_NUMBERS = re.compile(
    r"([^\s\u4e00-\u9fff]*\d(?:[^\u4e00-\u9fffA-Za-z]*\d)*[^\s\u4e00-\u9fff]*"
    r"(?: %| [A-Za-z]+/[A-Za-z]+)?|\S?[!=]=|[CFJ]#)"
)
"""Numbers with what is glued to them or stands between two, their units, and marks of operators and names."""


def outside_numbers(text: str, pattern: str, by: Callable[[re.Match[str]], str]) -> str:
    parts = _NUMBERS.split(text)
    return "".join(part if i % 2 else re.sub(pattern, by, part) for i, part in enumerate(parts))


def _widen(text: str) -> str:
    return "".join(chr(ord(x) + 0xFEE0) if "!" <= x <= "~" else "\u3000" if x == " " else x for x in text)


TYPING: dict[str, Change] = {
    "white space": lambda text, c: re.sub(
        r"\s+", lambda _: c.choice([" ", "  ", "\n", "\t", "\u3000", "\u00a0"]), text
    ),
    "upper case": lambda text, _: text.upper(),
    "lower case": lambda text, _: text.lower(),
    "title case": lambda text, _: text.title(),
    "width": lambda text, _: _widen(text),
    "quotes and dashes": lambda text, _: text.replace('"', "“").replace("'", "’").replace("-", "–"),
    "space between Han": lambda text, _: re.sub(r"(?<=[\u4e00-\u9fff]{3})(?=[\u4e00-\u9fff])", " ", text),
    "punctuation": lambda text, c: outside_numbers(text, rf"[{_COMMON}]", lambda _: c.choice(_COMMON)),
    "punctuation gone": lambda text, _: outside_numbers(
        text, r"[^\w\s]", lambda m: "" if unicodedata.category(m[0])[0] == "P" else m[0]
    ),
}


def passages(files: list[Path], longest: int, wanted: int) -> list[str]:
    found, current = [], ""
    for file in files:
        for part in re.split(r"\n\s*\n", file.read_text("utf-8", errors="replace")):
            current += ("\n\n" if current else "") + part
            if len(current) > longest:
                found.append(current)
                current = ""
    random.Random(5).shuffle(found)
    return [text for text in found if len(text) < 3 * longest][:wanted]


EXAMPLES = Path(__file__).parents[4] / "examples"


@pytest.fixture(scope="module", params=["examples", "corpus"])
def real_passages(request: pytest.FixtureRequest) -> list[str]:
    """Of the documents that come with the project, and of the corpus where it is there."""
    if request.param == "examples":
        found = passages(sorted(EXAMPLES.rglob("*.md")), 600, 60)
        assert len(found) >= 20
        return found
    corpus: Path = request.getfixturevalue("corpus")
    english = passages(sorted((corpus / "history_rfcs").rglob("*.md"))[::25], 800, 40)
    chinese = passages(sorted((corpus / "drop_folder").rglob("*_cn.md")), 600, 40)
    assert len(english) == len(chinese) == 40
    return english + chinese


@pytest.fixture(scope="module")
def duplicate_of() -> Callable[[str, str], Duplicate | None]:
    finder = DuplicateFinder(DedupOptions(), MemorySurvivorStore())

    def decide(one: str, other: str) -> Duplicate | None:
        chunks = [Candidate(name, name, text, "text", None) for name, text in (("a", one), ("b", other))]
        return finder.decide("t", chunks)[1].duplicate

    return decide


@pytest.mark.parametrize("name", FACTS)
def test_a_changed_fact_is_never_dropped(
    name: str, real_passages: list[str], duplicate_of: Callable[[str, str], Duplicate | None]
) -> None:
    chance, tried = random.Random(name), 0
    for text in real_passages:
        changed = FACTS[name](text, chance)
        if changed != text:
            tried += 1
            assert duplicate_of(text, changed) is None, (text, changed)
            assert duplicate_of(changed, text) is None, (changed, text)
    assert tried >= 3 or len(real_passages) < 80
    assert tried


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It was agreed in March.", "It was agreed in May."), ("Due on Monday.", "Due on Sunday."),
        ("Due 3 March 2021.", "Due 4 March 2021."), ("定于三月。", "定于四月。"), ("定于星期一。", "定于星期二。"),
        ("It weighs 5 kg.", "It weighs 5 g."), ("It weighs five kilograms.", "It weighs five grams."),
        ("重五公斤。", "重五克。"), ("It has 5 MB.", "It has 5 GB."), ("It draws 5 mW.", "It draws 5 MW."),
        ("It costs $5.", "It costs €5."), ("It grew by 5%.", "It grew by 5."), ("由张伟提出。", "由李娜提出。"),
    ],
)  # fmt: skip
def test_two_passages_that_end_in_different_facts_are_both_kept(
    one: str, other: str, real_passages: list[str], duplicate_of: Callable[[str, str], Duplicate | None]
) -> None:
    for text in real_passages[::8]:
        assert duplicate_of(f"{text}\n{one}", f"{text}\n{other}") is None
        assert duplicate_of(f"{one}\n{text}", f"{other}\n{text}") is None


@pytest.mark.parametrize("name", TYPING)
def test_a_text_typed_differently_is_always_found(
    name: str, real_passages: list[str], duplicate_of: Callable[[str, str], Duplicate | None]
) -> None:
    chance, tried = random.Random(name), 0
    for text in real_passages:
        changed = TYPING[name](text, chance)
        if changed != text:
            tried += 1
            assert duplicate_of(text, changed) is not None, (text, changed)
            assert duplicate_of(changed, text) is not None, (changed, text)
    assert tried >= 0.3 * len(real_passages)


def test_the_changes_are_small_enough_to_be_proposed(real_passages: list[str]) -> None:
    """Otherwise the tests above would hold for want of similarity."""
    chance, similar, tried = random.Random(2), 0, 0
    for text in real_passages:
        changed = FACTS["word"](text, chance)
        tried += 1
        similar += jaccard(shingles(read(text).words, 3), shingles(read(changed).words, 3)) >= 0.9
    assert similar > 0.9 * tried


@pytest.mark.parametrize("size", ["100", "1000"])
def test_labelled_articles_are_found_and_no_others(corpus: Path, size: str) -> None:
    folder = corpus / "minhash_articles" / "data"
    rows = [line.split(" ", 1) for line in (folder / f"articles_{size}.train").read_text("utf-8").splitlines()]
    labelled = {frozenset(line.split()) for line in (folder / f"articles_{size}.truth").read_text("utf-8").splitlines()}
    finder = DuplicateFinder(DedupOptions(), MemorySurvivorStore())
    for order in (rows, rows[::-1]):
        made = finder.decide("t", [Candidate(name, name, text, "text", "en") for name, text in order])
        found = {frozenset((d.duplicate.chunk_id, d.duplicate.survivor)) for d in made if d.duplicate}
        assert found == labelled
