"""Programs that turn one format into another: no network, no foreign files, a time limit."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from schemas.errors import CorruptFile, ParserTimeout, UnsupportedFormat

_SOFFICE = ("soffice", "libreoffice")
_SAID = 300
"""Characters of a program's complaint that are passed on."""


def convert_legacy(path: Path, to: str, timeout_s: float, *, name: str | None = None) -> Path:
    """`path` as `to` ("docx", "pptx", "xlsx") by LibreOffice, in a new folder that the caller removes
    (`result.parent`). It runs with a profile of its own, so that it neither waits for nor changes
    the one of a person.

    Raises `UnsupportedFormat` where LibreOffice is not installed, `ParserTimeout` when it takes
    longer than `timeout_s`, `CorruptFile` when it cannot read the file.
    """
    name = name or path.name
    program = next(filter(None, map(shutil.which, _SOFFICE)), None)
    if program is None:
        raise UnsupportedFormat(
            f"{name} is in a legacy Office format: install LibreOffice (soffice), or save the file as {to}.",
            name=name,
            to=to,
        )
    folder = Path(tempfile.mkdtemp(prefix="docstrata-convert-"))
    try:
        # A fixed name: what a file is called must not reach the command line.
        copy = folder / f"input{path.suffix.lower() or '.bin'}"
        shutil.copyfile(path, copy)
        return _convert(program, copy, to, timeout_s, name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _convert(program: str, copy: Path, to: str, timeout_s: float, name: str) -> Path:
    out = copy.parent
    with tempfile.TemporaryDirectory(prefix="docstrata-profile-") as profile:
        command = [
            program, f"-env:UserInstallation={Path(profile).as_uri()}", "--headless", "--norestore",
            "--nolockcheck", "--nodefault", "--convert-to", to, "--outdir", str(out), str(copy),
        ]  # fmt: skip
        said = run_limited(command, timeout_s, name)
    made = copy.with_suffix(f".{to}")
    if not made.is_file() or not made.stat().st_size:
        raise CorruptFile(
            f"{name} cannot be read by LibreOffice ({_short(said)}): open it in an office program and save it as {to}.",
            name=name,
        )
    return made


def pandoc_html(path: Path, source_format: str, timeout_s: float, *, name: str, pictures: bool = False) -> str:
    """The file as an HTML fragment, its own pictures as `data:` addresses where asked for. Pandoc's
    sandbox keeps it from the network and other files.

    Raises `CorruptFile` when it cannot be read, `ParserTimeout`.
    """
    pypandoc = importlib.import_module("pypandoc")
    command = [
        pypandoc.get_pandoc_path(), "--sandbox", "--from", source_format, "--to", "html", "--wrap=none",
        "--mathml", *(["--embed-resources"] if pictures else []), str(path),
    ]  # fmt: skip
    return run_limited(command, timeout_s, name)


def run_limited(command: Sequence[str], timeout_s: float, name: str) -> str:
    """Its output. It is killed with all its children when the time is up.

    Raises `ParserTimeout`, and `CorruptFile` when the program fails.
    """
    program = Path(command[0]).name
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            output, complaint = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise ParserTimeout(
                f"{program} took longer than {timeout_s:g} s over {name}: save the file in another format, or raise "
                "the limit for converters.",
                name=name,
                timeout_s=timeout_s,
            ) from error
        finally:
            # Children that outlive their parent too: the group is this program's own.
            _kill_group(process.pid)
    if process.returncode != 0:
        said = _short(complaint.decode(errors="replace"))
        raise CorruptFile(
            f"{name} cannot be read by {program} ({said}): open it in the program that made it and save it again.",
            name=name,
        )
    return output.decode("utf-8", errors="replace")


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return  # all of it has ended


def _short(text: str) -> str:
    return " ".join(text.split())[:_SAID] or "it says nothing"
