"""Surveys in EDSL's JSON, as written by its versions 0.1.30 to 1.0.9, and read by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from edsl_nb.core.errors import EdslNbError, SurveyError
from edsl_nb.core.expressions import expression
from edsl_nb.core.saving import VERSION_TAGS
from edsl_nb.questions import Question
from edsl_nb.surveys import groups, memory
from edsl_nb.surveys.content import Content, EndOfSurvey, Rule
from edsl_nb.surveys.instructions import Instruction

_END = EndOfSurvey.__name__

#: What a rule of EDSL's holds, besides what newer versions may add.
_RULE_KEYS = ("current_q", "expression", "next_q", "priority", "before_rule", "question_name_to_index")


def to_dict(content: Content) -> dict[str, Any]:
    """The parts of a survey's JSON that its content decides."""
    texts = [question.question_text for question in content.questions]
    data: dict[str, Any] = {
        "questions": [item.to_dict() for item in content.items],
        "memory_plan": {
            "survey_question_names": list(content.positions),
            "survey_question_texts": texts,
            "data": {focal: {"prior_questions": list(priors)} for focal, priors in content.memory.items()},
        },
        "rule_collection": rules_to_dict(content),
        "question_groups": group_ends(content),
    }
    if content.shuffled:
        data["questions_to_randomize"] = list(content.shuffled)
    if content.pinned:
        data["options_to_pin"] = {name: list(options) for name, options in content.pinned.items()}
    return data


def rules_to_dict(content: Content) -> dict[str, Any]:
    """The rules, after those that lead from each question to the next."""
    # Versions before 1.0.7 want the positions in each rule, later ones beside the rules.
    positions = dict(content.positions)
    usual = [_rule(i, "True", i + 1, -1, False, positions) for i in range(len(content.questions))]
    added = [
        {
            **rule.extras,
            **_rule(
                content.positions[rule.question],
                rule.expression.text,
                _next(content, rule),
                rule.priority,
                rule.before,
                positions,
            ),
        }
        for rule in content.rules
    ]
    return {
        "question_name_to_index": positions,
        "rules": [*usual, *added],
        "num_questions": len(content.questions),
    }


def _rule(current: int, text: str, leads_to: Any, priority: int, before: bool, names: Any) -> dict[str, Any]:
    values = (current, text, leads_to, priority, before, dict(names))
    return dict(zip(_RULE_KEYS, values, strict=True))


def _next(content: Content, rule: Rule) -> int | str:
    if rule.leads_to is None:
        return content.positions[rule.question] + 1
    return content.positions[rule.leads_to] if isinstance(rule.leads_to, str) else _END


def group_ends(content: Content) -> dict[str, list[int]]:
    """Groups with the positions of their first and last questions."""
    return {
        name: [content.positions[members[0]], content.positions[members[-1]]]
        for name, members in content.groups.items()
    }


# Reading


def item_from_dict(data: Any) -> Question | Instruction:
    """A question or an instruction.

    Raises:
        SurveyError: it is something else that stands among questions.
    """
    kind = cast(dict[str, Any], data).get("edsl_class_name") if isinstance(data, dict) else None
    if kind == "Instruction":
        return Instruction.from_dict(cast(dict[str, Any], data))
    if kind == "ChangeInstruction":
        raise SurveyError(
            "this survey takes instructions back, which cannot be read",
            field="questions",
            value=kind,
            remedy="Remove what takes them back from the survey before saving it.",
        )
    return Question.from_dict(cast(dict[str, Any], data))


def read_rules(content: Content, given: Any) -> Content:
    """The content with the rules of EDSL's JSON, or a list of rules.

    Raises:
        SurveyError: they are no rules.
        ExpressionError: the expression of one is not valid.
    """
    rows: Any = cast("dict[Any, Any]", given).get("rules") if isinstance(given, Mapping) else given
    if not isinstance(rows, list | tuple):
        raise _no_rule("rule_collection", given)
    rules = [row if isinstance(row, Rule) else _read_rule(content, row) for row in cast(list[Any], rows)]
    added = [rule for rule in rules if not _is_usual(rule)]
    return replace(content, rules=tuple(rule for i, rule in enumerate(added) if rule not in added[:i]))


