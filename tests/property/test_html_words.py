"""Whatever the tags, a word that a reader sees is read, once and in its order."""

from __future__ import annotations

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.office.html import HtmlParser
from schemas.source import Route

_TAGS = [
    "div",
    "p",
    "span",
    "b",
    "a",
    "section",
    "h2",
    "blockquote",
    "figure",
    "figcaption",
    "label",
    "form",
    "details",
    "summary",
    "em",
    "code",
    "address",
    "font",
    "center",
    "header",
    "aside",
    "ul",
    "li",
    "dl",
    "dd",
    "dt",
    "ol",
    "fieldset",
    "legend",
    "article",
    "ins",
    "del",
    "custom-tag",
    "pre",
]
_WORD = "\0"

_leaf = st.just(_WORD)
_nodes = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.builds(
            lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", st.sampled_from(_TAGS), st.lists(inner, max_size=4)
        ),
        st.builds(
            lambda rows: (
                "<table>" + "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows) + "</table>"
            ),
            st.lists(st.lists(inner, min_size=1, max_size=3), min_size=1, max_size=3),
        ),
    ),
    max_leaves=25,
)


@given(st.lists(_nodes, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_every_word_of_a_page_is_read_once_and_in_order(parts: list[str]) -> None:
    counter = itertools.count()
    markup = "".join(f" w{next(counter)} " if char == _WORD else char for char in "".join(parts))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(f"<html><body> first {markup}</body></html>", encoding="utf-8")
        document = HtmlParser(Tools()).parse(ParseInput(path, path.name, "text/html", Route.HTML, path.stat().st_size))
    read = [word for word in document.text.replace("|", " ").split() if word[:1] == "w"]
    assert read == [f"w{number}" for number in range(next(counter))]
