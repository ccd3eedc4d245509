"""The wording of every prompt, kept in `prompts/`: a change of a word is a change of the experiment.

``python -m tests.unit.test_prompt_wording`` writes the files again after a change that is meant.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edsl_nb import questions as q
from edsl_nb.questions import Question
from edsl_nb.questions.chance import Chance

FOLDER = Path(__file__).parent / "prompts"

_COLORS = ["Red", "Green", "Blue"]
_LABELS = {1: "Not at all", 5: "Very much"}

#: File name -> variant -> question. The text asked is always the same.
CASES: dict[str, dict[str, Question]] = {
    # Choices
    "multiple_choice": {
        "plain": q.QuestionMultipleChoice("q", "Which?", _COLORS),
        "without comment": q.QuestionMultipleChoice("q", "Which?", _COLORS, include_comment=False),
        "codes": q.QuestionMultipleChoice("q", "Which?", _COLORS, use_code=True),
        "letters": q.QuestionMultipleChoice("q", "Which?", _COLORS, enumeration="letters"),
    },
    "yes_no": {"plain": q.QuestionYesNo("q", "Which?")},
    "likert_five": {"plain": q.QuestionLikertFive("q", "Which?")},
    "linear_scale": {
        "plain": q.QuestionLinearScale("q", "Which?", [1, 2, 3]),
        "labels": q.QuestionLinearScale("q", "Which?", [1, 2, 3, 4, 5], _LABELS),
    },
    "multiple_choice_with_other": {
        "plain": q.QuestionMultipleChoiceWithOther("q", "Which?", _COLORS),
        "codes": q.QuestionMultipleChoiceWithOther("q", "Which?", _COLORS, use_code=True),
    },
    "checkbox": {
        "plain": q.QuestionCheckBox("q", "Which?", _COLORS),
        "without comment": q.QuestionCheckBox("q", "Which?", _COLORS, include_comment=False),
        "at least": q.QuestionCheckBox("q", "Which?", _COLORS, 2),
        "at most": q.QuestionCheckBox("q", "Which?", _COLORS, None, 2),
        "between": q.QuestionCheckBox("q", "Which?", _COLORS, 1, 2),
        "exactly": q.QuestionCheckBox("q", "Which?", _COLORS, 2, 2),
        "codes": q.QuestionCheckBox("q", "Which?", _COLORS, use_code=True),
    },
    "checkbox_with_other": {"plain": q.QuestionCheckBoxWithOther("q", "Which?", _COLORS)},
    "rank": {
        "plain": q.QuestionRank("q", "Which?", _COLORS),
        "some": q.QuestionRank("q", "Which?", _COLORS, 2),
        "texts": q.QuestionRank("q", "Which?", _COLORS, use_code=False),
    },
    "top_k": {
        "plain": q.QuestionTopK("q", "Which?", _COLORS, 2, 2),
        "texts": q.QuestionTopK("q", "Which?", _COLORS, 2, 2, use_code=False),
    },
    "dropdown": {
        "plain": q.QuestionDropdown("q", "Which?", _COLORS),
        "some shown": q.QuestionDropdown("q", "Which?", _COLORS, sample_indices=[0, 2]),
        "codes": q.QuestionDropdown("q", "Which?", _COLORS, sample_indices=[0, 2], use_code=True),
    },
    "matrix": {
        "plain": q.QuestionMatrix("q", "Which?", ["Tea", "Milk"], ["good", "bad"]),
        "labels": q.QuestionMatrix("q", "Which?", ["Tea", "Milk"], [1, 2, 3, 4, 5], _LABELS),
    },
    # Numbers, lists, objects
    "numerical": {
        "plain": q.QuestionNumerical("q", "How many?"),
        "without comment": q.QuestionNumerical("q", "How many?", include_comment=False),
        "at least": q.QuestionNumerical("q", "How many?", 0),
        "at most": q.QuestionNumerical("q", "How many?", None, 9.5),
        "between": q.QuestionNumerical("q", "How many?", 0, 10),
    },
    "list": {
        "plain": q.QuestionList("q", "Which?"),
        "at least": q.QuestionList("q", "Which?", min_list_items=1),
        "at most": q.QuestionList("q", "Which?", max_list_items=3),
        "between": q.QuestionList("q", "Which?", min_list_items=2, max_list_items=3),
        "exactly": q.QuestionList("q", "Which?", min_list_items=3, max_list_items=3, include_comment=False),
    },
    "dict": {
        "plain": q.QuestionDict("q", "Who?", ["name", "age"]),
        "types": q.QuestionDict(
            "q", "Who?", ["name", "ages", "more"], ["str", "list[int]", "optional[dict]"]
        ),
        "descriptions": q.QuestionDict("q", "Who?", ["name", "age"], [str, int], ["In full", "In years"]),
    },
    "extract": {
        "plain": q.QuestionExtract(
            "Ann is 41.", {"name": "John Doe", "age": 30, "tags": ["x"], "x": None}, "q"
        )
    },
    "budget": {
        "plain": q.QuestionBudget("q", "How?", _COLORS, 100),
        "remainder": q.QuestionBudget("q", "How?", [*_COLORS, "Grey"], 9.5, remainder_option="Grey"),
    },
    "distribution": {
        "options": q.QuestionDistribution("q", "How likely?", question_options=["Yes", "No"]),
        "bins": q.QuestionDistribution("q", "How likely?", bins=["(-Inf,0)", "[0,Inf)"]),
        "range": q.QuestionDistribution("q", "How likely?", min_value=0, max_value=10, bucket_size=2),
    },
    "pydantic": {"plain": q.QuestionPydantic.example()},
    # Texts, conversations
}


def wording(cases: dict[str, Question]) -> str:
    """The prompts of some questions, under a line with each one's variant."""
    prompts = (
        f"=== {name}\n{question.present({}, Chance('x')).prompt}\n" for name, question in cases.items()
    )
    return "\n".join(prompts)


@pytest.mark.parametrize("name", sorted({*CASES, *(path.stem for path in FOLDER.glob("*.txt"))}))
def test_a_prompt_is_worded_as_it_was(name: str) -> None:
    assert wording(CASES[name]) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def write() -> None:
    """Write all files again."""
    FOLDER.mkdir(exist_ok=True)
    for name, cases in CASES.items():
        (FOLDER / f"{name}.txt").write_text(wording(cases), encoding="utf-8")


if __name__ == "__main__":
    write()
