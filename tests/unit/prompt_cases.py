"""A question of every kind that a model is asked, in all the ways in which its prompt can be worded."""

from __future__ import annotations

from edsl_nb import questions as q
from edsl_nb.questions import Question

_COLORS = ["Red", "Green", "Blue"]
_LABELS = {1: "Not at all", 5: "Very much"}

_BEST = "Which color do you like best?"
_LIKED = "Which colors do you like best?"
_WORN = "Which colors are in your clothes today?"
_DOOR = "Which color should the front door have?"
_DRINKS = "How do you find these drinks?"
_TEA = "How many cups of tea do you drink on a day?"
_WALK = "What do you take along on a walk?"
_WHO = "Who might live next door? Make somebody up."

#: File name -> variant -> question. No text says how to reply.
CASES: dict[str, dict[str, Question]] = {
    # Choices
    "multiple_choice": {
        "plain": q.QuestionMultipleChoice("q", _BEST, _COLORS),
        "without comment": q.QuestionMultipleChoice("q", _BEST, _COLORS, include_comment=False),
        "codes": q.QuestionMultipleChoice("q", _BEST, _COLORS, use_code=True),
        "letters": q.QuestionMultipleChoice("q", _BEST, _COLORS, enumeration="letters"),
    },
    "yes_no": {"plain": q.QuestionYesNo("q", "Do you own a bicycle?")},
    "likert_five": {"plain": q.QuestionLikertFive("q", "How far do you agree: cities need more trees?")},
    "linear_scale": {
        "plain": q.QuestionLinearScale("q", "How much do you like rain?", [1, 2, 3]),
        "labels": q.QuestionLinearScale("q", "How much do you like rain?", [1, 2, 3, 4, 5], _LABELS),
    },
    "multiple_choice_with_other": {
        "plain": q.QuestionMultipleChoiceWithOther("q", _BEST, _COLORS),
        "codes": q.QuestionMultipleChoiceWithOther("q", _BEST, _COLORS, use_code=True),
    },
    "checkbox": {
        "plain": q.QuestionCheckBox("q", _WORN, _COLORS),
        "without comment": q.QuestionCheckBox("q", _WORN, _COLORS, include_comment=False),
        "at least": q.QuestionCheckBox("q", _WORN, _COLORS, 2),
        "at most": q.QuestionCheckBox("q", _WORN, _COLORS, None, 2),
        "between": q.QuestionCheckBox("q", _WORN, _COLORS, 1, 2),
        "exactly": q.QuestionCheckBox("q", _WORN, _COLORS, 2, 2),
        "codes": q.QuestionCheckBox("q", _WORN, _COLORS, use_code=True),
    },
    "checkbox_with_other": {"plain": q.QuestionCheckBoxWithOther("q", _WORN, _COLORS)},
    "rank": {
        "plain": q.QuestionRank("q", _LIKED, _COLORS),
        "some": q.QuestionRank("q", _LIKED, _COLORS, 2),
        "texts": q.QuestionRank("q", _LIKED, _COLORS, use_code=False),
    },
    "top_k": {
        "plain": q.QuestionTopK("q", _LIKED, _COLORS, 2, 2),
        "texts": q.QuestionTopK("q", _LIKED, _COLORS, 2, 2, use_code=False),
    },
    "dropdown": {
        "plain": q.QuestionDropdown("q", _DOOR, _COLORS),
        "some shown": q.QuestionDropdown("q", _DOOR, _COLORS, sample_indices=[0, 2]),
        "codes": q.QuestionDropdown("q", _DOOR, _COLORS, sample_indices=[0, 2], use_code=True),
    },
    "matrix": {
        "plain": q.QuestionMatrix("q", _DRINKS, ["Tea", "Milk"], ["good", "bad"]),
        "labels": q.QuestionMatrix("q", _DRINKS, ["Tea", "Milk"], [1, 2, 3, 4, 5], _LABELS),
    },
    # Numbers, lists, objects
    "numerical": {
        "plain": q.QuestionNumerical("q", _TEA),
        "without comment": q.QuestionNumerical("q", _TEA, include_comment=False),
        "at least": q.QuestionNumerical("q", _TEA, 0),
        "at most": q.QuestionNumerical("q", _TEA, None, 9.5),
        "between": q.QuestionNumerical("q", _TEA, 0, 10),
    },
    "list": {
        "plain": q.QuestionList("q", _WALK),
        "at least": q.QuestionList("q", _WALK, min_list_items=1),
        "at most": q.QuestionList("q", _WALK, max_list_items=3),
        "between": q.QuestionList("q", _WALK, min_list_items=2, max_list_items=3),
        "exactly": q.QuestionList("q", _WALK, min_list_items=3, max_list_items=3, include_comment=False),
    },
    "dict": {
        "plain": q.QuestionDict("q", _WHO, ["name", "age"]),
        "types": q.QuestionDict("q", _WHO, ["name", "ages", "more"], ["str", "list[int]", "optional[dict]"]),
        "descriptions": q.QuestionDict("q", _WHO, ["name", "age"], [str, int], ["In full", "In years"]),
    },
    "extract": {
        "plain": q.QuestionExtract(
            "Who is this? Ann is 41 and repairs bicycles and boats.",
            {"name": "John Doe", "age": 30, "trades": ["baker"], "hobby": None},
            "q",
        )
    },
    "budget": {
        "plain": q.QuestionBudget("q", "How would you mix the paint for a door?", _COLORS, 100),
        "remainder": q.QuestionBudget(
            "q", "How would you mix the paint for a door?", [*_COLORS, "Grey"], 9.5, remainder_option="Grey"
        ),
    },
    "distribution": {
        "options": q.QuestionDistribution("q", "Will it rain tomorrow?", question_options=["Yes", "No"]),
        "bins": q.QuestionDistribution(
            "q", "How warm will it be tomorrow, in degrees?", bins=["(-Inf,0)", "[0,Inf)"]
        ),
        "range": q.QuestionDistribution(
            "q", "How many glasses of water will you drink today?", min_value=0, max_value=10, bucket_size=2
        ),
    },
    "pydantic": {"plain": q.QuestionPydantic.example()},
    # Texts, conversations
    "free_text": {
        "plain": q.QuestionFreeText.example(),
        "instructions": q.QuestionFreeText("q", "How are you?", "Answer in one sentence."),
    },
    "markdown": {
        "plain": q.QuestionMarkdown.example(),
        "instructions": q.QuestionMarkdown("q", "How are you?", "Answer with a list."),
    },
    "url": {"plain": q.QuestionURL.example()},
    "interview": {"plain": q.QuestionInterview.example()},
}
