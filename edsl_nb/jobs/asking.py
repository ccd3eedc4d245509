"""One question of one interview: asked of a model, answered by the agent itself, or computed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from edsl_nb.core import usercode
from edsl_nb.core.errors import EdslNbError, QuestionError
from edsl_nb.jobs.prompting import Prompter, Respondent, facts, scope
from edsl_nb.models import Model
from edsl_nb.models.prices import Price
from edsl_nb.questions import Presented, Question
from edsl_nb.questions.reading import Reading
from edsl_nb.results.records import AnswerCell
from edsl_nb.runner.context import Answered, Context


@dataclass(slots=True)
class Sitting:
    """An interview while it goes on: who is asked by means of what, and what is known by now.

    Parameters:
        who: the respondent.
        model, price: the model that answers, and what its tokens cost, where that is known.
        cells: by question, what became of it.
        context: makes the calls.
        answers: what earlier questions gave, by name.
    """

    who: Respondent
    model: Model
    price: Price | None
    cells: list[AnswerCell]
    context: Context
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)


class Asker:
    """Puts questions to respondents and fills their cells.

    Parameters:
        prompter: renders the prompts.
        reask: how often a model is told what is wrong with an invalid answer, and asked again.
    """

    def __init__(self, prompter: Prompter, reask: int = 0) -> None:
        self._prompter, self._reask = prompter, reask
        self._questions = prompter.questions
        self._flow = prompter.axes.survey.flow

    def asked(self, position: int, sitting: Sitting) -> bool:
        """Whether the survey's rules let a question be asked.

        Raises:
            EdslNbError: a rule cannot be evaluated.
        """
        if self._flow.always[position]:
            return True
        who, cells = sitting.who, sitting.cells
        agent, scenario = self._prompter.agent(who.agent), self._prompter.scenario(who.scenario)
        known = facts(agent, scenario, sitting.answers)
        return self._flow.asked(position, known, lambda i: cells[i].state == "answered")

    async def ask(self, position: int, sitting: Sitting) -> Presented | None:
        """Ask one question and fill its cell.

        Returns:
            The question as it was asked, or None where nothing is.

        Raises:
            EdslNbError: it has no answer, for the reason the message gives.
            Stopping: the run is being stopped.
        """
        question, cell, who = self._questions[position], sitting.cells[position], sitting.who
        if question.computed:
            _record(cell, await self._compute(position, sitting))
            return None
        agent = self._prompter.agent(who.agent)
        if agent.has_dynamic_traits:
            # A user's function: it must not run on the runner's loop.
            await usercode.call(self._prompter.agent_for, position, who.agent)
        presented = self._prompter.present(position, who, sitting.answers)
        cell.options = presented.options
        if presented.items is not None:
            cell.items = presented.items
        if agent.answers_directly(question.question_name):
            scenario = self._prompter.scenario(who.scenario)
            given = await usercode.call(agent.answer, question, scenario)
            cell.text = given if isinstance(given, str) else repr(given)
            space = presented.space
            _record(cell, space.read(given) if isinstance(given, str) else space.check(given))
            return presented
        talk = question.conversation(presented, self._reask)
        ask = next(talk)
        while True:
            call = self._prompter.call(sitting.model, position, who, ask)
            cell.user_prompt, cell.system_prompt = ask.turns[-1][1], call.system
            answered = await sitting.context.call(call)
            _add(cell, answered, sitting.price)
            cell.reasks = ask.reasks
            try:
                ask = talk.send(answered.reply.text)
            except StopIteration as end:
                _record(cell, end.value)
                return presented

    async def _compute(self, position: int, sitting: Sitting) -> Reading:
        question, who = self._questions[position], sitting.who
        agent = self._prompter.agent(who.agent)
        if agent.has_dynamic_traits:
            agent = await usercode.call(self._prompter.agent_for, position, who.agent)
        known = scope(agent, self._prompter.scenario(who.scenario), sitting.answers)
        try:
            return await usercode.call(question.compute, known, self._prompter.chance(position, who))
        except (EdslNbError, asyncio.CancelledError):
            raise
        except Exception as failure:
            raise _failure(question, failure) from failure


def _failure(question: Question, failure: BaseException) -> QuestionError:
    return QuestionError(
        f"the function of question {question.question_name!r} raised {type(failure).__name__}: {failure}",
        remedy="Try it alone, with a scenario and a dict of traits.",
    )


def _record(cell: AnswerCell, reading: Reading) -> None:
    cell.state = "invalid" if reading.how == "invalid" else "answered"
    cell.answer, cell.comment, cell.how = reading.answer, reading.comment, reading.how
    if reading.how != "exact":
        cell.rule, cell.reason = reading.rule, reading.reason


def _add(cell: AnswerCell, answered: Answered, price: Price | None) -> None:
    """Add one call to a cell."""
    reply = answered.reply
    cell.text, cell.raw, cell.model_version = reply.text, reply.raw, reply.model_version
    cell.input_tokens = (cell.input_tokens or 0) + reply.input_tokens
    cell.output_tokens = (cell.output_tokens or 0) + reply.output_tokens
    if reply.thinking_tokens is not None:
        cell.thinking_tokens = (cell.thinking_tokens or 0) + reply.thinking_tokens
    cell.latency = (cell.latency or 0.0) + reply.latency
    cell.cached = answered.cached and cell.cached is not False
    cell.key, cell.reply_ids = answered.key, (*cell.reply_ids, answered.reply_id)
    if answered.cached:
        cell.cost = cell.cost or 0.0
    elif price is not None:
        usd = _usd(price, reply.input_tokens, reply.output_tokens)
        cell.cost = cell.cost + usd if cell.cost else usd


@lru_cache(maxsize=4096)
def _usd(price: Price, input_tokens: int, output_tokens: int) -> float:
    """What tokens cost; the same object for equal numbers of tokens, which thousands of cells keep."""
    return float(price.cost(input_tokens, output_tokens))
