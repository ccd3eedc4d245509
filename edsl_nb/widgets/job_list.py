"""The jobs on Coop in the notebook: page by page, filtered, searched, and fetched by a click."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import traitlets

from edsl_nb.coop.client import checked_query
from edsl_nb.coop.listing import JobList
from edsl_nb.coop.records import STATUSES, JobRow
from edsl_nb.coop.remote_jobs import JobQuery
from edsl_nb.coop.source import Action, JobSource
from edsl_nb.core.errors import CoopError
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.runner import loop
from edsl_nb.widgets.answering import Answers
from edsl_nb.widgets.assets import bundle_file
from edsl_nb.widgets.base import BaseWidget
from edsl_nb.widgets.messages import Request
from edsl_nb.widgets.messages.job_list import (
    REPORT_LIMIT,
    ChooseRequest,
    DismissRequest,
    JobActionReply,
    JobActionRequest,
    JobLink,
    JobListState,
    JobOutcome,
    JobQueryState,
    JobRowData,
    JobsReply,
    JobsRequest,
)
from edsl_nb.widgets.messages.table import CELL_LIMIT
from edsl_nb.widgets.plain import table_text
from edsl_nb.widgets.static_html import table_html
from edsl_nb.widgets.words import shorten

#: Rows that are remembered, so that they can be acted on after their page was turned.
_KNOWN = 2_000

#: Error reports that are sent with the rows of their jobs.
_REPORTS = 5


class JobListWidget(BaseWidget):
    """Shows the jobs on Coop, beginning with a list's page. Pages travel on request, as they are by then.

    What is chosen and fetched lands in the list's `selected`, `fetched` and `fetched_results`. The page that
    was looked at last, and what came of actions, outlive the page of the browser; the former is what stays
    in a saved notebook.

    Parameters:
        jobs: the list.
    """

    _esm = bundle_file("job_list.js")
    _css = bundle_file("job_list.css")

    listing = traitlets.Dict().tag(sync=True)

    def __init__(self, jobs: JobList) -> None:
        self._jobs = jobs
        self._source = JobSource(jobs)
        self._answers = Answers(self.reply)
        # Read and written on the runner's loop only.
        self._rows: dict[str, JobRow] = {}
        self._outcomes: dict[str, dict[Action, JobOutcome]] = {}
        self._seen = self._source.first
        super().__init__(listing=self._state())

    def close(self) -> None:
        """Take the widget out of the notebook and stop what it was doing."""
        self._answers.close()
        super().close()

    def handle(self, request: Request) -> None:
        if isinstance(request, JobsRequest):
            self._answers.start(request, partial(self._page, request))
        elif isinstance(request, JobActionRequest):
            # Actions on other jobs go on beside it.
            slot = (request.view, request.action, request.uuid)
            self._answers.start(request, partial(self._act, request), slot)
        elif isinstance(request, ChooseRequest):
            loop.call_soon(self._choose, request.uuids)
        elif isinstance(request, DismissRequest):
            loop.call_soon(self._dismiss, request.uuid, request.action)

    def static_html(self) -> str:
        return table_html(self._seen_table())

    def plain_text(self) -> str:
        return table_text(self._seen_table())

    def _seen_table(self) -> MemoryTable:
        """The page that was looked at last."""
        seen = self._seen
        return JobList(self._jobs.wire, seen.rows, seen.query, seen.has_next).as_table()

    async def _page(self, request: JobsRequest) -> JobsReply:
        page = await self._source.page(_query(request))
        if page.state in ("ready", "empty"):
            self._seen = page
            self.listing = self._state()
        # Rows of one uuid twice could not be told apart.
        rows = {row.uuid: row for row in page.rows}
        for uuid, row in rows.items():
            self._rows.pop(uuid, None)
            self._rows[uuid] = row
        self._forget()
        return JobsReply(
            view=request.view,
            id=request.id,
            state=page.state,
            rows=[self._row(row) for row in rows.values()],
            has_next=page.has_next,
            moving=page.moving,
            problem=page.problem,
            remedy=page.remedy,
        )

    async def _act(self, request: JobActionRequest) -> JobActionReply:
        row = self._rows.get(request.uuid)
        if row is None:
            raise CoopError("the job is not on a page any more", remedy="Refresh the list.")
        source = self._source
        acts = {
            "fetch": source.fetch,
            "fetch_results": source.fetch_results,
            "error_report": source.error_report,
            "cancel": source.cancel,
        }
        outcome = await acts[request.action](row)
        is_report = outcome.done and request.action == "error_report"
        told = JobOutcome(
            action=request.action,
            done=outcome.done,
            words=outcome.words,
            report=shorten(str(outcome.value), REPORT_LIMIT) if is_report else "",
        )
        self._keep(row.uuid, told)
        return JobActionReply(view=request.view, id=request.id, uuid=row.uuid, **told.model_dump())

    def _keep(self, uuid: str, told: JobOutcome) -> None:
        """Keep what came of an action, for pages to come; of reports, which are long, the last ones."""
        self._outcomes.setdefault(uuid, {})[told.action] = told
        if told.report:
            reports = [one for one, found in self._outcomes.items() if one != uuid and _has_report(found)]
            for other in reports[: max(0, len(reports) + 1 - _REPORTS)]:
                self._dismiss(other, "error_report")

    def _dismiss(self, uuid: str, action: Action) -> None:
        self._outcomes.get(uuid, {}).pop(action, None)

    def _choose(self, uuids: list[str]) -> None:
        """On the loop: keep what was chosen, in the order of choosing."""
        rows = [self._rows[uuid] for uuid in dict.fromkeys(uuids) if uuid in self._rows]
        self._jobs.selected = rows
        self.listing = self._state()

    def _forget(self) -> None:
        """Drop the rows that were seen longest ago, but none that is chosen."""
        chosen = {row.uuid for row in self._jobs.selected}
        over = len(self._rows) - _KNOWN
        for uuid in [uuid for uuid in self._rows if uuid not in chosen][: max(over, 0)]:
            del self._rows[uuid]
            self._outcomes.pop(uuid, None)

    def _row(self, row: JobRow) -> JobRowData:
        fetched: list[Action] = ["fetch"] if row.uuid in self._jobs.fetched else []
        if row.uuid in self._jobs.fetched_results:
            fetched.append("fetch_results")
        return JobRowData(
            uuid=row.uuid,
            description=shorten(row.description or "", CELL_LIMIT),
            status=shorten(row.status or "", CELL_LIMIT),
            cost_credits=row.cost_credits,
            iterations=row.iterations,
            created_at=shorten(row.created_at or "", CELL_LIMIT),
            failure=shorten(row.latest_failure_reason or "", CELL_LIMIT),
            links=[JobLink(label=label, url=url) for label, url in self._source.pages(row).items()],
            actions=self._source.actions(row),
            fetched=fetched,
            outcomes=list(self._outcomes.get(row.uuid, {}).values()),
        )

    def _state(self) -> dict[str, Any]:
        asked = self._seen.query
        query = JobQueryState(
            page=asked.page,
            page_size=asked.page_size,
            statuses=list(asked.statuses),
            search=shorten(asked.search_query, 1000),
            ascending=asked.sort_ascending,
        )
        chosen = [row.uuid for row in self._jobs.selected]
        coop = self._jobs.wire.access.url
        return JobListState(coop=coop, query=query, statuses=list(STATUSES), chosen=chosen).model_dump()


def _has_report(outcomes: Mapping[Action, JobOutcome]) -> bool:
    return "error_report" in outcomes and outcomes["error_report"].report != ""


def _query(asked: JobQueryState) -> JobQuery:
    return checked_query(asked.page, asked.page_size, asked.statuses, asked.search, asked.ascending)
