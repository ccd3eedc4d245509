"""Replies go to the real edsl and come from there, as lines of JSON, and neither asks again."""

from __future__ import annotations

from pathlib import Path

from edsl_nb import Cache, Model, QuestionFreeText
from tests.foreign.conftest import RunForeign

#: Asks edsl's scripted model, which would say something else, with the replies in cache.jsonl; adds its own.
ASK = """
import json, os, warnings
warnings.simplefilter("ignore")
import edsl
cache = edsl.Cache.from_jsonl("cache.jsonl") if os.path.exists("cache.jsonl") else edsl.Cache()
q = edsl.QuestionFreeText(question_name="color", question_text="Which color?")
results = q.by(edsl.Model("test", canned_response="From edsl.")).run(
    cache=cache, disable_remote_inference=True, disable_remote_cache=True, progress_bar=False, n=2)
cache.write_jsonl("cache.jsonl")
print(json.dumps(results.select("answer.color").to_list()))
"""

QUESTION = QuestionFreeText("color", "Which color?")


def test_edsl_takes_replies_that_a_run_has_added(edsl: RunForeign, tmp_path: Path) -> None:
    cache = Cache()
    QUESTION.by(Model("test")).run(n=2, cache=cache, progress_bar=False)
    cache.write_jsonl(tmp_path / "cache.jsonl")
    assert edsl(ASK) == ["A scripted reply to color."] * 2
    assert Cache.from_jsonl(tmp_path / "cache.jsonl").keys() == cache.keys(), "edsl has asked nothing"


def test_a_run_takes_replies_that_edsl_has_kept(edsl: RunForeign, tmp_path: Path) -> None:
    assert edsl(ASK) == ["From edsl."] * 2
    cache = Cache.from_jsonl(tmp_path / "cache.jsonl")
    job = QUESTION.by(Model("test"))
    results = job.run(n=3, cache=cache, progress_bar=False)
    assert results.select("color").to_list() == ["From edsl.", "From edsl.", "A scripted reply to color."]
    assert len(cache) == 3
    assert job.estimate_job_cost(3)["calls_on_disk"] == 1, "what is in a cache is no other run's"
