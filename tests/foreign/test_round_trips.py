"""Objects go to the real edsl and back, and come from there and go back, without losing anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import edsl_nb
from edsl_nb import (
    Agent,
    AgentList,
    Instruction,
    Jobs,
    Model,
    ModelList,
    QuestionFreeText,
    QuestionMultipleChoice,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.saving import Saved
from edsl_nb.questions import Question
from tests.foreign.conftest import RunForeign
from tests.unit.samples import through_json, without_tags

#: Reads ours.json, a list of class names and JSON, and gives what edsl makes of each.
READ_OURS = """
import json, warnings
warnings.simplefilter("ignore")
import edsl
from edsl.questions import QuestionBase
from edsl.language_models import LanguageModel
def reader(name):
    return {"Question": QuestionBase, "Model": LanguageModel}.get(name) or getattr(edsl, name)
print(json.dumps([reader(name).from_dict(data).to_dict() for name, data in json.load(open("ours.json"))]))
"""

#: The examples of every class, after the name of the class that reads them; and what edsl itself
#: makes of them when it reads them, which is not always the same.
EXAMPLES = """
import json, warnings
warnings.simplefilter("ignore")
import edsl
from edsl.questions import QuestionBase
from edsl.questions.register_questions_meta import RegisterQuestionsMeta
found = []
for cls in RegisterQuestionsMeta.question_types_to_classes().values():
    example = cls.example().to_dict()
    found.append(("Question", example, QuestionBase.from_dict(example).to_dict()))
for name in ("Agent", "AgentList", "Scenario", "ScenarioList", "Model", "ModelList", "Survey", "Instruction",
             "Jobs", "FileStore"):
    example = getattr(edsl, name).example().to_dict()
    found.append((name, example, type(getattr(edsl, name).example()).from_dict(example).to_dict()))
print(json.dumps(found))
"""


def _class(name: str) -> Any:
    return Question if name == "Question" else getattr(edsl_nb, name)


def _in_edsl(edsl: RunForeign, folder: Path, objects: Iterable[tuple[str, Any]]) -> list[Any]:
    (folder / "ours.json").write_text(json.dumps(list(objects)))
    return edsl(READ_OURS)


def _ours() -> list[Saved]:
    """Objects of every class, with most of what they can hold."""
    types = Question.available()
    examples = [cls.example() for cls in _subclasses(Question) if vars(cls).get("question_type") in types]
    agent = Agent({"age": 3, "list": [1, {"x": None}]}, "Ann", {"age": "Age"}, "Hi.", "I am {{ age }}.")
    scenario = Scenario({"topic": "bees", "list": [1, 2.5, {"x": [None, True]}]})
    model = Model("gpt-4o", "openai", temperature=0, max_tokens=7)
    survey = Survey(
        [
            QuestionMultipleChoice("tea", "Tea?", ["Yes", "No", "{{ scenario.topic }}"]),
            Instruction("note", "Be honest."),
            QuestionFreeText("why", "Why {{ tea.answer }}, {{ agent.age }}?"),
            QuestionFreeText("end", "Anything else?"),
        ],
        name="drinks",
    )
    survey.add_skip_rule("why", "{{ tea.answer }} == 'No'")
    survey.add_stop_rule("tea", "{{ tea.answer }} == 'bees'")
    survey.add_targeted_memory("end", "tea")
    survey.add_question_group("end", "end", "last")
    return [
        *examples,
        agent,
        AgentList([agent, Agent()]),
        scenario,
        ScenarioList([scenario, Scenario()]),
        model,
        ModelList([model, Model("test", canned_response={"tea": "Yes"})]),
        survey,
        Jobs(survey).by(agent, scenario, model),
    ]


def _subclasses(cls: type[Any]) -> list[type[Any]]:
    return [sub for one in cls.__subclasses__() for sub in (one, *_subclasses(one))]


def _content(made: Saved) -> Any:
    """What of an object JSON can hold, which is all but functions."""
    return without_tags(through_json(made.to_dict()))


def _reader(made: Saved) -> str:
    return "Question" if isinstance(made, Question) else type(made).__name__


def test_every_example_of_edsl_comes_back_with_nothing_lost(edsl: RunForeign, tmp_path: Path) -> None:
    examples = edsl(EXAMPLES)
    assert len(examples) > 40
    ours = [(name, through_json(_class(name).from_dict(data).to_dict())) for name, data, _ in examples]
    for (name, data, _), (_, written) in zip(examples, ours, strict=True):
        assert list(_lost(without_tags(data), without_tags(written), name)) == []
    for (name, data, same), again in zip(examples, _in_edsl(edsl, tmp_path, ours), strict=True):
        assert without_tags(again) == without_tags(same), f"{name} {data.get('question_type')}"


def test_every_example_of_ours_comes_back_equal(edsl: RunForeign, tmp_path: Path) -> None:
    objects = _ours()
    assert len(objects) > 30
    sent = [(_reader(made), through_json(made.to_dict())) for made in objects]
    for made, data in zip(objects, _in_edsl(edsl, tmp_path, sent), strict=True):
        back = _class(_reader(made)).from_dict(data)
        assert list(_lost(_content(made), _content(back), type(made).__name__)) == []


LINES = """
import json, warnings
warnings.simplefilter("ignore")
import edsl
from edsl.questions import QuestionBase
found = []
for name, lines in json.load(open("ours.json")):
    with open("lines.jsonl", "w") as file:
        file.write(lines)
    # Long lines of scenarios are taken for the name of a file.
    source = "lines.jsonl" if name == "ScenarioList" else lines
    made = (QuestionBase if name == "Question" else getattr(edsl, name)).from_jsonl(source)
    found.append((made.to_dict(), made.to_jsonl()))
