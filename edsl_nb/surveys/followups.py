"""Follow-up questions: one for each option, asked of those who chose it."""

from __future__ import annotations

import re
from typing import Any, cast

from edsl_nb.core.errors import SurveyError
from edsl_nb.questions import Question
from edsl_nb.questions.loop import rewritten
from edsl_nb.surveys import rules
from edsl_nb.surveys.content import Content
from edsl_nb.surveys.editing import with_question

#: Types whose answer is one option; the answers of the others are lists of options.
_SEVERAL = ("checkbox", "checkbox_with_other", "rank", "top_k")


def with_followups(content: Content, reference: Any, followup: Any) -> Content:
    """The content with a question for each option of the reference question, after it.

    Raises:
        SurveyError: the reference has no options that are known, or the follow-up is no question.
    """
    name = content.name_of(reference, "reference_question")
    if not isinstance(followup, Question):
        raise SurveyError(
            f"an object of type {type(followup).__name__} is no question",
            field="followup_template",
            value=followup,
            remedy="Such as QuestionFreeText(question_name=..., question_text=...).",
        )
    place = content.positions[name]
    asked = content.questions[place]
    for number, option in enumerate(_options(asked)):
        one = _about(followup, name, option, number)
        changed = with_question(content, one, place + 1 + number)
        if changed is not content:
            content = rules.with_rule(changed, one, _not_chosen(asked, option), rules.NEXT, before=True)
    return content


def _options(question: Question) -> list[Any]:
    options: Any = getattr(question, "question_options", None)
    if not isinstance(options, list | tuple) or any("{{" in str(o) for o in cast(list[Any], options)):
        raise SurveyError(
            f"question {question.question_name!r} has no options that are known before it is asked",
            field="reference_question",
            value=options,
            remedy="Use a question with a fixed list of options.",
        )
    return list(cast(list[Any], options))


def _about(followup: Question, reference: str, option: Any, number: int) -> Question:
    placeholder = re.compile(r"\{\{\s*" + re.escape(reference) + r"\.answer\s*\}\}")
    said = str(option)
    name = f"{followup.question_name}_{reference}_{number}"
    return rewritten(followup, lambda text: placeholder.sub(lambda _: said, text), name)


def _not_chosen(question: Question, option: Any) -> str:
    answer = "{{ " + question.question_name + ".answer }}"
    if question.question_type in _SEVERAL:
        return f"{option!r} not in {answer}"
    return f"{answer} != {option!r}"
