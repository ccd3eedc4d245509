"""Groups: questions that stand together, as on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from edsl_nb.core.errors import SurveyError, nearest
from edsl_nb.surveys.content import Content
from edsl_nb.surveys.flow import Flow


def with_group(content: Content, start: Any, end: Any, name: Any) -> Content:
    """The content with one more group; unchanged where it is there.

    Raises:
        SurveyError: a parameter is not as it has to be, or a question of the group needs another.
    """
    members = _between(content, start, end)
    _check_name(name)
    if name in content.groups and content.groups[name] != members:
        raise SurveyError(
            "another group has this name", field="group_name", value=name, remedy="Choose another name."
        )
    changed = replace(content, groups={**content.groups, name: members})
    _refuse_dependence(Flow(changed), members)
    return changed


def _check_name(name: Any) -> None:
    if not isinstance(name, str) or not name.isidentifier():
        raise SurveyError(
            "a group's name is an identifier", field="group_name", value=name, remedy="Such as 'page_1'."
        )


def _between(content: Content, start: Any, end: Any) -> tuple[str, ...]:
    first = content.positions[content.name_of(start, "start_question")]
    last = content.positions[content.name_of(end, "end_question")]
    if first > last:
        raise SurveyError(
            "the group ends before it starts",
            field="end_question",
            value=end,
            remedy="Name the first question, then the last.",
        )
    return tuple(content.positions)[first : last + 1]


def _refuse_dependence(flow: Flow, members: tuple[str, ...]) -> None:
    places = {question.question_name: i for i, question in enumerate(flow.questions)}
    inside = {places[name] for name in members}
    for name in members:
        for needed in sorted(flow.needs[places[name]] & inside):
            raise SurveyError(
                f"question {name!r} needs the answer of {flow.questions[needed].question_name!r}, "
                "so they cannot be shown together",
                field="add_question_group",
                value=list(members),
                remedy="Put them into different groups.",
            )


def from_given(content: Content, given: Any) -> Content:
    """The content with groups as ``{"page_1": (0, 2)}``, by positions or names.

    Raises:
        SurveyError: they are no groups.
    """
    if not isinstance(given, Mapping):
        raise _no_groups(given)
    groups = dict(content.groups)
    for name, ends in cast(Mapping[Any, Any], given).items():
        if isinstance(ends, str) or not isinstance(ends, Sequence) or len(cast(Sequence[Any], ends)) != 2:
            raise _no_groups(given)
        start, end = cast(Sequence[Any], ends)
        groups[str(name)] = _between(content, start, end)
    return replace(content, groups=groups)


def _no_groups(given: object) -> SurveyError:
    return SurveyError(
        "a dict of first and last questions is wanted",
        field="question_groups",
        value=given,
        remedy='Such as {"page_1": (0, 2)}.',
    )


def next_group(content: Content, current: str | None, path: Sequence[str]) -> str | None:
    """The first group after the current one that has a question on the path.

    Raises:
        SurveyError: there is no such group.
    """
    if current is not None and current not in content.groups:
        raise SurveyError(
            "there is no such group",
            field="current_group",
            value=current,
            remedy=nearest(current, content.groups),
        )
    ordered = sorted(content.groups, key=lambda name: content.positions[content.groups[name][0]])
    after = ordered if current is None else ordered[ordered.index(current) + 1 :]
    return next((name for name in after if not set(path).isdisjoint(content.groups[name])), None)
