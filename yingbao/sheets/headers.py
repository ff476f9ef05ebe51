"""Finding the header of a sheet by its names, wherever it stands and in whichever order its columns are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yingbao.kernel.errors import BadInput
from yingbao.sheets import refusals
from yingbao.sheets.cells import Raw, clean
from yingbao.sheets.guards import column_letters
from yingbao.sheets.layout import Column, Layout, header_key


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header is: ``last_row`` counts from 1, ``places`` maps a column's key to its index from 0."""

    last_row: int
    places: dict[str, int]
    labels: tuple[str, ...]  # every label as written, known to the layout or not


def find_header(rows: Sequence[Sequence[Raw]], *, layout: Layout, name: str) -> Header:
    """Return the header among a sheet's first rows. Raises BadInput naming the columns missing or doubled."""
    texts = [[str(clean(cell)) for cell in row] for row in rows]
    found = [_match(texts, index, layout) for index in range(len(texts))]
    best = max(found, key=lambda matches: len({column.key for _, column in matches.known}), default=None)
    if best is None or len(best.known) < min(2, len(layout.columns)):
        raise refusals.no_header(name, [column.name for column in layout.columns if column.required])
    places = _places(best.known, name)
    missing = [c.name for c in layout.columns if c.required and c.key not in places]
    if missing:
        raise refusals.missing_columns(name, missing)
    return Header(best.last_row, places, tuple(best.labels))


def choose_layout(rows: Sequence[Sequence[Raw]], *, layouts: Sequence[Layout], name: str) -> tuple[Header, Layout]:
    """Return the layout that knows most of a sheet's columns, with the header; of two alike, the first.

    Raises BadInput, as the first layout has it, where the sheet has the columns of none.
    """
    found, refused = [], []
    for layout in layouts:
        try:
            found.append((find_header(rows, layout=layout, name=name), layout))
        except BadInput as error:
            refused.append(error)
    if not found:
        raise refused[0]
    return max(found, key=lambda pair: len(pair[0].places))


@dataclass(frozen=True, slots=True)
class _Match:
    last_row: int
    labels: list[str]
    known: list[tuple[int, Column]]


def _match(texts: list[list[str]], index: int, layout: Layout) -> _Match:
    one = _known(texts[index], [[label] for label in texts[index]], layout)
    if not layout.has_groups or index + 1 == len(texts):
        return _Match(index + 1, texts[index], one)
    labels, candidates = _two_rows(texts[index], texts[index + 1])
    two = _known(labels, candidates, layout)
    if len(two) > len(one):
        return _Match(index + 2, labels, two)
    return _Match(index + 1, texts[index], one)


def _two_rows(upper: list[str], lower: list[str]) -> tuple[list[str], list[list[str]]]:
    """Read a merged header: a cell below may be named by itself or as group/name; a group spans to its right."""
    labels, candidates, group = [], [], ""
    for place in range(max(len(upper), len(lower))):
        above = upper[place] if place < len(upper) else ""
        below = lower[place] if place < len(lower) else ""
        group = above or group
        labels.append(below or above)
        candidates.append([f"{group}/{below}", below] if below else [above])
    return labels, candidates


def _known(labels: list[str], candidates: list[list[str]], layout: Layout) -> list[tuple[int, Column]]:
    known = []
    for place, names in zip(range(len(labels)), candidates, strict=True):
        column = next((c for n in names if n and (c := layout.by_label.get(header_key(n)))), None)
        if column is not None:
            known.append((place, column))
    return known


def _places(known: list[tuple[int, Column]], name: str) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, column in known:
        if column.key in places:
            first, second = column_letters(places[column.key] + 1), column_letters(place + 1)
            raise refusals.doubled_column(name, column.name, first, second)
        places[column.key] = place
    return places
