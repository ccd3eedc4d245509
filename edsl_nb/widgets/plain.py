"""Plain-text forms for terminals and for comparing notebooks: the same run gives the same text.

No addresses, and nothing that differs when a cell is run again: what was
cached, what it cost and how long it took are left to the other forms.
"""

from __future__ import annotations

from collections.abc import Sequence

from edsl_nb.core.errors import EdslNbError
from edsl_nb.core.tables import Card, Column, Row, TableSource
from edsl_nb.core.transcripts import Conversation, heading
from edsl_nb.jobs.prompts import PromptTable
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.runner.progress import ProgressSnapshot
from edsl_nb.widgets.words import cell_text, count, distinct_calls, estimated_cost, shorten, state_words

_WIDTH = 100
_CELL = 40
#: Turns of a conversation.
_TURNS = 60
#: Facts of a card, and how long their texts may be.
_FACTS = 60
_FACT = 1_000


def table_text(source: TableSource, *, limit: int = 10) -> str:
    """The first rows of a table in aligned columns, as many as fit in a line; prompts as whole texts."""
    if isinstance(source, PromptTable):
        return prompts_text(source)
    columns = source.columns
    head = f"{source.title}: {count(len(source), 'rows')}, {count(len(columns), 'columns')}"
    try:
        rows = source.first_rows(limit)
    except EdslNbError as error:
        return f"{head}\n{error}"
    if not rows:
        return head
    shown: list[list[str]] = []
    used = 0
    for index, column in _in_order(columns):
        texts = _column(column, index, rows)
        used += len(texts[0]) + 2
        if shown and used > _WIDTH:
            break
        shown.append(texts)
    lines = ["  ".join(line).rstrip() for line in zip(*shown, strict=True)]
    rest = len(columns) - len(shown)
    notes = [f"first {count(len(rows))} of {count(len(source), 'rows')}"] if len(rows) < len(source) else []
    notes += [f"{count(rest, 'columns')} more"] if rest else []
    return "\n".join([head, *lines, *([f"({'; '.join(notes)})"] if notes else [])])


def card_text(card: Card) -> str:
    """A single object: its title, and what there is to know of it, with line breaks as they are."""
    parts = [card.title]
    for name, value in card.facts[:_FACTS]:
        first, *rest = shorten(cell_text(value).strip(), _FACT).splitlines() or [""]
        parts.append(f"  {shorten(name, _CELL)}: {first}".rstrip())
        parts += [f"    {line}".rstrip() for line in rest]
    more = len(card.facts) - _FACTS
    return "\n".join([*parts, *([f"  and {count(more)} more"] if more > 0 else [])])


def transcript_text(conversation: Conversation) -> str:
    """A conversation, turn by turn, but nothing that differs when it is held again."""
    parts = [conversation.title]
    for turn in conversation.turns[:_TURNS]:
        parts += [heading(turn), *(f"  {line}".rstrip() for line in shorten(turn.text, _FACT).splitlines())]
    more = len(conversation.turns) - _TURNS
    return "\n".join([*parts, *([f"(and {count(more, 'turns')} more)"] if more > 0 else [])])


def prompts_text(prompts: PromptTable, *, limit: int = 5) -> str:
    """The first prompts whole, with their line breaks, because they are there to be read before paying."""
    head = f"{prompts.title}: {count(len(prompts), 'rows')}"
    parts = [head]
    try:
        for key in range(min(limit, len(prompts))):
            row = prompts.values(key)
            place = f"[{row['interview_index']}] {row['question_name']}, {row['model']}"
            parts.append(
                f"{place}\n{_indented('system', row['system_prompt'])}{_indented('user', row['user_prompt'])}"
            )
    except EdslNbError as error:
        return f"{head}\n{error}"
    if len(prompts) > limit:
        parts.append(f"(first {count(limit)} of {count(len(prompts), 'rows')}; to_pandas() has them all)")
    return "\n".join(parts)


def _indented(label: str, text: str) -> str:
    lines = text.splitlines() or [""]
    return "".join(
        f"  {label + ':' if i == 0 else '':8}{line}".rstrip() + "\n" for i, line in enumerate(lines)
    )


def progress_text(snapshot: ProgressSnapshot) -> str:
    """How a run ended, or that it has not."""
    items = count(snapshot.items_total, snapshot.item_noun)
    cells = count(snapshot.cells_total, snapshot.cell_noun)
    if not snapshot.final:
        state = "paused" if snapshot.state == "paused" else "under way"
        return "\n".join(filter(None, [f"Run of {items} ({cells}), {state}", snapshot.outlook]))
    done = f"{count(snapshot.items_done)} of {items}"
    answered = f"{count(snapshot.answered)} of {cells} answered"
    return f"Run of {items}: {state_words(snapshot)}; {done} done, {answered}"


def job_text(summary: JobSummary, problem: str = "") -> str:
    """A job's numbers, one line each, and what keeps it from being run."""
    lines = [
        f"Job: {count(summary.interviews, 'interviews')}",
        f"  {count(summary.questions, 'questions')} x {count(summary.agents, 'agents')} x "
        f"{count(summary.scenarios, 'scenarios')} x {count(summary.models, 'models')}",
        f"  models: {shorten(', '.join(summary.model_names), _WIDTH)}",
        f"  calls: {count(summary.calls)}, distinct: {distinct_calls(summary)}",
        f"  estimated cost: {estimated_cost(summary)}",
    ]
    lines += [f"  note: {note}" for note in summary.notes]
    return "\n".join([*lines, f"  {problem}"] if problem else lines)


def _in_order(columns: Sequence[Column]) -> list[tuple[int, Column]]:
    """Columns with their positions, primary ones first."""
    numbered = list(enumerate(columns))
    return sorted(numbered, key=lambda pair: not pair[1].primary)


def _column(column: Column, index: int, rows: Sequence[Row]) -> list[str]:
    """A column's name and cells, padded to one width."""
    texts = [shorten(" ".join(cell_text(row.cells[index], column.kind).split()), _CELL) for row in rows]
    texts.insert(0, shorten(column.name, _CELL))
    width = max(len(text) for text in texts)
    right = column.kind in ("number", "money")
    return [text.rjust(width) if right else text.ljust(width) for text in texts]
