"""The wording of every prompt, kept in `prompts/`: a change of a word is a change of the experiment.

``python -m tests.unit.test_prompt_wording`` writes the files again after a change that is meant.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edsl_nb.questions import Question
from edsl_nb.questions.chance import Chance
from tests.unit.prompt_cases import CASES

FOLDER = Path(__file__).parent / "prompts"


def wording(cases: dict[str, Question]) -> str:
    """The prompts of some questions, under a line with each one's variant."""
    prompts = (
        f"=== {name}\n{question.present({}, Chance('x')).prompt}\n" for name, question in cases.items()
    )
    return "\n".join(prompts)


@pytest.mark.parametrize("name", sorted({*CASES, *(path.stem for path in FOLDER.glob("*.txt"))}))
def test_a_prompt_is_worded_as_it_was(name: str) -> None:
    assert wording(CASES[name]) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_every_type_that_a_model_is_asked_has_its_wording_kept() -> None:
    asked = {name for name, cls in types().items() if not cls.computed}
    assert {"free_text", "interview", "url"} <= asked
    assert asked == CASES.keys()
    assert {name: {case.question_type for case in cases.values()} for name, cases in CASES.items()} == {
        name: {name} for name in asked
    }


def types() -> dict[str, type[Question]]:
    """Every class of questions that can be run, by the name of its type."""
    found: dict[str, type[Question]] = {}
    waiting = [Question]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if vars(cls).get("question_type") in Question.available():
            found[cls.question_type] = cls
    return found


def write() -> None:
    """Write all files again."""
    FOLDER.mkdir(exist_ok=True)
    for name, cases in CASES.items():
        (FOLDER / f"{name}.txt").write_text(wording(cases), encoding="utf-8")


if __name__ == "__main__":
    write()
