"""Benchmarks in the notebook: a matrix of tasks and agents, the samples beneath, and their conversations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.tables import Column, Page, Profile, Query, Row, ScanReport, TableSource
from edsl_nb.core.transcripts import Conversations
from edsl_nb.runner import loop
from edsl_nb.runner.run import Run
from edsl_nb.tasks.results import BenchmarkResults
from edsl_nb.tasks.sample_table import sample_table
from edsl_nb.tasks.transcripts import SampleConversations
from edsl_nb.tasks.work import Samples
from edsl_nb.widgets.assets import bundle_file
from edsl_nb.widgets.base import BaseWidget
from edsl_nb.widgets.board_html import PART_LIMIT, board_html, board_part, board_state, board_text
from edsl_nb.widgets.messages import Reply, Request
from edsl_nb.widgets.messages.benchmark import ScoreRequest
from edsl_nb.widgets.messages.table import TableRequest
from edsl_nb.widgets.messages.transcript import TranscriptMessages
from edsl_nb.widgets.paging import TableChannel, table_state
from edsl_nb.widgets.plain import progress_text
from edsl_nb.widgets.progress import ProgressWidget
from edsl_nb.widgets.static_html import BOX, progress_html, table_part
from edsl_nb.widgets.transcript import TranscriptChannel

#: Seconds between two looks at the samples of a run that goes on: each look reads them all.
_TABLE_INTERVAL = 2.0


class _Pane:
    """The table of samples, and their conversations: what is asked of either.

    Parameters:
        source: the samples.
        conversations: theirs; a row's key is its conversation's position.
        send: sends a reply to the browser.
    """

    def __init__(
        self, source: TableSource, conversations: Conversations, send: Callable[[Reply], None]
    ) -> None:
        self._table = TableChannel(source, send)
        self._transcripts = TranscriptChannel(conversations, send)

    def ask(self, request: Request) -> None:
        """Start on a request that is about one of these."""
        if isinstance(request, TableRequest):
            self._table.ask(request)
        elif isinstance(request, TranscriptMessages):
            self._transcripts.ask(request)

    def close(self) -> None:
        """Cancel whatever is being worked on."""
        self._table.close()
        self._transcripts.close()


class BenchmarkWidget(BaseWidget):
    """Shows what a benchmark's run gave.

    Parameters:
        results: the results.
    """

    _esm = bundle_file("benchmark.js")
    _css = bundle_file("benchmark.css")

    progress = traitlets.Dict(allow_none=True).tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    board = traitlets.Dict().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)

    def __init__(self, results: BenchmarkResults) -> None:
        self._results = results
        self._scoring = False
        source = results.as_table()
        self._pane = _Pane(source, results.conversations, self.reply)
        super().__init__(progress=None, board=self._board(), table=table_state(source).model_dump())

    def close(self) -> None:
        """Take the widget out of the notebook and stop what it was doing."""
        self._pane.close()
        super().close()

    def handle(self, request: Request) -> None:
        if isinstance(request, ScoreRequest):
            loop.submit(self._score())
        else:
            self._pane.ask(request)

    def static_html(self) -> str:
        return results_html(self._results)

    def plain_text(self) -> str:
        return results_text(self._results)

    def _board(self) -> dict[str, Any]:
        return board_state(self._results.standings, None, _note(self._results), self._scoring).model_dump()

    async def _score(self) -> None:
        if self._scoring:
            return
        self._scoring = True
        self.board = self._board()
        try:
            await asyncio.to_thread(lambda: self._results.overall)
        finally:
            self._scoring = False
            self.board = self._board()


class BenchmarkRunWidget(ProgressWidget):
    """Shows a benchmark's run while it runs and how it ended, with the samples that have ended so far.

    Parameters:
        run: the run to show; the buttons pause it, resume it and cancel it.
        samples: what it runs.
    """

    _esm = bundle_file("benchmark.js")
    _css = bundle_file("benchmark.css")

    board = traitlets.Dict().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)

    def __init__(self, run: Run[Any], samples: Samples) -> None:
        self._run, self._samples, self._scoreboard = run, samples, samples.scoreboard
        self._scoring = False
        self._told = (-1, float("-inf"))
        self._version = 0
        self._source = LiveSamples(samples)
        self._pane = _Pane(self._source, SampleConversations(self._scoreboard.ended), self.reply)
        # At once, since the browser may show the widget before the run moves on.
        super().__init__(run, board=self._board(), table=table_state(self._source).model_dump())
        loop.call_soon(self._write)

    def close(self) -> None:
        """Take the widget out of the notebook; the run goes on."""
        self._pane.close()
        super().close()

    def handle(self, request: Request) -> None:
        if isinstance(request, ScoreRequest):
            loop.submit(self._score())
        elif isinstance(request, TableRequest | TranscriptMessages):
            self._pane.ask(request)
        else:
            super().handle(request)

    def static_html(self) -> str:
        return run_html(self._run, self._samples)

    def plain_text(self) -> str:
        return run_text(self._run, self._samples)

    def _write(self) -> None:
        self._show_board()
        seen, when = self._told
        late = self._run.progress.final or time.monotonic() - when >= _TABLE_INTERVAL
        if late and seen != self._scoreboard.changes:
            self._told = (self._scoreboard.changes, time.monotonic())
            self._version += 1
            self.table = table_state(self._source, version=self._version).model_dump()
        super()._write()

    def _resend(self) -> None:
        self._told = (-1, float("-inf"))
        super()._resend()
        self.resend("board")

    def _board(self) -> dict[str, Any]:
        standings = self._scoreboard.standings()
        return board_state(standings, self._run.progress, "", self._scoring).model_dump()

    def _show_board(self) -> None:
        self.board = self._board()

    async def _score(self) -> None:
        """Have the scores computed of what has ended, in the tasks' threads, one after the other."""
        if self._scoring:
            return
        self._scoring = True
        self._show_board()
        try:
            for standing in self._scoreboard.standings():
                if standing.ended:
                    await asyncio.to_thread(self._scoreboard.score_so_far, standing.agent, standing.task)
                    self._show_board()
        finally:
            self._scoring = False
            self._show_board()


