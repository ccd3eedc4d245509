"""`Survey`: questions in order, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, cast

from edsl_nb.core import late
from edsl_nb.core.code import Call, briefly, counted
from edsl_nb.core.errors import SurveyError, nearest
from edsl_nb.core.memory_table import MemoryTable
from edsl_nb.core.objects import listed, tagged, untagged
from edsl_nb.questions import Question, QuestionFreeText, QuestionMultipleChoice
from edsl_nb.scenarios import Scenario, ScenarioList
from edsl_nb.surveys import editing, groups, json, memory, rules
from edsl_nb.surveys.builder import Builder, Which
from edsl_nb.surveys.content import Content, EndOfSurvey, Rule
from edsl_nb.surveys.diagram import Dag, Diagram, mermaid
from edsl_nb.surveys.flow import Flow
from edsl_nb.surveys.instructions import Instruction
from edsl_nb.surveys.table import table

#: Parts of EDSL's JSON of a survey that hold more than one thing, with what is known of them.
_PARTS = {
    "memory_plan": ("survey_question_names", "survey_question_texts", "data"),
    "rule_collection": ("question_name_to_index", "rules", "num_questions"),
}
_READ = (*_PARTS, "question_groups", "questions_to_randomize", "options_to_pin")


class Survey(Builder):
    """Questions that are asked together.

    Methods that add to a survey change it and return it, so that calls chain.
    Those that choose among its questions, and `rename`, give a new one.

    Parameters:
        questions: questions and instructions, in order, with names that differ.
        memory_plan: by question, those that are shown to it again: ``{"c": ["a", "b"]}``.
        rule_collection: rules, as in EDSL's JSON; better added with `add_rule`.
        question_groups: by group, its first and last question: ``{"page_1": (0, 2)}``.
        name: a name for the survey.
        questions_to_randomize: names of questions whose options are shown in random order.
        options_to_pin: by question, options that keep their places: ``{"color": ["Other"]}``.
        seed: of all that is random; the same seed gives the same order.

    Raises:
        SurveyError: something is no question, two share a name, or one needs a later one.

    Example:
        >>> from edsl_nb import QuestionFreeText, Survey
        >>> Survey([QuestionFreeText(question_name="color", question_text="Which color?")]).question_names
        ['color']
    """

    __hash__ = None  # type: ignore[assignment]
    saved_as: ClassVar[str] = "Survey"
    rows_key: ClassVar[str | None] = "questions"
    variable: ClassVar[str] = "survey"

    def __init__(
        self,
        questions: Iterable[Question | Instruction] | None = None,
        memory_plan: Mapping[str, Any] | None = None,
        rule_collection: Any = None,
        question_groups: Mapping[str, Any] | None = None,
        name: str | None = None,
        questions_to_randomize: Iterable[str] | None = None,
        options_to_pin: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> None:
        if not (name is None or isinstance(name, str)):
            raise SurveyError("a text is wanted", field="name", value=name, remedy="Such as name='colors'.")
        if isinstance(seed, bool) or not isinstance(seed, int) or seed.bit_length() > 64:
            raise SurveyError("a whole number is wanted", field="seed", value=seed, remedy="Such as seed=1.")
        self.name = name
        self.seed = seed
        self._extras: dict[str, Any] = {}
        content = Content(items=editing.checked_items(questions))
        Flow(content)  # names have to differ before anything can be said about them
        given = (memory_plan, rule_collection, question_groups, questions_to_randomize, options_to_pin)
        self._content = json.read(content, dict(zip(_READ, given, strict=True)))
        self._flow = Flow(self._content)

    # What there is

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions in order."""
        return self._content.questions

    @property
    def question_names(self) -> list[str]:
        """The questions' names in order."""
        return list(self._content.positions)

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """The instructions in order."""
        return tuple(item for item in self._content.items if isinstance(item, Instruction))

    @property
    def memory_plan(self) -> dict[str, list[str]]:
        """By question, the names of those that are shown to it again with their answers."""
        return {focal: list(priors) for focal, priors in self._content.memory.items()}

    @property
    def rule_collection(self) -> tuple[Rule, ...]:
        """The rules that were added, in the order in which they were."""
        return self._content.rules

    @property
    def question_groups(self) -> dict[str, tuple[int, int]]:
        """By group, the positions of its first and last question."""
        return {name: (first, last) for name, (first, last) in json.group_ends(self._content).items()}

    @property
    def questions_to_randomize(self) -> list[str]:
        """The names of questions whose options are shown in random order."""
        return list(self._content.shuffled)

    @property
    def options_to_pin(self) -> dict[str, list[Any]]:
        """By question, the options that keep their places."""
        return {name: list(options) for name, options in self._content.pinned.items()}

    def get(self, question_name: str) -> Question:
        """The question of that name.

        Raises:
            SurveyError: there is none.
        """
        return self[question_name]

    def group_of(self, question: Which) -> str | None:
        """The name of the group that a question is in, or None."""
        name = self._content.name_of(question, "question")
        return next((group for group, members in self._content.groups.items() if name in members), None)

    # The way through

    @property
    def flow(self) -> Flow:
        """The order of asking; ``survey.flow({"a": "Yes"})`` gives what is asked with these answers."""
        return self._flow

    @property
    def dag(self) -> Dag:
        """What each question needs, by positions; ``survey.dag(textify=True)`` has names."""
        return Dag(self._flow)

    def next_question(
        self, current_question: Which | None = None, answers: Mapping[str, Any] | None = None
    ) -> Question | type[EndOfSurvey]:
        """The question that is asked after another, or `EndOfSurvey`.

        Parameters:
            current_question: the first question is given where this is not.
            answers: what is answered so far, by question.
        """
        names = self._flow(answers)
        position = -1
        if current_question is not None:
            position = self._content.positions[self._content.name_of(current_question, "current_question")]
        later = (name for name in names if self._content.positions[name] > position)
        name = next(later, None)
        return EndOfSurvey if name is None else self[name]

    def next_question_group(
        self, current_group: str | None = None, answers: Mapping[str, Any] | None = None
    ) -> str | type[EndOfSurvey]:
        """The group after another in which something is asked, or `EndOfSurvey`.

        Parameters:
            current_group: the first group is given where this is not.
            answers: what is answered so far, by question.
        """
        found = groups.next_group(self._content, current_group, self._flow(answers))
        return EndOfSurvey if found is None else found

    def show_flow(self) -> Diagram:
        """The questions, rules and groups as a diagram in the language of Mermaid."""
        return mermaid(self._content, self._flow)

    # Other surveys from this one

    def copy(self) -> Self:
        """A survey of its own with the same content."""
        return self._with(self._content)

    def _with(self, content: Content) -> Self:
        made = type(self)(name=self.name, seed=self.seed)
        made._extras = dict(self._extras)
        return made._become(content)

    def select(self, *question_names: str) -> Self:
        """A survey of these questions only, in their order here, with what is said about them.

        A rule that needs the answer of a question that is left out goes, too, with a warning.

        Raises:
            SurveyError: there is no such question.
        """
        kept = editing.checked_names(self._content, question_names)
        said = [instruction.name for instruction in self.instructions]
        return self._with(editing.kept(self._content, [*kept, *said]))

    subset = select

    def drop(self, *question_names: str) -> Self:
        """A survey without these questions or instructions.

        A rule that needs the answer of one goes, too, with a warning.

        Raises:
            SurveyError: there is no such question or instruction.
        """
        gone = editing.checked_names(self._content, question_names)
        names = [name for name in map(editing.name_of, self._content.items) if name not in gone]
        return self._with(editing.kept(self._content, names))

    def rename(self, name_dict: Mapping[str, str]) -> Self:
        """A survey with other names for questions, in placeholders and rules, too.

        Parameters:
            name_dict: new names by old ones.

        Raises:
            SurveyError: there is no such question, or a name is taken.
        """
        return self._with(editing.renamed(self._content, name_dict))

    def __add__(self, other: Any) -> Self:
        """The questions of this survey, then those of another, with what is said about both."""
        if isinstance(other, Question):
            other = Survey([other])
        if not isinstance(other, Survey):
            return NotImplemented
        return self._with(editing.joined(self._content, other._content))

    # Jobs

    def by(self, *objects: Any) -> Any:
        """A job that puts this survey to agents, about scenarios, with models.

        Parameters:
            objects: agents, scenarios, models, or lists of them, in any order.

        Returns:
            A `Jobs`.
        """
        return late.call("by", self, *objects)

    def to_jobs(self) -> Any:
        """A job of this survey alone, to be asked of the default model."""
        return self.by()

    def run(self, **options: Any) -> Any:
        """Ask the default model. See `Jobs.run` for the options and the results."""
        return self.by().run(**options)

    def run_async(self, **options: Any) -> Any:
        """Ask the default model without blocking the loop. See `Jobs.run_async`."""
        return self.by().run_async(**options)

    def prompts(self) -> Any:
        """The prompts that would be sent. See `Jobs.prompts`."""
        return self.by().prompts()

    def show_prompts(self) -> None:
        """Show the prompts that would be sent."""
        self.by().show_prompts()

    def __call__(self, model: Any = None, agent: Any = None, **fields: Any) -> Any:
        """Run the survey.

        Parameters:
            model, agent: whom to ask; the default model where none is given.
            fields: the fields of a scenario.

        Returns:
            The `Results`.
        """
        scenario = Scenario(fields) if fields else None
        return self.by(*(one for one in (agent, scenario, model) if one is not None)).run()

    # As other things

    def codebook(self) -> dict[str, str]:
        """The text of each question, by name."""
        return {question.question_name: question.question_text for question in self.questions}

    def to_scenario_list(self) -> ScenarioList:
        """A scenario for each question, with what it holds: its name, text, type and options."""
        return ScenarioList(Scenario(untagged(q.to_dict(), "Question")) for q in self.questions)

    def as_table(self) -> MemoryTable:
        """The questions and instructions, a row each, to be shown page by page."""
        return table(self._content, self.name or "Survey")

    def to_dict(self) -> dict[str, Any]:
        """The survey in EDSL's JSON."""
        parts = json.to_dict(self._content)
        for part in _PARTS:
            parts[part] = {**self._extras.get(part, {}), **parts[part]}
        data = {**self._extras, **parts}
        if self.name is not None:
            data["name"] = self.name
        if self.seed:
            data["seed"] = self.seed
        return tagged(data, "Survey")

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The survey that `to_dict` wrote, here or in EDSL.

        Raises:
            SurveyError: it is not the JSON of a survey, or its parts do not fit together.
        """
        fields = untagged(data, "Survey")
        items = [json.item_from_dict(row) for row in listed(fields, "questions", "Survey")]
        read = {key: fields.pop(key, None) for key in (*_READ, "name")}
        seed = fields.pop("seed", None)
        made = cls(items, **read, seed=0 if seed is None else seed)
        made._extras = {**fields, **{part: more for part in _PARTS if (more := _unknown(part, read[part]))}}
        return made

    def as_call(self) -> Call:
        if self._extras or any(rule.extras for rule in self._content.rules):
            return Call(type(self), (self.to_dict(),), method="from_dict")
        usual = {"questions": None, "seed": 0}
        given = {
            "questions": list(self._content.items),
            "question_groups": self.question_groups or None,
            "name": self.name,
            "questions_to_randomize": self.questions_to_randomize or None,
            "options_to_pin": self.options_to_pin or None,
            "seed": self.seed,
        }
        kwargs = {key: value for key, value in given.items() if value != usual.get(key)}
        steps = (*memory.as_steps(self._content), *rules.as_steps(self._content))
        return Call(type(self), (), kwargs, then=steps)

    def functions(self) -> Iterable[str]:
        return (name for question in self.questions for name in question.functions())

    def in_short(self) -> str:
        counts = {"question": len(self), "rule": len(self._content.rules)}
        said = ", ".join(counted(n, noun) for noun, n in counts.items() if n)
        names = f": {briefly(', '.join(self.question_names))}" if len(self) else ""
        return f"Survey{f' {self.name!r}' if self.name else ''} of {said or 'no questions'}{names}"

    def __len__(self) -> int:
        return len(self.questions)

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions)

    def __getitem__(self, which: int | str) -> Question:
        if isinstance(which, int | str):
            return self.questions[self._content.positions[self._content.name_of(which, "survey[...]")]]
        raise SurveyError(
            "there is no such question",
            field="survey[...]",
            value=which,
            remedy=nearest(which, self.question_names),
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Survey):
            return NotImplemented
        return (self.name, self.seed, self._content) == (other.name, other.seed, other._content)

    @classmethod
    def example(cls) -> Self:
        """A survey to try things with."""
        drink = QuestionMultipleChoice("drink", "Tea or coffee?", ["Tea", "Coffee", "Neither"])
        why = QuestionFreeText("why", "Why {{ drink.answer }}?")
        return cls([drink, why]).add_skip_rule("why", "{{ drink.answer }} == 'Neither'")


def _unknown(part: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return {}
    known = (*_PARTS[part], "edsl_version", "edsl_class_name")
    return {key: value for key, value in cast(Mapping[str, Any], given).items() if key not in known}
