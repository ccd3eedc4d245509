"""One question of one interview: asked of a model, answered by the agent itself, or computed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from edsl_nb.core.errors import EdslNbError, QuestionError
from edsl_nb.jobs.prompting import Prompter, Respondent, facts, scope
from edsl_nb.models import Model
from edsl_nb.models.prices import Price
from edsl_nb.questions import Presented, Question
from edsl_nb.questions.reading import Reading
from edsl_nb.results.records import AnswerCell
from edsl_nb.runner.context import Answered, Context


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

    def asked(
        self, position: int, who: Respondent, answers: Mapping[str, Any], cells: list[AnswerCell]
    ) -> bool:
        """Whether the survey's rules let a question be asked.

        Raises:
            EdslNbError: a rule cannot be evaluated.
        """
        if self._flow.always[position]:
            return True
        agent, scenario = self._prompter.agent(who.agent), self._prompter.scenario(who.scenario)
        known = facts(agent, scenario, answers)
        return self._flow.asked(position, known, lambda i: cells[i].state == "answered")

    async def ask(
        self,
        position: int,
        who: Respondent,
        answers: Mapping[str, Any],
        asked: tuple[Model, Price | None],
        cell: AnswerCell,
        context: Context,
    ) -> Presented | None:
        """Ask one question and fill its cell.

        Returns:
            The question as it was asked, or None where nothing is.

        Raises:
            EdslNbError: it has no answer, for the reason the message gives.
            Stopping: the run is being stopped.
        """
        question, agent = self._questions[position], self._prompter.agent(who.agent)
        if question.computed:
            reading = await asyncio.to_thread(self._compute, position, who, answers)
            _record(cell, reading)
            return None
        if agent.has_dynamic_traits:
            # A user's function: it must not run on the runner's loop.
            await asyncio.to_thread(self._prompter.agent_for, position, who.agent)
        presented = self._prompter.present(position, who, answers)
        cell.options, cell.items = presented.options, presented.items
        if agent.answers_directly(question.question_name):
            scenario = self._prompter.scenario(who.scenario)
            given = await asyncio.to_thread(agent.answer, question, scenario)
            cell.text = given if isinstance(given, str) else repr(given)
            space = presented.space
            _record(cell, space.read(given) if isinstance(given, str) else space.check(given))
        else:
            _record(cell, await self._converse(position, who, presented, asked, cell, context))
        return presented

    def _compute(self, position: int, who: Respondent, answers: Mapping[str, Any]) -> Reading:
        question = self._questions[position]
        agent, scenario = self._prompter.agent_for(position, who.agent), self._prompter.scenario(who.scenario)
        known = scope(agent, scenario, answers)
        try:
            return question.compute(known, self._prompter.chance(position, who))
        except EdslNbError:
            raise
        except (Exception, SystemExit) as failure:
            raise _failure(question, failure) from failure

    async def _converse(
        self,
        position: int,
        who: Respondent,
        presented: Presented,
        asked: tuple[Model, Price | None],
        cell: AnswerCell,
        context: Context,
    ) -> Reading:
        model, price = asked
        talk = self._questions[position].conversation(presented, self._reask)
        ask = next(talk)
        while True:
            call = self._prompter.call(model, position, who, ask)
            cell.user_prompt, cell.system_prompt = ask.turns[-1][1], call.system
            answered = await context.call(call)
            _add(cell, answered, price)
            cell.reasks = ask.reasks
            try:
                ask = talk.send(answered.reply.text)
            except StopIteration as end:
                return end.value


def _failure(question: Question, failure: BaseException) -> QuestionError:
    return QuestionError(
        f"the function of question {question.question_name!r} raised {type(failure).__name__}: {failure}",
        remedy="Try it alone, with a scenario and a dict of traits.",
    )


def _record(cell: AnswerCell, reading: Reading) -> None:
    cell.state = "invalid" if reading.how == "invalid" else "answered"
    cell.answer, cell.comment = reading.answer, reading.comment
    cell.how, cell.rule, cell.reason = reading.how, reading.rule, reading.reason


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
        cell.cost = (cell.cost or 0.0) + float(price.cost(reply.input_tokens, reply.output_tokens))
