"""The article of a page, and what stands around it."""

from __future__ import annotations

import pytest

from ingest.parsers.base import ReadOptions
from schemas.document import BlockKind

ENGLISH = (
    "The council has approved a plan to renew the water mains of the old town, where most of the pipes date from "
    "before the war and a third of the water is lost before it reaches anybody. Work begins in spring with the "
    "streets around the market, and is to be done before the frost comes again."
)
CHINESE = (
    "近日，市水务局发布了关于加强城市供水管网改造的实施方案，提出到二〇二七年底前完成老旧管网更新一千二百公里，漏损率控制在"
    "百分之八以内。方案要求各区县按照轻重缓急的原则，优先改造使用年限超过三十年的铸铁管和存在安全隐患的管段。"
)
COOKIES = "We and our partners use cookies to measure how this page is read. By going on you agree to our policy."


def news(text: str, more: str = "", *, foot: str = "") -> str:
    return f"""<html><body>
<div class="top"><a href="/">Home</a> <a href="/n">News</a> <a href="/s">Sport</a></div>
<div id="cookie-consent"><p>{COOKIES}</p><button>Yes</button></div>
<div class="wrap"><div class="story"><h1>Pipes</h1><p>By Ann Writer, 2024-05-01</p><div class="text">
<p>{text}</p><h2>Money</h2><p>{text[::-1]}</p>
<div class="ad-slot"><a href="/buy">Buy two, pay for one</a></div>
<table><tr><th>Year</th><th>km</th></tr><tr><td>2025</td><td>400</td></tr></table>
<ul><li>first: the market<ul><li>and around</li></ul></li></ul><pre>mains = 1200</pre>{more}</div></div>
<div class="side"><h3>Most read</h3><ul><li><a href="/1">Ten towns to see this summer</a></li></ul></div></div>
<div class="bottom">© The paper</div>{foot}</body></html>"""


def around(read) -> list[str]:
    return [read.document.text_of(block) for block in read.document.blocks if block.is_furniture]


def within(read) -> list[tuple[str, int | None, str]]:
    return [
        (block.kind.value, block.level, read.document.text_of(block))
        for block in read.document.blocks
        if not block.is_furniture
    ]


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_an_article_keeps_its_structure_and_nothing_that_stands_around_it(read_markup, text):
    read = read_markup(news(text))
    assert within(read) == [
        ("heading", 1, "Pipes"),
        ("paragraph", None, "By Ann Writer, 2024-05-01"),
        ("paragraph", None, text),
        ("heading", 2, "Money"),
        ("paragraph", None, text[::-1]),
        ("table", None, "| Year | km |\n| --- | --- |\n| 2025 | 400 |"),
        ("list_item", 0, "first: the market"),
        ("list_item", 1, "and around"),
        ("code", None, "mains = 1200"),
    ]
    assert around(read) == [
        "Home News Sport", COOKIES, "Buy two, pay for one", "Most read", "Ten towns to see this summer", "© The paper",
    ]  # fmt: skip


def test_the_option_leaves_everything_where_it_is(read_file, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(news(ENGLISH))
    read = read_file(path, ReadOptions(html_main=False), media_type="text/html")
    assert not around(read)
    assert COOKIES in read.document.text


@pytest.mark.parametrize(
    "foot",
    [
        f"<div><p>{ENGLISH.upper()}</p></div>",
        "<div><pre>another = 1</pre></div>",
        "<table><tr><th>Depot</th><th>Phone</th></tr><tr><td>North</td><td>12 34</td></tr></table>",
    ],
    ids=["prose", "code", "table"],
)
def test_a_page_that_says_as_much_elsewhere_stays_whole(read_markup, foot):
    main = f"<div><h1>Pipes</h1><p>{ENGLISH}</p><p>{ENGLISH[::-1]}</p></div>"
    read = read_markup(f"<html><body><div class='top'>Home</div>{main}{foot}</body></html>")
    assert not around(read)


@pytest.mark.parametrize(
    "page",
    [
        "<form><label>Name</label><input><label>Street</label><input></form><p>All fields are needed.</p>",
        "<ul>" + "".join(f"<li><a href='/{n}'>Chapter {n}: of pipes</a></li>" for n in range(40)) + "</ul>",
        "<div class='sidebar'>Opening times</div><p>Mon to Fri, 9 to 5.</p>",
        "<table><tr><th>Part</th></tr>" + "<tr><td>valve with a long name</td></tr>" * 60 + "</table><p>Net.</p>",
    ],
    ids=["form", "index", "short", "table"],
)
def test_what_is_no_article_stays_whole(read_markup, page):
    read = read_markup(f"<html><body>{page}</body></html>")
    assert not around(read)


def test_a_main_that_says_so_itself_is_the_article(read_markup):
    read = read_markup(
        "<header>The shop</header><main><h1>Valve 3</h1><p>Brass, 12 mm.</p>"
        "<nav>Parts</nav></main><footer>Terms</footer><table><tr><td>EN</td><td>DE</td></tr></table>"
    )
    assert read.kinds() == [
        ("header", None, "The shop"),
        ("heading", 1, "Valve 3"),
        ("paragraph", None, "Brass, 12 mm."),
        ("footer", None, "Terms"),
        ("footer", None, "EN DE"),
    ]


def test_a_page_that_is_nothing_but_navigation_is_read(read_markup):
    read = read_markup("<body><nav><ul><li>Pumps</li><li>Valves</li></ul></nav></body>")
    assert read.texts(BlockKind.LIST_ITEM) == ["Pumps", "Valves"]


def test_every_text_of_the_page_is_in_the_document_wherever_it_stands(read_markup, read_file, tmp_path):
    more = f"<div class='related'><p>{ENGLISH.lower()}</p></div><aside>Aside</aside>"
    whole = read_markup(news(ENGLISH, more, foot="<footer>Imprint</footer>"))
    path = tmp_path / "page.html"
    path.write_text(news(ENGLISH, more, foot="<footer>Imprint</footer>"))
    plain = read_file(path, ReadOptions(html_main=False), media_type="text/html")
    letters = [sorted("".join(c for c in read.document.text if c.isalnum())) for read in (whole, plain)]
    assert letters[0] == letters[1]


def test_nothing_is_fetched(read_markup, monkeypatch):
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    page = news(ENGLISH, '<img src="http://example.com/a.png" alt="A pump"><iframe src="http://example.com"></iframe>')
    linked = page.replace("<body>", '<head><link rel="canonical" href="http://example.com/"></head><body>')
    assert "A pump" in read_markup(linked).document.text
