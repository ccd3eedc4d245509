"""Objects that EDSL itself has written, version by version, are read whole or refused clearly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import Agent, AgentList, EdslNbError, Jobs, Model, ModelList, Scenario, ScenarioList, Survey
from edsl_nb.questions import Question
from tests.unit.samples import through_json, without_tags

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "data" / "edsl-serialized"
CLASSES: dict[str, Any] = {
    **{c.__name__: c for c in (Survey, Agent, AgentList, Scenario, ScenarioList, Model, ModelList, Jobs)},
    "QuestionFreeText": Question,
    "QuestionMultipleChoice": Question,
    "FileStore": Scenario,
}


def reference_objects() -> Iterator[Any]:
    """Every object of EDSL's that this package has a class for, version by version."""
    for path in sorted(REFERENCE.glob("*.json")):
        for position, entry in enumerate(json.loads(path.read_text("utf-8"))):
            if entry["class_name"] in CLASSES:
                yield pytest.param(
                    CLASSES[entry["class_name"]],
                    entry["dict"],
                    id=f"{path.stem}-{position}-{entry['class_name']}",
                )


@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="objects that EDSL has written are not here (../shared/data)"
)
@pytest.mark.parametrize(("cls", "data"), list(reference_objects()) or [pytest.param(None, None, id="none")])
def test_what_edsl_has_written_is_read_whole_or_refused_clearly(cls: Any, data: Any) -> None:
    try:
        made = cls.from_dict(data)
    except EdslNbError as refused:
        assert refused.field is not None
        assert "cannot be read" in str(refused) or "no such" in str(refused) or "no service" in str(refused)
    else:
        written = without_tags(through_json(made.to_dict()))
        lost = {k: v for k, v in without_tags(data).items() if k not in written}
        assert not lost
        assert cls.from_dict(made.to_dict()) == made


@pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="objects that EDSL has written are not here (../shared/data)"
)
@pytest.mark.parametrize("name", ["Agent", "AgentList", "Scenario", "ScenarioList", "QuestionFreeText"])
def test_of_what_edsl_has_written_what_is_supported_is_read(name: str) -> None:
    found = [param.values for param in reference_objects() if str(param.id).endswith(f"-{name}")]
    assert found
    for cls, data in found:
        assert cls.from_dict(data).to_dict()
