"""What keeps two similar texts apart. All comparisons are symmetric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from ingest.dedup.facts import FACTS, FactReader, fact_readers, facts
from ingest.dedup.folding import Atom, AtomKind
from ingest.dedup.vocabulary import CASED_UNITS, EMPTY_WORDS, HAN_EMPTY

_EMPTY = EMPTY_WORDS | HAN_EMPTY
_LOOSE_SIGNS = frozenset("!<>=+$®©")
_Segment = tuple[int, int]


def difference_of_same(one: str, other: str) -> str | None:
    """For texts whose letters and numbers are equal one after another: what tells them apart, or None.

    That can be a symbol, a unit whose case alone changed (mW, MW), or where words end.
    """
    first, second = fact_readers(one, other)
    a, b = first.atoms, second.atoms
    if _signs_differ(first.signs, second.signs):
        return "a symbol differs"
    if _units_recased(a, b) and _raw_words(a) == _raw_words(b):
        return "a unit differs"
    if not _boundaries_agree(a, b):
        return "words end elsewhere"
    return None


def difference_of_near(one: str, other: str) -> str | None:
    """What tells two similar texts apart, or None: then one holds every word of the other in
    order, and what it has more are ordinary words that carry no fact."""
    if facts(one) != facts(other):
        return "a number or a negation differs"
    # In an order of their own: an alignment is not the same from both ends.
    first, second = sorted(fact_readers(one, other), key=lambda it: (len(it.atoms), [atom.norm for atom in it.atoms]))
    if _signs_differ(first.signs, second.signs):
        return "a symbol differs"
    if _units_recased(first.atoms, second.atoms):
        return "a unit differs"
    more_here = more_there = False
    for here, there in _changes(first.atoms, second.atoms):
        if _only_empty(first.atoms, here) and _only_empty(second.atoms, there):
            continue
        if _is_same_written_apart(first.atoms, here, second.atoms, there):
            continue
        for reader, segment in ((first, here), (second, there)):
            if (fact := _fact_in(reader, segment)) is not None:
                return f"a {fact} differs"
        more_here, more_there = more_here or here[0] < here[1], more_there or there[0] < there[1]
    return "a word stands for another" if more_here and more_there else None


def _changes(a: Sequence[Atom], b: Sequence[Atom]) -> Iterator[tuple[_Segment, _Segment]]:
    """Segments that differ, after the equal beginning and end, which are most of both texts."""
    one, other = [atom.norm for atom in a], [atom.norm for atom in b]
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    matcher = SequenceMatcher(None, one[start : len(one) - end], other[start : len(other) - end], autojunk=False)
    for operation, i, j, k, m in matcher.get_opcodes():
        if operation != "equal":
            yield (start + i, start + j), (start + k, start + m)


def _fact_in(reader: FactReader, segment: _Segment) -> str | None:
    """The most telling one."""
    found = {reader.fact(i) for i in range(*segment)}
    return next((fact for fact in FACTS if fact in found), None)


def _only_empty(atoms: Sequence[Atom], segment: _Segment) -> bool:
    return all(atom.norm in _EMPTY for atom in atoms[slice(*segment)])


def _is_same_written_apart(a: Sequence[Atom], here: _Segment, b: Sequence[Atom], there: _Segment) -> bool:
    """`well-known` and `wellknown`, but not `no table` and `notable`."""
    one, other = a[slice(*here)], b[slice(*there)]
    return "".join(x.norm for x in one) == "".join(x.norm for x in other) and _boundaries_agree(one, other)


def _boundaries_agree(a: Sequence[Atom], b: Sequence[Atom]) -> bool:
    """Where white space ends a word in one text, a word ends, or is broken by punctuation, in the other."""
    (spaced_a, all_a), (spaced_b, all_b) = _boundaries(a), _boundaries(b)
    return spaced_a <= all_b and spaced_b <= all_a


def _boundaries(atoms: Sequence[Atom]) -> tuple[set[int], set[int]]:
    """Offsets in the joined atoms: where white space stands between two words, and where anything does."""
    spaced: set[int] = set()
    anywhere: set[int] = set()
    offset = 0
    for index, atom in enumerate(atoms):
        if index and atoms[index - 1].kind is atom.kind is AtomKind.WORD:
            anywhere.add(offset)
            # A hyphen and then white space is mostly a word broken at the end of a line.
            if " " in atom.gap and not atom.gap.startswith("-"):
                spaced.add(offset)
        if "'" in atom.raw:
            anywhere.update(offset + i for i in range(1, len(atom.norm)))
        offset += len(atom.norm)
    return spaced, anywhere


def _signs_differ(one: Sequence[str], other: Sequence[str]) -> bool:
    """A copy may have lost symbols on the way, but it has no others: of those on a keyboard it may
    have lost some, of all others all or none."""
    firm, firm_other = ([sign for sign in signs if sign[0] not in _LOOSE_SIGNS] for signs in (one, other))
    if firm and firm_other and firm != firm_other:
        return True
    loose, loose_other = ([sign for sign in signs if sign[0] in _LOOSE_SIGNS] for signs in (one, other))
    return not (_is_subsequence(loose, loose_other) or _is_subsequence(loose_other, loose))


def _is_subsequence(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(sign in rest for sign in part)


def _units_recased(a: Sequence[Atom], b: Sequence[Atom]) -> bool:
    pairs = zip(_units(a), _units(b), strict=False)
    return any(x != y and x in CASED_UNITS and y in CASED_UNITS and x.lower() == y.lower() for x, y in pairs)


def _units(atoms: Sequence[Atom]) -> list[str]:
    """The word right after each number."""
    return [after.raw for before, after in pairwise(atoms) if _is_unit(before, after)]


def _raw_words(atoms: Sequence[Atom]) -> str:
    """All words but units, with their case."""
    followers = {id(after) for before, after in pairwise(atoms) if _is_unit(before, after)}
    return "".join(
        atom.raw.replace("'", "") for atom in atoms if atom.kind is AtomKind.WORD and id(atom) not in followers
    )


def _is_unit(before: Atom, after: Atom) -> bool:
    return before.kind is AtomKind.NUMBER and after.kind is AtomKind.WORD and after.gap in ("", " ")
