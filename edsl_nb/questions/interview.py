"""The question that is a conversation: one model asks, the respondent answers."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from random import Random
from typing import Any, ClassVar, Literal, cast

from pydantic import Field

from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Ask, Body, Presented
from edsl_nb.questions.reading import AnswerSpace, Reading
from edsl_nb.questions.reading.literals import literals, settle

#: With this the interviewer ends the interview.
END = "END_OF_INTERVIEW"

_OPENING = "Please ask me your first question."

_RULE = (
    "You are the interviewer and lead an interview on this topic, following the guide. Each of your messages "
    "is one short question to the respondent and nothing else. Take up what the respondent says before you "
    f"go on. When the guide is covered, reply with {END} alone."
)

#: A turn in a conversation as its speaker's model is sent it.
_Turn = tuple[Literal["user", "assistant"], str]


class QuestionInterview(Question):
    """A question that is answered by an interview, in which a model asks and the respondent answers.

    Each turn takes two calls of the model: one as the interviewer, who knows the
    text and the guide, and one as the respondent, who knows what was said.

    Parameters:
        question_name: an identifier, unique in its survey.
        question_text: the topic; a template.
        interview_guide: what the interviewer is to find out; a template.
        max_turns: most questions that are asked, 1 to 100.
        answering_instructions: replaces what the interviewer is told about its
            task; a template. Name `END_OF_INTERVIEW` in it if it may end early.
        question_presentation: replaces text and guide; a template with `question_text`.

    Example:
        >>> QuestionInterview("tea", "Drinking tea", "Ask when and why.", max_turns=2).most_calls
        4
    """

    question_type: ClassVar[str] = "interview"
    templated: ClassVar[tuple[str, ...]] = ("interview_guide",)
    written: ClassVar[tuple[str, ...]] = ("max_turns",)

    interview_guide: str = Field(min_length=1)
    max_turns: int = Field(default=10, ge=1, le=100)

    def __init__(
        self,
        question_name: str,
        question_text: str,
        interview_guide: str,
        max_turns: int = 10,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        **unknown: Any,
    ) -> None:
        super().__init__(
            question_name=question_name,
            question_text=question_text,
            interview_guide=interview_guide,
            max_turns=max_turns,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            **unknown,
        )

    @property
    def most_calls(self) -> int:
        return 2 * self.max_turns

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        return Body(Transcript(), _RULE, f"Guide: {values['interview_guide']}")

    def conversation(self, presented: Presented, reask: int = 0) -> Generator[Ask, str, Reading]:
        said: list[str] = []
        for turn in range(1, self.max_turns + 1):
            asked = yield Ask(_seen_by("interviewer", said), system=presented.prompt)
            question, ends = _question(asked)
            if not question and not ends:
                return Reading("invalid", reason=f"the interviewer says nothing in turn {turn}")
            if question:
                said.append(question)
            if ends:
                break
            answer = (yield Ask(_seen_by("respondent", said))).strip()
            if not answer:
                return Reading("invalid", reason=f"the respondent says nothing in turn {turn}")
            said.append(answer)
        if not said:
            return Reading("invalid", reason="the interviewer ends the interview before it starts")
        return Reading("exact", _transcript(said))

    @classmethod
    def example(cls) -> QuestionInterview:
        """A question to try things with."""
        return cls(
            question_name="tea",
            question_text="Drinking tea",
            interview_guide="Find out when, with whom and why the respondent drinks tea.",
            max_turns=3,
        )


class Transcript(AnswerSpace):
    """What was said in an interview, in turns of interviewer and respondent."""

    @property
    def schema(self) -> Mapping[str, Any] | None:
        return None

    def read(self, reply: str) -> Reading:
        readings = [
            reading._replace(how="repaired", rule=literal.rule) if literal.rule else reading
            for literal in literals(reply)
            for reading in [self.check(literal.value)]
        ]
        return settle(readings, "a JSON list of what interviewer and respondent said is wanted")

    def check(self, value: Any) -> Reading:
        if not isinstance(value, list) or not value:
            return Reading("invalid", reason="a list of what interviewer and respondent said is wanted")
        for position, turn in enumerate(cast(list[Any], value)):
            if not _is_turn(turn, _ROLES[position % 2]):
                return Reading(
                    "invalid",
                    reason=f"turn {position + 1} has to be the {_ROLES[position % 2]}'s, with a text",
                )
        return Reading("exact", value)

    def draw(self, random: Random) -> Any:
        said = [f"Simulated turn {random.randrange(10_000)}." for _ in range(2 * random.randint(1, 3))]
        return _transcript(said)

    def write(self, answer: Any) -> str:
        return json.dumps(answer, ensure_ascii=False)


_ROLES = ("interviewer", "respondent")


def _transcript(said: list[str]) -> list[dict[str, Any]]:
    return [
        {"role": _ROLES[position % 2], "content": [{"type": "text", "text": text}]}
        for position, text in enumerate(said)
    ]


def _is_turn(turn: Any, role: str) -> bool:
    if not isinstance(turn, dict):
        return False
    content: Any = cast(dict[str, Any], turn).get("content")
    return (
        turn.keys() == {"role", "content"}
        and turn["role"] == role
        and isinstance(content, list)
        and bool(content)
        and all(
            isinstance(part, dict)
            and part.keys() == {"type", "text"}
            and part["type"] == "text"
            and isinstance(part["text"], str)
            for part in cast(list[Any], content)
        )
    )


def _seen_by(speaker: Literal["interviewer", "respondent"], said: list[str]) -> tuple[_Turn, ...]:
    """What was said so far, as it looks to one of the two: their own part is the assistant's."""
    own = _ROLES.index(speaker)
    turns: list[_Turn] = [("user", _OPENING)] if own == 0 else []
    for position, text in enumerate(said):
        turns.append(("assistant" if position % 2 == own else "user", text))
    return tuple(turns)


def _question(asked: str) -> tuple[str, bool]:
    """What the interviewer says, and whether the interview ends with it."""
    text, end, _ = asked.partition(END)
    return text.strip().strip("*_`").strip() if end else text.strip(), bool(end)
