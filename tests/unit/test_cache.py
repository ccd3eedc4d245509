"""The cache as an object: EDSL's keys and JSON, files of lines, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb.core.errors import CacheError
from edsl_nb.models.cache import Cache
from edsl_nb.models.cache_entry import CacheEntry, call_key
from tests.unit.samples import json_values, names, page, refusal, texts, through_json, without_tags

#: As EDSL wrote it in version 1.0.8; older ones have neither service nor validated.
FOX = {
    "model": "gpt-3.5-turbo",
    "parameters": {"temperature": 0.5},
    "system_prompt": "The quick brown fox jumps over the lazy dog.",
    "user_prompt": "What does the fox say?",
    "output": "The fox says 'hello'",
    "iteration": 1,
    "timestamp": 1777488609,
    "service": "openai",
    "validated": True,
}
FOX_KEY = "5513286eb6967abc0511211f0402587d"

entries = st.builds(
    CacheEntry,
    model=texts,
    parameters=st.dictionaries(names, json_values, max_size=3),
    system_prompt=texts,
    user_prompt=texts,
    output=texts,
    iteration=st.integers(0, 5),
    timestamp=st.integers(0, 2_000_000_000),
    service=st.none() | texts,
    validated=st.booleans(),
)
caches = st.lists(entries, max_size=4).map(lambda many: Cache({entry.key: entry for entry in many}))


def test_the_key_is_edsls() -> None:
    assert CacheEntry.from_dict(FOX).key == FOX_KEY
    head = "You are answering questions as if you were a human. Do not break character."
    tail = "Your traits: {'persona': 'You are an artist.'}"
    parameters = {"temperature": 0.5, "max_tokens": 1000, "top_p": 1, "frequency_penalty": 0,
                  "presence_penalty": 0, "logprobs": False, "top_logprobs": 3}  # fmt: skip
    question = "What is your favorite color?"
    assert call_key("gpt-4o", parameters, head + tail, question, 0) == "e549b646508cfd459f88379649ebe8ba"
    with_none = {**parameters, "reasoning_effort": None}
    assert call_key("gpt-4o", with_none, f"{head}\n{tail}", question, 0) == "b12b0a4a61529d9836571762e15f2431"


@pytest.mark.parametrize("missing", [(), ("service", "validated"), ("validated",)])
def test_what_edsl_has_written_is_written_again(missing: tuple[str, ...]) -> None:
    entry = {name: value for name, value in FOX.items() if name not in missing}
    data = {FOX_KEY: entry, "edsl_version": "1.0.7", "edsl_class_name": "Cache"}
    assert without_tags(Cache.from_dict(through_json(data)).to_dict()) == {FOX_KEY: entry}


@given(caches)
def test_a_cache_goes_through_json_and_lines(cache: Cache) -> None:
    assert Cache.from_dict(through_json(cache.to_dict())) == cache
    assert Cache.from_jsonl(cache.to_jsonl()) == cache
    header, *rows = [json.loads(line) for line in cache.to_jsonl().splitlines()]
    assert header["__header__"] is True
    assert header["n_entries"] == len(rows) == len(cache)
    assert all(row.keys() == {"key", "entry"} for row in rows)


def test_a_cache_goes_through_a_file(tmp_path: Path) -> None:
    cache = Cache.example()
    cache.write_jsonl(tmp_path / "c.jsonl")
    assert Cache.from_jsonl(tmp_path / "c.jsonl") == Cache.from_jsonl(str(tmp_path / "c.jsonl")) == cache
    assert [path.name for path in tmp_path.iterdir()] == ["c.jsonl"]
    assert cache.to_jsonl(tmp_path / "c.jsonl") == (tmp_path / "c.jsonl").read_text()
    assert Cache.load(cache.save(tmp_path / "c.json.gz")) == cache
    refusal(lambda: cache.write_jsonl(tmp_path / "nowhere" / "c.jsonl"), "filename", error=CacheError)
    refusal(lambda: Cache.from_jsonl(tmp_path / "nowhere.jsonl"), "source", error=CacheError)


def test_lines_of_older_versions_are_read() -> None:
    assert Cache.from_jsonl(json.dumps({FOX_KEY: FOX}) + "\n\n")[FOX_KEY].output == FOX["output"]


def test_a_file_that_is_broken_off_is_refused(tmp_path: Path) -> None:
    two = Cache({key: CacheEntry.from_dict({**FOX, "iteration": i}) for i, key in enumerate("ab")})
    lines = two.to_jsonl().splitlines(keepends=True)
    (tmp_path / "c.jsonl").write_text("".join(lines[:2]))
    refusal(lambda: Cache.from_jsonl(tmp_path / "c.jsonl"), "2 entries", "1 are there", error=CacheError)
    (tmp_path / "d.jsonl").write_text("".join(lines)[:-40])
    refusal(lambda: Cache.from_jsonl(tmp_path / "d.jsonl"), "line 3", error=CacheError)
    (tmp_path / "e.jsonl").write_bytes(b"\xff\xfe")
    refusal(lambda: Cache.from_jsonl(tmp_path / "e.jsonl"), "cannot be read", error=CacheError)


def test_what_is_stored_is_fetched() -> None:
    cache = Cache()
    call: dict[str, Any] = {
        "model": "m",
        "parameters": {"b": 1, "a": None},
        "system_prompt": "s",
        "user_prompt": "u",
    }
    key = cache.store(**call, response={"x": 1}, iteration=0, service="test")
    assert key == "ea4a90df338381102b6ed3d60dc773c2"  # EDSL's
    assert cache.fetch(**call, iteration=0) == ('{"x": 1}', key)
    assert cache.fetch(**call, iteration=1)[0] is None
    assert cache.fetch(**call, iteration=0, validated=True) == (None, key)
    assert cache.fetch(**{**call, "parameters": {"b": 1}}, iteration=0)[0] is None
    cache.store(**call, response={"x": 2}, iteration=0, validated=True)
    assert len(cache) == 1
    assert cache.fetch(**call, iteration=0, validated=True)[0] == '{"x": 2}'


@given(caches, caches)
def test_two_caches_make_one(first: Cache, second: Cache) -> None:
    both = first + second
    assert set(both) == set(first) | set(second)
    assert all(both[key] == second[key] for key in second)
    assert Cache(first) == first == first.subset(first.keys())
    assert dict(both.items()) == both.data == dict(zip(both.keys(), both.values(), strict=True))


def test_a_cache_is_shown_as_a_table() -> None:
    shown = page(Cache.example().as_table())
    assert shown.total == 1
    assert "Which color?" in shown.rows[0].cells
    assert str(Cache.example()) == "Cache of 1 reply"
    assert eval(repr(Cache.example()), {"Cache": Cache, "CacheEntry": CacheEntry}) == Cache.example()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("model", 3), ("parameters", []), ("parameters", {"a": object()}), ("system_prompt", None),
        ("user_prompt", 3), ("output", {}), ("iteration", -1), ("iteration", "1"), ("timestamp", "now"),
        ("service", 3), ("validated", 1), ("temprature", 1),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused_by_name(name: str, value: Any) -> None:
    assert refusal(lambda: CacheEntry(**{**FOX, name: value}), error=CacheError).field == name


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Cache({"k": 1}), ("data", "CacheEntry")),
        (lambda: Cache({3: CacheEntry.example()}), ("data", "CacheEntry")),
        (lambda: Cache("cache.jsonl"), ("data",)),
        (lambda: Cache(filename="cache.jsonl"), ("filename", "from_jsonl")),
        (lambda: Cache.from_dict({"k": 1}), ("entry", "k")),
        (lambda: Cache.from_dict({"k": {"model": "m"}}), ("k:", "parameters")),
        (lambda: Cache.from_jsonl("{not json}"), ("line 1",)),
        (lambda: Cache.from_jsonl(3), ("path",)),
        (lambda: Cache.example()["nothing"], ("no such key",)),
        (lambda: Cache().store("m", {}, "", "", object(), 0), ("response",)),
    ],
)
def test_what_makes_no_cache_is_refused(make: Any, words: tuple[str, ...]) -> None:
    refusal(make, *words, error=CacheError)
