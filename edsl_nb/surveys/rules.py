"""Adding rules, and reading them as they are given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from edsl_nb.core.code import Step
from edsl_nb.core.errors import SurveyError, nearest, warn
from edsl_nb.core.expressions import expression
from edsl_nb.core.syntax import compared
from edsl_nb.surveys.content import Content, EndOfSurvey, Rule

#: The question after the one a rule is about, whichever that is.
NEXT = object()


def with_rule(
    content: Content,
    question: Any,
    when: str,
    next_question: Any,
    before: bool = False,
    priority: int | None = None,
) -> Content:
    """The content with one more rule; unchanged where an equal one is there.

    Parameters:
        question: the question the rule is about.
        when: the expression.
        next_question: a question, its name or position, `EndOfSurvey` or `NEXT`.
        before: whether the rule is looked at before the question.
        priority: above that of the question's other rules, if not given.

    Raises:
        SurveyError: a parameter is not as it has to be.
        ExpressionError: the expression is not valid.
    """
    name = content.name_of(question, "question")
    if not isinstance(before, bool):
        raise SurveyError(
            "True or False is wanted", field="before_rule", value=before, remedy="Such as True."
        )
    if priority is not None and (isinstance(priority, bool) or not isinstance(priority, int)):
        raise SurveyError(
            "a whole number is wanted", field="priority", value=priority, remedy="Such as priority=5."
        )
    leads_to = _target(content, content.positions[name], next_question)
    rule = Rule(name, expression(when), leads_to, before, next_priority(content.rules, name))
    if any(rule.same(other) and priority in (None, other.priority) for other in content.rules):
        return content
    _warn_of_values(content, rule)
    return replace(
        content, rules=(*content.rules, rule if priority is None else replace(rule, priority=priority))
    )


def _warn_of_values(content: Content, rule: Rule) -> None:
    """Warn where the rule compares an answer with what that answer can never be."""
    for name, value, within in compared(rule.expression.text):
        position = content.positions.get(name)
        question = None if position is None else content.questions[position]
        space = None if question is None else question.fixed_space
        if space is None or value is None:
            continue
        reading = space.check_item(value) if within else space.check(value)
        options = list(getattr(question, "question_options", None) or ())
        equal = any(option == value and space.check(option).how == "exact" for option in options)
        if reading.how == "invalid" and not equal:  # 2.0 equals 2
            warn(
                f"The rule {rule.expression.text!r} of question {rule.question!r} compares the answer of "
                f"{name!r} with what it can never be: {reading.reason}.{_meant(name, value, options)}"
            )


def _meant(name: str, value: Any, options: list[Any]) -> str:
    """What to write instead, in a sentence; empty where there are no options."""
    if value in options:
        return f" Write {value!r} in {name}."
    written_so = [option for option in options if str(option) == str(value)]
    if written_so:
        return f" Write {written_so[0]!r}."
    return f" {nearest(str(value), map(str, options))}" if options else ""


def next_priority(rules: Iterable[Rule], question: str) -> int:
    """The priority of the next rule of a question: the last that is added counts most."""
    return max((rule.priority + 1 for rule in rules if rule.question == question), default=0)


def _target(content: Content, position: int, given: Any) -> Any:
    """Where a rule leads, by name; None for the question after it."""
    end = len(content.questions)
    if given is NEXT or given is EndOfSurvey:
        return None if given is NEXT else EndOfSurvey
    if given == EndOfSurvey.__name__:
        raise SurveyError(
            "a rule leads to a question or to EndOfSurvey, which is no text",
            field="next_question",
            value=given,
            remedy="Write EndOfSurvey without quotes, after from edsl_nb import EndOfSurvey.",
        )
    if isinstance(given, int) and not isinstance(given, bool) and given in (end, position + 1):
        return None if given == position + 1 else EndOfSurvey
    name = content.name_of(given, "next_question")
    return None if content.positions[name] == position + 1 else name


def as_steps(content: Content) -> list[Step]:
    """The calls that add the rules."""
    steps: list[Step] = []
    for i, rule in enumerate(content.rules):
        position = content.positions[rule.question]
        leads_to: Any = rule.leads_to
        if leads_to is None:
            after = position + 1
            leads_to = content.questions[after].question_name if after < len(content.questions) else after
        before = content.rules[:i]
        usual = rule.priority == next_priority(before, rule.question) and not any(map(rule.same, before))
        extra: dict[str, Any] = {} if usual else {"priority": rule.priority}
        if rule.before and rule.leads_to is None and usual:
            steps.append(Step("add_skip_rule", (rule.question, rule.expression.text)))
        elif rule.leads_to is EndOfSurvey and not rule.before and usual:
            steps.append(Step("add_stop_rule", (rule.question, rule.expression.text)))
        else:
            named = {"before_rule": True, **extra} if rule.before else extra
            steps.append(Step("add_rule", (rule.question, rule.expression.text, leads_to), named))
    return steps
