"""A database task: answer questions by SQL. Queries run on SQLite; result sets are compared."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from typing import Any

from edsl_nb.tasks.examples.problems import data, is_right, of_split, share
from edsl_nb.tasks.examples.replies import ask, cut, ended_early, read_reply
from edsl_nb.tasks.session import Session
from edsl_nb.tasks.task import Task
from edsl_nb.tasks.typings import (
    AgentOutputStatus,
    SampleIndex,
    SampleStatus,
    TaskOutput,
    TaskSampleExecutionResult,
)

#: Seconds that a query may take, and the length of all that it may give, in rows and in characters.
_SECONDS, _ROWS, _LENGTH = 5.0, 1_000, 1_000_000

#: What an agent's queries may do: read, and call SQLite's functions, among which none opens files.
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}

_OPENING = """You answer a question from a SQLite database. In each turn write one of these:

- a query in a block of code, whose rows I show you, such as
```sql
SELECT name FROM books LIMIT 3;
```
- when you know how, the word Answer and the query whose rows are the answer, such as
Answer: SELECT count(*) FROM books

The tables:
{schema}

The question: {question}"""

_AGAIN = "Write a query in a block of code, or the word Answer: and the query whose rows are the answer."


class DatabaseTask(Task):
    """Answer questions about a small library by SQL, looking around first.

    An agent may send queries and see their rows, and ends with the query that answers. Its rows are
    compared with those of a reference: as a set where the question asks for no order, names of columns
    aside, numbers to six digits. Queries may only read, and take five seconds.

    Parameters:
        split: ``dev`` for 6 questions, ``test`` for 14 others.
        turns: how many turns there are for each.
        concurrency: how many samples may run at once.
        name: the task's name in results.
    """

    def __init__(
        self, split: str = "dev", turns: int = 8, concurrency: int = 8, name: str = "database"
    ) -> None:
        super().__init__(name, concurrency)
        library = data("library.json")
        self.questions: list[dict[str, Any]] = of_split(library["questions"], split)
        self.turns = turns
        self._schema: list[str] = library["schema"]
        self._rows: dict[str, list[list[Any]]] = library["rows"]

    def get_indices(self) -> list[SampleIndex]:
        return list(range(len(self.questions)))

    def opening(self, index: SampleIndex) -> str:
        """What a sample says first."""
        question = self.questions[int(index)]["question"]
        return _OPENING.format(schema="\n".join(self._schema), question=question)

    def solution(self, index: SampleIndex) -> list[str]:
        """What an agent says that knows the answer."""
        return ["I look first.\n```sql\nSELECT count(*) FROM loans\n```", f"Answer: {self._reference(index)}"]

    def _reference(self, index: SampleIndex) -> str:
        return self.questions[int(index)]["answer"]

    async def start_sample(self, index: SampleIndex, session: Session) -> TaskSampleExecutionResult:
        said = self.opening(index)
        for turn in range(1, self.turns + 1):
            output = await ask(session, said)
            if output.status != AgentOutputStatus.NORMAL:
                return ended_early(output)
            reply = read_reply(output.content or "")
            if reply.answer is not None:
                return await self._judged(index, reply.answer)
            if reply.code is None:
                said = _AGAIN
                continue
            found = await asyncio.to_thread(self.query, reply.code)
            said = found if isinstance(found, str) else _as_text(found)
            print(f"turn {turn}: {reply.code}\n{said}")
        status = SampleStatus.TASK_LIMIT_REACHED
        return TaskSampleExecutionResult(status=status, result={"right": False, "answer": None})

    async def _judged(self, index: SampleIndex, answer: str) -> TaskSampleExecutionResult:
        found = await asyncio.to_thread(self.query, answer)
        result = {"right": False, "answer": answer}
        if isinstance(found, str):
            print(f"the answer: {found}")
            return TaskSampleExecutionResult(
                status=SampleStatus.AGENT_VALIDATION_FAILED, result=result | {"error": found}
            )
        wanted = await asyncio.to_thread(self.query, self._reference(index))
        assert not isinstance(wanted, str), wanted
        right = same_rows(found, wanted, ordered=self.questions[int(index)].get("ordered", False))
        return TaskSampleExecutionResult(result=result | {"right": right})

    def query(self, sql: str) -> list[tuple[Any, ...]] | str:
        """The rows of a query on a database of its own, or what is wrong with it."""
        with closing(sqlite3.connect(":memory:")) as database:
            for statement in self._schema:
                database.execute(statement)
            for table, rows in self._rows.items():
                marks = ", ".join("?" * len(rows[0]))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            database.set_authorizer(_authorize)
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LENGTH)
            until = time.monotonic() + _SECONDS
            database.set_progress_handler(lambda: time.monotonic() > until, 10_000)
            try:
                return _taken(database.execute(sql.strip().rstrip(";")))
            except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError) as wrong:
                return f"Error: {wrong}"

    def calculate_overall(self, results: list[TaskOutput]) -> dict[str, Any]:
        by_level: dict[str, list[bool]] = {question["level"]: [] for question in self.questions}
        for output in results:
            by_level[self.questions[int(output.index or 0)]["level"]].append(is_right(output))
        return {
            "accuracy": share([is_right(output) for output in results]),
            **{f"accuracy_{level}": share(right) for level, right in by_level.items()},
        }


def _authorize(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _taken(cursor: sqlite3.Cursor) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    length = 0
    for row in cursor:
        rows.append(row)
        length += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(rows) > _ROWS or length > _LENGTH:
            raise ValueError("the rows are too many or too long; ask for less")
    return rows


def same_rows(found: list[tuple[Any, ...]], wanted: list[tuple[Any, ...]], ordered: bool) -> bool:
    """Whether two results are the same, as sets of rows with their numbers unless they are ordered.

    Example:
        >>> same_rows([(1.0,), (2,)], [(2,), (1,)], ordered=False)
        True
    """
    rows = [[tuple(map(_value, row)) for row in some] for some in (found, wanted)]
    if not ordered:
        rows = [sorted(some, key=repr) for some in rows]
    return rows[0] == rows[1]


def _value(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, int | float) else value


def _as_text(rows: list[tuple[Any, ...]]) -> str:
    if not rows:
        return "No rows."
    lines = (" | ".join("NULL" if value is None else str(value) for value in row) for row in rows)
    return cut("\n".join(lines))