print(json.dumps(found))
"""


def test_lines_of_json_are_read_by_either(edsl: RunForeign, tmp_path: Path) -> None:
    # edsl has no lines for a single model.
    objects = [made for made in _ours() if not isinstance(made, Model)]
    (tmp_path / "ours.json").write_text(json.dumps([(_reader(made), made.to_jsonl()) for made in objects]))
    for made, (data, lines) in zip(objects, edsl(LINES), strict=True):
        cls = _class(_reader(made))
        for back in (cls.from_dict(data), cls.from_jsonl(lines)):
            assert list(_lost(_content(made), _content(back), type(made).__name__)) == []


FILES = """
import json, warnings
warnings.simplefilter("ignore")
import edsl
survey = edsl.Survey.load("ours.json.gz")
edsl.Agent.example().save("theirs.json.gz")
print(json.dumps([survey.to_dict(), edsl.Agent.example().to_dict()]))
"""


def test_files_are_read_by_either(edsl: RunForeign, tmp_path: Path) -> None:
    survey = Survey([QuestionFreeText("q", "Why?")], name="x")
    survey.save(tmp_path / "ours")
    in_edsl, agent = edsl(FILES)
    assert Survey.from_dict(in_edsl) == survey
    assert Agent.load(tmp_path / "theirs") == Agent.from_dict(agent)


def _lost(before: Any, after: Any, at: str) -> Iterator[str]:
    """Where something of the one JSON is not in the other, which may have more."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            yield from _lost(value, after.get(key), f"{at}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _lost(one, other, f"{at}[{number}]")
    elif before != after:
        yield f"{at}: {before!r:.80} became {after!r:.80}"


#: Genuine files of several versions, where there are any beside the checkout.
GENUINE = sorted(Path(__file__).resolve().parents[3].glob("shared/data/edsl-serialized/*.json"))


@pytest.mark.parametrize("path", GENUINE, ids=lambda path: path.name)
def test_what_old_versions_wrote_is_read_with_nothing_lost(path: Path) -> None:
    names = {"Agent", "AgentList", "Scenario", "ScenarioList", "ModelList", "Survey", "Jobs", "FileStore"}
    read = 0
    for entry in json.loads(path.read_text(encoding="utf-8")):
        name, data = entry["class_name"], entry["dict"]
        is_question = name.startswith("Question") and "question_type" in data
        if not (is_question or name in names):
            continue
        written = through_json((Question if is_question else _class(name)).from_dict(data).to_dict())
        assert list(_lost(without_tags(data), without_tags(written), name)) == []
        read += 1
    assert read
