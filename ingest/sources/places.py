"""What a person names: a folder, a file, a glob, or a URL that fsspec knows.

The part of a glob before its first wildcard is the place, the rest is a pattern below it. A local file
whose name holds a wildcard is that file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from schemas.errors import ConfigError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(::[A-Za-z][A-Za-z0-9+.-]*)*://")
_OF_THIS_MACHINE = ("file://", "local://")
_WITHOUT_PLACES = frozenset({"memory"})
"""Schemes whose root is a place of its own."""
_WILD = re.compile(r"[*?\[]")
_WILD_ON_THE_WEB = re.compile(r"[*\[]")
"""There a question mark begins a query."""

Root = Path | str
"""A folder of this machine, or a URL without a slash at its end."""


@dataclass(frozen=True, slots=True)
class Place:
    """`pattern` is a glob below the root, as `ingest.sources.patterns` reads it from the top; empty: none."""

    root: Root
    pattern: str = ""


def is_url(what: Path | str) -> bool:
    return isinstance(what, str) and _URL.match(what) is not None


def place_of(what: Path | str) -> Place:
    """Raises `ConfigError` for nothing, for a URL that names no place, and for one with a password in it."""
    if isinstance(what, str) and not what.strip():
        raise ConfigError("an empty path was given: name a folder, a file or a URL; the folder one is in is '.'")
    if isinstance(what, str) and _URL.match(what):
        return _of_url(what)
    path = absolute(Path(what))
    if not path.exists() and _WILD.search(str(path)):
        return _of_glob(path)
    return Place(path)


def absolute(path: Path) -> Path:
    """Links stay as they are named: where `current` leads to may change, its documents stay what they are."""
    found = path.absolute()
    return found.resolve() if ".." in found.parts else found


def split_url(url: str) -> tuple[str, str]:
    """The place that an object lies in, and its name there."""
    scheme, _, path = url.rpartition("://")
    parent, _, name = path.rpartition("/")
    return f"{scheme}://{parent}", name


def shown(root: Root) -> str:
    """As URLs and paths are printed and compared."""
    return root if isinstance(root, str) else str(root)


def last_name(root: Root) -> str:
    """What the root is called where it lies."""
    if isinstance(root, Path):
        return root.name
    return root.rpartition("://")[2].rstrip("/").rpartition("/")[2]


def _of_url(url: str) -> Place:
    if url.startswith(_OF_THIS_MACHINE):
        return place_of(_local(url))
    if urlsplit(url).password:
        raise ConfigError(
            f"take the password out of the URL of {urlsplit(url).hostname}: docstrata would keep it with every"
            " document; fsspec reads it from the environment, such as FSSPEC_SFTP_PASSWORD"
        )
    scheme, _, path = url.rpartition("://")
    if not path.strip("/") and scheme not in _WITHOUT_PLACES:
        raise ConfigError(f"{url} names no place: write what comes behind it, as in {scheme}://bucket/prefix")
    wild = _WILD_ON_THE_WEB if scheme.startswith("http") else _WILD
    root, pattern = _split(path, wild)
    return Place(f"{scheme}://{root.rstrip('/')}", pattern)


def _local(url: str) -> Path:
    """As it is written, and where there is nothing of that name, with its escapes read."""
    text = url.partition("://")[2]
    literal = Path(text)
    return literal if literal.exists() else Path(unquote(text))


def _of_glob(path: Path) -> Place:
    root, pattern = _split(str(path), _WILD)
    return Place(Path(root or "/"), pattern)


def _split(path: str, wild: re.Pattern[str]) -> tuple[str, str]:
    """The folders before the first wildcard, and the rest from the top of those."""
    found = wild.search(path)
    if found is None:
        return path, ""
    end = path.rfind("/", 0, found.start())
    return path[: max(end, 0)], "/" + path[end + 1 :]