class LiveSamples:
    """The samples of a run that have ended so far, in the order in which they did, as a table source.

    Parameters:
        samples: what is run.
    """

    title = "Samples"
    searchable = True

    def __init__(self, samples: Samples) -> None:
        self._scoreboard, self._repeats = samples.scoreboard, samples.repeats
        self._seen = -1
        self._table = sample_table([], self._repeats)

    def now(self) -> MemoryTable:
        """The table as it is now; the same one as long as nothing changes."""
        changes = self._scoreboard.changes
        if changes != self._seen:
            self._table = sample_table(list(self._scoreboard.ended), self._repeats)
            self._seen = changes
        return self._table

    @property
    def columns(self) -> Sequence[Column]:
        return self._table.columns

    def __len__(self) -> int:
        return len(self._scoreboard.ended)

    async def page(self, query: Query, report: ScanReport | None = None) -> Page:
        return await self.now().page(query, report)

    async def row(self, key: int) -> Row:
        return await self.now().row(key)

    def first_rows(self, limit: int) -> Sequence[Row]:
        return self.now().first_rows(limit)

    async def profile(self, column: str) -> Profile:
        """How the values of a column are distributed in the samples that have ended."""
        return await self.now().profile(column)


def _note(results: BenchmarkResults) -> str:
    return "(partial)" if results.partial else ""


def results_html(results: BenchmarkResults) -> str:
    """The matrix and the first samples, for viewers without a kernel."""
    return board_html(results.standings, _note(results), table_part(results.as_table(), "", limit=PART_LIMIT))


def results_text(results: BenchmarkResults) -> str:
    """The matrix as text: how many samples have ended how, and the scores."""
    head = f"Benchmark: {len(results):,} samples" + (", partial" if results.partial else "")
    return "\n".join([head, board_text(results.standings)])


def run_html(run: Run[Any], samples: Samples) -> str:
    """A run's state, the matrix, and the samples that ended first, for viewers without a kernel."""
    standings = samples.scoreboard.standings()
    table = table_part(LiveSamples(samples), "", limit=PART_LIMIT)
    return (
        f"<div>{progress_html(run.progress, board_part(standings))}"
        f'<div style="{BOX};margin-top:8px">{table}</div></div>'
    )


def run_text(run: Run[Any], samples: Samples) -> str:
    """A run's state as text, and the matrix when it has ended."""
    snapshot = run.progress
    text = progress_text(snapshot)
    return f"{text}\n{board_text(samples.scoreboard.standings())}" if snapshot.final else text
