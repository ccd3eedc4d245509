"""`Agent`: who answers. Traits, an instruction, and how both read in a system prompt."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import PrivateAttr

from edsl_nb.agents.functions import checked_direct, checked_dynamic, direct_answer, dynamic_traits
from edsl_nb.agents.traits import OPTIONAL, Traits, check_dict, check_trait
from edsl_nb.core.code import Call, Step, briefly
from edsl_nb.core.errors import AgentError, TemplateError, warn
from edsl_nb.core.frozen import frozen
from edsl_nb.core.objects import canonical, tagged, untagged
from edsl_nb.core.templates import template

DEFAULT_INSTRUCTION = "You are answering questions as if you were a human. Do not break character."
DEFAULT_PRESENTATION = "Your traits: {{traits}}"
CODEBOOK_PRESENTATION = (
    "Your traits:"
    "{% for key, value in traits.items() %}\n{{ codebook.get(key, key) }}: {{ value }}{% endfor %}"
)


class Agent(Traits):
    """A respondent with traits.

    Traits can be looked up: ``agent["age"]``, or ``agent.age`` where it is not
    also the name of something else.

    Parameters:
        traits: names and values, such as ``{"persona": "You are an artist."}``;
            keyword arguments are traits when this is left out.
        name: a name for results; it is not told to the model.
        codebook: a description for trait names, shown instead of them.
        instruction: what the model is told before its traits.
        traits_presentation_template: how traits read; a template with
            `traits`, `codebook` and each trait by name.
        dynamic_traits_function: a function from a question, or from nothing, to a
            dict of traits; for each question they are added to the traits, or
            replace those of the same name.

    Raises:
        AgentError: a trait name is not an identifier, or is ``name``.

    Example:
        >>> Agent(instruction="Be brief. ", traits={"age": 20}).system_prompt()
        "Be brief. Your traits: {'age': 20}"
    """

    variable: ClassVar[str] = "agent"
    saved_as: ClassVar[str] = "Agent"

    instruction: str = DEFAULT_INSTRUCTION
    traits_presentation_template: str | None = None
    dynamic_traits_function: Callable[..., Any] | None = None

    _direct: Callable[..., Any] | None = PrivateAttr(default=None)
    _canned: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    def __init__(
        self,
        traits: Mapping[str, Any] | None = None,
        name: str | None = None,
        codebook: Mapping[str, str] | None = None,
        instruction: str | None = None,
        traits_presentation_template: str | None = None,
        dynamic_traits_function: Callable[..., Any] | None = None,
        **more_traits: Any,
    ) -> None:
        check_dict(traits, "traits", '{"persona": "You are an artist."}')
        check_dict(codebook, "codebook", '{"age": "Age in years"}')
        if traits is not None and more_traits:
            first = next(iter(more_traits))
            raise AgentError(
                "traits are given twice",
                field=first,
                value=more_traits[first],
                remedy="Put it into the traits dict, or leave traits= out.",
            )
        _warn_of_slips(more_traits)
        given = dict(traits) if traits is not None else more_traits
        for key in given:
            check_trait(key)
        if dynamic_traits_function is not None:
            checked_dynamic(dynamic_traits_function, "dynamic_traits_function")
        super().__init__(
            traits=given,
            name=name,
            codebook=dict(codebook or {}),
            instruction=DEFAULT_INSTRUCTION if instruction is None else instruction,
            traits_presentation_template=traits_presentation_template,
            dynamic_traits_function=dynamic_traits_function,
        )
        if traits_presentation_template is not None:
            _check_template(traits_presentation_template)

    # What the model is told

    def system_prompt(self) -> str:
        """What the model is told about who it is: the instruction, directly followed by the traits.

        Empty for an agent without traits and with the usual instruction.
        """
        if not self.traits:
            return "" if self.instruction == DEFAULT_INSTRUCTION else self.instruction
        text = self.traits_presentation_template
        if text is None:
            text = CODEBOOK_PRESENTATION if self.codebook else DEFAULT_PRESENTATION
        scope = {**self.traits, "traits": self.traits, "codebook": self.codebook}
        return self.instruction + template(text).render(scope)

    @property
    def has_dynamic_traits(self) -> bool:
        """Whether the traits depend on the question."""
        return self.dynamic_traits_function is not None

    def traits_for(self, question: Any) -> Agent:
        """The agent as it is for one question: with the traits that its function gives for it.

        Runs a user's function, so it belongs in a worker thread.

        Raises:
            AgentError: the function fails, or returns no dict of traits.
        """
        if self.dynamic_traits_function is None:
            return self
        found = dynamic_traits(self.dynamic_traits_function, question)
        return self.model_copy(update={"traits": {**self.traits, **found}, "dynamic_traits_function": None})

    # Answers without a model

    def add_direct_question_answering_method(self, method: Callable[..., Any]) -> Self:
        """Have a function answer this agent's questions, without a model. Changes this agent.

        Parameters:
            method: a function or coroutine function of ``self`` (the agent), ``question`` and
                ``scenario``, which returns the answer. It replaces an earlier one.

        Returns:
            The agent itself.

        Raises:
            AgentError: it is no function, or takes something else.

        Example:
            >>> from edsl_nb import QuestionFreeText, Scenario
            >>> agent = Agent(age=20)
            >>> _ = agent.add_direct_question_answering_method(lambda self, question, scenario: self.age)
            >>> agent.answer(QuestionFreeText("q", "How old are you?"), Scenario())
            20
        """
        self._direct = checked_direct(method)
        return self

    def add_canned_response(self, question_name: str, response: Any) -> Self:
        """Give this agent's answer to one question, which no model is asked then. Changes this agent.

        Parameters:
            question_name: the question's name.
            response: the answer.

        Returns:
            The agent itself.
        """
        if not isinstance(question_name, str) or not question_name.isidentifier():
            raise AgentError(
                "the name of a question is wanted",
                field="question_name",
                value=question_name,
                remedy="Such as agent.add_canned_response('color', 'Blue').",
            )
        self._canned = frozen({**self._canned, question_name: response}, type(self), "canned_responses")
        return self

    def answers_directly(self, question_name: str) -> bool:
        """Whether this agent answers the question of that name without a model."""
        # Asked for every question of every interview: pydantic's own way to private attributes takes longer.
        private = self.__pydantic_private__ or {}
        return private.get("_direct") is not None or question_name in private.get("_canned", ())

    def answer(self, question: Any, scenario: Any) -> Any:
        """The agent's own answer to a question, as it is, not yet validated.

        Runs a user's function, so it belongs in a worker thread. Of a coroutine function, the answer
        has to be awaited.

        Parameters:
            question: the question, a `Question`.
            scenario: the scenario that it is about.

        Raises:
            AgentError: it has no answer to this question, or the function fails.
        """
        if question.question_name in self._canned:
            return self._canned[question.question_name]
        if self._direct is None:
            raise AgentError(
                "the agent has no answer of its own to this question",
                field="question",
                value=question.question_name,
                remedy="Give it one: agent.add_canned_response(question_name, answer).",
            )
        return direct_answer(self._direct, self, question, scenario)

    def functions(self) -> Iterator[str]:
        if self.dynamic_traits_function is not None:
            yield "dynamic_traits_function"
        if self._direct is not None:
            yield "add_direct_question_answering_method"

    # Copies

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        made = super().model_copy(update=update, deep=deep)
        made._direct, made._canned = self._direct, self._canned
        return made

    def __add__(self, other: object) -> Agent:
        """Both agents' traits; a trait that both have is there twice, as ``x`` and ``x_1``.

        The instruction is the first's, as is all else that it has.
        """
        if not isinstance(other, Agent):
            return NotImplemented
        traits, codebook = dict(self.traits), {**other.codebook, **self.codebook}
        for key, value in other.traits.items():
            name, count = key, 0
            while name in traits:
                count += 1
                name = f"{key}_{count}"
            traits[name] = value
            if name != key and key in other.codebook:
                codebook[name] = other.codebook[key]
        inherited = ("name", "traits_presentation_template", "dynamic_traits_function")
        changed = {key: getattr(self, key) or getattr(other, key) for key in inherited}
        made = self.model_copy(update={"traits": traits, "codebook": codebook, **changed})
        made._direct = self._direct or other._direct
        made._canned = {**other._canned, **self._canned}
        return made

    # Looking

    def fields(self) -> dict[str, Any]:
        """What a table shows of the agent: its name, if it has one, and its traits."""
        return {"name": self.name, **self.traits} if self.name is not None else dict(self.traits)

    def _title(self) -> str:
        return f"Agent {self.name}" if self.name is not None else "Agent"

    def _facts(self) -> Iterator[tuple[str, Any]]:
        yield from self.traits.items()
        yield from ((key, value) for key, value in self.arguments().items() if key not in ("traits", "name"))
        yield from ((f"answer to {name}", answer) for name, answer in self._canned.items())

    def in_short(self) -> str:
        named = self._title()
        traits = ", ".join(f"{key} {value}" for key, value in self.traits.items())
        return f"{named}: {briefly(traits)}" if traits else named

    def as_call(self) -> Call:
        canned = [Step("add_canned_response", item) for item in self._canned.items()]
        direct = [Step("add_direct_question_answering_method", (self._direct,))] if self._direct else []
        return super().as_call()._replace(then=(*canned, *direct))

    # EDSL's JSON

    def to_dict(self) -> dict[str, Any]:
        """The agent in EDSL's JSON, without its functions."""
        data: dict[str, Any] = {**self._extras, "traits": self.traits}
        if self.name is not None:
            data["name"] = self.name
        if self.codebook:
            data["codebook"] = self.codebook
        if self.instruction != DEFAULT_INSTRUCTION:
            data["instruction"] = self.instruction
        if self.traits_presentation_template is not None:
            data["traits_presentation_template"] = self.traits_presentation_template
        if self._canned:
            data["canned_responses"] = self._canned
        return tagged(data, "Agent")

    def identity(self) -> str:
        """Equal for agents that answer alike."""
        if self._direct is None and self.dynamic_traits_function is None:
            return super().identity()
        # Two functions answer differently, whatever they are called.
        functions = [repr(self._direct), repr(self.dynamic_traits_function)]
        return canonical([self.to_dict(), functions])

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Agent:
        """The agent that `to_dict` wrote, here or in EDSL."""
        fields = untagged(data, "Agent")
        known = {key: fields.pop(key) for key in ("traits", *OPTIONAL) if key in fields}
        canned = fields.pop("canned_responses", None)
        made = cls._of_stored({**known, "traits": known.get("traits") or {}}, fields)
        check_dict(canned, "canned_responses", '{"color": "Blue"}')
        for name, response in (canned or {}).items():
            made.add_canned_response(name, response)
        return made

    @classmethod
    def example(cls) -> Agent:
        """An agent to try things with."""
        return cls({"age": 22, "hair": "brown", "height": 5.5})


def _check_template(text: str) -> None:
    try:
        template(text)
    except TemplateError as wrong:
        raise AgentError(
            wrong.problem,
            field="traits_presentation_template",
            value=text,
            remedy="Traits are {{ traits }}, or {{ age }} for one that is called age.",
        ) from None


def _warn_of_slips(traits: Iterable[str]) -> None:
    """Warn of traits, given as parameters, that look like a parameter misspelt."""
    for name in traits:
        meant = difflib.get_close_matches(name, Agent.model_fields, n=1, cutoff=0.8)
        if meant:
            warn(
                f"Agent({name}=...) makes a trait that is called {name!r}. If you mean the parameter, write "
                f"{meant[0]}=...; if not, write traits={{{name!r}: ...}}."
            )
