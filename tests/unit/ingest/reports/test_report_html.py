"""The page: it fetches nothing, trusts no name, and says everything in words too."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from ingest.reports.charts import charts_of
from ingest.reports.html import render
from schemas.evaluation import ModeScores, Unpooled
from schemas.inventory import Finding
from schemas.quality import QualityReport
from schemas.verdict import Verdict

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{ 7 * 7 }}"
FETCHING = {"src", "srcset", "href", "xlink:href", "data", "poster", "action", "formaction", "background"}
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
VOID = {"meta", "link", "br", "img", "input", "hr", "wbr"}


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, in order, and whether they close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def page(sample: QualityReport) -> Page:
    return Page(render(sample))


def test_the_page_is_well_formed(page: Page) -> None:
    assert page.open == []
    assert page.elements[0] == ("html", {"lang": "en"})


def test_nothing_is_fetched(sample: QualityReport, page: Page) -> None:
    targets = [value for _, attributes in page.elements for name, value in attributes.items() if name in FETCHING]
    beyond = [target for target in targets if not str(target).startswith("#")]
    assert beyond == ["data:,"], "only the empty icon, so that a browser asks no server for one"
    assert not re.search(r"https?://|@import|url\(|//[a-z]", SCRIPT.sub("", render(sample)))
    assert not page.all("iframe")


def test_two_scripts_run_and_the_policy_names_them_by_their_hash(sample: QualityReport, page: Page) -> None:
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    scripts = SCRIPT.findall(render(sample))
    assert len(scripts) == len(page.all("script")) == 2
    policy = str(next(meta for meta in page.all("meta") if meta.get("http-equiv"))["content"]).split("; ")
    hashes = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
    assert policy[0] == "default-src 'none'"
    assert [part for part in policy if part.startswith("script-src")] == ["script-src " + " ".join(hashes)]
    assert "eval" not in "".join(scripts)


def test_the_contents_lead_to_every_section(page: Page) -> None:
    sections = [section["id"] for section in page.all("section")]
    leads = [str(a["href"]).removeprefix("#") for a in page.all("a")[1:]]
    assert leads[: len(sections)] == sections
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert set(leads) <= ids, "also those of the reasons and of the gates"
    assert [tag for tag, _ in page.elements if tag in {"header", "nav", "main", "footer"}] == [
        "header", "nav", "main", "footer",
    ]  # fmt: skip


def tools(report: QualityReport) -> int:
    return sum("data-tools" in table for table in Page(render(report)).all("table"))


def test_long_tables_sort_and_filter_short_ones_do_not(sample: QualityReport) -> None:
    one = sample.findings[0]
    many = tuple(one.model_copy(update={"path": f"{number}.pdf", "count": number}) for number in range(12))
    long = sample.model_copy(update={"findings": many})
    assert tools(long) == tools(sample) + 1
    assert 'data-sort="11"' in render(long)


def test_names_are_text_whatever_they_hold(sample: QualityReport) -> None:
    failure = sample.failures[0].model_copy(update={"path": EVIL, "message": EVIL, "source": EVIL, "code": EVIL})
    hostile = sample.model_copy(
        update={
            "home": EVIL,
            "source": EVIL,
            "model": EVIL,
            "failures": (failure,),
            "findings": (Finding(source=EVIL, path=EVIL, code="stale", count=1),),
            "sources": (sample.sources[0].model_copy(update={"name": EVIL, "root": EVIL}),),
            "reasons": (sample.reasons[0].model_copy(update={"sentence": EVIL}),),
            "chunks": sample.chunks.model_copy(update={"by_rule": {EVIL: 1}, "by_flag": {EVIL: 1}}),
            "files": sample.files.model_copy(update={"by_code": {EVIL: 1}}),
        }
    )
    shown = Page(render(hostile))
    assert shown.open == []
    assert [tag for tag, _ in shown.elements if tag in {"script", "img"}] == ["script", "script"]
    assert shown.text.count(EVIL) >= 11


def test_chinese_names_are_shown_as_they_are(page: Page) -> None:
    assert "manuals/离心泵.pdf" in page.text


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_verdict_is_a_word_and_not_a_colour_alone(sample: QualityReport, verdict: Verdict) -> None:
    shown = Page(render(sample.model_copy(update={"verdict": verdict})))
    assert f"Verdict: {verdict.value}" in shown.text
    assert any(attributes.get("class") == f"verdict {verdict.value}" for attributes in shown.all("div"))


def test_reasons_and_failures_stand_in_full(sample: QualityReport, page: Page) -> None:
    assert all(reason.sentence in page.text for reason in sample.reasons)
    assert sample.failures[0].message in page.text
    assert "the first 1 of 4" in page.text


def test_every_table_has_a_caption_and_every_head_a_scope(sample: QualityReport, page: Page) -> None:
    assert len(page.all("table")) == len(page.all("caption"))
    assert {attributes.get("scope") for attributes in page.all("th")} == {"col", "row"}
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels[1:3] == [2, 3]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_every_section_is_named_by_its_heading(page: Page) -> None:
    ids = {attributes.get("id") for tag, attributes in page.elements if tag == "h2"}
    assert {attributes.get("aria-labelledby") for attributes in page.all("section")} == ids


def test_charts_say_in_words_what_they_show(sample: QualityReport, page: Page) -> None:
    drawings = page.all("svg")
    assert {drawing["role"] for drawing in drawings} == {"img"}
    labels = [str(drawing["aria-label"]) for drawing in drawings]
    charts = charts_of(sample)
    assert sorted(labels) == sorted(chart.label for chart in charts.values())
    assert "quarantined 2" in charts["files"].label
    assert "digital 30" in charts["pages"].label
    assert "at most 90 tokens" in charts["lengths"].label
    assert "1: 40" in charts["headings"].label


def test_charts_take_their_colours_from_the_page(sample: QualityReport) -> None:
    for chart in charts_of(sample).values():
        assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', chart.svg)) <= {
            "none", "currentColor", "var(--bar)", "var(--mark)", "var(--grid)",
        }  # fmt: skip
    assert "prefers-color-scheme: dark" in render(sample)
    assert "@media print" in render(sample)


def test_the_budget_is_drawn_into_the_lengths(sample: QualityReport) -> None:
    svg = charts_of(sample)["lengths"].svg
    assert "target 96" in svg
    assert "budget 256" in svg


def test_an_empty_home_has_a_page_too(sample: QualityReport) -> None:
    lengths = sample.chunks.lengths.model_copy(
        update={"smallest": None, "median": None, "p95": None, "largest": None, "limit": None}
    )
    chunks = sample.chunks.model_copy(update={"total": 0, "by_kind": {}, "by_rule": {}, "lengths": lengths})
    nothing = {"runs": (), "sources": (), "findings": (), "failures": (), "model": None, "source": None, "reasons": ()}
    nothing |= dict.fromkeys(("parsing", "duplication", "fit", "segmentation", "drift", "evaluation"))
    headings = sample.headings.model_copy(update={"depths": {}})
    shown = Page(render(sample.model_copy(update={**nothing, "chunks": chunks, "headings": headings})))
    assert shown.open == []
    assert "There was no run yet." in shown.text
    assert "No file is in quarantine." in shown.text
    assert "no evaluation yet" in shown.text


def test_figures_without_pooled_places_stand_apart_and_only_where_there_are_any(sample: QualityReport) -> None:
    found = sample.evaluation
    assert found is not None
    without = Unpooled(modes=tuple(ModeScores(mode=each.mode, scores=each.scores) for each in found.modes))
    caption = "Metrics by mode, without pooled places"
    for unpooled in (None, without):
        report = sample.model_copy(update={"evaluation": found.model_copy(update={"unpooled": unpooled})})
        assert (caption in Page(render(report)).text) == (unpooled is not None)


def test_equal_reports_give_equal_pages(sample: QualityReport) -> None:
    assert render(sample) == render(sample.model_copy())
