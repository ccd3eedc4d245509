"""The cells of a question, of all interviews, in columns; a cell is a view of a row of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import product
from typing import Any, get_args

from edsl_nb.questions.reading import How
from edsl_nb.results.growing import Amounts, Coded, Column, Counts, Field, Growing, Rare, Recoded, Things
from edsl_nb.results.records import NOTHING, AnswerCell, Seldom
from edsl_nb.runner.progress import CellState

#: What can become of a question and how its reply was read, which is one byte.
OUTCOMES: Sequence[tuple[CellState, How | None]] = tuple(product(get_args(CellState), (None, *get_args(How))))

#: What it says of either, by the name of a cell's field.
_OF_OUTCOME: dict[str, Sequence[str | None]] = {
    "state": [state for state, _ in OUTCOMES],
    "how": [how for _, how in OUTCOMES],
}

#: The fields that few cells have, and these together.
_SELDOM = frozenset({"seldom", *(field.name for field in fields(Seldom))})

#: The places of answered ones there.
_ANSWERED = frozenset(place for place, (state, _) in enumerate(OUTCOMES) if state == "answered")


class Cells:
    """The cells of a question in columns, which grow.

    Attributes:
        outcome: states, and how replies were read.
        columns: the others, by the names of a cell's fields.
    """

    __slots__ = (
        "_answer", "_cached", "_comment", "_cost", "_input_tokens", "_key", "_latency", "_model_version",
        "_options", "_output_tokens", "_raw", "_replies", "_seldom", "_system_prompt", "_text",
        "_user_prompt", "columns", "outcome",
    )  # fmt: skip

    def __init__(self) -> None:
        self.outcome = Coded(OUTCOMES)
        self._answer, self._comment, self._text, self._raw = Things(), Things(), Things(), Things()
        self._user_prompt, self._system_prompt, self._options = Things(), Things(), Things()
        self._key, self._model_version = Things(), Things()
        self._input_tokens, self._output_tokens, self._replies = Counts(), Counts(), Counts(missing=())
        self._cost, self._latency = Amounts(), Amounts()
        self._cached, self._seldom = Coded[bool | None]((None, False, True)), Rare(NOTHING)
        self.columns: dict[str, Growing] = {
            "answer": self._answer, "comment": self._comment, "text": self._text, "raw": self._raw,
            "user_prompt": self._user_prompt, "system_prompt": self._system_prompt,
            "options": self._options, "key": self._key, "model_version": self._model_version,
            "input_tokens": self._input_tokens, "output_tokens": self._output_tokens,
            "cost": self._cost, "latency": self._latency, "cached": self._cached,
            "replies": self._replies,
        }  # fmt: skip

    def append(self, cell: AnswerCell) -> None:
        """Add a cell."""
        if cell.seldom is not NOTHING:
            self._seldom.put(len(self._answer), cell.seldom)
        self.outcome.data.append(self.outcome.code[cell.state, cell.how])
        self._answer.append(cell.answer)
        self._comment.append(cell.comment)
        self._text.append(cell.text)
        self._raw.append(cell.raw)
        self._user_prompt.append(cell.user_prompt)
        self._system_prompt.append(cell.system_prompt)
        self._options.append(cell.options)
        self._key.append(cell.key)
        self._model_version.append(cell.model_version)
        self._input_tokens.append(cell.input_tokens)
        self._output_tokens.append(cell.output_tokens)
        self._cost.append(cell.cost)
        self._latency.append(cell.latency)
        self._cached.data.append(self._cached.code[cell.cached])
        self._replies.append(cell.replies)

    def extend(self, other: Cells, rows: Sequence[int]) -> None:
        """Add cells of other ones."""
        self._seldom.put(len(self._answer), *other.column("seldom").gather(rows))
        self.outcome.extend(other.outcome.gather(rows))
        for name, column in self.columns.items():
            column.extend(other.columns[name].gather(rows))

    def __getitem__(self, row: int) -> AnswerCell:
        return _Cell(self, row)

    def read(self, row: int, name: str) -> Any:
        """A field of a cell, by the name of its slot."""
        return self.column(name)[row]

    def state(self, row: int) -> CellState:
        """The state of a cell."""
        return self.outcome[row][0]

    def outcomes(self, rows: Sequence[int]) -> bytes:
        """The places in `OUTCOMES` of some cells."""
        return self.outcome.codes(rows)

    def column(self, name: str) -> Column:
        """The column of a field of cells."""
        if name in _SELDOM:
            return self._seldom if name == "seldom" else Field(self._seldom, name)
        return Recoded(self.outcome, _OF_OUTCOME[name]) if name in _OF_OUTCOME else self.columns[name]


def unanswered(questions: Iterable[Cells], rows: Sequence[int]) -> set[int]:
    """The rows in which no question is answered."""
    left = list(rows)
    for cells in questions:
        left = [row for row, code in zip(left, cells.outcomes(left), strict=True) if code not in _ANSWERED]
    return set(left)


class _Cell(AnswerCell):
    """A cell that takes a field from its columns when it is looked at first."""

    __slots__ = ("_cells", "_row")

    def __init__(self, cells: Cells, row: int) -> None:  # pyright: ignore[reportMissingSuperCall]
        self._cells, self._row = cells, row

    def __getattr__(self, name: str) -> Any:
        if name not in AnswerCell.__slots__:
            raise AttributeError(name)
        value = self._cells.read(self._row, name)
        setattr(self, name, value)
        return value
