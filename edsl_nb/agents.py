"""`Agent`: who answers. Traits, an instruction, and how both read in a system prompt."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field

from edsl_nb.core import late
from edsl_nb.core.errors import AgentError, EdslNbError, TemplateError
from edsl_nb.core.lists import ObjectList
from edsl_nb.core.objects import DomainObject, tagged, untagged
from edsl_nb.core.templates import template

DEFAULT_INSTRUCTION = "You are answering questions as if you were a human. Do not break character."
DEFAULT_PRESENTATION = "Your traits: {{traits}}"
CODEBOOK_PRESENTATION = (
    "Your traits:"
    "{% for key, value in traits.items() %}\n{{ codebook.get(key, key) }}: {{ value }}{% endfor %}"
)


class Agent(DomainObject):
    """A respondent with traits.

    Parameters:
        traits: names and values, such as ``{"persona": "You are an artist."}``;
            keyword arguments are traits when this is left out.
        name: a name for results; it is not told to the model.
        codebook: a description for trait names, shown instead of them.
        instruction: what the model is told before its traits.
        traits_presentation_template: how traits read; a template with
            `traits`, `codebook` and each trait by name.

    Raises:
        AgentError: a trait name is not an identifier, or is ``name``.

    Example:
        >>> Agent(instruction="Be brief. ", traits={"age": 20}).system_prompt()
        "Be brief. Your traits: {'age': 20}"
    """

    error: ClassVar[type[EdslNbError]] = AgentError
    change: ClassVar[str] = "Make a changed copy: agent.add_trait(name, value)."

    traits: dict[str, Any] = Field(default_factory=dict)
    name: str | None = None
    codebook: dict[str, str] = Field(default_factory=dict)
    instruction: str = DEFAULT_INSTRUCTION
    traits_presentation_template: str | None = None

    def __init__(
        self,
        traits: Mapping[str, Any] | None = None,
        name: str | None = None,
        codebook: Mapping[str, str] | None = None,
        instruction: str | None = None,
        traits_presentation_template: str | None = None,
        **more_traits: Any,
    ) -> None:
        if traits is not None and not isinstance(traits, Mapping):
            raise AgentError(
                "a dict of traits is wanted",
                field="traits",
                value=traits,
                remedy='Such as traits={"persona": "You are an artist."}.',
            )
        if traits is not None and more_traits:
            first = next(iter(more_traits))
            raise AgentError(
                "traits are given twice",
                field=first,
                value=more_traits[first],
                remedy="Put it into the traits dict, or leave traits= out.",
            )
        if codebook is not None and not isinstance(codebook, Mapping):
            raise AgentError(
                "a dict of descriptions by trait is wanted",
                field="codebook",
                value=codebook,
                remedy='Such as codebook={"age": "Age in years"}.',
            )
        given = dict(traits) if traits is not None else more_traits
        for key in given:
            _check_trait(key)
        super().__init__(
            traits=given,
            name=name,
            codebook=dict(codebook or {}),
            instruction=DEFAULT_INSTRUCTION if instruction is None else instruction,
            traits_presentation_template=traits_presentation_template,
        )
        if traits_presentation_template is not None:
            try:
                template(traits_presentation_template)
            except TemplateError as wrong:
                raise AgentError(
                    wrong.problem, field="traits_presentation_template", value=traits_presentation_template,
                    remedy="Traits are {{ traits }}, or {{ age }} for one that is called age.",
                ) from None  # fmt: skip

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

    def fields(self) -> dict[str, Any]:
        """What a table shows of the agent: its name, if it has one, and its traits."""
        return {"name": self.name, **self.traits} if self.name is not None else dict(self.traits)

    def add_trait(self, name: str, value: Any) -> Agent:
        """A copy with one more trait, or with another value for it."""
        _check_trait(name)
        return self.model_copy(update={"traits": {**self.traits, name: value}})

    def __add__(self, other: object) -> Agent:
        """Both agents' traits; a trait that both have is there twice, as ``x`` and ``x_1``.

        The instruction is the first's, as are name and template where it has them.
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
        changed = {
            "traits": traits,
            "name": self.name or other.name,
            "codebook": codebook,
            "traits_presentation_template": self.traits_presentation_template
            or other.traits_presentation_template,
        }
        return self.model_copy(update=changed)

    def __getitem__(self, trait: str) -> Any:
        return self.traits[trait]

    def to_dict(self) -> dict[str, Any]:
        """The agent in EDSL's JSON."""
        data: dict[str, Any] = {**self._extras, "traits": dict(self.traits)}
        if self.name is not None:
            data["name"] = self.name
        if self.codebook:
            data["codebook"] = dict(self.codebook)
        if self.instruction != DEFAULT_INSTRUCTION:
            data["instruction"] = self.instruction
        if self.traits_presentation_template is not None:
            data["traits_presentation_template"] = self.traits_presentation_template
        return tagged(data, "Agent")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Agent:
        """The agent that `to_dict` wrote, here or in EDSL."""
        fields = untagged(data, "Agent")
        known = {key: fields.pop(key) for key in tuple(fields) if key in cls.model_fields}
        made = cls(known.pop("traits", None) or {}, **known)
        made._extras = fields
        return made

    def __repr__(self) -> str:
        parts = [f"traits={self.traits!r}"] if self.traits else []
        parts += [f"name={self.name!r}"] if self.name is not None else []
        parts += [f"codebook={self.codebook!r}"] if self.codebook else []
        if self.instruction != DEFAULT_INSTRUCTION:
            parts.append(f"instruction={self.instruction!r}")
        if self.traits_presentation_template is not None:
            parts.append(f"traits_presentation_template={self.traits_presentation_template!r}")
        return f"Agent({', '.join(parts)})"

    __str__ = __repr__


def _check_trait(key: object) -> None:
    if not isinstance(key, str) or not key.isidentifier() or keyword.iskeyword(key):
        raise AgentError(
            "a trait name has to be an identifier",
            field="traits",
            value=key,
            remedy="Use letters, digits and underscores, such as 'home_town'.",
        )
    if key == "name":
        raise AgentError(
            "'name' is no trait", field="traits", value=key, remedy="Pass it as Agent(..., name=...)."
        )


class AgentList(ObjectList[Agent]):
    """Agents to be asked. See `ObjectList` for what lists can do.

    Example:
        >>> [a.traits for a in AgentList.from_list("age", [20, 60])]
        [{'age': 20}, {'age': 60}]
    """

    kind = Agent
    noun = "agent"
    rows_key = "agent_list"
    error = AgentError

    @classmethod
    def from_list(cls, trait: str, values: Iterable[Any]) -> Self:
        """One agent per value of one trait."""
        return cls._of_values(trait, values)

    def __mul__(self, other: AgentList) -> Self:
        """Each agent here with the traits of each agent there."""
        return self._product(other, lambda a, b: a + b)

    def to(self, survey: Any) -> Any:
        """A job that asks these agents a survey or a question."""
        return late.call("by", survey, self)
