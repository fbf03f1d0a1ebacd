"""Office math as one line of text: `(a)/(b)`, `x^2`, `√(x)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_W_T = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"


def math_text(node: Any) -> str:
    """What an `m:oMath` shows, its symbols in their order."""
    name = str(node.tag).removeprefix(_M)
    if name in {"t", _W_T}:
        return node.text or ""
    if name in _SPELLED:
        return _SPELLED[name](node)
    return "" if name.endswith("Pr") else _inner(node)


def _inner(node: Any) -> str:
    return "".join(math_text(child) for child in node)


def _part(node: Any, name: str) -> str:
    found = node.find(f"{_M}{name}")
    return "" if found is None else _inner(found)


def _group(node: Any, name: str) -> str:
    text = _part(node, name)
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def _fraction(node: Any) -> str:
    """Without its bar it is a binomial coefficient, or one thing above another: `(n¦k)`."""
    bar = "¦" if _property(node, "fPr", "type", "bar") == "noBar" else "/"
    return f"{_group(node, 'num')}{bar}{_group(node, 'den')}"


def _function(node: Any) -> str:
    """`cos(nx)`, `sin x`; what a limit stands under speaks for all that follows."""
    name, argument = _part(node, "fName").strip(), _part(node, "e").strip()
    if not name.isalpha():
        return f"{name} {argument}"
    if argument.startswith(("(", "[", "{")):
        return f" {name}{argument}"
    return f" {name} {argument}" if len(argument) < 2 else f" {name}({argument})"


def _nary(node: Any) -> str:
    sign = _property(node, "naryPr", "chr", "∫")
    low, high = _part(node, "sub"), _part(node, "sup")
    limits = (f"_{_group(node, 'sub')}" if low else "") + (f"^{_group(node, 'sup')}" if high else "")
    return f"{sign}{limits} {_part(node, 'e')}"


def _delimited(node: Any) -> str:
    opening, closing = _property(node, "dPr", "begChr", "("), _property(node, "dPr", "endChr", ")")
    between = _property(node, "dPr", "sepChr", "|")
    return opening + between.join(_inner(part) for part in node.iterfind(f"{_M}e")) + closing


_SPELLED: Mapping[str, Callable[[Any], str]] = {
    "f": _fraction,
    "func": _function,
    "sSup": lambda node: f"{_part(node, 'e')}^{_group(node, 'sup')}",
    "sSub": lambda node: f"{_part(node, 'e')}_{_group(node, 'sub')}",
    "sSubSup": lambda node: f"{_part(node, 'e')}_{_group(node, 'sub')}^{_group(node, 'sup')}",
    "limLow": lambda node: f"{_part(node, 'e')}_{_group(node, 'lim')} ",
    "limUpp": lambda node: f"{_part(node, 'e')}^{_group(node, 'lim')} ",
    "rad": lambda node: f"{_part(node, 'deg')}√{_group(node, 'e')}",
    "nary": _nary,
    "d": _delimited,
    "m": lambda node: "[" + "; ".join(math_text(row) for row in node.iterfind(f"{_M}mr")) + "]",
    "mr": lambda node: ", ".join(_inner(cell) for cell in node.iterfind(f"{_M}e")),
    "eqArr": lambda node: "; ".join(_inner(line) for line in node.iterfind(f"{_M}e")),
}


def _property(node: Any, group: str, name: str, default: str) -> str:
    found = node.find(f"{_M}{group}/{_M}{name}")
    return default if found is None else found.get(f"{_M}val", "")
