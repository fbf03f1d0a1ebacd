"""Opens a report in the system's Chromium and says what is wrong with it.

    python benchmarks/report/browser.py PAGE.html [--shots DIR]

In light and in dark, in a wide window and a narrow one, folded and unfolded: console messages, errors
of the page, requests to anything but the file itself, horizontal scrolling, what a reader who cannot
see well needs (names, captions, headings, contrast of at least 4.5; and all rules of axe-core), tables
that sort and filter, a chunk that is chosen, the page without its scripts, and printing. Prints sizes
and times; exit code 1 when something is wrong, which a page of more than 10 MB, or one that takes more
than 2 seconds to open, is, too. `--shots` writes pictures of the top and of every section.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from os import geteuid
from pathlib import Path
from typing import Literal

import pymupdf
from PIL import Image
from playwright.sync_api import Browser, Error, Locator, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHECKS = Path(__file__).with_name("page_checks.js").read_text("utf-8")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (1200, 480)
HEIGHT = 800
TALLEST = 1600
"""Pixels of a section that a picture shows."""
MOST_BYTES = 300_000
MOST_PAGE_BYTES = 10_000_000
MOST_MS = 2_000
GRAVE = frozenset({"serious", "critical"})
"""Impacts of axe-core's findings that are wrong; others are told. Without an impact it is told, too."""
MAKES = Path(__file__).with_name("page_makes.js").read_text("utf-8")
PAINTED = ("color-contrast", "target-size")
"""Rules of axe-core that ask the browser what is painted where: for thousands of rows they take minutes. They judge
two of each make of rows (`page_makes.js`); all other rules judge every row."""
AXE_RUN = """async (options) => {
  const told = await axe.run(document, { resultTypes: ["violations"], ...options });
  const where = (nodes) => nodes.slice(0, 3).map((node) => node.target.join(" "));
  return told.violations.map((v) => ({ id: v.id, impact: v.impact, help: v.help, where: where(v.nodes) }));
}"""
TOOLED = "xpath=ancestor::div[@class='tooled']"
"""What stands around a table that can be filtered."""
FOCUSED = ("a[href]", "nav a", "summary", "button.sort", "button.choose", ".filter input", ".wide")
"""Of each the first that is seen has to show that the keyboard is there."""


LONGEST = """() => {
  const [longest] = [...document.querySelectorAll("table")].sort((a, b) => b.rows.length - a.rows.length);
  return longest && longest.rows.length > 200 ? [...longest.tHead.rows[0].cells].map((cell) => cell.textContent) : [];
}"""
"""The heads of a table that goes over several sheets, if there is one."""


@dataclass(slots=True)
class Findings:
    """`wrong`: each sentence with the places where it holds."""

    facts: list[str]
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def blame(self, place: str, sentence: str) -> None:
        places = self.wrong.setdefault(sentence, [])
        if place not in places:
            places.append(place)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path, metavar="PAGE.html")
    parser.add_argument("--shots", type=Path, metavar="DIR", help="pictures of the top and of every section")
    arguments = parser.parse_args()
    if not arguments.page.is_file():
        parser.error(f"there is no file {arguments.page}")
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        parser.error(f"no browser was found: install one of {', '.join(NAMES)}, for example with make chromium")
    found = Findings([f"{arguments.page}: {arguments.page.stat().st_size:,} bytes"])
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses root, which is who one is in most containers.
        sandbox = ["--no-sandbox"] if geteuid() == 0 else []
        try:
            browser = playwright.chromium.launch(executable_path=executable, args=sandbox)
        except Error as error:
            parser.error(f"{executable} does not start, try it by hand: {error.message.splitlines()[0]}")
        found.facts.append(f"Chromium {browser.version}")
        look(browser, arguments.page.resolve(), found)
        if arguments.shots:
            take_pictures(browser, arguments.page.resolve(), arguments.shots, found)
        browser.close()
    print("\n".join(found.facts))
    for sentence, places in found.wrong.items():
        print(f"WRONG: {sentence}  [{'; '.join(places)}]")
    if not found.wrong:
        print("nothing is wrong")
    return 1 if found.wrong else 0


