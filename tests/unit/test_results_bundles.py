"""Where results come from, what was said in them, and studies in one file that replay without a model."""

from __future__ import annotations

import asyncio
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edsl_nb import (
    Agent,
    AgentList,
    Cache,
    EdslNbError,
    Jobs,
    Model,
    ModelList,
    QuestionCompute,
    QuestionFreeText,
    QuestionMultipleChoice,
    QuestionNumerical,
    Results,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core import secrets
from edsl_nb.core.errors import JobError, ResultsError
from edsl_nb.jobs.bundled import BundledJob
from edsl_nb.models.services.test import TestService
from edsl_nb.results.provenance import Provenance
from tests.unit.samples import refusal, through_json

SECRET = "Ms Quill of Fern Lane"


def job() -> Jobs:
    """Two models, one of which is asked again for invalid answers; a rule; a question without a model."""
    survey = Survey(
        [
            QuestionMultipleChoice("drink", "Tea or coffee, {{ scenario.name }}?", ["Tea", "Coffee"]),
            QuestionNumerical("cups", "How many cups?"),
            QuestionFreeText("why", "Why {{ cups.answer }} of {{ drink.answer }}?"),
            QuestionCompute("twice", "{{ cups.answer }}{{ cups.answer }}"),
        ]
    ).add_skip_rule("why", "{{ drink.answer }} == 'Coffee'")
    answers = {"drink": "**Tea**", "cups": "many", "why": f"Because {SECRET} says so."}
    models = ModelList([Model("test"), Model("test", canned_response=answers)])
    return survey.by(
        AgentList([Agent({"age": age}) for age in (20, 30)]),
        ScenarioList([Scenario({"name": SECRET, "place": "Oslo"})]),
        models,
    )


@pytest.fixture
def results() -> Results:
    return job().run(progress_bar=False)


@pytest.fixture
def bundle(results: Results, tmp_path: Path) -> Path:
    path = tmp_path / "study.zip"
    results.export_bundle(path)
    return path


@pytest.fixture
def no_model(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the bundle is there, any call of a model fails the test."""
    forbid_models(monkeypatch)


def forbid_models(monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a model was called")

    monkeypatch.setattr(TestService, "call", asked)


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


# Transcripts


def test_an_interview_as_a_conversation(results: Results) -> None:
    found = results.transcript(1)
    assert [(line.role, line.question_name) for line in found.lines] == [
        ("system", ""),
        *((role, "drink") for role in ("user", "reply", "read")),
        *((role, "cups") for role in ("user", "reply", "user", "reply", "read")),  # asked again
        ("read", "why"),
        ("read", "twice"),
    ]
    read = {line.question_name: line.text for line in found.lines if line.role == "read"}
    assert read["drink"].startswith("Tea  (repaired by ")
    assert "invalid" in read["cups"]
    assert read["why"] == "(not asked)"
    assert f"Tea or coffee, {SECRET}?" in str(found)
    assert found.to_dicts()[0]["role"] == "system"
    html = found._repr_mimebundle_()[0]["text/html"]
    assert "Interview 2 of 4" in html
    assert results.transcript(-1).title.startswith("Interview 4 of 4")


def test_texts_in_a_transcript_are_escaped() -> None:
    model = Model("test", canned_response={"q": "<script>alert(1)</script>"})
    found = QuestionFreeText("q", "Q?").by(model).run(progress_bar=False).transcript(0)
    assert "<script>" not in found._repr_mimebundle_()[0]["text/html"]


@pytest.mark.parametrize("position", [4, -5, "0", True, None, 0.0])
def test_a_transcript_of_no_row_is_refused(results: Results, position: Any) -> None:
    refusal(lambda: results.transcript(position), "4 rows", error=ResultsError)


# Where results come from


def test_a_record_of_where_results_come_from(results: Results) -> None:
    record = results.provenance()
    assert len(record.run_ids) == 1
    assert record.first_reply is not None
    assert record.first_reply <= (record.last_reply or "")
    assert (record.interviews, record.total, record.agents, record.scenarios, record.iterations) == (
        4,
        4,
        2,
        1,
        1,
    )
    assert [model.service for model in record.models] == ["test", "test"]
    counts = {question.question_name: question.counts for question in record.questions}
    assert counts["drink"]["repaired"] == 2
    assert counts["cups"] == {
        "exact": 2, "repaired": 0, "reasked": 2, "invalid": 2, "failed": 0, "skipped": 0, "not_asked": 0,
    }  # fmt: skip
    assert SECRET in (record.questions[0].user_prompt or "")
    assert record.cost == 0
    assert len(record.prompt_hash) == 64


def test_the_record_is_saved_with_results(results: Results, tmp_path: Path) -> None:
    loaded = Results.load(results.save(tmp_path / "r"))
    assert loaded.provenance() == results.provenance()
    assert loaded.head(2).provenance().run_ids == results.provenance().run_ids
    assert loaded.head(2).provenance().interviews == 2
    assert Provenance.from_dict(through_json(results.provenance().to_dict())) == results.provenance()
    with pytest.raises(EdslNbError, match="no record"):
        Provenance.from_dict({"versions": {}})


def test_an_appendix_for_a_paper(results: Results) -> None:
    text = results.provenance().to_markdown()
    for words in (
        "4 of 4",
        "Why {{ cups.answer }} of {{ drink.answer }}?",
        "| question | asked | answered | exact | repaired | reasked | invalid | failed |",
        "| cups | 4 | 2 | 2 | 0 | 2 | 2 | 0 |",
        "seed",
    ):
        assert words in text


def test_an_appendix_says_first_that_no_model_was_asked() -> None:
    text = Results.example().provenance().to_markdown()
    assert text.startswith("# How these results were made\n\n**Note: dry run, no model was asked.**")


def test_an_appendix_warns_of_served_versions_that_changed(results: Results) -> None:
    changed = list(results.interviews)
    for number, interview in enumerate(changed):
        interview.cells[0].model_version = f"v{number // 2}"
    results = Results(results.axes, changed, len(changed))
    with pytest.warns(UserWarning, match="served version changed"):
        text = results.provenance().to_markdown()
    assert "changed during the run: v0, v1" in text


def test_what_is_in_an_appendix_is_text() -> None:
    model = Model("test", canned_response={"q": "x"})
    survey = Survey([QuestionFreeText("q", "```\n# <b>no heading</b>\n```")])
    text = survey.by(model).run(progress_bar=False).provenance().to_markdown()
    assert "````text\n```\n# <b>no heading</b>\n```\n````" in text


# Bundles


@pytest.mark.usefixtures("no_model")
def test_a_bundle_is_replayed_without_a_model(results: Results, bundle: Path) -> None:
    replayed = Jobs.from_bundle(bundle)
    assert isinstance(replayed, BundledJob)
    found = replayed.run()
    for kind in ("answer.*", "outcome.*", "*_rule", "*_comment", "*_generated_tokens", "*_cache_key"):
        assert found.select(kind) == results.select(kind)
    assert replayed.last_replay is not None
    replies = [cell for interview in results.interviews for cell in interview.cells if cell.key is not None]
    assert (replayed.last_replay.replayed, replayed.last_replay.reworded) == (len(replies), {})
    assert found.compute_job_cost() == 0
    assert asyncio.run(Jobs.from_bundle(bundle).run_async()).select("drink") == results.select("drink")


def test_a_bundle_is_replayed_in_an_empty_home(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EDSL_NB_HOME", str(tmp_path / "elsewhere"))
    replayed, recorded = Jobs.from_bundle(bundle).run(), Results.from_bundle(bundle)
    assert len(replayed) == 4
    assert recorded.provenance().run_ids
    assert replayed.provenance() == recorded.provenance()


def test_what_a_bundle_holds(results: Results, bundle: Path, tmp_path: Path) -> None:
    found = contents(bundle)
    listed = json.loads(found["bundle.json"])["files"]
    assert set(found) == {*listed, "bundle.json"}
    assert Results.from_bundle(bundle).select("answer.*") == results.select("answer.*")
    (tmp_path / "c.jsonl").write_bytes(found["cache.jsonl"])
    keys = {cell.key for interview in results.interviews for cell in interview.cells if cell.key is not None}
    assert keys <= set(Cache.from_jsonl(tmp_path / "c.jsonl"))
    again = tmp_path / "again.zip"
    results.export_bundle(again)
    assert again.read_bytes() == bundle.read_bytes()  # there is no time in it, and no place


def test_a_bundle_holds_no_keys_and_no_paths(tmp_path: Path) -> None:
    key = "sk-" + "a1b2c3d4" * 5
    secrets.register(key)
    place = str(Path.home() / "private" / "notes.txt")
    scenario = Scenario({"text": f"{key} in {place}"})
    results = (
        QuestionFreeText("q", "Q {{ scenario.text }}?").by(scenario).by(Model("test")).run(progress_bar=False)
    )
    results.export_bundle(tmp_path / "s.zip")
    for content in contents(tmp_path / "s.zip").values():
        assert key.encode() not in content
        assert str(Path.home()).encode() not in content
    assert Results.from_bundle(tmp_path / "s.zip")[0]["text"].endswith("~/private/notes.txt")


def test_fields_are_left_out_of_a_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only = job()
    only.models = ModelList([Model("test", canned_response={"drink": "Tea", "cups": "3", "why": SECRET})])
    results = only.run(progress_bar=False)
    path = tmp_path / "s.zip"
    results.export_bundle(path, without=["name"])
    forbid_models(monkeypatch)
    # The scripted reply is a part of the model here, and told as such.
    said = {name: content for name, content in contents(path).items() if name != "job.json"}
    model = json.loads(contents(path)["job.json"])["models"][0]["parameters"]
    assert model["canned_response"]["why"] == SECRET
    rows = json.loads(said["results.json"])["data"]
    assert all(row["scenario"]["name"] == "[left out]" and row["scenario"]["place"] == "Oslo" for row in rows)
    assert all(row["answer"]["why"] == "[left out]" for row in rows)
    assert all(row["prompt"] == {} for row in rows)
    assert SECRET.encode() not in b"".join(
        content for name, content in said.items() if name != "results.json"
    )
    replayed = Jobs.from_bundle(path)
    assert replayed.run().select("cups").to_list() == [3, 3]
    refusal(lambda: results.export_bundle(path, without="nmae"), "'name'", error=ResultsError)


@pytest.mark.usefixtures("no_model")
def test_a_lack_is_an_error_that_names_it(bundle: Path) -> None:
    rewritten(bundle, lambda row: row["generated_tokens"].pop("cups_generated_tokens", None))
    refusal(lambda: Jobs.from_bundle(bundle).run(), "row 0, cups", error=JobError)


@pytest.mark.usefixtures("no_model")
def test_prompts_that_would_be_worded_differently_are_told(bundle: Path) -> None:
    rewritten(bundle, lambda row: row["cache_keys"].update(drink="0" * 32))
    replayed = Jobs.from_bundle(bundle)
    with pytest.warns(UserWarning, match=r"word some prompts differently: drink \(4\)"):
        replayed.run()
    assert replayed.last_replay is not None
    assert replayed.last_replay.reworded == {"drink": 4}


def test_a_job_from_a_bundle_is_only_replayed(bundle: Path) -> None:
    replayed = Jobs.from_bundle(bundle)
    refusal(lambda: replayed.run(n=2), "n: ", "replayed", error=JobError)
    refusal(lambda: replayed.run(fresh=True), "fresh", error=JobError)
    refusal(replayed.start, "job.run()", error=JobError)
    refusal(lambda: replayed.by(Scenario({"name": "x", "place": "y"})).run(), "changed", error=JobError)
    assert len(Jobs.from_dict(replayed.to_dict()).models) == 2


def rewritten(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the rows of a bundle's results."""
    found = contents(path)
    data = json.loads(found["results.json"])
    for row in data["data"]:
        change(row)
    found["results.json"] = json.dumps(data).encode()
    listed = json.loads(found["bundle.json"])
    listed["files"]["results.json"]["sha256"] = hashlib.sha256(found["results.json"]).hexdigest()
    found["bundle.json"] = json.dumps(listed).encode()
    with zipfile.ZipFile(path, "w") as file:
        for name, content in found.items():
            file.writestr(name, content)


def spoilt(path: Path, name: str, content: bytes | None) -> None:
    """Put other content in the place of one of a bundle's files, or none."""
    found = {**contents(path), name: content}
    with zipfile.ZipFile(path, "w") as file:
        for one, held in found.items():
            if held is not None:
                file.writestr(one, held)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bundle.json", None, "lacks a list of contents"),
        ("bundle.json", b"[]", "list of contents"),
        ("bundle.json", b"{", "damaged"),
        ("bundle.json", b'{"files": {}, "format": 99}', "newer version"),
        ("results.json", None, "lacks results.json"),
        ("results.json", b"{}", "not what was written"),
    ],
)
def test_damaged_bundles_are_refused(bundle: Path, name: str, content: bytes | None, words: str) -> None:
    spoilt(bundle, name, content)
    for read in (Results.from_bundle, Jobs.from_bundle):
        refusal(lambda read=read: read(bundle), words, error=ResultsError)


def test_what_is_no_bundle_is_refused(results: Results, bundle: Path, tmp_path: Path) -> None:
    whole = bundle.read_bytes()
    bundle.write_bytes(whole[: len(whole) // 2])
    for path in (bundle, tmp_path / "none.zip", tmp_path, results.save(tmp_path / "r")):
        refusal(lambda path=path: Results.from_bundle(path), "filename", error=ResultsError)
    refusal(lambda: results.export_bundle(tmp_path / "no" / "s.zip"), "cannot be written", error=ResultsError)
