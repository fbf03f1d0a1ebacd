"""Takes docs/pictures/*.png with Chromium, from an Airflow that runs and a report.

`make airflow`, drop some files, wait until they are taken in, then
`python docs/make_screenshots.py --airflow URL --report .docstrata/airflow/docstrata/reports/report.html`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

PICTURES = Path(__file__).resolve().parent / "pictures"
WIDTH, HEIGHT = 1200, 900
MOST_BYTES = 300_000
REPORT_HEIGHT, PART_HEIGHT, ABOVE = 1100, 1300, 420
"""CSS pixels of a report's beginning, of a section at most, and above what was opened in it."""
SECTIONS = {
    "overview": (),
    "parsing": (),
    "chunks": (".card:has(img) > summary",),
    "place": ("tr[data-pages*='[['] button.choose",),
    "duplicates": (".card:has(del) > summary",),
    "retrieval": (),
    "drift": (),
    "runs": (),
}
"""Of a report, each with what is clicked in it."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Pictures for the manual.")
    parser.add_argument("--airflow", metavar="URL", help="an Airflow with a finished run of ingest_drop_folder")
    parser.add_argument("--report", metavar="FILE", type=Path, help="a report's HTML")
    chosen = parser.parse_args()
    if not (chosen.airflow or chosen.report):
        parser.error("nothing to do: name --airflow, --report, or both")
    if chosen.report and not chosen.report.is_file():
        parser.error(f"there is no report {chosen.report}: make one with 'docstrata report'")
    with browser() as page:
        if chosen.airflow:
            airflow(page, chosen.airflow.rstrip("/"))
        if chosen.report:
            report(page, chosen.report)


def airflow(page: Page, url: str) -> None:
    run = finished_run(url)
    # The first page that a browser asks for signs it in, and leads to the start page whatever it was.
    look(page, url, "Active Dags")
    look(page, f"{url}/dags?sort=dag_id", "ingest_drop_folder")
    save(page, "airflow-dags")
    look(page, f"{url}/dags/ingest_drop_folder/runs/{quote(run, safe='')}", "publish")
    save(page, "airflow-drop-folder")


def report(page: Page, file: Path) -> None:
    page.goto(file.resolve().as_uri(), wait_until="load")
    page.wait_for_timeout(500)
    save(page, "report", REPORT_HEIGHT)
    # Sections that are out of sight are not laid out, and have no height of their own yet.
    page.evaluate("() => document.querySelectorAll('section').forEach(e => { e.style.contentVisibility = 'visible'; })")
    for name, show in SECTIONS.items():
        element = page.locator(f"#{name}")
        # What a reader would open in it: a section alone is all folded.
        for selector in show:
            if page.locator(selector).count():
                page.locator(selector).first.click()
        start = element if not show else page.locator(show[0]).first
        save_part(page, f"report-{name}", element if not start.count() else start, element)


def save_part(page: Page, name: str, start: Locator, section: Locator) -> None:
    """`section` from its heading on, or, where what was opened lies further down, from a little above that."""
    whole, opened = section.bounding_box(), start.bounding_box()
    if whole is None or opened is None:
        sys.exit(f"the report has no {name}")
    bottom = whole["y"] + whole["height"]
    top = whole["y"] if opened["y"] - whole["y"] < PART_HEIGHT * 0.6 else opened["y"] - ABOVE
    height = round(min(PART_HEIGHT, bottom - top))
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.evaluate("top => scrollBy({ top, behavior: 'instant' })", top)
    page.wait_for_timeout(300)
    write(page.screenshot(), name)


def look(page: Page, url: str, text: str) -> None:
    """Loaded, and what is wanted can be seen; Airflow's pages go on asking the API, so they never fall silent."""
    page.goto(url, wait_until="load")
    page.get_by_text(text, exact=False).first.wait_for(timeout=30_000)
    page.wait_for_timeout(2_000)


def save(page: Page, name: str, height: int = HEIGHT) -> None:
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.wait_for_timeout(500)
    write(page.screenshot(), name)


def write(png: bytes, name: str) -> None:
    picture = Image.open(BytesIO(png)).convert("RGB")
    file = PICTURES / f"{name}.png"
    # Flat colours: a palette loses nothing that one would see, and two thirds of the bytes.
    picture.quantize(colors=128, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, optimize=True)
    size = file.stat().st_size
    print(f"{file.name}: {picture.width} x {picture.height}, {size // 1000} kB")
    if size > MOST_BYTES:
        sys.exit(f"{file} is larger than {MOST_BYTES // 1000} kB: show less of it")


def finished_run(url: str) -> str:
    """The newest that succeeded and did something: its tasks were not all skipped."""
    token = asked(f"{url}/auth/token")["access_token"]
    runs = asked(f"{url}/api/v2/dags/ingest_drop_folder/dagRuns?limit=50&order_by=-run_after", str(token))["dag_runs"]
    for run in runs:
        where = f"{url}/api/v2/dags/ingest_drop_folder/dagRuns/{quote(run['dag_run_id'], safe='')}/taskInstances"
        states = {row["task_id"]: row["state"] for row in asked(where, str(token))["task_instances"]}
        if run["state"] == "success" and states.get("publish") == "success":
            return str(run["dag_run_id"])
    sys.exit("no run of ingest_drop_folder has ended well yet: drop a file into the inbox and wait")


def asked(url: str, token: str | None = None) -> dict[str, list[dict[str, str]]]:
    request = Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            return dict(json.load(answer))
    except URLError as error:
        sys.exit(f"{url} does not answer as Airflow's should ({error.reason}): start one with 'make airflow'")


@contextmanager
def browser() -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is missing: make chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            yield started.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB", color_scheme="light")
        finally:
            started.close()


if __name__ == "__main__":
    main()
