"""A job from a bundle: its interviews again, with the replies that are there, and without any model."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from edsl_nb.core.errors import JobError, ServiceError, warn
from edsl_nb.jobs.design import Combination, Design
from edsl_nb.jobs.interview import Interviews
from edsl_nb.models.call import ModelCall, Reply
from edsl_nb.results import Results
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.runner import loop as runner_loop
from edsl_nb.runner.context import Answered, Context
from edsl_nb.runner.loop import refuse_to_block

#: By row and question: keys and texts of the replies before the last one.
Earlier = Mapping[tuple[int, str], Sequence[tuple[str, str]]]

#: States in which a replay leaves a question, because there is no reply to it.
_AS_THEY_ARE = ("failed", "cancelled", "not_reached")

#: Missing answers that an error names.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found.

    Parameters:
        replayed: how many answers were read again from their replies.
        kept: how many were taken as they are, because no model was asked, or prompts were left out.
        reworded: the questions for which this version would word some prompt differently, with how many.
    """

    replayed: int
    kept: int
    reworded: dict[str, int]


@dataclass(slots=True)
class _Counts:
    """What is noticed on the way."""

    replayed: int = 0
    kept: int = 0
    reworded: dict[str, int] = field(default_factory=dict[str, int])
    missing: list[str] = field(default_factory=list[str])


class _Rows:
    """The design of interviews that are there already: a row is an interview."""

    iterations = 1

    def __init__(self, interviews: Sequence[Interview]) -> None:
        self._interviews = interviews

    def __len__(self) -> int:
        return len(self._interviews)

    def decode(self, index: int) -> Combination:
        """What is combined in a row."""
        row = self._interviews[index]
        return Combination(row.agent, row.scenario, row.model, row.iteration)


class _Nowhere:
    """The scope of a replay: it is never stopped, and failures are in the cells."""

    stopping = False

    def failed(self, message: str) -> None:
        """A question has no answer; the replay compares it with what is recorded."""


class _Uncounted:
    """Counts nothing: nobody watches a replay."""

    def cell(self, state: str, cached: bool = False) -> None:
        """A question has been dealt with."""


class _Recorded:
    """Gives the replies that were recorded of one interview. There is no model behind it.

    Parameters:
        row: the number of the interview.
        cells: its cells as they are recorded, by the names of the questions.
        earlier: the replies before the last one of each question.
        counts: counts what is found.
    """

    def __init__(self, row: int, cells: Mapping[str, AnswerCell], earlier: Earlier, counts: _Counts) -> None:
        self._row, self._cells, self._earlier, self._counts = row, cells, earlier, counts
        self._made = Counter[str]()
        self.scope, self.counter, self.without = _Nowhere(), _Uncounted(), frozenset[int]()

    async def call(self, call: ModelCall) -> Answered:
        """The reply to a call.

        Raises:
            ServiceError: it is not there.
        """
        name = call.question_name
        cell, before = self._cells[name], self._earlier.get((self._row, name), [])
        if cell.state in _AS_THEY_ARE:
            raise ServiceError(cell.error or "it was not asked")
        if cell.text is None:
            self._counts.missing.append(f"row {self._row}, {name}")
            raise ServiceError(f"the bundle has no reply to {name} in row {self._row}")
        made = self._made[name]
        self._made[name] += 1
        if made < len(before):
            self._compare(call, before[made][0])
            return Answered(Reply(before[made][1], ""), 0, call.key, cached=True)
        self._compare(call, cell.key)
        self._counts.replayed += 1
        return Answered(_reply_of(cell), 0, cell.key or "", cached=True)

    def _compare(self, call: ModelCall, key: str | None) -> None:
        """Note where this version words a call differently; where prompts were left out, nobody knows."""
        if key is not None and key != call.key:
            name, reworded = call.question_name, self._counts.reworded
            reworded[name] = reworded.get(name, 0) + 1


def _reply_of(cell: AnswerCell) -> Reply:
    return Reply(
        cell.text or "", cell.raw or "", cell.input_tokens or 0, cell.output_tokens or 0,
        cell.thinking_tokens, cell.model_version, cell.latency or 0.0,
    )  # fmt: skip


def replay(recorded: Results, earlier: Earlier) -> tuple[Results, Replay]:
    """Do the interviews of results again: rules are followed and replies read anew, and no model is asked.

    Parameters:
        recorded: the results.
        earlier: the replies before the last one of a question, as where it was asked again.

    Returns:
        The results, and what was found.

    Raises:
        JobError: an answer has no reply.
    """
    refuse_to_block()
    counts = _Counts()
    rows = asyncio.run_coroutine_threadsafe(_rows(recorded, earlier, counts), runner_loop.loop()).result()
    if counts.missing:
        more = f" and {len(counts.missing) - _NAMED:,} more" if len(counts.missing) > _NAMED else ""
        raise JobError(
            f"the bundle lacks the replies to {'; '.join(counts.missing[:_NAMED])}{more}",
            field="bundle",
            remedy="Export it again from the results that were asked for.",
        )
    if counts.reworded:
        named = ", ".join(f"{name} ({count:,})" for name, count in counts.reworded.items())
        warn(f"this version would word some prompts differently: {named}.")
    results = Results(recorded.axes, rows, recorded.total, recorded.partial, recorded.dry_run)
    return results.recorded_as(recorded), Replay(counts.replayed, counts.kept, counts.reworded)


async def _rows(recorded: Results, earlier: Earlier, counts: _Counts) -> list[Interview]:
    design = cast(Design, _Rows(recorded.interviews))
    reasks = max((cell.reasks or 0 for row in recorded.interviews for cell in row.cells), default=0)
    # Its prices are nobody's: replies were paid for when they were asked for.
    work = Interviews(recorded.axes, design, dict, reask=reasks, dry_run=True)
    begun = {number: _begun(row, counts) for number, row in enumerate(recorded.interviews)}
    work.go_on_from(begun)
    names = recorded.question_names
    made: list[Interview] = []
    for number, row in enumerate(recorded.interviews):
        cells = dict(zip(names, row.cells, strict=True))
        context = cast(Context, _Recorded(number, cells, earlier, counts))
        done = await work.run_item(number, context)
        made.append(_restored(row, done))
        if number % 100 == 99:
            await asyncio.sleep(0)  # lets runs go on meanwhile
    return made


def _begun(row: Interview, counts: _Counts) -> Interview:
    """What of an interview is taken as it is: what no model answered, and what has no prompt any more."""
    cells = [cell if _is_kept(cell) else AnswerCell("cancelled") for cell in row.cells]
    counts.kept += sum(cell.state == "answered" for cell in cells)
    return Interview(row.index, row.agent, row.scenario, row.model, row.iteration, cells)


def _is_kept(cell: AnswerCell) -> bool:
    return cell.key is None and cell.state == "answered"


def _restored(row: Interview, done: Interview) -> Interview:
    """The interview with its number; what had failed or was never asked is as it was."""
    cells = [
        before if before.state in _AS_THEY_ARE else after
        for before, after in zip(row.cells, done.cells, strict=True)
    ]
    for cell, before in zip(cells, row.cells, strict=True):
        cell.reply_ids, cell.latency, cell.model_version = (
            before.reply_ids,
            before.latency,
            before.model_version,
        )
    return Interview(row.index, row.agent, row.scenario, row.model, row.iteration, cells)
