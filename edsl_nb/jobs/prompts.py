"""Every prompt of a job as a table, rendered for the page that is looked at."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, overload

from edsl_nb.core.cells import as_cell
from edsl_nb.core.code import counted
from edsl_nb.core.errors import JobError, TableError
from edsl_nb.core.filters import check_filters, test_of
from edsl_nb.core.memory_table import check_query
from edsl_nb.core.objects import Shown
from edsl_nb.core.profiles import profile_of
from edsl_nb.core.tables import Column, Filter, Page, Profile, Query, Row, ScanReport
from edsl_nb.jobs.design import Combination, Design
from edsl_nb.jobs.preview import Preview
from edsl_nb.jobs.prompting import Prompter, Respondent
from edsl_nb.models.call import ModelCall
from edsl_nb.models.prices import Price, price
from edsl_nb.results import Axes, Dataset

if TYPE_CHECKING:
    import pandas as pd

#: Columns in EDSL's order, with how they are shown.
_COLUMNS: dict[str, Any] = {
    "user_prompt": "text",
    "system_prompt": "text",
    "interview_index": "number",
    "question_name": "text",
    "scenario_index": "number",
    "agent_index": "number",
    "model": "text",
    "estimated_cost": "money",
    "cache_keys": "list",
}

#: Columns that say what a prompt is about, which takes no rendering; the table can be filtered by them
#: up to so many rows, since counting their values goes through all.
_ABOUT = frozenset({"interview_index", "question_name", "scenario_index", "agent_index", "model"})
_MOST_COUNTED = 1_000_000

#: Rows that a search renders between two looks at whether it is still wanted.
_CHUNK = 2_000

_MICRO = Decimal("0.000001")


def estimated_tokens(user_prompt: str, system_prompt: str) -> tuple[int, int]:
    """Tokens in and out that a call may take, by EDSL's formula.

    Four characters make an input token, where a text with both ``{{`` and
    ``}}`` counts twice; a call gives three output tokens for four input tokens.
    """
    input_tokens = (_characters(user_prompt) + _characters(system_prompt)) // 4
    return input_tokens, math.ceil(0.75 * input_tokens)


def _characters(text: str) -> int:
    return len(text) * (2 if "{{" in text and "}}" in text else 1)


def rounded_cost(cost: Decimal) -> float:
    """USD with six decimals, half up, as EDSL's tables show it."""
    return float(cost.quantize(_MICRO, ROUND_HALF_UP))


def check_iterations(iterations: object) -> None:
    """Raise for what is no number of draws.

    Raises:
        JobError: it is no whole number above 0.
    """
    if isinstance(iterations, bool) or not isinstance(iterations, int) or iterations < 1:
        raise JobError(
            "a number of draws, 1 or more, is wanted",
            field="iterations",
            value=iterations,
            remedy="Such as 3.",
        )


