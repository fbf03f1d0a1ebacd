"""Where chunks stand, told and drawn, of PDFs that are written here."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from made_pdfs import words_on, write_paragraphs, write_table
from PIL import Image
from rich.console import Console
from strata_fakes import Engine, engine
from typer.testing import CliRunner

from chunkers.cohesion import LexicalCohesion
from ingest.cli.app import app
from ingest.cli.locate import show_place, write_pictures
from ingest.locating.locate import is_coarse, locate
from ingest.locating.pictures import pictures, small_pictures
from ingest.locating.place import Place
from ingest.locating.sheets import open_sheets
from ingest.reports.document_figures import Limits, figures_of
from ingest.stages.purge import purge
from ingest.stored import chunk_set_of, document_of
from schemas.document import Region
from schemas.errors import ConfigError
from schemas.ids import digest

STREETS = [
    f"The lamp of street number {n} burns until the night is over. A watchman walks there every hour and looks at"
    f" the doors, the gates and the {n} windows of the mill." for n in range(1, 9)
]  # fmt: skip
ROWS = [("Place", "Lamps", "Remark"), *((f"Square {n}", f"{n * 7}", f"seen by watchman {n}") for n in range(1, 31))]


@pytest.fixture
def strata(tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "in").mkdir()
    with engine(tmp_path / "home", store__keep_originals=True, chunk__target_tokens=64, chunk__max_tokens=96) as opened:
        yield opened


def ids_of(strata: Engine, path: str) -> list[str]:
    known = strata.context.catalog.versions.find_document(strata.settings.tenant, path)
    row = strata.context.catalog.versions.of_document(known.doc_id)[-1]
    found = chunk_set_of(strata.context, row.chunk_key)
    assert found is not None
    return [chunk.id_in(known.doc_id) for chunk in found.chunks]


def marked(strata: Engine, place: Place, dpi: float = 72.0) -> list[np.ndarray]:
    """Pixels of each page that the drawing has changed, one a point."""
    found = []
    sizes = {page.number: page.size for page in place.pages}
    with open_sheets(strata.context, place.sha256, place.media_type, sizes) as sheets:
        assert sheets is not None
        for page, png in zip(place.pages, pictures(strata.context, place, dpi), strict=True):
            drawn, bare = Image.open(io.BytesIO(png)), sheets.picture(page.number, dpi)
            found.append(np.any(np.asarray(drawn) != np.asarray(bare), axis=2))
    return found


def share_marked(pixels: np.ndarray, box: tuple[float, float, float, float]) -> float:
    x0, y0, x1, y1 = (round(value) for value in box)
    part = pixels[max(y0, 0) : y1, max(x0, 0) : x1]
    return float(part.mean()) if part.size else 0.0


@pytest.mark.parametrize(("rotation", "crop"), [(0, 0.0), (90, 0.0), (180, 20.0), (270, 20.0)])
def test_what_is_drawn_lies_over_the_words_of_the_chunk_and_no_others(
    strata: Engine, tmp_path: Path, rotation: int, crop: float
) -> None:
    path = tmp_path / "in" / "lamps.pdf"
    write_paragraphs(path, STREETS, rotation=rotation, crop=crop)
    strata.run(tmp_path / "in")
    ids = ids_of(strata, "lamps.pdf")
    assert len(ids) > 3
    for key in ids:
        place = locate(strata.context, key)
        said = set(place.text.split())
        for page, pixels in zip(place.pages, marked(strata, place), strict=True):
            inside = [text for text, box in words_on(path, page.number) if share_marked(pixels, box) > 0.5]
            assert set(inside) <= said
            assert len(inside) == len([word for word in place.text.split() if word in inside])


def test_a_part_of_a_table_is_drawn_on_all_pages_of_the_table(strata: Engine, tmp_path: Path) -> None:
    path = tmp_path / "in" / "squares.pdf"
    write_table(path, ROWS, a_page=15)
    strata.run(tmp_path / "in")
    ids = ids_of(strata, "squares.pdf")
    assert len(ids) > 2
    last = locate(strata.context, ids[-1])
    assert (last.part, last.parts) == (len(ids), len(ids))
    assert [page.number for page in last.pages] == [1, 2]
    assert not last.pages[0].boxes
    assert last.pages[0].whole
    first, second = marked(strata, last)
    assert 0 < first.sum() < 0.05 * first.size
    words = {text: share_marked(second, box) for text, box in words_on(path, 2)}
    assert words["210"] > 0.5, "its last row"
    assert words["Lamps"] < 0.3, "the header that the page repeats is not its text"


def test_boxes_of_whole_paragraphs_that_an_older_release_left_are_told(strata: Engine, tmp_path: Path) -> None:
    write_paragraphs(tmp_path / "in" / "lamps.pdf", [" ".join(STREETS)])
    strata.run(tmp_path / "in")
    known = strata.context.catalog.versions.find_document(strata.settings.tenant, "lamps.pdf")
    (row,) = strata.context.catalog.versions.of_document(known.doc_id)
    chunks = chunk_set_of(strata.context, row.chunk_key)
    assert chunks is not None
    document = document_of(strata.context, chunks.document)
    assert document is not None
    bare = tuple(block.model_copy(update={"pieces": ()}) for block in document.blocks)
    older = document.model_copy(update={"parser_version": "6+pymupdf1.0", "blocks": bare})

    assert is_coarse(older, chunks.chunks[0])
    assert not is_coarse(document, chunks.chunks[0])
    for parse, told in ((older, 1), (document, 0)):
        figures = figures_of(chunks, parse, Limits(256, 16, 128, 0.5), LexicalCohesion())
        assert figures.counts.get("documents.coarse", 0) == told
    assert not locate(strata.context, "lamps.pdf#0").coarse

    place = replace(locate(strata.context, "lamps.pdf#0"), coarse=True)
    console = Console(file=io.StringIO(), width=200)
    show_place(place, console)
    assert "an older docstrata read this file: 'docstrata run FOLDER --reprocess'" in console.file.getvalue()


def test_an_old_version_is_told_and_drawn_as_it_was(strata: Engine, tmp_path: Path) -> None:
    path = tmp_path / "in" / "lamps.pdf"
    write_paragraphs(path, STREETS[:2])
    strata.run(tmp_path / "in")
    old = ids_of(strata, "lamps.pdf")[0]
    write_paragraphs(path, ["Now there is electric light in every street of the town, and nobody walks at night."])
    strata.run(tmp_path / "in")
    place = locate(strata.context, old)
    assert (place.version, place.current) == (1, False)
    assert "watchman" in place.text
    assert len(pictures(strata.context, place)) == 1
    new = locate(strata.context, "lamps.pdf#0")
    assert (new.version, new.current) == (2, True)
    assert locate(strata.context, "lamps.pdf#0", version=1).chunk_id == old
    with pytest.raises(ConfigError, match=r"version 2 of in/lamps.pdf does not hold .*: version 1 does"):
        locate(strata.context, old, version=2)
    with pytest.raises(ConfigError, match="has no version 3: it has 1, 2"):
        locate(strata.context, "lamps.pdf#0", version=3)


def test_what_was_purged_is_not_there(strata: Engine, tmp_path: Path) -> None:
    write_paragraphs(tmp_path / "in" / "lamps.pdf", STREETS[:2])
    strata.run(tmp_path / "in")
    key = ids_of(strata, "lamps.pdf")[0]
    purge(strata.context, strata.parts, "lamps.pdf")
    with pytest.raises(ConfigError, match="one that was purged, or removed by retention, is gone for good"):
        locate(strata.context, key)


def test_without_the_original_the_place_is_told_and_not_drawn(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_paragraphs(tmp_path / "in" / "lamps.pdf", STREETS[:2])
    with engine(tmp_path / "home") as strata:
        strata.run(tmp_path / "in")
        place = locate(strata.context, "lamps.pdf#0")
        assert not place.original_kept
        assert place.pages[0].boxes
        with pytest.raises(ConfigError, match=r"is not kept, so nothing can be drawn: store\.keep_originals"):
            pictures(strata.context, place)
        assert small_pictures(strata.context, place.doc_id, [Region(page=1, bbox=place.pages[0].boxes[0])], 2) == ()


def test_a_text_file_has_lines_and_no_picture(strata: Engine, tmp_path: Path) -> None:
    (tmp_path / "in" / "watch.txt").write_text("The watch\n\nThree men walk.\nOne rests.\n", "utf-8")
    strata.run(tmp_path / "in")
    place = locate(strata.context, "watch.txt#0")
    assert place.lines == (1, 4)
    with pytest.raises(ConfigError, match="has no pages"):
        pictures(strata.context, place)


def test_the_beginning_of_an_id_is_enough_and_a_faulty_one_names_the_right_one(strata: Engine, tmp_path: Path) -> None:
    write_paragraphs(tmp_path / "in" / "lamps.pdf", STREETS)
    strata.run(tmp_path / "in")
    key = ids_of(strata, "lamps.pdf")[1]
    assert locate(strata.context, key[:8]).chunk_id == key
    assert locate(strata.context, key.replace("-", "")).ordinal == 1
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    with pytest.raises(ConfigError, match=f"no chunk '{wrong}'; near it are {key}"):
        locate(strata.context, wrong)
    with pytest.raises(ConfigError, match="has no chunk 99: its chunks are 0 to"):
        locate(strata.context, "lamps.pdf#99")
    with pytest.raises(ConfigError, match="neither the id of a chunk"):
        locate(strata.context, "lamps.pdf")


def test_a_report_gets_small_pictures_of_the_strips_where_the_chunk_is(strata: Engine, tmp_path: Path) -> None:
    write_paragraphs(tmp_path / "in" / "lamps.pdf", STREETS)
    strata.run(tmp_path / "in")
    place = locate(strata.context, "lamps.pdf#0")
    regions = [Region(page=page.number, bbox=box) for page in place.pages for box in page.boxes]
    (small,) = small_pictures(strata.context, place.doc_id, regions, 2)
    picture = Image.open(io.BytesIO(small.data))
    assert (picture.format, picture.width) == ("WEBP", 560)
    assert picture.height < 560
    assert len(small.data) < 40_000


def test_a_photograph_is_drawn_upright_and_each_frame_of_a_fax_in_its_shape(strata: Engine, tmp_path: Path) -> None:
    photo = Image.new("RGB", (60, 40), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    photo.save(tmp_path / "photo.jpg", exif=exif)
    frames = [Image.new("L", (100, 50), shade) for shade in (255, 0)]
    frames[0].save(tmp_path / "fax.tiff", save_all=True, append_images=frames[1:])
    sheets_of = {}
    for name, kind, size in (("photo.jpg", "image/jpeg", (40.0, 60.0)), ("fax.tiff", "image/tiff", (100.0, 100.0))):
        data = (tmp_path / name).read_bytes()
        strata.context.store.put_original(digest(data), tmp_path / name)
        with open_sheets(strata.context, digest(data), kind, {1: size, 2: size}) as sheets:
            assert sheets is not None
            count = 2 if name == "fax.tiff" else 1
            sheets_of[name] = [sheets.picture(number, None) for number in range(1, count + 1)]
    assert sheets_of["photo.jpg"][0].size == (40, 60)
    first, second = sheets_of["fax.tiff"]
    assert first.size == (100, 100)
    assert (first.getpixel((5, 5)), second.getpixel((5, 5))) == ((255, 255, 255), (0, 0, 0))


def test_the_command_draws_and_fails_with_a_sentence(strata: Engine, tmp_path: Path) -> None:
    write_paragraphs(tmp_path / "in" / "lamps.pdf", STREETS[:2])
    strata.run(tmp_path / "in")

    run = CliRunner()
    home = ["--home", str(tmp_path / "home")]
    done = run.invoke(app, ["locate", "lamps.pdf#0", *home, "--png", str(tmp_path / "place.png"), "--dpi", "50"])
    assert done.exit_code == 0, done.output
    assert "in/lamps.pdf" in done.output
    assert pymupdf.Pixmap(tmp_path / "place.png").width == round(420 / 72 * 50)
    told = run.invoke(app, ["locate", "lamps.pdf#0", *home, "--json"])
    assert json.loads(told.stdout)["pages"][0]["boxes"]
    failed = run.invoke(app, ["locate", "lamps.pdf#7", *home])
    assert isinstance(failed.exception, ConfigError)
    assert "has no chunk 7" in failed.exception.message


def test_a_picture_that_cannot_be_written_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert write_pictures([b"one"], tmp_path / "new folder" / "p.png") == [tmp_path / "new folder" / "p.png"]

    (tmp_path / "d.png").mkdir()
    for place in (tmp_path / "file" / "p.png", tmp_path / "d.png"):
        with pytest.raises(ConfigError, match=r"cannot be written: .*; give --png FILE elsewhere"):
            write_pictures([b"two"], place)

    assert sorted(each.name for each in tmp_path.rglob("*")) == ["d.png", "file", "new folder", "p.png"]
