"""What kind of document it is, told from its blocks, headings, pages and parser.

The rules are general and ordered; the first that holds decides. Chinese and English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice
from statistics import median

from chunkers.outline import one_line
from schemas.document import Block, BlockKind, Document


class DocumentKind(StrEnum):
    PROSE = "prose"
    CONTRACT = "contract"
    MANUAL = "manual"
    PAPER = "paper"
    SLIDES = "slides"
    SHEET = "sheet"
    QUESTIONS = "questions"
    CHAT = "chat"
    MAIL = "mail"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Seen:
    """A kind, and the name of the rule that saw it."""

    kind: DocumentKind
    rule: str


QUESTION = re.compile(r"\**(?:Q|Question|问题?|問題?|質問)\s?\d{0,3}\s?\**[.:：、)）]", re.IGNORECASE)
ANSWER = re.compile(r"\**(?:A|Answer|答案?|回答)\s?\d{0,3}\s?\**[.:：、)）]", re.IGNORECASE)
_TIME = r"[\[(（]?(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ T,]{0,3})?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AaPp][Mm])?[\])）]?"
TURN = re.compile(
    rf"(?:{_TIME}[\s,–-]{{0,4}})?\**([^\W\d_][\w .'’-]{{0,24}}?)(?:\s{{0,3}}{_TIME}|\**\s?[:：])",
)
"""How a turn of a conversation begins: a name, with a time before or behind it, or a colon."""

_MAIL_HEAD = re.compile(
    r"^(?:from|to|cc|date|sent|subject|发件人|收件人|抄送|日期|主题)\s?[:：]", re.IGNORECASE | re.MULTILINE
)
_CLAUSE = re.compile(
    r"第\s?[一二三四五六七八九十百零〇\d]+\s?条|(?:article|section|clause)\s+\d|\d{1,2}(?:\.\d{1,2})?\.?\s",
    re.IGNORECASE,
)
_CONTRACT = re.compile(
    r"\b(?:agreement|contract|lease|deed|terms (?:and conditions|of (?:service|use)))\b|合同|协议|契约", re.IGNORECASE
)
_PARTIES = re.compile(
    r"\bshall\b|\bhere(?:by|in|under|of)\b|\b(?:the|either|both|each) part(?:y|ies)\b"
    r"|甲方|乙方|双方|违约|本合同|本协议",
    re.IGNORECASE,
)
_ABSTRACT = re.compile(r"abstract\b|摘\s*要", re.IGNORECASE)
_REFERENCES = re.compile(r"(?:[\d.]+\s*)?(?:references|bibliography|参考文献)\W*\Z", re.IGNORECASE)
_MANUAL = re.compile(
    r"\b(?:manual|handbook|instructions?|user(?:'s)? guide|guide|how to)\b|手册|说明书|规程|指南|教程", re.IGNORECASE
)
_TASKS = re.compile(
    r"\b(?:install\w*|set-?up|start(?:ing|-up)|operat\w+|maint\w+|clean\w*|troubleshooting|faults?|safety|warnings?|usage)\b"
    r"|安装|启动|操作|维护|保养|清洁|故障|安全|注意事项|使用",
    re.IGNORECASE,
)
_LOOKED_AT = 2_000
"""Blocks whose beginnings are looked at: a book is judged by its first chapters."""
_BEGINNING = 160
_OPENING = 20_000
_SLIDE_CHARACTERS = 1_200
"""A landscape page with more is read, not shown."""


class Looks:
    """What the rules look at, made when it is asked for."""

    def __init__(self, document: Document) -> None:
        self.document = document
        body = (block for block in document.blocks if not block.is_furniture and block.start < block.end)
        self.body: list[Block] = list(islice(body, _LOOKED_AT))

    @cached_property
    def beginnings(self) -> list[str]:
        text = self.document.text
        return [text[block.start : min(block.end, block.start + _BEGINNING)].strip() for block in self.body]

    @cached_property
    def headings(self) -> list[str]:
        return [one_line(self.document.text_of(block)) for block in self.body if block.is_heading]

    @cached_property
    def title(self) -> str:
        """Where a document says what it is: its title, or what it opens with."""
        return " ".join(filter(None, (self.document.title, *self.headings[:1], *self.beginnings[:1])))

    @cached_property
    def opening(self) -> str:
        return self.document.text[:_OPENING]

    def share(self, *kinds: BlockKind) -> float:
        """Of the characters, those in blocks of these kinds."""
        total = sum(block.end - block.start for block in self.body if not block.is_heading)
        return sum(block.end - block.start for block in self.body if block.kind in kinds) / total if total else 0.0


def kind_of(document: Document) -> Seen:
    looks = Looks(document)
    for name, kind, holds in _RULES:
        if holds(looks):
            return Seen(kind, name)
    return Seen(DocumentKind.PROSE, "nothing_else")


def _has_mail_head(looks: Looks) -> bool:
    first = looks.body[0] if looks.body else None
    if first is None or first.kind is not BlockKind.METADATA:
        return False
    return len(_MAIL_HEAD.findall(looks.document.text_of(first))) >= 2


def _is_mostly_tables(looks: Looks) -> bool:
    return looks.share(BlockKind.TABLE) >= 0.8


def _is_mostly_code(looks: Looks) -> bool:
    return looks.share(BlockKind.CODE) >= 0.7


def _has_landscape_pages(looks: Looks) -> bool:
    pages = looks.document.pages
    wide = sum(page.width > page.height for page in pages)
    if not pages or wide < 0.9 * len(pages):
        return False
    filled = dict.fromkeys((page.number for page in pages), 0)
    for block in looks.body:
        for region in block.regions[:1]:
            filled[region.page] = filled.get(region.page, 0) + block.end - block.start
    return median(filled.values()) <= _SLIDE_CHARACTERS


def _has_speaker_turns(looks: Looks) -> bool:
    found = [match[1].strip() for text in looks.beginnings if (match := TURN.match(text))]
    return are_turns(found, len(looks.body))


def are_turns(names: Sequence[str], told: int) -> bool:
    """Whether what `TURN` took for names, in so many of the things `told`, are those of speakers: they
    come back again and again, unlike the names of fields."""
    return len(names) >= 6 and len(names) * 2 >= told and 2 <= len(set(names)) <= len(names) // 3


def _has_question_marks(looks: Looks) -> bool:
    asked = sum(bool(QUESTION.match(text)) for text in looks.beginnings)
    answered = sum(bool(ANSWER.match(text) or ("\n" in text and _answers_below(text))) for text in looks.beginnings)
    return asked >= 3 and answered * 2 >= asked


def _answers_below(text: str) -> bool:
    return any(ANSWER.match(line) for line in text.split("\n")[1:])


def _has_question_headings(looks: Looks) -> bool:
    asked = sum(heading.rstrip("*_ ").endswith(("?", "？")) for heading in looks.headings)
    return asked >= 3 and asked * 2 >= len(looks.headings)


def _has_clauses_of_parties(looks: Looks) -> bool:
    clauses = sum(bool(_CLAUSE.match(text)) for text in looks.beginnings)
    words = sum(1 for _ in islice(_PARTIES.finditer(looks.opening), 12))
    return bool(_CONTRACT.search(looks.title)) and clauses >= 4 and words >= 6


def _has_abstract_and_references(looks: Looks) -> bool:
    starts = looks.beginnings[: max(20, len(looks.beginnings) // 4)]
    return any(map(_ABSTRACT.match, starts)) and any(map(_REFERENCES.match, looks.headings or looks.beginnings))


def _tells_how_to(looks: Looks) -> bool:
    tasks = sum(bool(_TASKS.search(heading)) for heading in looks.headings)
    return tasks >= 2 and (tasks * 3 >= len(looks.headings) or bool(_MANUAL.search(looks.title)))


_RULES: tuple[tuple[str, DocumentKind, Callable[[Looks], bool]], ...] = (
    ("mail_head", DocumentKind.MAIL, _has_mail_head),
    ("mostly_code", DocumentKind.CODE, _is_mostly_code),
    ("mostly_tables", DocumentKind.SHEET, _is_mostly_tables),
    ("landscape_pages", DocumentKind.SLIDES, _has_landscape_pages),
    ("question_marks", DocumentKind.QUESTIONS, _has_question_marks),
    ("speaker_turns", DocumentKind.CHAT, _has_speaker_turns),
    ("clauses_of_parties", DocumentKind.CONTRACT, _has_clauses_of_parties),
    ("abstract_and_references", DocumentKind.PAPER, _has_abstract_and_references),
    ("question_headings", DocumentKind.QUESTIONS, _has_question_headings),
    ("tells_how_to", DocumentKind.MANUAL, _tells_how_to),
)
