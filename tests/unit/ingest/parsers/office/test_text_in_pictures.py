"""Text in the pictures of office and HTML files, read by an OCR that knows them by their widths."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import docx
import pptx
import pytest
from docx.oxml import parse_xml
from PIL import Image, ImageDraw, ImageFont
from pptx.util import Inches

from ingest.ocr.local import LocalOcr
from ingest.options.ocr import OcrOptions
from ingest.page_images import PageImage, ReadImage, TextLine
from ingest.parsers.base import ReadOptions
from ingest.parsers.office import picture_text
from schemas.document import BlockKind, PageMethod
from schemas.errors import InputError, NoText, ParserTimeout

Lines = tuple[tuple[str, float], ...]
BLANK_LAYOUT = 6
EMF = b"\x01\x00\x00\x00" + bytes(36) + b" EMF" + bytes(60)
ODF_XMLNS = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (("office", "office"), ("text", "text"), ("draw", "drawing"), ("svg", "svg-compatible"))
)


@dataclass
class WidthOcr:
    """Implements `PageImageReader`: what stands in a picture depends on how wide it is. Lines are
    below each other, each with its confidence."""

    pictures: Mapping[int, Lines | InputError]
    advice: str = ""
    seen: list[int] = field(default_factory=list)
    calls: int = 0
    recipe: Mapping[str, str] = field(default_factory=lambda: {"engine": "width"})

    def read(self, images: Iterable[PageImage]) -> Iterator[ReadImage | InputError]:
        self.calls += 1
        for image in images:
            self.seen.append(image.width)
            found = self.pictures.get(image.width, ())
            yield found if isinstance(found, InputError) else ReadImage(self._lines(found), 0.0, 0, self.advice)

    @staticmethod
    def _lines(found: Lines) -> tuple[TextLine, ...]:
        lines = []
        for row, (text, confidence) in enumerate(found):
            top, right = 10.0 + 60 * row, 10.0 + 12 * len(text)
            quad = ((10.0, top), (right, top), (right, top + 20), (10.0, top + 20))
            lines.append(TextLine(text, confidence, quad))
        return tuple(reversed(lines))  # in no order that can be relied on


def picture(width: int, height: int = 200, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, kind)
    return out.getvalue()


def data_address(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


@pytest.fixture
def read_pages(tmp_path: Path, read_file) -> Callable[..., object]:
    """HTML with pictures of the widths that it names as `{200}`."""

    def read(body: str, *widths: int, ocr: WidthOcr | None, **options: int):
        for width in widths:
            body = body.replace(f"{{{width}}}", data_address(picture(width)))
        path = tmp_path / "page.html"
        path.write_text(f"<html><body>{body}</body></html>")
        return read_file(path, ReadOptions(**options), media_type="text/html", ocr=ocr)

    return read


@pytest.fixture
def save_archive(tmp_path: Path) -> Callable[..., Path]:
    def save(name: str, members: Mapping[str, str | bytes]) -> Path:
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return tmp_path / name

    return save


def word_with(*contents: bytes | str) -> docx.document.Document:
    """Paragraphs and pictures below each other."""
    document = docx.Document()
    for content in contents:
        if isinstance(content, str):
            document.add_paragraph(content)
        else:
            document.add_picture(io.BytesIO(content))
    return document


# Places and order


def test_pictures_are_left_alone_where_the_option_says_so(read_file, save_word, read_pages):
    ocr = WidthOcr({300: (("Open the valve.", 0.9),)})
    off = ReadOptions(pictures=False)
    read = read_file(save_word(word_with("before", picture(300), "after")), off, ocr=ocr)
    assert read.kinds() == [("paragraph", None, "before"), ("paragraph", None, "after")]
    assert read_pages('<p>a</p><img src="{300}">', 300, ocr=ocr, pictures=False).document.text == "a"
    with pytest.raises(NoText, match=r"set parse\.pictures"):
        read_file(save_word(word_with(picture(300))), off, ocr=ocr)
    assert not ocr.calls


def test_text_of_a_picture_in_word_stands_where_the_picture_does_behind_its_description(read_file, save_word):
    document = word_with("before", picture(300), "after")
    document.element.body.xpath(".//wp:docPr")[0].set("descr", "A pump")
    read = read_file(save_word(document), ocr=WidthOcr({300: (("Open the valve.", 0.9), ("阀门", 0.6))}))
    assert read.kinds() == [
        ("paragraph", None, "before"),
        ("figure", None, "A pump\nOpen the valve.\n阀门"),
        ("paragraph", None, "after"),
    ]
    assert read.blocks(BlockKind.FIGURE)[0].confidence == pytest.approx((15 * 0.9 + 2 * 0.6) / 17)
    assert read.blocks(BlockKind.PARAGRAPH)[0].confidence is None


def test_pictures_in_the_cells_of_a_word_table_follow_it(read_file, save_word):
    document = word_with("before")
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "a"
    table.cell(0, 1).paragraphs[0].add_run().add_picture(io.BytesIO(picture(300)))
    document.add_table(1, 1).cell(0, 0).paragraphs[0].add_run().add_picture(io.BytesIO(picture(310)))
    document.add_table(1, 1).cell(0, 0).text = "last"
    ocr = WidthOcr({300: (("Valve", 0.9),), 310: (("Seal", 0.9),)})
    assert [text for _, _, text in read_file(save_word(document), ocr=ocr).kinds()] == [
        "before", "| a |  |", "Valve", "Seal", "| last |",
    ]  # fmt: skip


def test_a_picture_of_an_old_word_file_is_read(read_file, save_word):
    document = word_with("before", picture(300), "after")
    drawing = document.element.body.xpath(".//w:drawing")[0]
    relation = drawing.xpath(".//a:blip/@r:embed")[0]
    old = parse_xml(
        '<w:pict xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<v:shape><v:imagedata r:id="{relation}"/></v:shape></w:pict>'
    )
    drawing.getparent().replace(drawing, old)
    read = read_file(save_word(document), ocr=WidthOcr({300: (("Valve", 0.9),)}))
    assert [text for _, _, text in read.kinds()] == ["before", "Valve", "after"]


def test_a_picture_on_a_slide_stands_between_the_shapes_above_and_below_it(read_file, tmp_path):
    show = pptx.Presentation()
    first, second = (show.slides.add_slide(show.slide_layouts[BLANK_LAYOUT]) for _ in range(2))
    first.shapes.add_picture(io.BytesIO(picture(300)), Inches(1), Inches(3))
    first.shapes.add_textbox(Inches(1), Inches(6), Inches(2), Inches(1)).text_frame.text = "below"
    first.shapes.add_textbox(Inches(1), Inches(1), Inches(2), Inches(1)).text_frame.text = "above"
    second.shapes.add_group_shape().shapes.add_picture(io.BytesIO(picture(310)), Inches(1), Inches(3))
    show.slides.add_slide(show.slide_layouts[BLANK_LAYOUT])
    for named in (*first._element.xpath(".//p:pic//p:cNvPr"), *second._element.xpath(".//p:pic//p:cNvPr")):
        del named.attrib["descr"]
    show.save(str(tmp_path / "made.pptx"))
    ocr = WidthOcr({300: (("Valve", 0.9),), 310: (("Seal", 0.9),)})
    read = read_file(tmp_path / "made.pptx", ocr=ocr)
    assert [text for _, _, text in read.kinds()] == ["above", "Valve", "below", "Seal"]
    assert [block.regions[0].page for block in read.document.blocks] == [1, 1, 1, 2]
    assert [page.method for page in read.document.pages] == [PageMethod.MIXED, PageMethod.OCR, PageMethod.EMPTY]


def test_a_slide_that_is_one_picture_in_the_background_is_read(read_file, tmp_path):
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[BLANK_LAYOUT])
    _, relation = slide.part.get_or_add_image_part(io.BytesIO(picture(300)))
    fill = slide.background.fill
    fill.solid()
    properties = slide._element.xpath("./p:cSld/p:bg/p:bgPr")[0]
    properties.replace(
        properties[0],
        parse_xml(
            '<a:blipFill xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            f'<a:blip r:embed="{relation}"/></a:blipFill>'
        ),
    )
    show.save(str(tmp_path / "made.pptx"))
    assert read_file(tmp_path / "made.pptx", ocr=WidthOcr({300: (("Valve", 0.9),)})).document.text == "Valve"


def test_pictures_of_opendocument_are_read_but_linked_ones_and_those_of_headers_are_not(read_file, save_archive):
    def frame(address: str) -> str:
        return f'<draw:frame><draw:image xlink:href="{address}"/></draw:frame>'

    body = (
        f"<text:p>before{frame('Pictures/in.png')} after</text:p><text:p>{frame('../beside.png')}</text:p>"
        f"<text:p>{frame('http://example.com/Pictures/in.png')}</text:p><text:p>last</text:p>"
    )
    xmlns = f'{ODF_XMLNS} xmlns:xlink="http://www.w3.org/1999/xlink"'
    content = (
        f"<office:document-content {xmlns}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    style = 'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    styles = (
        f"<office:document-styles {xmlns} {style}><office:master-styles><style:master-page><style:header>"
        f"<text:p>{frame('Pictures/logo.png')}</text:p></style:header></style:master-page></office:master-styles>"
        "</office:document-styles>"
    )
    members = {
        "mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, "styles.xml": styles,
        "Pictures/in.png": picture(300), "Pictures/logo.png": picture(310),
    }  # fmt: skip
    ocr = WidthOcr({300: (("Valve", 0.9),), 310: (("Seal", 0.9),)})
    read = read_file(save_archive("made.odt", members), ocr=ocr)
    assert [text for _, _, text in read.kinds()] == ["before after", "Valve", "last"]
    assert ocr.seen == [300]


def test_pictures_of_a_book_are_read(read_file, save_archive):
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i"><metadata '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">x</dc:identifier><dc:title>T</dc:title>'
        '<dc:language>en</dc:language></metadata><manifest><item id="a" href="text/a.xhtml" '
        'media-type="application/xhtml+xml"/><item id="p" href="images/in%20it.png" media-type="image/png"/>'
        '</manifest><spine><itemref idref="a"/></spine></package>'
    )
    page = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body><p>before</p>'
        '<p><img src="../images/in%20it.png" alt="A pump"/></p><p>after</p></body></html>'
    )
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
        '<rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>",
        "OEBPS/content.opf": package,
        "OEBPS/text/a.xhtml": page,
        "OEBPS/images/in it.png": picture(300),
    }
    read = read_file(save_archive("made.epub", members), ocr=WidthOcr({300: (("Valve", 0.9),)}))
    assert [text for _, _, text in read.kinds()][-3:] == ["before", "A pump\nValve", "after"]


def test_pictures_of_rtf_are_read(read_file, tmp_path):
    path = tmp_path / "made.rtf"
    path.write_text(r"{\rtf1\ansi before {\pict\pngblip" + "\n" + picture(300).hex() + r"}\par after\par}")
    read = read_file(path, ocr=WidthOcr({300: (("Valve", 0.9),)}))
    (figure,) = read.texts(BlockKind.FIGURE)
    assert figure.endswith("Valve")


def test_pictures_within_a_page_are_read_in_their_places_and_linked_ones_are_not(read_pages):
    ocr = WidthOcr({300: (("Valve", 0.9),), 310: (("Seal", 0.9),)})
    read = read_pages(
        '<h1>Pumps</h1><p>before <a href="x"><img src="{300}"></a> after</p><p><img src="http://example.com/a.png"></p>'
        '<figure><img alt="Ring" src="{310}"><figcaption>Figure 2</figcaption></figure>', 300, 310, ocr=ocr,
    )  # fmt: skip
    assert [text for _, _, text in read.kinds()] == ["Pumps", "before", "Valve", "after", "Ring\nSeal", "Figure 2"]
    assert read.blocks(BlockKind.CAPTION)[0].parent == 4


def test_pictures_in_tables_of_a_page_follow_them_and_a_table_of_pictures_is_its_pictures(read_pages):
    ocr = WidthOcr({300: (("Valve", 0.9),), 310: (("Seal", 0.9),)})
    read = read_pages(
        "<table><tr><td>a</td><td><img src='{300}' alt='pump'></td></tr></table><p>mid</p>"
        "<table><tr><td><img src='{310}'></td><td><img src='{300}'></td></tr></table>", 300, 310, ocr=ocr,
    )  # fmt: skip
    assert [text for _, _, text in read.kinds()] == ["| a | pump |", "Valve", "mid", "Seal", "Valve"]


# Once, and within limits


def test_the_same_picture_is_read_once_and_its_text_stands_at_every_place(read_file, save_word):
    ocr = WidthOcr({300: (("Valve", 0.9),), 310: (("Seal", 0.9),)})
    read = read_file(save_word(word_with(*[picture(300), picture(310)] * 3)), ocr=ocr)
    assert read.texts(BlockKind.FIGURE) == ["Valve", "Seal"] * 3
    assert (ocr.calls, ocr.seen) == (1, [300, 310])


def test_no_more_than_the_cap_are_read_and_the_rest_is_told(read_file, save_word, monkeypatch):
    monkeypatch.setattr(picture_text, "MOST_PICTURES", 2)
    ocr = WidthOcr({width: ((f"number {width}", 0.9),) for width in range(300, 305)})
    read = read_file(save_word(word_with(*(picture(width) for width in (300, 300, 301, 302, 303)))), ocr=ocr)
    assert ocr.seen == [300, 301]
    assert read.document.quality.warnings == (
        "Only the first 2 pictures were read, 2 were not: split the document if they hold text.",
    )


@pytest.mark.parametrize("size", [(64, 64), (1200, 15), (32, 100)])
def test_icons_and_rules_are_not_read(read_file, save_word, size):
    ocr = WidthOcr({size[0]: (("no", 0.9),), 300: (("Valve", 0.9),)})
    read = read_file(save_word(word_with(picture(*size), picture(300))), ocr=ocr)
    assert (ocr.seen, read.document.text, read.document.quality.warnings) == ([300], "Valve", ())


def test_a_picture_without_text_and_description_adds_no_block(read_file, save_word):
    read = read_file(save_word(word_with("before", picture(300), "after")), ocr=WidthOcr({}))
    assert [text for _, _, text in read.kinds()] == ["before", "after"]


# What goes wrong


def test_a_picture_that_ocr_fails_on_is_a_warning(read_file, save_word):
    ocr = WidthOcr({300: ParserTimeout("It took longer than 60 s."), 310: (("Seal", 0.9),)})
    read = read_file(save_word(word_with("before", picture(300), picture(310))), ocr=ocr)
    assert [text for _, _, text in read.kinds()] == ["before", "Seal"]
    assert read.document.quality.warnings == ("Picture 1 of made.docx was not read: It took longer than 60 s.",)


def test_a_file_of_which_nothing_but_a_failed_picture_is_left_fails_as_the_picture_did(read_file, save_word):
    ocr = WidthOcr({300: ParserTimeout("It took longer than 60 s.")})
    with pytest.raises(ParserTimeout):
        read_file(save_word(word_with(picture(300))), ocr=ocr)


def test_a_picture_above_the_limit_on_pixels_is_not_decoded_and_told(read_file, save_word):
    ocr = WidthOcr({300: (("Valve", 0.9),)})
    made = save_word(word_with("before", picture(300), picture(400)))
    read = read_file(made, ReadOptions(max_pixels=70_000), ocr=ocr)
    assert ocr.seen == [300]
    (warning,) = read.document.quality.warnings
    assert warning.startswith("Picture 2 of made.docx has 80,000 pixels")


def test_damaged_pictures_are_told_a_few_one_by_one_and_the_rest_counted(read_pages):
    broken = "".join(f'<img src="{data_address(picture(300)[:60] + bytes([n]))}">' for n in range(8))
    warnings = read_pages(f"<p>Text</p>{broken}", ocr=WidthOcr({})).document.quality.warnings
    assert len(warnings) == 6
    assert warnings[0].startswith("Picture 1 of page.html is not a readable image")
    assert warnings[-1] == "3 more of the pictures could not be read either."


def test_vector_graphics_are_left_out_and_told(read_pages):
    pictures = (
        f'<img src="data:image/x-emf;base64,{base64.b64encode(EMF).decode()}"><img src="data:image/svg+xml,<svg/>">'
    )
    read = read_pages(f"<p>Text</p>{pictures}", ocr=WidthOcr({}))
    assert read.document.text == "Text"
    (warning,) = read.document.quality.warnings
    assert warning.startswith("1 of the pictures are vector graphics (WMF, EMF)")


def test_advice_is_given_once(read_file, save_word):
    ocr = WidthOcr({300: (("Valve", 0.9),)}, advice="Set ocr.recognition_model.")
    read = read_file(save_word(word_with(picture(300), picture(310))), ocr=ocr)
    assert read.document.quality.warnings == ("Set ocr.recognition_model.",)


def test_a_file_with_pictures_in_which_nothing_was_found_has_no_text(read_file, save_word):
    with pytest.raises(NoText, match="holds pictures in which no text was found"):
        read_file(save_word(word_with(picture(300))), ocr=WidthOcr({}))


# Without OCR


def test_without_ocr_a_picture_is_what_it_is_described_as(read_file, save_word, read_pages):
    document = word_with("before", picture(300), picture(310))
    document.element.body.xpath(".//wp:docPr")[0].set("descr", "A pump")
    read = read_file(save_word(document))
    assert read.kinds() == [("paragraph", None, "before"), ("figure", None, "A pump")]
    assert read.document.quality.warnings == ()
    assert read_pages('<p>Text</p><img src="{300}">', 300, ocr=None).document.text == "Text"


def test_without_ocr_a_file_of_pictures_says_that_it_is_off(read_file, save_word):
    with pytest.raises(NoText, match=r"OCR is off: set ocr\.engine"):
        read_file(save_word(word_with(picture(300))))


# With a real engine


def test_a_printed_line_in_a_word_picture_is_found(read_file, save_word):
    image = Image.new("RGB", (640, 120), "white")
    ImageDraw.Draw(image).text((24, 30), "Tighten the blue valve", fill="black", font=ImageFont.load_default(44))
    out = io.BytesIO()
    image.save(out, "JPEG")
    options = OcrOptions(detection_model="carried:PP-OCRv6_tiny_det", recognition_model="carried:PP-OCRv6_tiny_rec")
    read = read_file(save_word(word_with("before", out.getvalue())), ocr=LocalOcr(options))
    (figure,) = read.blocks(BlockKind.FIGURE)
    assert read.document.text_of(figure) == "Tighten the blue valve"
    assert figure.confidence is not None
    assert figure.confidence > 0.9
