"""A survey as a table: a row for each question or instruction, with what is said about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.tables import Column
from edsl_nb.questions import Question
from edsl_nb.surveys.content import Content, EndOfSurvey, Rule
from edsl_nb.surveys.instructions import Instruction

_FIRST = ("question_name", "question_text", "question_options")

#: Columns that are there where a survey has such a thing.
_WHERE_SET: dict[str, Callable[[Content, str], str | None]] = {
    "rules": lambda content, name: _lines(_said(rule) for rule in content.rules if rule.question == name),
    "memory": lambda content, name: ", ".join(content.memory.get(name, ())) or None,
    "group": lambda content, name: _lines(g for g, members in content.groups.items() if name in members),
    "shuffled": lambda content, name: _shuffled(content, name),
}


def table(content: Content, title: str) -> MemoryTable:
    """The table of a survey, to be shown page by page.

    Parameters:
        content: the survey's questions, and what is said about them.
        title: what stands above it.
    """
    questions = {question.question_name for question in content.questions}
    more = {
        column: {name: told for name in questions if (told := tell(content, name))}
        for column, tell in _WHERE_SET.items()
    }
    shown = [Column(name) for name in (*_FIRST, *(column for column, told in more.items() if told))]
    items = content.items

    def cell(row: int, column: str) -> Any:
        item = items[row]
        if isinstance(item, Instruction):
            return _of_instruction(item).get(column)
        return more[column].get(item.question_name) if column in more else _of_question(item, column)

    return MemoryTable(title, [*shown, Column("question_type", primary=False)], len(items), cell)


def _of_question(question: Question, column: str) -> Any:
    return getattr(question, column, None)


def _of_instruction(instruction: Instruction) -> dict[str, str]:
    return {
        "question_name": instruction.name,
        "question_text": instruction.said,
        "question_type": "instruction",
    }


def _said(rule: Rule) -> str:
    condition, before = rule.expression.text, rule.before
    if rule.leads_to is None:
        return f"skipped if {condition}" if before else f"next question if {condition}"
    if rule.leads_to is EndOfSurvey:
        return f"survey ends {'before it ' if before else ''}if {condition}"
    return f"{'skipped, to' if before else 'then'} {rule.leads_to} if {condition}"


def _shuffled(content: Content, name: str) -> str | None:
    if name not in content.shuffled:
        return None
    pinned = ", ".join(str(option) for option in content.pinned.get(name, ()))
    return f"all but {pinned}" if pinned else "all"


def _lines(texts: Iterable[str]) -> str | None:
    return "\n".join(texts) or None
