"""Changing which questions there are: whatever names them goes along."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from edsl_nb.core.errors import SurveyError, nearest, warn
from edsl_nb.questions import Question
from edsl_nb.questions.loop import rewritten
from edsl_nb.surveys.content import Content, EndOfSurvey, Rule
from edsl_nb.surveys.instructions import Instruction
from edsl_nb.surveys.renaming import renamed_placeholders

Item = Question | Instruction


def name_of(item: Item) -> str:
    """The name of a question or an instruction."""
    return item.name if isinstance(item, Instruction) else item.question_name


def with_question(content: Content, question: Any, index: Any = None) -> Content:
    """The content with one more question, at the end or at a position; unchanged where an equal one is there.

    Raises:
        SurveyError: it is no question, or no position.
    """
    if not isinstance(question, Question):
        raise SurveyError(
            f"an object of type {type(question).__name__} is no question",
            field="question",
            value=question,
            remedy="add_instruction takes instructions."
            if isinstance(question, Instruction)
            else "Such as QuestionFreeText(question_name=..., question_text=...).",
        )
    known = content.positions.get(question.question_name)
    if known is not None and content.questions[known] == question:
        return content
    place = _place(content, len(content.questions) if index is None else index, len(content.questions))
    items = (*content.items[:place], question, *content.items[place:])
    return _regrouped(replace(content, items=items), question.question_name)


def with_instruction(content: Content, instruction: Any) -> Content:
    """The content with one more instruction at the end; unchanged where an equal one is there.

    Raises:
        SurveyError: it is no instruction.
    """
    if not isinstance(instruction, Instruction):
        raise SurveyError(
            f"an object of type {type(instruction).__name__} is no instruction",
            field="instruction",
            value=instruction,
            remedy="Such as Instruction(name=..., text=...).",
        )
    if instruction in content.items:
        return content
    return replace(content, items=(*content.items, instruction))


def _place(content: Content, index: Any, last: int) -> int:
    """The place among all items of a position among the questions."""
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= last:
        raise SurveyError(
            f"a position from 0 to {last} is wanted", field="index", value=index, remedy="0 is the first."
        )
    if index >= len(content.questions):
        return len(content.items)
    return next(i for i, item in enumerate(content.items) if item is content.questions[index])


def moved(content: Content, which: Any, index: Any) -> Content:
    """The content with a question at another position."""
    name = content.name_of(which, "identifier")
    question = content.questions[content.positions[name]]
    rest = tuple(item for item in content.items if item is not question)
    place = _place(replace(content, items=rest), index, len(content.questions) - 1)
    return _regrouped(replace(content, items=(*rest[:place], question, *rest[place:])), name)


def _regrouped(content: Content, newcomer: str) -> Content:
    """The content with a question that was put somewhere in the group around it, and in no other."""
    groups: dict[str, tuple[str, ...]] = {}
    names = tuple(content.positions)
    place = content.positions[newcomer]
    for group, members in content.groups.items():
        places = [content.positions[member] for member in members if member != newcomer]
        if not places:
            groups[group] = members
            continue
        first, last = min(places), max(places)
        if newcomer in members and first - 1 <= place <= last + 1:
            first, last = min(first, place), max(last, place)
        groups[group] = names[first : last + 1]
    return replace(content, groups=groups)


def kept(content: Content, names: Collection[str]) -> Content:
    """The content with these questions and instructions only.

    Rules about others go; rules that need the answer of others cannot be kept, and are warned of.
    """
    left = {name: None for name in content.positions if name in names}
    rules = [rule for rule in content.rules if rule.question in left]
    possible = [rule for rule in rules if _known_names(content, rule) <= left.keys()]
    for rule in rules:
        if rule not in possible:
            warn(
                f"The rule of question {rule.question!r} that applies if {rule.expression.text} was taken "
                "out, because it needs a question that is no longer in the survey."
            )
    return replace(
        content,
        items=tuple(item for item in content.items if name_of(item) in names),
        rules=tuple(_led_on(content, rule, left) for rule in possible),
        memory=_restricted({focal: _of(priors, left) for focal, priors in content.memory.items()}, left),
        groups={group: _of(m, left) for group, m in content.groups.items() if _of(m, left)},
        shuffled=_of(content.shuffled, left),
        pinned=_restricted(content.pinned, left),
    )


def _of(names: tuple[str, ...], left: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in names if name in left)


def _restricted(by_question: Mapping[str, tuple[Any, ...]], left: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values for name, values in by_question.items() if name in left and values}


def _known_names(content: Content, rule: Rule) -> set[str]:
    return {name.root for name in rule.expression.names if name.root in content.positions}


def _led_on(content: Content, rule: Rule, left: Mapping[str, Any]) -> Rule:
    """A rule that leads to a question that is gone leads to the next one that is left."""
    if not isinstance(rule.leads_to, str):
        return rule
    later = list(content.positions)[content.positions[rule.leads_to] :]
    target = next((name for name in later if name in left), EndOfSurvey)
    between = list(left)[list(left).index(rule.question) + 1 :]
    return replace(rule, leads_to=None if between[:1] == [target] else target)


def checked_names(content: Content, names: Collection[Any]) -> list[str]:
    """The names of questions or instructions, as they are given.

    Raises:
        SurveyError: there is no such question or instruction.
    """
    instructions = [item.name for item in content.items if isinstance(item, Instruction)]
    return [
        name if isinstance(name, str) and name in instructions else content.name_of(name, "question_names")
        for name in names
    ]


def renamed(content: Content, names: Any) -> Content:
    """The content with other names for questions, in placeholders and rules, too.

    Raises:
        SurveyError: it is no dict of names, or there is no such question.
    """
    if not isinstance(names, Mapping) or not all(isinstance(new, str) for new in names.values()):
        raise SurveyError(
            "a dict of names is wanted", field="name_dict", value=names, remedy='Such as {"old": "new"}.'
        )
    for old in names:
        if old not in content.positions:
            raise SurveyError(
                "there is no such question",
                field="name_dict",
                value=old,
                remedy=nearest(old, content.positions),
            )

    def new(name: str) -> str:
        return names.get(name, name)

    def those(group: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(new, group))

    return Content(
        items=tuple(_renamed_item(item, names) for item in content.items),
        rules=tuple(
            replace(
                rule,
                question=new(rule.question),
                expression=rule.expression.renamed(names),
                leads_to=new(rule.leads_to) if isinstance(rule.leads_to, str) else rule.leads_to,
            )
            for rule in content.rules
        ),
        memory={new(focal): those(priors) for focal, priors in content.memory.items()},
        groups={group: those(members) for group, members in content.groups.items()},
        shuffled=those(content.shuffled),
        pinned={new(name): options for name, options in content.pinned.items()},
    )


def _renamed_item(item: Item, names: Mapping[str, str]) -> Item:
    if isinstance(item, Instruction):
        return Instruction(
            item.name, renamed_placeholders(item.text, names), renamed_placeholders(item.preamble, names)
        )
    name = names.get(item.question_name, item.question_name)
    if name == item.question_name and not any(found.root in names for found in item.references):
        return item
    return rewritten(item, lambda text: renamed_placeholders(text, names), name)


def checked_items(questions: Any) -> tuple[Item, ...]:
    """The questions and instructions that a survey is given.

    Raises:
        SurveyError: they are no list, or something is neither.
    """
    given = () if questions is None else questions
    if isinstance(given, Question | str) or not isinstance(given, Iterable):
        raise SurveyError(
            "a list of questions is wanted",
            field="questions",
            value=given,
            remedy="Put it into a list: Survey(questions=[question]).",
        )
    items = tuple(cast(Iterable[Any], given))
    for item in items:
        if not isinstance(item, Question | Instruction):
            raise SurveyError(
                f"an object of type {type(item).__name__} is no question",
                field="questions",
                value=item,
                remedy="Such as QuestionFreeText(question_name=..., question_text=...).",
            )
    return items


def joined(first: Content, second: Content) -> Content:
    """Everything of one, then everything of another.

    Raises:
        SurveyError: the first ends the survey early, or both have a group of one name.
    """
    ends = [rule.question for rule in first.rules if rule.leads_to is EndOfSurvey]
    shared = [group for group in second.groups if group in first.groups]
    if ends:
        raise SurveyError(
            f"a rule of {ends[0]!r} ends the first survey, and would end the joined one",
            field="survey + survey",
            value=ends,
            remedy="Join the surveys first, and add this rule afterwards.",
        )
    if shared:
        raise SurveyError(
            "both surveys have a group of this name",
            field="survey + survey",
            value=shared[0],
            remedy="Give the groups names that differ.",
        )
    return replace(
        first,
        items=first.items + second.items,
        rules=first.rules + second.rules,
        memory={**first.memory, **second.memory},
        groups={**first.groups, **second.groups},
        shuffled=first.shuffled + second.shuffled,
        pinned={**first.pinned, **second.pinned},
    )
