"""What a question can be made into: a job, a survey, or many questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edsl_nb.core import late
from edsl_nb.core.calls import Checked
from edsl_nb.core.hosted import Humanized

if TYPE_CHECKING:
    from edsl_nb.questions.base import Question


class Combining(Humanized, metaclass=Checked):
    """Gives questions the methods that put them together with other things."""

    def by(self, *objects: Any) -> Any:
        """A job that puts this question to agents, about scenarios, with models.

        Parameters:
            objects: agents, scenarios, models, or lists of them, in any order.

        Returns:
            A `Jobs`.
        """
        return late.call("by", self, *objects)

    def to_jobs(self) -> Any:
        """A job of this question alone, to be asked of the default model."""
        return self.by()

    def run(self, **options: Any) -> Any:
        """Ask the default model. See `Jobs.run` for the options and the results."""
        return self.by().run(**options)

    def run_async(self, **options: Any) -> Any:
        """Ask the default model without blocking the loop. See `Jobs.run_async`."""
        return self.by().run_async(**options)

    def prompts(self) -> Any:
        """The prompt that would be sent. See `Jobs.prompts`."""
        return self.by().prompts()

    def show_prompts(self) -> None:
        """Show the prompt that would be sent."""
        self.by().show_prompts()

    def __call__(self, just_answer: bool = True, model: Any = None, agent: Any = None, **fields: Any) -> Any:
        """Ask the question.

        Parameters:
            just_answer: give the answer; if not, the `Results`.
            model, agent: whom to ask; the default model where none is given.
            fields: the fields of a scenario.
        """
        results = self.to_survey()(model, agent, **fields)
        return results.select(f"answer.{self.question_name}").first() if just_answer else results  # type: ignore[attr-defined]

    def to_survey(self) -> Any:
        """A `Survey` of this question."""
        return late.call("survey", [self])

    def add_question(self, question: Question) -> Any:
        """A `Survey` of this question and another."""
        return self.to_survey().add_question(question)

    def loop(self: Any, scenario_list: Any) -> list[Question]:
        """A question for each scenario, with placeholders filled now.

        What a scenario has no field for stays a placeholder. A name without
        placeholders gets a number: ``why_0``, ``why_1``.

        Parameters:
            scenario_list: a `ScenarioList`, or a list of scenarios or dicts.

        Raises:
            QuestionError: these are no scenarios, or what they fill in makes no valid question.

        Example:
            >>> from edsl_nb import QuestionFreeText, ScenarioList
            >>> why = QuestionFreeText("why_{{ scenario.x }}", "Why {{ scenario.x }}?")
            >>> [one.question_text for one in why.loop(ScenarioList.from_list("x", ["tea", "milk"]))]
            ['Why tea?', 'Why milk?']
        """
        from edsl_nb.questions.loop import loop

        return loop(self, scenario_list)
