from __future__ import annotations

import time
from pathlib import Path

import pytest

from ingest.parsers.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The quick brown fox jumps over the lazy dog.", "en"),
        ("THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG", "en"),
        ("人工智能正在发展", "zh"),
        ("臺北今天多雲，最高氣溫二十八度", "zh"),
        ("使用 GPU 训练 PyTorch 模型时的 batch size 设置", "zh"),
        ("電源を切ってからカバーを開けてください", "ja"),
        ("전원을 끈 다음 덮개를 여십시오", "ko"),
        ("Größe und Länge müssen übereinstimmen", "de"),
        ("Сначала отключите питание от сети", "ru"),
        ("Les élèves étudient\nà l'école\naujourd'hui", "fr"),
        ("## Install\n\n```sh\npip install x\nexport A=1\n```\n\n先安装依赖，再运行下面的命令。", "zh"),
        ("###############\nModel Development\n###############", "en"),
    ],
)
def test_language_of_prose(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize("text", ["", "  \n", "12.5 % 2024-01-01", "ok", "→ ≥ 3", "是"])
def test_too_little_is_no_language(text: str) -> None:
    assert detect_language(text) is None


def test_a_long_document_is_not_judged_by_its_first_line() -> None:
    assert detect_language("Title in English\n" + "这是一段很长的中文正文。" * 2000) == "zh"


@pytest.mark.parametrize("piece", ["a", "a.", "a_", "<a", "`a", "a'", "a@", "é"])
def test_an_endless_word_costs_no_time(piece: str) -> None:
    started = time.thread_time()
    detect_language(piece * 200_000)
    assert time.thread_time() - started < 3


def test_translations_of_one_real_document_are_told_apart(corpus: Path) -> None:
    paths = sorted((corpus / "history_rfcs").rglob("Leadership-Council-RFC*.md"))
    told = {path.stem.removeprefix("Leadership-Council-RFC")[:2]: path for path in paths}
    for suffix, path in told.items():
        if suffix in {"ja", "ko", "ru"}:
            assert detect_language(path.read_text(encoding="utf-8")) == suffix
    assert {"ja", "ko", "ru"} <= told.keys()
