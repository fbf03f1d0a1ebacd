"""Plain readings of what is text already: between blank lines, line by line, or cell by cell of a notebook."""

from __future__ import annotations

import codecs
import csv
import email
import email.policy
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from io import StringIO

from ingest.checks.plain_html import html_paragraphs

_BLANK_LINE = re.compile(r"\n[ \t\f\v]*\n")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DEFINITION = re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:.*$", re.MULTILINE)
_UNSEEN = re.compile(
    r"__ |\.\. +(?:_|(?:include|contents|toctree|index|(?:py:)?(?:current)?module|highlight|raw|role|default-role|meta"
    r"|header|footer|sectnum|title|tabularcolumns)::)|\.\.(?=\s)(?! +(?:[\w:.+|-]+(?: [\w-]+)*::|\[|\|))"
)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(content: bytes) -> str:
    """Where the encoding is beyond doubt. Raises `ValueError` otherwise: a guess of ours would only be held against
    a guess of the parser's."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content.decode(encoding)
    return content.decode("utf-8")


def text_paragraphs(content: bytes) -> Iterator[str]:
    yield from _between_blank_lines(decoded(content))


def markdown_paragraphs(content: bytes) -> Iterator[str]:
    """Without comments and the definitions of links, which are not shown."""
    yield from _between_blank_lines(_DEFINITION.sub("", _COMMENT.sub(" ", decoded(content))))


def restructured_paragraphs(content: bytes) -> Iterator[str]:
    """Without comments, targets of links and directives that show no text, which a parser may leave out."""
    silent = False
    for paragraph in _between_blank_lines(decoded(content)):
        if not all(line[:1].isspace() for line in paragraph.splitlines() if line.strip()):
            silent = bool(_UNSEEN.match(paragraph.lstrip("\n")))
        if not silent:
            yield paragraph


def row_paragraphs(content: bytes) -> Iterator[str]:
    """Rows of CSV or TSV."""
    text = decoded(content)
    delimiter = "\t" if text.count("\t") > text.count(",") else ";" if text.count(";") > text.count(",") else ","
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=delimiter):
            yield " ".join(row)
    except csv.Error as error:
        raise ValueError(str(error)) from error


def notebook_paragraphs(content: bytes) -> Iterator[str]:
    """Sources of the cells; what they printed is left out."""
    for cell in json.loads(decoded(content)).get("cells", []):
        source = cell.get("source", "")
        read = markdown_paragraphs if cell.get("cell_type") == "markdown" else text_paragraphs
        yield from read(("".join(source) if isinstance(source, list) else str(source)).encode())


def mail_paragraphs(content: bytes) -> Iterator[str]:
    """Of the body: the text, or the HTML where there is no text."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    body = message.get_body(("html", "plain")) if isinstance(message, EmailMessage) else None
    if body is None:
        return
    try:
        text = body.get_content()
    except (LookupError, KeyError) as error:
        raise ValueError(str(error)) from error
    if not isinstance(text, str):
        return
    if body.get_content_subtype() == "html":
        yield from html_paragraphs(text.encode())
    else:
        yield from _between_blank_lines(text)


def _between_blank_lines(text: str) -> Iterator[str]:
    yield from _BLANK_LINE.split(text.replace("\r\n", "\n").replace("\r", "\n"))
