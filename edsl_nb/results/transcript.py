"""`Transcript`: one interview as the conversation that it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from edsl_nb.core.cells import as_cell
from edsl_nb.core.code import counted
from edsl_nb.core.json_text import json_value
from edsl_nb.core.tables import Cell
from edsl_nb.core.transcripts import Conversation, Counterpart, Turn
from edsl_nb.core.transcripts import Role as TurnRole
from edsl_nb.core.transcripts import Transcript as BaseTranscript
from edsl_nb.questions import Question
from edsl_nb.results.columns import outcome
from edsl_nb.results.provenance import replies_of
from edsl_nb.results.records import AnswerCell, Interview
from edsl_nb.runner.transaction import StoredReply

if TYPE_CHECKING:
    from edsl_nb.results.analysis import Analysis

Role = Literal["system", "user", "reply", "read"]

#: Who speaks where the interview is shown as a conversation.
_ROLES: Mapping[Role, TurnRole] = {"system": "system", "user": "user", "reply": "agent", "read": "note"}

#: Most traits and fields that are told of an interview, how long each may be, and most others to compare.
_MOST_FACTS = 12
_LONGEST_FACT = 200
_MOST_COUNTERPARTS = 50


class Line(NamedTuple):
    """One thing that was said.

    Parameters:
        role: ``system`` and ``user`` for what was sent, ``reply`` for what came back, and ``read`` for
            what was made of it, which is also there where nobody was asked.
        question_name: the question it is about; empty for the system prompt.
        text: what was said.
    """

    role: Role
    question_name: str
    text: str


class Transcript(BaseTranscript):
    """What `Results.transcript` gives: the interview to be looked at, printed as a text.

    Parameters:
        conversations: the interview and those beside it.
        position: which of them it is.

    Attributes:
        title: whose interview it is, and how much of a run the results are, where it is not all of it.
        lines: what was said, in order.
    """

    def __init__(self, conversations: InterviewConversations, position: int) -> None:
        super().__init__(conversations, position)
        self.title = conversations.title(position)
        self.lines = conversations.lines(position)

    def to_dicts(self) -> list[dict[str, str]]:
        """The lines as dicts."""
        return [line._asdict() for line in self.lines]

    def __str__(self) -> str:
        return "\n\n".join([self.title, *(f"{_head(line).upper()}\n{line.text}" for line in self.lines)])

    def __repr__(self) -> str:
        return f"Transcript({self.title}, {len(self.lines)} lines)"


def _head(line: Line) -> str:
    return f"{line.question_name}: {line.role}" if line.question_name else line.role


class InterviewConversations:
    """The interviews of results as conversations, in the order of their rows.

    Parameters:
        results: the results.
    """

    def __init__(self, results: Analysis) -> None:
        self._results = results

    def __len__(self) -> int:
        return len(self._results.interviews)

    def title(self, position: int) -> str:
        """Whose interview it is."""
        results = self._results
        title = f"Interview {position + 1:,} of {len(self):,}: {self._who(position)}"
        return f"{title} ({results.note})" if results.note else title

    def lines(self, position: int) -> tuple[Line, ...]:
        """What was said in an interview. A system prompt is said once, until another one is sent.

        Where a question took several calls (a conversation, or an answer that was invalid), all are told
        that this machine's store has, else the last one.
        """
        questions, interview = self._results.axes.survey.questions, self._results.interviews[position]
        several = any(len(cell.reply_ids) > 1 for cell in interview.cells)
        return tuple(
            _lines(
                questions, interview, replies_of(self._results.interviews.at([position])) if several else {}
            )
        )

    def conversation(self, position: int) -> Conversation:
        """One interview, with whom it was about what."""
        interview = self._results.interviews[position]
        place, turns = 0, list[Turn]()
        for line, mark in _marked(self.lines(position), self._results, interview):
            role = _ROLES[line.role]
            if role == "system" and not line.text:
                continue
            number = None if role == "note" else place
            place += number is not None
            marks = (mark,) if mark else ()
            turns.append(Turn(role, line.text, number, line.question_name, marks))
        return Conversation(self.title(position), turns, self._facts(interview))

    def _facts(self, interview: Interview) -> list[tuple[str, Cell]]:
        axes = self._results.axes
        about = {**axes.agents[interview.agent].traits, **axes.scenarios[interview.scenario].data}
        facts = [(name, _short(value)) for name, value in list(about.items())[:_MOST_FACTS]]
        return [*facts, ("iteration", interview.iteration)] if interview.iteration else facts

    def counterparts(self, position: int) -> Sequence[Counterpart]:
        """Interviews about the same scenario: of the same agent by another model, or of another agent."""
        interviews = self._results.interviews
        own = interviews[position]
        same_agent, same_model = list[int](), list[int]()
        for other, interview in enumerate(interviews):
            if interview.scenario != own.scenario or interview.iteration != own.iteration:
                continue
            if interview.agent == own.agent and interview.model != own.model:
                same_agent.append(other)
            elif interview.agent != own.agent and interview.model == own.model:
                same_model.append(other)
        found = [*same_agent, *same_model][:_MOST_COUNTERPARTS]
        return [Counterpart(self._who(other), other) for other in found]

    def _who(self, position: int) -> str:
        results = self._results
        interview = results.interviews[position]
        agent, model = results.axes.agents[interview.agent], results.axes.models[interview.model]
        who = agent.name or f"Agent {results.column('agent.agent_index')[position]}"
        return f"{who}, {model.model}"


def _short(value: Any) -> Cell:
    cell = as_cell(value)
    return f"{cell[:_LONGEST_FACT]}…" if isinstance(cell, str) and len(cell) > _LONGEST_FACT else cell


def _marked(lines: Sequence[Line], results: Analysis, interview: Interview) -> Iterator[tuple[Line, str]]:
    """Each line, and of questions whether they were put again because an answer was invalid."""
    questions = results.axes.survey.questions
    reasks = {q.question_name: cell.reasks or 0 for q, cell in zip(questions, interview.cells, strict=True)}
    asked = Counter(line.question_name for line in lines if line.role == "user")
    seen = Counter[str]()
    for line in lines:
        name = line.question_name
        again = reasks.get(name, 0) if line.role == "user" else 0
        seen[name] += line.role == "user"
        if again >= asked[name]:  # only the last one is known
            yield line, f"asked again {counted(again, 'time')}" if again else ""
        else:
            yield line, "asked again" if again and seen[name] > asked[name] - again else ""


def _lines(
    questions: Sequence[Question], interview: Interview, replies: Mapping[int, StoredReply]
) -> Iterator[Line]:
    system: str | None = None
    for question, cell in zip(questions, interview.cells, strict=True):
        name = question.question_name
        for asked in _calls(cell, replies):
            if asked.user is not None:
                if asked.system != system:
                    system = asked.system
                    yield Line("system", "", system or "")
                yield Line("user", name, asked.user)
            if asked.text is not None:
                yield Line("reply", name, asked.text)
        yield Line("read", name, _read(cell))


class _Call(NamedTuple):
    """One call of a model: what was sent last, and what came back."""

    system: str | None
    user: str | None
    text: str | None


def _calls(cell: AnswerCell, replies: Mapping[int, StoredReply]) -> list[_Call]:
    """The calls that a question took: all where they are stored, else the last one."""
    last = _Call(cell.system_prompt, cell.user_prompt, cell.text)
    known = [replies[reply_id] for reply_id in cell.reply_ids if reply_id in replies]
    if len(known) < len(cell.reply_ids) or len(known) < 2:
        return [last]
    calls = [_call(reply) for reply in known]
    # What was sent last may have failed, so that it has no reply.
    return calls if calls[-1].user == last.user else [*calls, last._replace(text=None)]


def _call(reply: StoredReply) -> _Call:
    system, turns = json_value(reply.messages)
    return _Call(system, turns[-1][1], reply.text)


def _read(cell: AnswerCell) -> str:
    """What was made of a reply, and how."""
    said = outcome(cell).replace("_", " ")
    if cell.state == "answered":
        how = f"{said} by {cell.rule}" if cell.rule else said
        again = (
            f", after {cell.reasks} further question{'' if cell.reasks == 1 else 's'}" if cell.reasks else ""
        )
        comment = f"\ncomment: {cell.comment}" if cell.comment else ""
        return f"{as_cell(cell.answer)}  ({how}{again}){comment}"
    why = cell.error or cell.reason
    return f"({said}: {why})" if why else f"({said})"
