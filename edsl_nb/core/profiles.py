"""How the values of a column are distributed: for the head of the column, and to filter by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from edsl_nb.core.bins import bins_of, counted
from edsl_nb.core.cells import is_empty, part_key, parts_of, safe_cell
from edsl_nb.core.tables import Bin, Cell, Profile, Tally

#: Most different values of which each is told, and characters that each of them may have.
_MOST_VALUES, _LONGEST = 30, 120

_NUMBERS: tuple[set[type], ...] = ({int}, {float}, {int, float})

_Key = tuple[bool, Cell]


def profile_of(values: Sequence[Any], options: Sequence[Any] = ()) -> Profile:
    """Count the values of a column.

    Numbers are counted in bins, unless they are options to choose from. Anything else is
    counted by value where there are few: lists by their items.

    Parameters:
        values: all of them.
        options: what could be chosen, in order, where that is known.
    """
    filled = [value for value in values if not is_empty(value)]
    empty = len(values) - len(filled)
    if not options and set(map(type, filled)) in _NUMBERS:
        cells = [safe_cell(number) for number in filled]
        numbers = [float(cell) for cell in cells if not isinstance(cell, str | None)]
        if len(numbers) == len(filled):
            return _of_numbers(numbers, empty)
    counts = Counter[_Key](part_key(part) for value in filled for part in parts_of(value))
    keys = dict.fromkeys(part_key(part) for option in options for part in parts_of(option))
    keys |= dict.fromkeys(key for key, _ in counts.most_common(_MOST_VALUES + 1))
    few = len(counts) <= _MOST_VALUES >= len(keys) and all(len(str(cell)) <= _LONGEST for _, cell in keys)
    tallies = [Tally(key[1], counts[key]) for key in keys] if few else []
    return Profile(len(filled), empty, len(counts), tallies)


def _of_numbers(numbers: Sequence[float], empty: int) -> Profile:
    edges = bins_of(numbers)
    bins = [Bin(edges[i], edges[i + 1], count) for i, count in enumerate(counted(numbers, edges))]
    return Profile(len(numbers), empty, len(set(numbers)), (), bins, (min(numbers), max(numbers)))