class PromptTable(Shown):
    """The prompts of a job: a row per interview and question that is put to a model.

    A question that takes several calls stands with its first. Questions that a
    survey's rules may skip are there too, since the answers are not known yet.

    Shows as a table, page by page; `select`, `to_dataset` and `to_pandas` render all of it.

    Parameters:
        axes: the survey and the lists.
        design: which combinations are interviews.
        iterations: draws per interview; each has a cache key of its own.
        primary: the columns shown at first; the others are a click away.
    """

    title = "Prompts"
    searchable = True

    def __init__(
        self, axes: Axes, design: Design, iterations: int = 1, primary: Sequence[str] | None = None
    ) -> None:
        check_iterations(iterations)
        self._design, self._iterations = design, iterations
        self._prompter = Prompter(axes)
        self._preview = Preview(self._prompter)
        self._questions = axes.survey.questions
        self._models = list(axes.models)
        self._prices: list[Price | None] | None = None
        self._primary = frozenset(_COLUMNS if primary is None else primary)
        # Questions that are computed have no prompts.
        self._asked = [i for i, question in enumerate(self._questions) if not question.computed]
        self._search: tuple[str, tuple[Filter, ...], _Matches] | None = None

    @property
    def columns(self) -> Sequence[Column]:
        few = len(self) <= _MOST_COUNTED
        return [
            Column(name, kind, primary=name in self._primary, filterable=few and name in _ABOUT)
            for name, kind in _COLUMNS.items()
        ]

    def __len__(self) -> int:
        return self._design.interviews * len(self._asked)

    def values(self, key: int) -> dict[str, Any]:
        """A row, by its position: its columns' values."""
        where, position, call = self._first_call(key)
        user, system = ("", "") if call is None else (call.turns[-1][1], call.system)
        return {
            "user_prompt": user,
            "system_prompt": system,
            "interview_index": key // len(self._asked),
            "question_name": self._questions[position].question_name,
            "scenario_index": where.scenario,
            "agent_index": where.agent,
            "model": self._models[where.model].model,
            "estimated_cost": 0.0 if call is None else self._cost(where.model, position, user, system),
            "cache_keys": [] if call is None else self._keys(where, position, call),
        }

    def _keys(self, where: Combination, position: int, first: ModelCall) -> list[str]:
        keys = [first.key]
        for iteration in range(1, self._iterations):
            if self._prompter.varies(position):  # with the iteration, as where options are shuffled
                who = Respondent(where.agent, where.scenario, iteration)
                keys.append(self._preview.first_call(first.model, position, who).key)
            else:
                keys.append(replace(first, iteration=iteration).key)
        return keys

    def _cost(self, model: int, position: int, user: str, system: str) -> float | None:
        if self._prices is None:
            self._prices = [price(one) for one in self._models]
        cost = self._prices[model]
        if cost is None:
            return None
        calls = self._questions[position].most_calls
        return rounded_cost(calls * cost.cost(*estimated_tokens(user, system)))

    def prompts(self, key: int) -> tuple[str, str, int]:
        """User prompt, system prompt and the model's position, for a row."""
        where, _, call = self._first_call(key)
        return ("", "", where.model) if call is None else (call.turns[-1][1], call.system, where.model)

    def _first_call(self, key: int) -> tuple[Combination, int, ModelCall | None]:
        """What a row stands for, and its first call; None where an agent answers by itself."""
        interview, nth = divmod(key, len(self._asked))
        where, position = self._design.decode(interview), self._asked[nth]
        if self._prompter.agent(where.agent).answers_directly(self._questions[position].question_name):
            return where, position, None
        who = Respondent(where.agent, where.scenario)
        return where, position, self._preview.first_call(self._models[where.model], position, who)

    def whole_row(self, key: int) -> Row:
        """A row with all its cells."""
        return Row(key, [as_cell(value) for value in self.values(key).values()])

    def first_rows(self, limit: int) -> Sequence[Row]:
        return [self.whole_row(key) for key in range(min(limit, len(self)))]

    async def row(self, key: int) -> Row:
        if not 0 <= key < len(self):
            raise TableError(
                "there is no such row", field="row", value=key, remedy=f"There are {len(self):,} rows."
            )
        return await asyncio.to_thread(self.whole_row, key)

    async def page(self, query: Query, report: ScanReport | None = None) -> Page:
        check_query(query, self.columns)
        if not query.search and not query.filters:
            keys: Sequence[int] = range(query.offset, min(query.offset + query.limit, len(self)))
            rows = await asyncio.to_thread(lambda: [self.whole_row(key) for key in keys])
            return Page(rows, len(self), query.offset + len(rows) < len(self))
        matches = self._matches(query.search.casefold(), query.filters)
        # One more than the page shows whether there is a next one.
        await matches.gather(query.offset + query.limit + 1, report)
        keys = matches.found[query.offset : query.offset + query.limit]
        rows = await asyncio.to_thread(lambda: [self.whole_row(key) for key in keys])
        total = len(matches.found) if matches.complete else None
        return Page(rows, total, len(matches.found) > query.offset + len(keys))

    def _matches(self, text: str, filters: tuple[Filter, ...]) -> _Matches:
        if self._search is None or self._search[:2] != (text, filters):
            self._search = (text, filters, _Matches(self, self._wanted(text, filters)))
        return self._search[2]

    def _wanted(self, text: str, filters: tuple[Filter, ...]) -> Callable[[int], bool]:
        """Whether a row is searched and filtered for; a search renders it, so it comes last."""
        tests = [(self._reader(one.column), test_of(one)) for one in filters]

        def wanted(key: int) -> bool:
            return all(test(read(key)) for read, test in tests) and (not text or self.contains(key, text))

        return wanted

    async def profile(self, column: str) -> Profile:
        """How often a question, a model and so on are asked for.

        Raises:
            TableError: the table cannot be filtered by this column.
        """
        check_filters([Filter(column)], self.columns)
        read = self._reader(column)
        return await asyncio.to_thread(lambda: profile_of([read(key) for key in range(len(self))]))

    def _reader(self, column: str) -> Callable[[int], Any]:
        """Reads what the prompt of a row is about, without rendering it."""
        number, decode = len(self._asked), self._design.decode
        names = [self._questions[position].question_name for position in self._asked]
        readers: dict[str, Callable[[int], Any]] = {
            "interview_index": lambda key: key // number,
            "question_name": lambda key: names[key % number],
            "scenario_index": lambda key: decode(key // number).scenario,
            "agent_index": lambda key: decode(key // number).agent,
            "model": lambda key: self._models[decode(key // number).model].model,
        }
        return readers[column]

    def contains(self, key: int, text: str) -> bool:
        """Whether a row's prompts, question or model hold a text, given in lower case."""
        user, system, model = self.prompts(key)
        name = self._questions[self._asked[key % len(self._asked)]].question_name
        return any(text in part.casefold() for part in (user, system, name, self._models[model].model))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (self.values(key) for key in range(len(self)))

    @overload
    def __getitem__(self, key: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, key: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, key: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(key, slice):
            return [self.values(one) for one in range(len(self))[key]]
        if not -len(self) <= key < len(self):
            raise IndexError(f"there are {len(self):,} prompts, no prompt {key}")
        return self.values(key % len(self))

    def to_dicts(self) -> list[dict[str, Any]]:
        """All rows, as dicts."""
        return list(self)

    def to_dataset(self) -> Dataset:
        """All rows as a `Dataset`, with its verbs; renders every prompt."""
        rows = self.to_dicts()
        return Dataset({name: [row[name] for row in rows] for name in _COLUMNS}, title=self.title)

    def select(self, *names: str | Sequence[str]) -> Dataset:
        """Some columns of all rows, such as ``select("user_prompt", "model")``; see `Dataset.select`.

        Raises:
            ResultsError: a name stands for no column.
        """
        return self.to_dataset().select(*names)

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a data frame, which renders every prompt."""
        import pandas as pd

        return pd.DataFrame(self.to_dicts(), columns=list(_COLUMNS))

    def __repr__(self) -> str:
        return f"PromptTable({counted(len(self), 'prompt')})"


class _Matches:
    """The rows that are wanted, found so far. Going on from where the last page stopped."""

    def __init__(self, table: PromptTable, wanted: Callable[[int], bool]) -> None:
        self._table, self._wanted = table, wanted
        self._looked_at = 0
        self._scanning = asyncio.Lock()
        self.found: list[int] = []

    @property
    def complete(self) -> bool:
        """Whether every row has been looked at."""
        return self._looked_at >= len(self._table)

    async def gather(self, wanted: int, report: ScanReport | None) -> None:
        """Look on until so many rows are found, or all are looked at."""

        def matches(keys: range) -> list[int]:
            return [key for key in keys if self._wanted(key)]

        async with self._scanning:
            while len(self.found) < wanted and not self.complete:
                stop = min(self._looked_at + _CHUNK, len(self._table))
                self.found += await asyncio.to_thread(matches, range(self._looked_at, stop))
                self._looked_at = stop
                if report is not None:
                    report(stop, len(self._table))