def look(browser: Browser, file: Path, found: Findings) -> None:
    if file.stat().st_size > MOST_PAGE_BYTES:
        found.blame("size", f"the page has more than {MOST_PAGE_BYTES:,} bytes")
    for scheme in SCHEMES:
        for width in WIDTHS:
            place = f"{scheme}, {width} px"
            with opened(browser, file, scheme, width, found, place) as page:
                check(page, found, place)
                use(page, found, place)
                # What is folded is looked at too, by the one who opens it.
                unfold(page)
                check(page, found, f"{place}, unfolded")
                if width == WIDTHS[0]:
                    print_it(page, found, place)
            judge(browser, file, scheme, width, found)
    without_scripts(browser, file, found)


def lay_out(page: Page) -> None:
    """All sections, also those that are out of sight: a check has to see what a reader sees who goes there."""
    page.evaluate("() => document.querySelectorAll('section').forEach(e => { e.style.contentVisibility = 'visible'; })")


def unfold(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")


def judge(browser: Browser, file: Path, scheme: Literal["light", "dark"], width: int, found: Findings) -> None:
    """By axe-core, in a context of its own: its script runs beside the page's policy, which is kept in the others.

    What is not painted is the same in every scheme and width, and is judged once.
    """
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": HEIGHT}, bypass_csp=True)
    context.set_default_timeout(0)
    try:
        page = context.new_page()
        page.goto(file.as_uri(), wait_until="load")
        lay_out(page)
        page.add_script_tag(content=axe_source())
        place = f"axe, {scheme}, {width} px"
        if (scheme, width) == (SCHEMES[0], WIDTHS[0]):
            others = {"rules": {name: {"enabled": False} for name in PAINTED}}
            tell(page, others, f"{place}, every row", found)
            unfold(page)
            tell(page, others, f"{place}, every row, unfolded", found)
        unfold(page)
        makes = page.evaluate(MAKES)
        found.facts.append(f"{place}: {makes['taken']:,} rows and cards are of the make of {makes['left']:,}")
        tell(page, {"runOnly": {"type": "rule", "values": list(PAINTED)}}, f"{place}, what is painted, unfolded", found)
    finally:
        context.close()


def tell(page: Page, options: dict[str, object], place: str, found: Findings) -> None:
    violations = page.evaluate(AXE_RUN, options)
    for each in violations:
        told = f"axe-core, {each['impact']}: {each['help']} ({each['id']}) at {', '.join(each['where'])}"
        if each["impact"] in GRAVE:
            found.blame(place, told)
        else:
            found.facts.append(f"{place}: {told}")
    found.facts.append(f"{place}: {len(violations)} findings")


@cache
def axe_source() -> str:
    """axe-core, as the package axe-playwright-python carries it."""
    package = importlib.util.find_spec("axe_playwright_python")
    if package is None or package.origin is None:
        sys.exit("axe-core is missing: install axe-playwright-python, which carries it")
    return Path(package.origin).with_name("axe.min.js").read_text("utf-8")


def use(page: Page, found: Findings, place: str) -> None:
    """Sorts, filters and chooses as a person does, by the keyboard; only the order stays changed."""
    tables = page.locator("table[data-tools]").all()
    shown = [table for table in tables if table.is_visible()]
    for table in shown:
        sort(page, table, found, place)
        if table.locator(TOOLED).count():
            narrow(table, found, place)
    buttons = page.locator("table[data-place] button.choose")
    if buttons.count():
        choose(page, found, place)
    focus(page, found, place)
    found.facts.append(f"{place}: {len(tables)} tables sort, {buttons.count()} chunks can be chosen")


def focus(page: Page, found: Findings, place: str) -> None:
    """Whoever uses the keyboard sees where it is."""
    page.keyboard.press("Tab")
    for selector in FOCUSED:
        for element in page.locator(f"{selector}:visible").all()[:1]:
            element.focus()
            style = "(e) => { const s = getComputedStyle(e); return [s.outlineStyle, parseFloat(s.outlineWidth)]; }"
            kind, pixels = element.evaluate(style)
            if kind == "none" or pixels < 1:
                found.blame(place, f"the focus is not seen at {selector}")


def sort(page: Page, table: Locator, found: Findings, place: str) -> None:
    name = table.locator("caption").inner_text()[:60]
    heads = table.locator("thead th")
    head = heads.last
    column = heads.count() - 1
    before = cells(table, column)
    orders = []
    for way in ("ascending", "descending"):
        head.locator("button").focus()
        page.keyboard.press("Enter")
        if head.get_attribute("aria-sort") != way:
            found.blame(place, f"a head does not say that it sorts {way}: {name}")
        orders.append(cells(table, column))
    if len(set(before)) > 1 and orders[0] == orders[1]:
        found.blame(place, f"a head does not sort its table: {name}")
    if sorted(before) != sorted(orders[0]):
        found.blame(place, f"sorting loses rows: {name}")


def cells(table: Locator, column: int) -> list[str]:
    return table.evaluate("(t, c) => [...t.tBodies[0].rows].map((r) => r.cells[c].textContent.trim())", column)


def narrow(table: Locator, found: Findings, place: str) -> None:
    name = table.locator("caption").inner_text()[:60]
    field = table.locator(TOOLED).locator("input")
    visible = "(t) => [...t.tBodies[0].rows].filter((r) => r.checkVisibility()).length"
    rows = table.evaluate(visible)
    field.fill("no row says this ☂")
    if table.evaluate(visible) != 0:
        found.blame(place, f"a filter leaves what it should not: {name}")
    field.fill("")
    if table.evaluate(visible) != rows:
        found.blame(place, f"an empty filter hides rows: {name}")


def choose(page: Page, found: Findings, place: str) -> None:
    """The first chunk that has boxes: its page, its boxes and the command are shown."""
    row = page.locator("table[data-place] tbody tr[data-pages*='[[']")
    row = (row if row.count() else page.locator("table[data-place] tbody tr")).first
    row.locator("button.choose").focus()
    page.keyboard.press("Enter")
    panel = page.locator("#place-shown")
    if not panel.is_visible() or row.locator("button.choose").get_attribute("aria-pressed") != "true":
        found.blame(place, "choosing a chunk shows nothing")
    elif f"docstrata locate {row.get_attribute('data-chunk')}" not in panel.inner_text():
        found.blame(place, "a chosen chunk's command is not told")
    wanted = row.evaluate("(r) => JSON.parse(r.dataset.pages).map((p) => p[3].length)")
    drawn = panel.locator("svg").evaluate_all("(all) => all.map((s) => s.querySelectorAll('.box').length)")
    if wanted != drawn:
        found.blame(place, f"of a chosen chunk {sum(drawn)} boxes are drawn, it has {sum(wanted)}")


def without_scripts(browser: Browser, file: Path, found: Findings) -> None:
    """All that the page says is there, and in print, too, what is folded."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": WIDTHS[0], "height": HEIGHT})
    try:
        page = context.new_page()
        page.goto(file.as_uri(), wait_until="load")
        print_it(page, found, "without scripts")
    finally:
        context.close()


@contextmanager
def opened(
    browser: Browser, file: Path, scheme: Literal["light", "dark"], width: int, found: Findings, place: str
) -> Iterator[Page]:
    """The page after it has loaded; what it says and asks for until it is closed is found."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": HEIGHT})
    page = context.new_page()
    address = file.as_uri()

    def asked(request: Request) -> None:
        if request.url.partition("#")[0] != address and not request.url.startswith(("data:", "blob:")):
            found.blame(place, f"the page asks for {request.url}")

    context.on("request", asked)
    page.on("websocket", lambda socket: found.blame(place, f"the page opens {socket.url}"))
    page.on("console", lambda told: found.blame(place, f"the console says {told.type}: {told.text}"))
    page.on("pageerror", lambda error: found.blame(place, f"the page fails: {error}"))
    began = time.perf_counter()
    page.goto(address, wait_until="load")
    took = page.evaluate("() => performance.getEntriesByType('navigation')[0].loadEventStart")
    found.facts.append(f"{place}: load after {took:.0f} ms, {1000 * (time.perf_counter() - began):.0f} ms in all")
    if took > MOST_MS:
        found.blame(place, f"the page takes {took:,.0f} ms to open, more than {MOST_MS:,}")
    try:
        page.wait_for_timeout(200)  # for what a script may do after loading
        lay_out(page)
        yield page
    finally:
        context.close()


