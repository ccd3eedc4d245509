"""The methods that build a survey up: each changes it, whole or not at all, and returns it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from edsl_nb.core.errors import SurveyError
from edsl_nb.core.hosted import Humanized
from edsl_nb.core.objects import Built
from edsl_nb.questions import Question
from edsl_nb.surveys import editing, followups, groups, memory, rules
from edsl_nb.surveys.content import Content, EndOfSurvey
from edsl_nb.surveys.flow import Flow
from edsl_nb.surveys.instructions import Instruction

#: A question, its name, or its position.
Which = Question | str | int


class Builder(Humanized, Built):
    """What a survey can be told. See `Survey`."""

    error = SurveyError

    _content: Content
    _flow: Flow

    def _become(self, content: Content) -> Self:
        if content is not self._content:
            flow = Flow(content)  # raises where something does not fit, before anything has changed
            self._content, self._flow = content, flow
        return self

    # Questions

    def add_question(self, question: Question, index: int | None = None) -> Self:
        """Add a question.

        Adding a question that is there already, as when a cell is run twice, changes nothing.

        Parameters:
            question: what to ask.
            index: its position among the questions; at the end, if not given.

        Raises:
            SurveyError: another question has that name, or it refers to one that is not asked before it.
        """
        return self._become(editing.with_question(self._content, question, index))

    def add_instruction(self, instruction: Instruction) -> Self:
        """Add an instruction, which is put before every question that is added after it.

        Raises:
            SurveyError: it is no instruction, or its name is taken.
        """
        return self._become(editing.with_instruction(self._content, instruction))

    def add_followup_questions(self, reference_question: Which, followup_template: Question) -> Self:
        """Add a question for each option of another, which is asked only of those who choose the option.

        Parameters:
            reference_question: has the options; they are chosen one by one, or several at once.
            followup_template: the question to ask; ``{{ name.answer }}`` in it, with the
                name of the question above, stands for the option.

        Raises:
            SurveyError: the question has no options, or they are not known before it is asked.

        Example:
            >>> from edsl_nb import QuestionFreeText, QuestionMultipleChoice, Survey
            >>> color = QuestionMultipleChoice("color", "Which color?", ["Red", "Blue"])
            >>> why = QuestionFreeText("why", "Why {{ color.answer }}?")
            >>> Survey([color]).add_followup_questions("color", why).question_names
            ['color', 'why_color_0', 'why_color_1']
        """
        return self._become(followups.with_followups(self._content, reference_question, followup_template))

    def delete_question(self, identifier: Which) -> Self:
        """Take a question out, with the rules about it.

        A rule of another question that needs its answer goes, too, with a warning.

        Raises:
            SurveyError: there is no such question.
        """
        gone = self._content.name_of(identifier, "identifier")
        names = [name for name in map(editing.name_of, self._content.items) if name != gone]
        return self._become(editing.kept(self._content, names))

    def move_question(self, identifier: Which, new_index: int) -> Self:
        """Put a question at another position.

        Raises:
            SurveyError: there is no such question or position, or a question would need a later one.
        """
        return self._become(editing.moved(self._content, identifier, new_index))

    # Rules

    def add_skip_rule(self, question: Which, expression: str) -> Self:
        """Do not ask a question where something is so.

        Parameters:
            question: what is not asked.
            expression: is evaluated before the question, such as ``{{ a.answer }} == 'Yes'``.
                Names are those of earlier questions, ``scenario.x`` and ``agent.x``.

        Raises:
            SurveyError: it names what there is not, or what is not asked before.
            ExpressionError: it is not a valid expression.
        """
        return self._become(rules.with_rule(self._content, question, expression, rules.NEXT, before=True))

    def add_stop_rule(self, question: Which, expression: str) -> Self:
        """End the survey after a question where something is so.

        Parameters:
            question: after which the survey ends. Where it was not asked, the survey goes on.
            expression: as for `add_skip_rule`; can name the question itself.

        Raises:
            SurveyError: it names what there is not, or what is asked later.
            ExpressionError: it is not a valid expression.
        """
        return self._become(rules.with_rule(self._content, question, expression, EndOfSurvey))

    def add_rule(
        self,
        question: Which,
        expression: str,
        next_question: Which | type[EndOfSurvey],
        before_rule: bool = False,
        priority: int | None = None,
    ) -> Self:
        """Go on with a later question where something is so.

        Where several rules of a question apply, the one of the highest priority
        counts: the last that was added, if no priorities are given.

        Parameters:
            question: after which the rule is looked at.
            expression: as for `add_skip_rule`; can name the question itself unless `before_rule`.
            next_question: where to go on, or `EndOfSurvey`.
            before_rule: look at the rule before the question, which is not asked where it applies.
            priority: above that of the question's other rules, if not given.

        Raises:
            SurveyError: it leads back, or names what there is not, or what is asked later.
            ExpressionError: it is not a valid expression.

        Example:
            >>> from edsl_nb import QuestionFreeText, Survey
            >>> survey = Survey([QuestionFreeText(name, "Why?") for name in "abc"])
            >>> survey.add_rule("a", "{{ a.answer }} == 'No'", "c").flow({"a": "No"})
            ['a', 'c']
        """
        return self._become(
            rules.with_rule(self._content, question, expression, next_question, before_rule, priority)
        )

    # Groups

    def add_question_group(self, start_question: Which, end_question: Which, group_name: str) -> Self:
        """Make a group of questions that stand together, as on a page.

        Parameters:
            start_question, end_question: the first and the last question of the group.
            group_name: an identifier.

        Raises:
            SurveyError: a question of the group needs the answer of another, or is in another group.
        """
        return self._become(groups.with_group(self._content, start_question, end_question, group_name))

    # Memory

    def add_targeted_memory(self, focal_question: Which, prior_question: Which) -> Self:
        """Show a question an earlier one again, with its answer.

        Parameters:
            focal_question: the one that is shown it.
            prior_question: the one that is shown.

        Raises:
            SurveyError: there is no such question, or the prior one is not asked before.
        """
        return self._become(memory.with_memory(self._content, focal_question, [prior_question]))

    def add_memory_collection(self, focal_question: Which, prior_questions: Iterable[Which]) -> Self:
        """Show a question several earlier ones again, with their answers.

        Raises:
            SurveyError: there is no such question, or a prior one is not asked before.
        """
        return self._become(memory.with_memory(self._content, focal_question, prior_questions))

    def set_full_memory_mode(self) -> Self:
        """Show each question all earlier ones again. Questions that are added later are not concerned."""
        return self._become(memory.with_last(self._content, None))

    def set_lagged_memory(self, lags: int) -> Self:
        """Show each question the last ones before it again. Questions that are added later are not concerned.

        Parameters:
            lags: how many.

        Raises:
            SurveyError: it is no number above 0.
        """
        return self._become(memory.with_last(self._content, memory.checked_lags(lags)))
