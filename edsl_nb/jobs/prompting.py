"""What each agent is sent: prompts as a pure function of question, agent, scenario and earlier answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from edsl_nb.agents import Agent
from edsl_nb.core.errors import QuestionError, TemplateError
from edsl_nb.core.objects import canonical
from edsl_nb.core.templates import Fields, Template, template
from edsl_nb.models import Model, ModelCall
from edsl_nb.questions import Presented
from edsl_nb.questions.chance import NONE, Chance
from edsl_nb.questions.presented import Ask
from edsl_nb.questions.reading import AnswerSpace, Text
from edsl_nb.results import Axes
from edsl_nb.scenarios import Scenario
from edsl_nb.surveys import Survey

#: What an earlier question gave, as later ones and rules can use it; see `answer_fields`.
Answers = Mapping[str, Mapping[str, Any]]

_MEMORY = "Earlier you were asked the following, and answered:"


class Respondent(NamedTuple):
    """Who is asked about what: positions in the job's lists, and the iteration."""

    agent: int
    scenario: int
    iteration: int = 0


class Standing(NamedTuple):
    """What there is to know of a question before anybody is asked it. Earlier questions are positions.

    Attributes:
        name: its name.
        instructions: what is said before it, or None.
        shuffle: whether the survey wants its options in random order.
        pinned: options that keep their places then.
        varies: whether it is another one in each iteration.
        constant: whether everybody is asked the same.
        of_agent: whether its texts name the agent.
        roots: the names that its texts use.
        named: the earlier questions among these.
        options_named: the names of questions whose options its texts use.
        memory: the earlier questions that its prompt repeats.
    """

    name: str
    instructions: Template | None
    shuffle: bool
    pinned: tuple[Any, ...]
    varies: bool
    constant: bool
    of_agent: bool
    roots: frozenset[str]
    named: tuple[int, ...]
    options_named: frozenset[str]
    memory: tuple[int, ...]


def _standing(survey: Survey, position: int) -> Standing:
    flow, names, question = survey.flow, survey.question_names, survey.questions[position]
    instructions = template(flow.instructions[position])
    shuffle, pinned = flow.shuffles[position]
    references = question.references | instructions.references
    roots = frozenset(name.root for name in references)
    return Standing(
        name=question.question_name,
        instructions=instructions if instructions.text else None,
        shuffle=shuffle,
        pinned=pinned,
        varies=shuffle or question.uses_chance,
        constant=question.is_constant and not shuffle and instructions.constant,
        of_agent="agent" in roots,
        roots=roots,
        named=tuple(earlier for earlier in range(position) if names[earlier] in roots),
        options_named=frozenset(name.root for name in references if name.field == "question_options"),
        memory=flow.memory[position],
    )


class Prompter:
    """Renders the prompts of a job.

    Parameters:
        axes: the survey and the lists it is combined with.

    Attributes:
        standing: by question, what there is to know of it before anybody is asked.
    """

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self.questions = axes.survey.questions
        self.standing = [_standing(axes.survey, position) for position in range(len(self.questions))]
        self._seed = axes.survey.seed
        # A question without placeholders is the same for everybody.
        self._constant: dict[int, Presented] = {}
        # Enough for all interviews that are in flight, which come agent by agent, scenario by scenario.
        self.agent = lru_cache(maxsize=2048)(axes.agents.__getitem__)
        self.scenario = lru_cache(maxsize=2048)(axes.scenarios.__getitem__)
        self._dynamic = lru_cache(maxsize=2048)(self._with_dynamic_traits)
        self._system = lru_cache(maxsize=1024)(self._render_system)
        self._digest = lru_cache(maxsize=4096)(_digest)
        self._fields = lru_cache(maxsize=2048)(self._scope_without_answers)

    def agent_for(self, position: int, agent: int) -> Agent:
        """The agent with the traits it has for a question.

        Runs the agent's own function where it has dynamic traits, so that belongs in a worker thread.
        """
        found = self.agent(agent)
        return self._dynamic(position, agent) if found.has_dynamic_traits else found

    def _with_dynamic_traits(self, position: int, agent: int) -> Agent:
        return self.agent(agent).traits_for(self.questions[position])

    def system(self, position: int, agent: int) -> str:
        """The system text that an agent gets with a question."""
        return self._system(position if self.agent(agent).has_dynamic_traits else -1, agent)

    def _render_system(self, position: int, agent: int) -> str:
        try:
            asked = self.agent(agent) if position < 0 else self._dynamic(position, agent)
            return _sendable(asked.system_prompt())
        except TemplateError as wrong:
            raise wrong.at(f"agent {agent}") from None

    def chance(self, position: int, who: Respondent) -> Chance:
        """The random choices of a question for a respondent, from the content of agent and scenario."""
        standing = self.standing[position]
        if not standing.varies:
            return NONE
        agent, scenario = self._digest(self.agent(who.agent)), self._digest(self.scenario(who.scenario))
        source = (str(self._seed), agent, scenario, standing.name, str(who.iteration))
        return Chance("\0".join(source), standing.shuffle, standing.pinned)

    def present(self, position: int, who: Respondent, answers: Answers) -> Presented:
        """A question as a respondent is asked it, with instructions before and memories after it.

        Parameters:
            position: the question's position in the survey.
            who: the respondent.
            answers: what earlier questions gave, by name.

        Raises:
            TemplateError: a placeholder has no value; names question, agent and scenario.
            QuestionError: what a placeholder stands for makes no valid question; names the same.
        """
        found = self.alone(position, who, answers)
        memory = self.standing[position].memory
        if not memory:
            return found
        priors = (answers[self.standing[earlier].name] for earlier in memory)
        return remembering(found, [told(prior) for prior in priors if prior["answer"] is not None])

    def alone(self, position: int, who: Respondent, answers: Answers) -> Presented:
        """The same without memories."""
        found = self._constant.get(position)
        if found is not None:
            return found
        try:
            return self._presented(position, who, answers)
        except (TemplateError, QuestionError) as wrong:
            name = self.standing[position].name
            raise wrong.at(f"question {name!r}, agent {who.agent}, scenario {who.scenario}") from None

    def _presented(self, position: int, who: Respondent, answers: Answers) -> Presented:
        standing = self.standing[position]
        known = {} if standing.constant else self.scope(position, who, answers)
        found = self.questions[position].present(known, self.chance(position, who))
        if standing.instructions is not None:
            found.prompt = f"{standing.instructions.render(known)}\n\n{found.prompt}"
        _sendable(found.prompt)
        if standing.constant:
            self._constant[position] = found
        return found

    def scope(self, position: int, who: Respondent, answers: Answers) -> Mapping[str, Any]:
        """The names that a question's texts can use; of the answers only those that they do use."""
        standing = self.standing[position]
        dynamic = standing.of_agent and self.agent(who.agent).has_dynamic_traits
        known = self._fields(position if dynamic else -1, who.agent, who.scenario)
        if not standing.named:
            return known
        names = (self.standing[earlier].name for earlier in standing.named)
        return {**known, **_shown({name: answers[name] for name in names if name in answers})}

    def _scope_without_answers(self, position: int, agent: int, scenario: int) -> Mapping[str, Any]:
        asked = self.agent(agent) if position < 0 else self._dynamic(position, agent)
        return scope(asked, self.scenario(scenario), {})

    def varies(self, position: int) -> bool:
        """Whether a question is another one in each iteration."""
        return self.standing[position].varies

    def call(self, model: Model, position: int, who: Respondent, ask: Ask) -> ModelCall:
        """The model call that puts one turn of a question to a model."""
        space = ask.space
        return ModelCall(
            model=model,
            system=self.system(position, who.agent) if ask.system is None else ask.system,
            turns=ask.turns,
            schema=None if space is None else space.reply_schema,
            comment=ask.comment,
            iteration=who.iteration,
            question_name=self.standing[position].name,
            simulate=None if space is None or isinstance(space, Text) else _simulator(space),
        )


