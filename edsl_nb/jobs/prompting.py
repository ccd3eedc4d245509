"""What each agent is sent: prompts as a pure function of question, agent, scenario and earlier answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from random import Random
from typing import Any, NamedTuple

from edsl_nb.agents import Agent
from edsl_nb.core.errors import QuestionError, TemplateError
from edsl_nb.core.objects import canonical
from edsl_nb.core.templates import Fields, template
from edsl_nb.models import Model, ModelCall
from edsl_nb.questions import Presented
from edsl_nb.questions.chance import NONE, Chance
from edsl_nb.questions.presented import Ask, Pending
from edsl_nb.questions.reading import AnswerSpace, Text
from edsl_nb.results import Axes
from edsl_nb.scenarios import Scenario

#: What an earlier question gave, as later ones and rules can use it; see `answer_fields`.
Answers = Mapping[str, Mapping[str, Any]]

_MEMORY = "Earlier you were asked the following, and answered:"


class Respondent(NamedTuple):
    """Who is asked about what: positions in the job's lists, and the iteration."""

    agent: int
    scenario: int
    iteration: int = 0


class Prompter:
    """Renders the prompts of a job.

    Parameters:
        axes: the survey and the lists it is combined with.
    """

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self.questions = axes.survey.questions
        self._flow = axes.survey.flow
        self._seed = axes.survey.seed
        # A question without placeholders is the same for everybody.
        self._constant: dict[int, Presented] = {}
        # Enough for all interviews that are in flight, which come agent by agent, scenario by scenario.
        self.agent = lru_cache(maxsize=2048)(axes.agents.__getitem__)
        self.scenario = lru_cache(maxsize=2048)(axes.scenarios.__getitem__)
        self._dynamic = lru_cache(maxsize=2048)(self._with_dynamic_traits)
        self._system = lru_cache(maxsize=1024)(self._render_system)
        self._digest = lru_cache(maxsize=4096)(_digest)
        self._unanswered = lru_cache(maxsize=16)(self._render_unanswered)
        self._fields = lru_cache(maxsize=2048)(self._scope_without_answers)
        names = set(axes.survey.question_names)
        asked = zip(self.questions, self._flow.instructions, strict=True)
        references = [question.references | template(told).references for question, told in asked]
        # By question, the earlier ones that its texts name.
        self._named = [names & {name.root for name in found} for found in references]
        self._options_named = {
            name.root for found in references for name in found if name.field == "question_options"
        }

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
        shuffle, pinned = self._flow.shuffles[position]
        question = self.questions[position]
        if not self.varies(position):
            return NONE
        agent, scenario = self._digest(self.agent(who.agent)), self._digest(self.scenario(who.scenario))
        source = (str(self._seed), agent, scenario, question.question_name, str(who.iteration))
        return Chance("\0".join(source), shuffle, pinned)

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
        found = self._constant.get(position)
        if found is None:
            try:
                found = self._presented(position, who, answers)
            except (TemplateError, QuestionError) as wrong:
                name = self.questions[position].question_name
                raise wrong.at(f"question {name!r}, agent {who.agent}, scenario {who.scenario}") from None
        memory = self._memory(position, answers)
        if not memory:
            return found
        prompt = f"{found.prompt}\n\n{memory}"
        return Presented(found.text, found.options, _sendable(prompt), found.space, found.items)

    def _presented(self, position: int, who: Respondent, answers: Answers) -> Presented:
        question, instructions = self.questions[position], self._flow.instructions[position]
        constant = (
            question.is_constant and not self._flow.shuffles[position][0] and template(instructions).constant
        )
        known = {} if constant else self._scope(position, who, answers)
        found = question.present(known, self.chance(position, who))
        if instructions:
            found.prompt = f"{template(instructions).render(known)}\n\n{found.prompt}"
        _sendable(found.prompt)
        if constant:
            self._constant[position] = found
        return found

    def _scope(self, position: int, who: Respondent, answers: Answers) -> Mapping[str, Any]:
        """The names that a question's texts can use; of the answers only those that they do use."""
        dynamic = self.agent(who.agent).has_dynamic_traits
        known = self._fields(position if dynamic else -1, who.agent, who.scenario)
        named = self._named[position]
        return {**known, **_shown({n: answers[n] for n in named if n in answers})} if named else known

    def _scope_without_answers(self, position: int, agent: int, scenario: int) -> Mapping[str, Any]:
        asked = self.agent(agent) if position < 0 else self._dynamic(position, agent)
        return scope(asked, self.scenario(scenario), {})

    def _memory(self, position: int, answers: Answers) -> str:
        """What a question's prompt says of earlier ones; those that were skipped are left out."""
        priors = (answers[self.questions[i].question_name] for i in self._flow.memory[position])
        told = [_told(prior) for prior in priors if prior["answer"] is not None]
        return "\n".join([_MEMORY, *told]) if told else ""

    def unanswered(self, who: Respondent) -> Answers:
        """What stands for answers while there are none, as when prompts are inspected."""
        return self._unanswered(who)

    def _render_unanswered(self, who: Respondent) -> Answers:
        answers: dict[str, Mapping[str, Any]] = {}
        for position, question in enumerate(self.questions):
            text = template(question.question_text)
            name = question.question_name
            shown = text.text if text.constant else text.render(self._scope(position, who, answers))
            named = name in self._options_named
            options = self.present(position, who, answers).options if named else None
            answers[name] = answer_fields(shown, options, Pending(f"[answer of {name}]"))
        return answers

    def varies(self, position: int) -> bool:
        """Whether a question is another one in each iteration."""
        return self._flow.shuffles[position][0] or self.questions[position].uses_chance

    def first_ask(self, position: int, who: Respondent) -> Ask:
        """The first turn of a question, with texts that stand for answers, to be looked at."""
        presented = self.present(position, who, self.unanswered(who))
        return next(self.questions[position].conversation(presented))

    def first_call(self, model: Model, position: int, who: Respondent) -> ModelCall:
        """The first call of a question, with texts that stand for answers, to be looked at."""
        return self.call(model, position, who, self.first_ask(position, who))

    def call(self, model: Model, position: int, who: Respondent, ask: Ask) -> ModelCall:
        """The model call that puts one turn of a question to a model."""
        space = ask.space
        return ModelCall(
            model=model,
            system=self.system(position, who.agent) if ask.system is None else ask.system,
            turns=ask.turns,
            schema=None if space is None else space.schema,
            comment=ask.comment,
            iteration=who.iteration,
            question_name=self.questions[position].question_name,
            simulate=None if space is None or isinstance(space, Text) else _simulator(space),
        )


def _simulator(space: AnswerSpace) -> Callable[[Random], str]:
    return lambda random: space.write(space.draw(random))


def _digest(content: Agent | Scenario) -> str:
    """A short text that is equal for equal content."""
    text = canonical(content.to_dict())
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()


def _told(prior: Mapping[str, Any]) -> str:
    answer = prior["answer"]
    shown = json.dumps(answer, ensure_ascii=False) if isinstance(answer, list | dict) else str(answer)
    return f"Question: {prior['question_text']}\nAnswer: {shown}"


def _sendable(text: str) -> str:
    """The text, if it can be sent.

    Raises:
        TemplateError: it holds half a character, as broken files do.
    """
    try:
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