def _is_usual(rule: Rule) -> bool:
    """Whether a rule only says to go on with the next question."""
    usual = (rule.leads_to, rule.before, rule.expression.text, rule.priority)
    return usual == (None, False, "True", -1)


def _read_rule(content: Content, given: Any) -> Rule:
    if not isinstance(given, Mapping):
        raise _no_rule("rule_collection", given)
    row = cast(Mapping[str, Any], given)
    current = _wanted(row, "current_q", _is_number)
    if not 0 <= current < len(content.questions):
        raise _no_rule("current_q", current)
    before = row.get("before_rule", False)
    if not isinstance(before, bool):
        raise _no_rule("before_rule", before)
    return Rule(
        question=content.questions[current].question_name,
        expression=expression(_wanted(row, "expression", lambda value: isinstance(value, str))),
        leads_to=_read_target(content, current, row.get("next_q")),
        before=before,
        priority=_wanted(row, "priority", _is_number),
        extras={k: v for k, v in row.items() if k not in (*_RULE_KEYS, *VERSION_TAGS)},
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _wanted(row: Mapping[str, Any], key: str, fits: Callable[[Any], bool]) -> Any:
    value = row.get(key)
    if not fits(value):
        raise _no_rule(key, value)
    return value


def _read_target(content: Content, current: int, given: Any) -> Any:
    if given == _END or given is EndOfSurvey:
        return EndOfSurvey
    if not _is_number(given) or not 0 <= given <= len(content.questions):
        raise _no_rule("next_q", given)
    if given == current + 1:
        return None
    return EndOfSurvey if given == len(content.questions) else content.questions[given].question_name


def _no_rule(field: str, value: object) -> SurveyError:
    return SurveyError(
        "this is not the JSON of a survey's rules",
        field=field,
        value=value,
        remedy="Pass what to_dict() gave.",
    )


def read_shuffling(content: Content, shuffled: Any, pinned: Any) -> Content:
    """The content with questions whose options are shuffled, and options that keep their places.

    Raises:
        SurveyError: it is no list of questions, or no dict of lists.
    """
    if isinstance(shuffled, str | Mapping) or not isinstance(shuffled, list | tuple | set | frozenset):
        raise SurveyError(
            "a list of questions is wanted",
            field="questions_to_randomize",
            value=shuffled,
            remedy="Such as ['color'].",
        )
    names = [content.name_of(name, "questions_to_randomize") for name in cast(list[Any], shuffled)]
    if not isinstance(pinned, Mapping):
        raise _no_pins(pinned)
    pins: dict[str, tuple[Any, ...]] = {}
    for name, options in cast(Mapping[Any, Any], pinned).items():
        if not isinstance(options, list | tuple):
            raise _no_pins(pinned)
        pins[content.name_of(name, "options_to_pin")] = tuple(cast(list[Any], options))
    # In survey order, whatever order they were given in.
    return replace(content, shuffled=tuple(name for name in content.positions if name in names), pinned=pins)


def _no_pins(value: object) -> SurveyError:
    return SurveyError(
        "a dict of lists of options is wanted",
        field="options_to_pin",
        value=value,
        remedy="Such as {'color': ['Other']}.",
    )


def read(content: Content, fields: Mapping[str, Any]) -> Content:
    """The content with memory, rules, groups and randomisation as they stand in parameters or JSON."""
    for field, reader in _READERS.items():
        if fields.get(field) is not None:
            try:
                content = reader(content, fields[field])
            except EdslNbError as wrong:
                raise wrong.at(field) from None
    return read_shuffling(
        content, _or(fields.get("questions_to_randomize"), ()), _or(fields.get("options_to_pin"), {})
    )


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


_READERS: dict[str, Callable[[Content, Any], Content]] = {
    "memory_plan": memory.from_given,
    "rule_collection": read_rules,
    "question_groups": groups.from_given,
}
