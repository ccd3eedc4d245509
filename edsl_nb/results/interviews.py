"""Interviews in columns: what a run puts together, and results are rows of."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, overload

from edsl_nb.results.cells import Cells, unanswered
from edsl_nb.results.growing import Places, Rare
from edsl_nb.results.records import Interview, Own
from edsl_nb.runner.progress import CellState

#: The numbers of what an interview combines, by the names of its fields.
_COMBINED = ("agent", "scenario", "model", "iteration")


class InterviewTable:
    """Interviews in columns, a row each, which grow at their end.

    One thread adds to them, and any may read what is there meanwhile: rows never change. An interview that is
    added once more, as when its failed questions were asked again, is another row; `copy` gives the latest.

    Parameters:
        questions: how many questions each has.
        own: by question, what it shows everybody; empty where that is not known.

    Attributes:
        cells: the cells, by question.
        places: the numbers of what they combine, by the names of an interview's fields, and their index.
        kept: what only a file says of them; see `Interview`.
    """

    __slots__ = ("_own", "cells", "kept", "places")

    def __init__(self, questions: int, own: Sequence[Own] = ()) -> None:
        self.cells = tuple(Cells() for _ in range(questions))
        self.places = {name: Places() for name in (*_COMBINED, "index")}
        self.kept = Rare(None)
        self._own = own

    def add(self, interview: Interview) -> None:
        """Add an interview."""
        for cells, cell in zip(self.cells, interview.cells, strict=True):
            cells.append(cell)
        places = self.places
        if interview.kept is not None:
            self.kept.put(len(places["index"]), interview.kept)
        places["agent"].data.append(interview.agent)
        places["scenario"].data.append(interview.scenario)
        places["model"].data.append(interview.model)
        places["iteration"].data.append(interview.iteration)
        places["index"].data.append(interview.index)  # last: from now on it is there for those who read

    def __setitem__(self, index: int, interview: Interview) -> None:
        """Add an interview, as a dict by index does."""
        self.add(interview)

    def update(self, interviews: Mapping[int, Interview]) -> None:
        """Add several, as a dict by index does."""
        for table, some in groupby(interviews.values(), _table_of):
            if table is None:
                for interview in some:
                    self.add(interview)
            else:
                rows = Rows(table, array("q", (i.row for i in some if isinstance(i, _Interview))))
                self.extend(rows, rows.numbers("index"))

    def extend(self, others: Rows, indices: Iterable[int], **shift: int) -> None:
        """Add rows of others.

        Parameters:
            others: the rows.
            indices: the indices that they get.
            shift: what is added to their numbers, by the names of an interview's fields.
        """
        table, rows = others.table, others.rows
        for mine, theirs in zip(self.cells, table.cells, strict=True):
            mine.extend(theirs, rows)
        self.kept.put(len(self.places["index"]), *table.kept.gather(rows))
        for name in _COMBINED:
            more = shift.get(name, 0)
            self.places[name].extend(number + more for number in table.places[name].gather(rows))
        self.places["index"].extend(indices)

    @property
    def all(self) -> Rows:
        """Every row there is by now."""
        return Rows(self, range(len(self.places["index"])))

    def copy(self) -> Rows:
        """What there is of each interview by now, in the order of their indices."""
        count = len(self.places["index"])
        indices = self.places["index"].gather(range(count))
        if all(map(int.__lt__, indices, indices[1:])):
            return Rows(self, range(count))
        latest = dict(zip(indices, range(count), strict=True))
        return Rows(self, array("q", (latest[index] for index in sorted(latest))))

    def items(self) -> Iterator[tuple[int, Interview]]:
        """The interviews by index, in order."""
        return self.copy().items()

    def __getitem__(self, row: int) -> Interview:
        return _Interview(self, row)

    def read(self, row: int, name: str) -> Any:
        """A field of an interview."""
        if name == "cells":
            return tuple(cells[row] for cells in self.cells)
        if name == "own":
            return self._own
        return self.kept[row] if name == "kept" else self.places[name][row]


class Rows(Sequence[Interview]):
    """Some rows of a table of interviews, each of which becomes an interview when it is looked at.

    Parameters:
        table: the table.
        rows: their numbers there: a range that counts up by one, or an array.
    """

    __slots__ = ("_numbers", "rows", "table")

    def __init__(self, table: InterviewTable, rows: range | array[int]) -> None:
        self.table, self.rows = table, rows
        self._numbers: dict[Any, Sequence[int]] = {}

    @classmethod
    def of(cls, interviews: Iterable[Interview], questions: int) -> Rows:
        """Interviews as rows of a table."""
        if isinstance(interviews, Rows):
            return interviews
        table = InterviewTable(questions)
        for interview in interviews:
            table.add(interview)
        return table.all

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, position: int) -> Interview: ...
    @overload
    def __getitem__(self, position: slice) -> Rows: ...
    def __getitem__(self, position: int | slice) -> Interview | Rows:
        if isinstance(position, slice):
            return self.at(range(len(self))[position])
        return self.table[self.rows[position]]

    def __iter__(self) -> Iterator[Interview]:
        return map(self.table.__getitem__, self.rows)

    def values(self) -> Rows:
        """The interviews, as a dict by index has them."""
        return self

    def items(self) -> Iterator[tuple[int, Interview]]:
        """The interviews by index."""
        return ((interview.index, interview) for interview in self)

    def at(self, positions: Sequence[int]) -> Rows:
        """The rows at some positions."""
        return Rows(self.table, chosen(self.rows, positions))

    def answered(self) -> Rows:
        """Those with at least one answer, in the order of their indices."""
        without = unanswered(self.table.cells, self.rows)
        indices = self.table.places["index"].gather(self.rows)
        if not without and all(map(int.__le__, indices, indices[1:])):
            return self
        kept = sorted(zip(indices, self.rows, strict=True), key=lambda pair: pair[0])
        return Rows(self.table, array("q", (row for _, row in kept if row not in without)))

    def field(self, place: int, name: str) -> list[Any]:
        """A field of the cells of a question.

        Parameters:
            place: the question's position in the survey.
            name: the field.
        """
        return self.table.cells[place].column(name).gather(self.rows)

    def numbers(self, of: Any, find: Callable[[Rows], Sequence[int]] | None = None) -> Sequence[int]:
        """Numbers by which rows share values; they are kept, since several columns need them.

        Parameters:
            of: the name of an interview's field, or else of what is to be found.
            find: finds them.
        """
        if of not in self._numbers:
            found = self.table.places[of].gather(self.rows) if find is None else find(self)
            self._numbers[of] = found if isinstance(found, bytes) else array("q", found)
        return self._numbers[of]


def _table_of(interview: Interview) -> InterviewTable | None:
    """The table of which it is a row."""
    return interview.table if isinstance(interview, _Interview) else None


def chosen(rows: Sequence[int], positions: Sequence[int]) -> range | array[int]:
    """The rows at some positions of others, as a range where they count up by one."""
    if isinstance(rows, range) and isinstance(positions, range) and positions.step == 1:
        return rows[positions.start : positions.stop]
    return array("q", map(rows.__getitem__, positions))


class _Interview(Interview):
    """An interview that takes a field from its table when it is looked at first."""

    __slots__ = ("row", "table")

    def __init__(self, table: InterviewTable, row: int) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.table, self.row = table, row

    @property
    def states(self) -> Sequence[CellState]:
        return [cells.state(self.row) for cells in self.table.cells]

    def __getattr__(self, name: str) -> Any:
        if name not in Interview.__slots__:
            raise AttributeError(name)
        value = self.table.read(self.row, name)
        setattr(self, name, value)
        return value
