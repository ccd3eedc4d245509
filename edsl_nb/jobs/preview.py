"""Prompts that are looked at before there are answers, of which equal ones are rendered once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from edsl_nb.core.templates import template
from edsl_nb.jobs.prompting import Prompter, Respondent, answer_fields, remembering, told
from edsl_nb.models import Model
from edsl_nb.models.call import ModelCall
from edsl_nb.questions import Presented
from edsl_nb.questions.presented import Ask, Pending

#: Renderings that are kept: enough for all questions on one scenario, while agents are asked one by one.
_KEPT = 512


class _Depends(NamedTuple):
    """What a text may be another one for."""

    agent: bool
    scenario: bool

    def like(self, who: Respondent) -> tuple[int, int, int]:
        """Agent, scenario and iteration of the first respondent who has the same text."""
        return (who.agent if self.agent else 0, who.scenario if self.scenario else 0, who.iteration)


def _any(some: Iterable[_Depends]) -> _Depends:
    every = tuple(some)
    return _Depends(any(one.agent for one in every), any(one.scenario for one in every))


class Preview:
    """The first prompts of a job's questions, with texts that stand for answers.

    Parameters:
        prompter: renders prompts.
    """

    def __init__(self, prompter: Prompter) -> None:
        self._prompter = prompter
        #: By question, what its own part of a prompt depends on, and what the whole does.
        self._own: list[_Depends] = []
        self._whole: list[_Depends] = []
        for standing in prompter.standing:
            names = {prompter.standing[earlier].name for earlier in standing.named}
            scenario = bool(standing.roots - names - {"agent"})
            itself = _Depends(standing.varies or standing.of_agent, standing.varies or scenario)
            self._own.append(_any([itself, *(self._own[earlier] for earlier in standing.named)]))
            self._whole.append(_any([self._own[-1], *(self._own[earlier] for earlier in standing.memory)]))
        self._repeated = sorted({earlier for one in prompter.standing for earlier in one.memory})
        self._options_named = frozenset[str]().union(*(one.options_named for one in prompter.standing))
        self._ask = lru_cache(_KEPT)(self._render)
        self._presented = lru_cache(_KEPT)(self._present)
        self._answer = lru_cache(_KEPT)(self._unanswered)
        self._line = lru_cache(_KEPT)(self._tell)
        self._lines = lru_cache(16)(self._tell_all)

    def first_ask(self, position: int, who: Respondent) -> Ask:
        """The first turn of a question."""
        return self._ask(position, *self._whole[position].like(who))

    def first_call(self, model: Model, position: int, who: Respondent) -> ModelCall:
        """The first call of a question."""
        return self._prompter.call(model, position, who, self.first_ask(position, who))

    # What is kept is found by agent, scenario and iteration, as these are hashed faster than a respondent.

    def _render(self, position: int, agent: int, scenario: int, iteration: int) -> Ask:
        who = Respondent(agent, scenario, iteration)
        question, memory = self._prompter.questions[position], self._prompter.standing[position].memory
        presented = self._presented(position, *self._own[position].like(who))
        if memory:
            lines = self._lines(agent, scenario, iteration)
            presented = remembering(presented, [lines[earlier] for earlier in memory])
        return next(question.conversation(presented))

    def _present(self, position: int, agent: int, scenario: int, iteration: int) -> Presented:
        who = Respondent(agent, scenario, iteration)
        return self._prompter.alone(position, who, self._named(position, who))

    def _named(self, position: int, who: Respondent) -> dict[str, Mapping[str, Any]]:
        """What stands for the answers that a question's texts name."""
        standing = self._prompter.standing
        return {standing[p].name: self._answer(p, *self._own[p].like(who)) for p in standing[position].named}

    def _unanswered(self, position: int, agent: int, scenario: int, iteration: int) -> Mapping[str, Any]:
        who = Respondent(agent, scenario, iteration)
        text = template(self._prompter.questions[position].question_text)
        known = {} if text.constant else self._prompter.scope(position, who, self._named(position, who))
        name = self._prompter.standing[position].name
        options = None
        if name in self._options_named:
            options = self._presented(position, agent, scenario, iteration).options
        return answer_fields(text.render(known), options, Pending(f"[answer of {name}]"))

    def _tell(self, position: int, agent: int, scenario: int, iteration: int) -> str:
        return told(self._answer(position, agent, scenario, iteration))

    def _tell_all(self, agent: int, scenario: int, iteration: int) -> dict[int, str]:
        """By question, how later prompts repeat it."""
        who = Respondent(agent, scenario, iteration)
        return {position: self._line(position, *self._own[position].like(who)) for position in self._repeated}
