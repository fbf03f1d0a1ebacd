"""Bars of navigation on short pages, signs that lead to their own heading, and frames around remarks."""

from __future__ import annotations

import pytest

from ingest.parsers.base import ReadOptions

TEXT = "<h2>7.1. Rights</h2><p>Each file has an owner, and may be given away.</p>"


def blocks(read) -> list[tuple[str, str]]:
    return [(block.kind.value, read.document.text_of(block)) for block in read.document.blocks]


def body(read) -> list[tuple[str, str]]:
    return [
        (block.kind.value, read.document.text_of(block)) for block in read.document.blocks if not block.is_furniture
    ]


@pytest.mark.parametrize(
    "bar",
    [
        '<div class="navheader"><table><tr><th colspan="2">7.1. Rights</th></tr><tr><td><a href="a">上一页</a></td>'
        '<td><a href="b"><img src="n.png" alt="下一页"></a></td></tr></table></div>',
        '<table class="nav_table"><tr><td>[<a href="a"> &lt; Owners </a>]</td><td>[<a href="b"> Groups &gt; </a>]</td>'
        "</tr></table>",
        '<ul class="docnav"><li><a href="a"><strong>Back</strong>7. Files</a></li><li><a href="b">Next</a></li></ul>',
        '<div role="navigation"><h3>Navigation</h3><ul><li><a href="a">index</a></li><li>7.1. Rights</li></ul></div>',
        '<div class="header"><p>Next: <a href="a">Groups and their members</a>, Up: <a href="b">Files</a></p></div>',
        '<header><a href="/"><p>Manual 7.4</p></a></header>',
        '<aside class="left"><label>Contents</label></aside>',
    ],
    ids=["DocBook", "Texinfo", "Publican", "Sphinx", "Makeinfo", "header", "aside"],
)
@pytest.mark.parametrize("behind", [False, True])
def test_a_bar_of_navigation_is_no_part_of_a_short_page(read_markup, bar, behind):
    page = f"<body>{TEXT}{bar}</body>" if behind else f"<body>{bar}{TEXT}</body>"
    read = read_markup(page)
    assert body(read) == [("heading", "7.1. Rights"), ("paragraph", "Each file has an owner, and may be given away.")]
    assert {kind for kind, _ in blocks(read)} <= {"heading", "paragraph", "footer" if behind else "header"}


@pytest.mark.parametrize(
    "kept",
    [
        '<div class="nav"><h1>Rights</h1><p>Each file has an owner.</p></div>',
        '<div class="main-nav-content"><p>Each file of the system has one owner, who may give it away to others, and a '
        "group that may read it.</p></div>",
        '<article><header><p>By Ann Writer</p></header><p>Each file.</p></article>',
        '<section><aside>Mind the owner!</aside><p>Each file.</p></section>',
        '<div class="pager"><pre>less +G</pre></div><p>Each file.</p>',
        '<ul class="nav"><li><a href="a">Rights of a file</a></li><li><a href="b">Groups</a></li></ul><p>Index</p>',
        '<h2 class="anchorWithStickyNavbar">Rights<a href="#r"></a></h2><p>Each file.</p>',
        '<div class="layoutWithNavbar"><p>Each file has an owner.</p></div><p>A group may read it, too, if told.</p>',
        '<div class="navy"><p>Blue</p></div><p>Each file.</p>',
    ],
    ids=["title", "prose", "byline", "remark", "code", "little else", "heading", "frame", "another word"],
)  # fmt: skip
def test_what_is_read_for_itself_stays_whatever_its_name(read_markup, kept):
    assert blocks(read_markup(f"<body>{kept}</body>")) == body(read_markup(f"<body>{kept}</body>"))


def test_navigation_stays_where_the_whole_page_is_asked_for(read_file, tmp_path):
    (tmp_path / "page.html").write_text(f'<body><div class="navbar"><a href="a">Next</a></div>{TEXT}</body>')
    read = read_file(tmp_path / "page.html", options=ReadOptions(html_main=False), media_type="text/html")
    assert ("paragraph", "Next") in body(read)


def test_a_sign_that_leads_to_its_own_heading_is_no_part_of_it(read_markup):
    read = read_markup(
        '<h1>Rights<a href="#rights" title="Permalink">¶</a></h1><h2><a class="anchor" href="#x">#</a>Of C#</h2>'
        '<dl><dt>chmod()<a href="#chmod">¶</a></dt><dd>Changes them.<a href="#1">*</a></dd></dl>'
        '<p>See §<a href="#2">2</a></p>'
    )
    assert [text for _, text in blocks(read)] == ["Rights", "Of C#", "chmod()", "Changes them.*", "See §2"]


def test_a_frame_around_a_remark_with_a_sign_is_no_table(read_markup):
    read = read_markup(
        '<p>One.</p><table><tr><td rowspan="2"><img src="note.png" alt="[Note]"></td><th>Note</th></tr>'
        "<tr><td><p>Mind the owner.</p></td></tr></table>"
    )
    assert blocks(read) == [
        ("paragraph", "One."),
        ("figure", "[Note]"),
        ("paragraph", "Note"),
        ("paragraph", "Mind the owner."),
    ]


def test_pictures_in_the_rows_of_a_table_leave_it_one(read_markup):
    row = '<tr><td><img src="a.png"></td><td>{}</td></tr>'
    rows = "".join(row.format(name) for name in ("oak", "ash", "elm"))
    assert blocks(read_markup(f"<table>{rows}</table>"))[0][0] == "table"
