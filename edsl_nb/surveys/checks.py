"""Whether questions, rules, memory and groups fit together: nothing may need what comes later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from edsl_nb.core.errors import SurveyError, nearest
from edsl_nb.core.templates import Reference, template
from edsl_nb.questions import Question
from edsl_nb.surveys.content import Content, EndOfSurvey, Rule
from edsl_nb.surveys.instructions import Instruction

#: What can be named of a question, as in ``{{ q.answer }}``.
FACTS = ("answer", "comment", "question_options", "question_text")

_GROUPS = ("agent", "scenario")

#: What else to do where a rule that is looked at before a question is about that question's own answer.
_OWN = " A rule about a question's own answer is added with add_stop_rule or add_rule."


def check(content: Content) -> None:
    """Raise a SurveyError for the first thing that does not fit."""
    _check_names(content)
    _check_placeholders(content)
    _check_memory(content)
    for rule in content.rules:
        _check_rule(content, rule)
    _check_groups(content)
    _check_shuffled(content)


def _check_names(content: Content) -> None:
    seen: set[str] = set()
    for item in content.items:
        name = item.name if isinstance(item, Instruction) else item.question_name
        if "{{" in name:
            raise SurveyError(
                "a question in a survey needs a name without placeholders",
                field="question_name",
                value=name,
                remedy="Fill it first: question.loop(scenario_list) gives a list of questions.",
            )
        if name in seen:
            raise SurveyError(
                "two questions have the same name",
                field="question_name",
                value=name,
                remedy="Give one of them another question_name, or take the one that is there out first, "
                "with survey.delete_question(name).",
            )
        seen.add(name)


def _check_placeholders(content: Content) -> None:
    position = 0
    for item in content.items:
        if isinstance(item, Question):
            who = f"question {item.question_name!r}"
            for field, text in item.texts if item.references else ():
                _refuse_late(content, template(text).references & item.references, position, who, field, text)
            position += 1
        else:
            _refuse_late(content, item.references, position, f"instruction {item.name!r}", "text", item.text)


def _refuse_late(
    content: Content, names: Iterable[Reference], end: int, who: str, field: str, text: str
) -> None:
    """Raise where one of the names is a question at `end` or later."""
    for name in sorted(names, key=str):
        if content.positions.get(name.root, -1) >= end:
            own = field == "expression" and content.positions[name.root] == end
            raise SurveyError(
                f"{who} refers to the answer of {name.root!r}, which is not asked before it",
                field=field,
                value=text,
                remedy="Put the question it refers to first." + (_OWN if own else ""),
            )


def _check_memory(content: Content) -> None:
    for focal, priors in content.memory.items():
        end = content.positions[content.name_of(focal, "focal_question")]
        for prior in priors:
            if content.positions[content.name_of(prior, "prior_question")] >= end:
                raise SurveyError(
                    f"question {focal!r} cannot remember {prior!r}, which is not asked before it",
                    field="prior_question",
                    value=prior,
                    remedy="First the question that remembers, then the one that is remembered.",
                )


def _check_rule(content: Content, rule: Rule) -> None:
    position = content.positions[content.name_of(rule.question, "question")]
    if isinstance(rule.leads_to, str):
        target = content.positions[content.name_of(rule.leads_to, "next_question")]
        if target <= position:
            raise SurveyError(
                f"a rule of {rule.question!r} leads back to {rule.leads_to!r}",
                field="next_question",
                value=rule.leads_to,
                remedy="Rules lead to later questions or to EndOfSurvey.",
            )
    elif rule.leads_to is not None and rule.leads_to is not EndOfSurvey:
        raise SurveyError(
            "a rule leads to a question or to EndOfSurvey",
            field="next_question",
            value=rule.leads_to,
            remedy="Such as from edsl_nb import EndOfSurvey.",
        )
    _check_expression(content, rule, position)


def _check_expression(content: Content, rule: Rule, position: int) -> None:
    text = rule.expression.text
    for name in sorted(rule.expression.names, key=str):
        if name.root in _GROUPS and name.field is None:
            raise SurveyError(
                f"{name.root!r} stands for several values",
                field="expression",
                value=text,
                remedy=f"Say which, such as {name.root}.x.",
            )
        if name.root not in content.positions and name.root not in _GROUPS:
            raise SurveyError(
                f"there is no question {name.root!r}",
                field="expression",
                value=text,
                remedy=f"{nearest(name.root, content.positions)} A text stands in quotes: '{name.root}'. A "
                f"scenario's field is written scenario.{name.root}, an agent's trait agent.{name.root}.",
            )
        if name.root in content.positions and name.field is not None and name.field not in FACTS:
            raise SurveyError(
                f"a question has no {name.field!r}",
                field="expression",
                value=text,
                remedy=nearest(name.field, FACTS),
            )
    end = position if rule.before else position + 1
    _refuse_late(
        content, rule.expression.names, end, f"a rule of question {rule.question!r}", "expression", text
    )


def _check_groups(content: Content) -> None:
    taken: dict[str, str] = {}
    for group, members in content.groups.items():
        places = [content.positions[content.name_of(member, "question_groups")] for member in members]
        if not places or places != list(range(places[0], places[0] + len(places))):
            raise SurveyError(
                "the questions of a group stand one after the other",
                field="question_groups",
                value={group: members},
                remedy="Name the first and the last question, in this order.",
            )
        for member in members:
            if member in taken:
                raise SurveyError(
                    f"question {member!r} is in the group {taken[member]!r} already",
                    field="question_groups",
                    value=group,
                    remedy="A question is in one group at most.",
                )
            taken[member] = group


def _check_shuffled(content: Content) -> None:
    for name in (*content.shuffled, *content.pinned):
        content.name_of(name, "questions_to_randomize" if name in content.shuffled else "options_to_pin")
    for name, pinned in content.pinned.items():
        options: Any = getattr(content.questions[content.positions[name]], "question_options", None)
        fixed = isinstance(options, list | tuple) and all("{{" not in str(option) for option in options)
        for option in pinned:
            if fixed and option not in options:
                raise SurveyError(
                    f"question {name!r} has no such option",
                    field="options_to_pin",
                    value=option,
                    remedy=nearest(option, map(str, options)),
                )