def check(page: Page, found: Findings, place: str) -> None:
    told = page.evaluate(CHECKS)
    for sentence in told["wrong"]:
        found.blame(place, sentence)
    found.facts.append(f"{place}: {told['texts']} pieces of text")


def print_it(page: Page, found: Findings, place: str) -> None:
    """A PDF with every heading of the page, and every table's caption, also of those that are folded."""
    heads = page.evaluate(LONGEST)
    headings = [*page.locator("h1, h2, h3").all_text_contents(), *page.locator("caption").all_text_contents()]
    with pymupdf.open(stream=page.pdf(format="A4", print_background=True), filetype="pdf") as printed:
        sheets = ["".join(sheet.get_text().split()) for sheet in printed]
        text = "".join(sheets)
        found.facts.append(f"{place}: {printed.page_count} pages in print")
    for heading in headings:
        if "".join(heading.split()) not in text:
            found.blame(place, f"the print lacks {heading.strip()[:60]}")
    if heads and sum(all("".join(head.split()) in sheet for head in heads) for sheet in sheets) < 2:
        found.blame(place, "the heads of a table over several sheets stand on the first alone")


def take_pictures(browser: Browser, file: Path, folder: Path, found: Findings) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in SCHEMES:
        for width in WIDTHS:
            with opened(browser, file, scheme, width, found, f"picture, {scheme}, {width} px") as page:
                save(page.screenshot(), folder / f"{scheme}-{width}-top.png")
                if width == WIDTHS[0]:
                    for place, (name, clip) in enumerate(sections(page), start=1):
                        save(page.screenshot(full_page=True, clip=clip), folder / f"{scheme}-{place:02}-{name}.png")
    found.facts.append(f"pictures: {folder}")


def sections(page: Page) -> Iterator[tuple[str, dict[str, float]]]:
    for section in page.locator("section:visible").all():
        box = section.bounding_box()
        heading = section.locator("h1, h2, h3").first
        name = section.get_attribute("id") or (heading.inner_text() if heading.count() else "section")
        if box is not None:
            y = box["y"] + page.evaluate("() => window.scrollY")
            clip = {"x": 0.0, "y": y, "width": float(WIDTHS[0]), "height": min(box["height"], TALLEST)}
            yield "-".join(re.findall(r"\w+", name.lower()))[:40], clip


def save(png: bytes, target: Path) -> None:
    """In 256 colours where it would be too large, and smaller until it is not."""
    if len(png) > MOST_BYTES:
        image = Image.open(BytesIO(png)).convert("RGB")
        while len(png) > MOST_BYTES:
            buffer = BytesIO()
            image.quantize(256).save(buffer, "PNG", optimize=True)
            png = buffer.getvalue()
            image = image.resize((image.width * 4 // 5, image.height * 4 // 5))
    target.write_bytes(png)


if __name__ == "__main__":
    sys.exit(main())
