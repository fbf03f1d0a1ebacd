from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

GOLDEN = Path(__file__).parents[4] / "golden" / "office"

GUARD = """
import json, socket, sys, time
from pathlib import Path
tried = []
def refuse(*arguments, **_):
    tried.append(repr(arguments[1:] or arguments))
    raise OSError("no network here")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.getaddrinfo = socket.create_connection = refuse
"""
READ = """
from ingest.parsers.base import ParseInput, Tools
from ingest.parsers.office.html import HtmlParser
from ingest.parsers.office.parser import OfficeParser
from ingest.routing import route
from schemas.source import Route
read = []
for path in map(Path, sys.argv[1:]):
    parser = HtmlParser(Tools()) if path.suffix == ".html" else OfficeParser(Tools())
    kind = "text/html" if path.suffix == ".html" else route(path, path.name).media_type
    parser.parse(ParseInput(path, path.name, kind, Route.OFFICE, path.stat().st_size))
    read.append(path.suffix)
from unstructured.nlp.tokenize import sent_tokenize
time.sleep(0.3)  # what reports is a thread
print(json.dumps({"tried": tried, "read": read, "sentences": len(sent_tokenize("One here. Two there."))}))
"""


def test_no_format_touches_the_network():
    files = ["docx_lists.docx", "powerpoint_comments.pptx", "text_document_01.odt", "sample.rtf", "sample.epub",
             "html_rich_table_cells.html"]  # fmt: skip
    told = _run(GUARD + READ, *(str(GOLDEN / name) for name in files))
    assert told["read"] == [".docx", ".pptx", ".odt", ".rtf", ".epub", ".html"]
    assert told["tried"] == []
    assert told["sentences"] == 2


def test_the_guard_sees_what_unstructured_does_when_it_is_left_alone():
    told = _run(GUARD + 'import unstructured\nprint(json.dumps({"tried": tried}))')
    assert told["tried"]


def _run(script: str, *arguments: str) -> dict[str, object]:
    environment = {k: v for k, v in os.environ.items() if k not in {"DO_NOT_TRACK", "SCARF_NO_ANALYTICS"}}
    root = Path(__file__).parents[5]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    assert lines, done.stderr[-2000:]
    return json.loads(lines[-1])
