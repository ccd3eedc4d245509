"""Results that the real edsl writes are read here, ours there, and nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Model,
    QuestionCheckBox,
    QuestionFreeText,
    QuestionLinearScale,
    QuestionMultipleChoice,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from tests.foreign.conftest import RunForeign
from tests.unit.samples import through_json, without_tags

#: Runs a job there, with a question that is skipped, one that fails, and one column computed.
RUN = """
import json, warnings
warnings.simplefilter("ignore")
from edsl import (Agent, AgentList, Cache, Model, QuestionCheckBox, QuestionFreeText, QuestionLinearScale,
                  QuestionMultipleChoice, Scenario, ScenarioList, Survey)
survey = Survey([
    QuestionFreeText(question_name="color", question_text="Which {{ scenario.thing }}, {{ agent.persona }}?"),
    QuestionMultipleChoice(question_name="mc", question_text="Which?", question_options=["2", "b"]),
    QuestionLinearScale(question_name="scale", question_text="How?", question_options=[1, 2, 3]),
    QuestionCheckBox(question_name="many", question_text="Which?", question_options=["x", "y"]),
    QuestionFreeText(question_name="later", question_text="Why {{ mc.answer }}?"),
]).add_skip_rule("later", "{{ mc.answer }} == '2'")
agents = AgentList([Agent(traits={"persona": "artist", "age": 3}, name="x"), Agent({"persona": "clerk"})])
scenarios = ScenarioList([Scenario({"thing": "color"}), Scenario({"thing": "food", "list": [1, {}]})])
job = survey.by(agents).by(scenarios)
results = job.by(Model("test", canned_response="2")).run(
    cache=Cache(), n=2, disable_remote_inference=True, disable_remote_cache=True, progress_bar=False
).mutate("more = color + '!'")
results.save("theirs.json.gz")
columns = {name: results.select(name).to_list() for name in results.columns}
print(json.dumps([results.to_dict(), columns], default=str))
"""


def test_what_edsl_writes_comes_back_with_nothing_lost(edsl: RunForeign, tmp_path: Path) -> None:
    theirs, columns = edsl(RUN)
    results = Results.from_dict(theirs)
    assert len(results) == 8
    assert list(_lost(without_tags(theirs), without_tags(through_json(results.to_dict())), "results")) == []
    assert without_tags(Results.load(tmp_path / "theirs").to_dict()) == without_tags(results.to_dict())
    assert set(columns) <= set(results.columns)
    known = {"agent.agent_instruction", "agent.agent_name"}  # of agents that have none of their own
    prompts = {name for name in columns if name.startswith("prompt.")}  # objects there, texts here
    for name in set(columns) - known - prompts:
        assert through_json(results.select(name).to_list()) == columns[name], name
    states = set(results.select("later_state", "many_state").to_list())
    assert states == {("skipped", "invalid")}


#: Reads ours.json and ours.json.gz, and gives what edsl makes of them.
READ = """
import json, warnings
warnings.simplefilter("ignore")
from edsl.results import Results
results = Results.from_dict(json.load(open("ours.json")))
packed = Results.load("ours.json.gz")
print(json.dumps([
    results.to_dict(),
    results.columns,
    packed.select("color", "mc", "scale", "many", "later", "persona", "thing", "more").to_list(),
    packed.filter("{{ agent.persona }} == 'artist'").select("mc").to_list(),
    len(packed.to_scenario_list()),
], default=str))
"""


def test_what_we_write_is_read_by_edsl(edsl: RunForeign, tmp_path: Path) -> None:
    results = _ours()
    (tmp_path / "ours.json").write_text(json.dumps(results.to_dict()))
    results.save(tmp_path / "ours.json.gz")
    again, columns, rows, artists, count = edsl(READ)
    names = ("color", "mc", "scale", "many", "later", "persona", "thing", "more")
    assert [tuple(row) for row in rows] == results.select(*names).to_list()
    assert artists == ["b", "b"]
    assert count == 4
    assert {name for name in columns if name.startswith("answer.")} == {
        name for name in results.columns if name.startswith("answer.")
    }
    # What only we know, and what edsl writes in another way, as the survey's own test has it.
    ours = ("edsl_nb", "survey", "cache")
    before = {name: value for name, value in through_json(results.to_dict()).items() if name not in ours}
    before["data"] = [{n: v for n, v in row.items() if n not in ours} for row in before["data"]]
    assert list(_lost(without_tags(before), without_tags(again), "results")) == []
    # And here again.
    back = Results.from_dict(again)
    assert back.select(*names).to_list() == results.select(*names).to_list()


def _ours() -> Results:
    survey = Survey(
        [
            QuestionFreeText("color", "Which {{ scenario.thing }}?"),
            QuestionMultipleChoice("mc", "Which?", ["a", "b", 3]),
            QuestionLinearScale("scale", "How?", [1, 2, 3], {1: "no", 3: "yes"}),
            QuestionCheckBox("many", "Which?", ["x", "y"]),
            QuestionFreeText("later", "Why {{ mc.answer }}?"),
        ]
    )
    survey.add_skip_rule("later", "{{ mc.answer }} == 'b'")
    canned = {"color": "Blue\nand green", "mc": "b\nI like it.", "scale": "7", "many": '["y"]'}
    job = survey.by(
        AgentList([Agent({"persona": "artist", "age": 3}, name="Ann"), Agent({"persona": "clerk"})]),
        ScenarioList([Scenario({"thing": "color"}), Scenario({"thing": "food", "list": [1, {"a": None}]})]),
        Model("test", canned_response=canned),
    )
    return job.run(progress_bar=False).mutate("more = color.upper()")


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
def test_results_of_old_versions_are_read_with_nothing_lost(path: Path) -> None:
    for entry in json.loads(path.read_text(encoding="utf-8")):
        if entry["class_name"] == "Results":
            results = Results.from_dict(entry["dict"])
            written = through_json(results.to_dict())
            assert list(_lost(without_tags(entry["dict"]), without_tags(written), "results")) == []
            assert len(results.to_pandas()) == len(entry["dict"]["data"])