def _simulator(space: AnswerSpace) -> Callable[[Random], str]:
    return lambda random: space.write(space.draw(random))


def _digest(content: Agent | Scenario) -> str:
    """A short text that is equal for equal content."""
    text = canonical(content.to_dict())
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def remembering(presented: Presented, memories: Sequence[str]) -> Presented:
    """A question with what its prompt says of earlier ones.

    Parameters:
        memories: what `told` gave of these.

    Raises:
        TemplateError: a memory cannot be sent.
    """
    if not memories:
        return presented
    prompt = "\n".join([f"{presented.prompt}\n\n{_MEMORY}", *memories])
    return Presented(presented.text, presented.options, _sendable(prompt), presented.space, presented.items)


def told(prior: Mapping[str, Any]) -> str:
    """An earlier question and its answer, as later prompts repeat them."""
    answer = prior["answer"]
    shown = json.dumps(answer, ensure_ascii=False) if isinstance(answer, list | dict) else str(answer)
    return f"Question: {prior['question_text']}\nAnswer: {shown}"


def _sendable(text: str) -> str:
    """The text, if it can be sent.

    Raises:
        TemplateError: it holds half a character, as broken files do.
    """
    try:
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError as wrong:
        raise TemplateError(
            f"character {wrong.start} of the prompt is none, as in a text read with the wrong encoding",
            value=text[max(0, wrong.start - 20) : wrong.end + 20],
            remedy="Repair the value, such as with value.encode('utf-8', 'replace').decode().",
        ) from None
    return text


def scope(agent: Agent, scenario: Scenario, answers: Answers) -> dict[str, Any]:
    """The names that placeholders can use; scenario fields also without their prefix."""
    return {
        **scenario.data,
        "scenario": Fields(scenario.data),
        "agent": Fields({**agent.traits, "name": agent.name}),
        **_shown(answers),
    }


def _shown(answers: Answers) -> dict[str, Fields]:
    return {name: Fields(_readable(fields)) for name, fields in answers.items()}


def _readable(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """In a prompt a skipped question's answer is an empty text, not ``None``."""
    return fields if fields["answer"] is not None else {**fields, "answer": ""}


def facts(agent: Agent, scenario: Scenario, answers: Answers) -> dict[str, Any]:
    """The names that rules can use; a skipped question's answer is None."""
    return {**scope(agent, scenario, {}), **{name: Fields(fields) for name, fields in answers.items()}}


def answer_fields(
    text: str, options: Iterable[Any] | None, answer: Any, comment: str | None = None
) -> dict[str, Any]:
    """What later questions can use of one: ``{{ q.answer }}``, and so on."""
    return {
        "answer": answer,
        "comment": comment or "",
        "question_text": text,
        "question_options": list(options or ()),
    }
