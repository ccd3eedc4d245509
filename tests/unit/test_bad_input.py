"""Each kind of bad input is refused by an error of its own type, which names field, value and remedy."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import (
    Agent,
    AgentList,
    Coop,
    EdslNbError,
    FileStore,
    Instruction,
    Jobs,
    Model,
    ModelList,
    Notebook,
    QuestionFreeText,
    QuestionInterview,
    QuestionMultipleChoice,
    QuestionYesNo,
    Scenario,
    ScenarioList,
    Survey,
)
from edsl_nb.core.errors import (
    CoopSignInError,
    EdslNbWarning,
    JobError,
    ModelError,
    QuestionError,
    StoreError,
    SurveyError,
    TableError,
    TemplateError,
)
from edsl_nb.core.tables import Query
from edsl_nb.questions import Question, UnsupportedQuestion
from tests.unit.samples import refusal

QUESTION = QuestionFreeText("q", "Why?")
TEST = Model("test")

RULED = Survey([QuestionFreeText("a", "Why?"), QuestionFreeText("b", "And?")])

CASES: dict[str, tuple[Callable[[], Any], type[EdslNbError], str, str, str]] = {
    "duplicate question names": (
        lambda: Survey([QUESTION, QuestionFreeText("q", "Why not?")]),
        SurveyError, "question_name", "'q'", "another question_name",
    ),
    "unknown placeholder": (
        lambda: QuestionFreeText("q", "{{ scenario.topik }}?").by(Scenario(topic="bees"), TEST).prompts(),
        TemplateError, "{{ scenario.topik }}", "'{{ scenario.topik }}?'", "'topic'",
    ),
    "unknown placeholder in an option": (
        lambda: QuestionMultipleChoice("q", "Which?", ["{{ agent.a }}"]).by(Agent({"b": 1}), TEST).run(),
        TemplateError, "{{ agent.a }}", "'{{ agent.a }}'", "There are: b",
    ),
    "empty option list": (
        lambda: QuestionMultipleChoice("q", "Which?", []),
        QuestionError, "question_options", "[]", "at least one",
    ),
    "question name that is no identifier": (
        lambda: QuestionFreeText("favorite color", "Why?"),
        QuestionError, "question_name", "'favorite color'", "letters, digits and underscores",
    ),
    "unknown service": (
        lambda: Model("gpt-4o", service_name="opnai"), ModelError, "service_name", "'opnai'", "'openai'",
    ),
    "by of a text": (
        lambda: QUESTION.by("text"), JobError, "by", "'text'", "agents, scenarios or models",
    ),
    "negative page": (
        lambda: asyncio.run(QUESTION.by(TEST).prompts().page(Query(offset=-10))),
        TableError, "offset", "-10", "0 or more",
    ),
    "negative page of results": (
        lambda: asyncio.run(QUESTION.by(TEST).run(progress_bar=False).as_table().page(Query(offset=-10))),
        TableError, "offset", "-10", "0 or more",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_named_by_field_value_and_remedy(name: str) -> None:
    action, error, field, value, remedy = CASES[name]
    with pytest.raises(EdslNbError) as caught:
        action()
    assert type(caught.value) is error
    assert caught.value.field == field
    message = str(caught.value)
    assert message.startswith(f"{field}: ")
    assert f"(got {value})" in message
    assert remedy in message[message.index(f"(got {value})") :]


def test_an_unwritable_store_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EDSL_NB_HOME", str(tmp_path / "file"))
    with pytest.raises(StoreError) as caught:
        QUESTION.by(TEST).run(progress_bar=False)
    assert caught.value.field == "EDSL_NB_HOME"
    assert str(tmp_path / "file") in str(caught.value)
    assert "Set EDSL_NB_HOME" in str(caught.value)


@pytest.mark.parametrize("name", CASES)
def test_the_way_there_is_not_shown_twice(name: str) -> None:
    """Errors of other libraries are no cause that a notebook would print above ours."""
    with pytest.raises(EdslNbError) as caught:
        CASES[name][0]()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(),
    st.binary(),
    st.lists(st.one_of(st.none(), st.text(), st.integers(), st.just(QUESTION))),
    st.tuples(st.text(), st.none()),
    st.sets(st.integers()),
    st.dictionaries(
        st.one_of(st.text(), st.integers(), st.none()), st.one_of(st.none(), st.text(), st.lists(st.none()))
    ),
    st.sampled_from(
        [object(), object, len, Ellipsis, QUESTION, TEST, Agent({"a": 1}), Scenario({"a": 1}), range(3)]
    ),
)


def _question_types() -> list[type[Question]]:
    """Every class of questions that can be made."""
    found: list[type[Question]] = []
    waiting = list(Question.__subclasses__())
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if "question_type" in vars(cls):
            found.append(cls)
    return sorted(found, key=lambda cls: cls.__name__)


#: Every constructor, with parameters that it takes.
CONSTRUCTORS: list[tuple[Any, dict[str, Any]]] = [
    *((cls, cls.example().arguments()) for cls in _question_types()),
    (Survey, {"questions": [QUESTION]}),
    (Instruction, {"name": "note", "text": "Be brief."}),
    (Agent, {"traits": {"a": 1}}),
    (Scenario, {"data": {"a": 1}}),
    (AgentList, {"data": [Agent()]}),
    (ScenarioList, {"data": [Scenario()]}),
    (ModelList, {"data": [TEST]}),
    (Jobs, {"survey": QUESTION}),
    (Model, {"model_name": "gpt-4o", "temperature": 0.5, "top_p": 1, "max_tokens": 9, "structured": True}),
    (Model, {"model_name": "test", "canned_response": "x", "latency": 0.0, "throw_exception": False}),
    (Model, {"model_name": "smollm2-135m", "temperature": 0.5, "top_p": 1, "max_tokens": 9, "seed": 1}),
]
NAMES = [f"{make.__name__}-{number}" for number, (make, _) in enumerate(CONSTRUCTORS)]
constructors = pytest.mark.parametrize(("make", "usual"), CONSTRUCTORS, ids=NAMES)


def _itself() -> Any:
    value: dict[str, Any] = {"a": []}
    value["a"].append(value)
    return value


def _deep(wrap: Callable[[Any], Any]) -> Any:
    value: Any = "x"
    for _ in range(10_000):
        value = wrap(value)
    return value


#: What is hardly ever wanted.
ODD: dict[str, Any] = {
    "None": None, "True": True, "zero": 0, "minus one": -1, "complex": 1j, "huge": 10**5_000,
    "minus huge": -(10**5_000), "nan": float("nan"), "infinity": float("inf"), "empty": "", "blank": "  ",
    "open template": "{{ x", "block": "{% for %}", "unknown": "{{ a.b }}", "escape": "{{ ''.__class__ }}",
    "half a character": "\ud800", "zero byte": "a\0b", "long text": "x" * 100_000, "bytes": b"x",
    "empty list": [], "list in list": [[]], "twice": ["a", "a"], "list of None": [None], "empty item": [""],
    "mixed": ["a", 1, None], "huge in a list": [10**5_000], "nan twice": [float("nan")] * 2,
    "list in itself": _itself()["a"], "deep list": _deep(lambda value: [value]), "long": list(range(9_999)),
    "empty dict": {}, "numbers by number": {1: 2}, "None by None": {None: None}, "dict": {"a": "b"},
    "no identifier": {"a b": {}}, "huge in a dict": {"a": 10**5_000}, "dict in itself": _itself(),
    "deep dict": _deep(lambda value: {"a": value}), "set": {1, 2}, "tuple": ("a",), "range": range(3),
    "object": object(), "class": object, "function": len, "lambda": lambda: 1, "ellipsis": ...,
    "question": QUESTION, "agent": Agent({"a": 1}), "scenario": Scenario({"a": 1}), "model": TEST,
    "questions": [QUESTION],
}  # fmt: skip


def _refused_or_fine(make: Callable[[], Any], case: str) -> None:
    """Whatever is made can be shown and written; whatever is not is refused in our words, and at once."""
    started = time.thread_time()
    try:
        made = make()
        assert repr(made), case
        assert len(str(made)) <= 1_000, case
        made.to_dict()
    except EdslNbError as error:
        assert not isinstance(error, pydantic.ValidationError), case
        assert error.field, case
        assert error.remedy, f"{case}: {error}"
        assert len(str(error)) < 3_000, case
        assert "pydantic.dev" not in str(error), case
        assert error.__cause__ is None, case
        assert error.__context__ is None or error.__suppress_context__, case
    except Exception as error:
        raise AssertionError(f"{case}: {type(error).__name__}: {error}") from error
    assert time.thread_time() - started < 1, case


def _parameters(make: Any) -> list[inspect.Parameter]:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p for p in inspect.signature(make).parameters.values() if p.kind in named]


@constructors
def test_every_parameter_wrong_in_turn_is_refused_in_our_words(make: Any, usual: dict[str, Any]) -> None:
    for name in {*(parameter.name for parameter in _parameters(make)), *usual}:
        for odd, value in ODD.items():
            case = f"{make.__name__}({name}={odd})"
            _refused_or_fine(lambda n=name, v=value: make(**{**usual, n: v}), case)


@constructors
def test_a_parameter_that_is_missing_is_named(make: Any, usual: dict[str, Any]) -> None:
    for parameter in _parameters(make):
        if parameter.default is inspect.Parameter.empty:
            rest = {key: value for key, value in usual.items() if key != parameter.name}
            error = refusal(lambda r=rest: make(**r), make.__name__, parameter.name)
            assert (error.field, type(error)) == (parameter.name, make.error)
            assert error.remedy


@constructors
def test_a_misspelt_parameter_is_named_with_what_is_near(make: Any, usual: dict[str, Any]) -> None:
    if make in (Agent, Scenario) or issubclass(make, UnsupportedQuestion):
        return  # they take whatever there is
    for name in usual:
        error = refusal(lambda n=name: make(**usual, **{f"{n}_": 1}), "no such parameter")
        assert (error.field, type(error)) == (f"{name}_", make.error)
        assert error.remedy
        if make is not Model or name not in ("model_name", "structured"):
            assert repr(name) in str(error)
        rest = {key: value for key, value in usual.items() if key != name}
        assert refusal(lambda n=name, r=rest: make(**r, **{f"{n}_": usual[n]}), error=make.error).field


@constructors
def test_too_many_parameters_are_refused(make: Any, usual: dict[str, Any]) -> None:
    error = refusal(lambda: make(*["x"] * 40), make.__name__)
    assert error.field == make.__name__
    first = _parameters(make)[0].name
    error = refusal(lambda: make("x", **{first: "y"}), "twice")
    assert error.field == first


@given(st.sampled_from(CONSTRUCTORS), st.data())
def test_whatever_a_constructor_is_given_it_is_taken_or_refused_in_our_words(
    constructor: tuple[Any, dict[str, Any]], data: st.DataObject
) -> None:
    make, usual = constructor
    name = data.draw(st.sampled_from(sorted({*(p.name for p in _parameters(make)), *usual})))
    value = data.draw(anything)
    _refused_or_fine(lambda: make(**{**usual, name: value}), f"{make.__name__}({name}={value!r})")


@given(st.sampled_from([Agent, Scenario, QuestionFreeText, Model]), anything)
def test_unknown_parameters_are_taken_as_data_or_refused_in_our_words(make: Any, value: Any) -> None:
    usual: dict[Any, dict[str, Any]] = {
        QuestionFreeText: {"question_name": "q", "question_text": "Why?"},
        Model: {"model_name": "gpt-4o"},
    }
    try:
        made = make(**usual.get(make, {}), surprise=value)
    except EdslNbError as error:
        assert error.field == "surprise"
        assert make in (QuestionFreeText, Model)
    else:
        assert make in (Agent, Scenario)
        assert "surprise" in repr(made)


def test_help_shows_the_parameters() -> None:
    for make, usual in CONSTRUCTORS:
        if make is not Model and not issubclass(make, UnsupportedQuestion):
            assert usual.keys() <= inspect.signature(make).parameters.keys(), make
    assert next(iter(inspect.signature(Survey).parameters)) == "questions"
    assert list(inspect.signature(QuestionFreeText).parameters)[:2] == ["question_name", "question_text"]


@pytest.mark.parametrize("args", [(), ("no_such",), (5,), (None,), ([],), (10**5_000,)])
def test_a_question_of_no_type_is_refused(args: tuple[Any, ...]) -> None:
    refusal(lambda: Question(*args, question_name="q"), "question_type", "There are", error=QuestionError)


def test_a_mistake_inside_a_constructor_is_not_taken_for_a_wrong_call() -> None:
    class Broken(QuestionFreeText):
        def __init__(self, question_name: str) -> None:
            super().__init__(question_name, "Why?")
            len(5)  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="has no len"):
        Broken("q")


@given(anything)
def test_whatever_by_is_given_it_is_taken_or_refused_in_our_words(value: Any) -> None:
    job = Jobs(QUESTION)
    try:
        assert job.by(value) is job
    except JobError as error:
        assert error.field == "by"
        assert job == Jobs(QUESTION)


# What EDSL's users mistake most often


SLIPS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "short names of parameters": (
        lambda: QuestionFreeText(name="q", text="Why?"), ("name:", "Did you mean 'question_name'?"),
    ),
    "braces left open": (
        lambda: QuestionFreeText("q", "{{ x "), ("unexpected end of the text, expected '}}' (got",),
    ),
    "empty braces": (lambda: QuestionFreeText("q", "{{ }}"), ("got '}}'",)),
    "a filter misspelt": (
        lambda: QuestionFreeText("q", "{{ scenario.x | uper }}"), ("'uper'", "Did you mean 'upper'?"),
    ),
    "a trait misspelt in an agent's template": (
        lambda: QUESTION.by(Agent({"age": 1}, traits_presentation_template="{{ agee }}"), TEST).prompts(),
        ("'agee' is undefined", "There are: age, codebook, traits."),
    ),
    "no turns": (
        lambda: QuestionInterview("q", "Tea", interview_guide="Ask.", max_turns=0),
        ("max_turns", "a number of at least 1 is wanted (got 0). Such as max_turns=1."),
    ),
    "curly quotes": (lambda: RULED.add_skip_rule("b", "a == \u2018x\u2019"), ("Use straight quotes",)),
    "and of other languages": (
        lambda: RULED.add_skip_rule("b", "a == 'x' && a == 'y'"), ("Write and, or, not.",),
    ),
    "AND": (lambda: RULED.add_skip_rule("b", "a == 'x' AND a == 'y'"), ("Write and, or, not.",)),
    "unequal of other languages": (lambda: RULED.add_skip_rule("b", "a <> 'x'"), ("Write !=",)),
    "no quotes": (lambda: RULED.add_skip_rule("b", "a == No"), ("'No'", "A text stands in quotes: 'No'.")),
    "a question skipped by its own answer": (
        lambda: RULED.add_skip_rule("b", "b == 'x'"), ("not asked before it", "add_stop_rule"),
    ),
    "a name where a position is wanted": (
        lambda: AgentList.from_list("age", [1])["age"], ("a position is wanted", "'age'", "select(name)"),
    ),
    "an unknown field": (lambda: Scenario({"topic": 1})["topik"], ("'topik'", "Did you mean 'topic'?")),
    "a suffix that is no text": (lambda: FileStore.example().to_tempfile(3), ("suffix", "3", "'.txt'")),
    "a table of Wikipedia": (
        lambda: ScenarioList.from_wikipedia("http://x"), ("wikipedia", "Save the table"),
    ),
    "probabilities": (
        lambda: QuestionYesNo("q", "Tea?", probabilistic_response={"n": 1}).by(TEST).run(),
        ("'q' cannot be run", "probabilistic_response", "distribution question"),
    ),
    "numbers where scenarios are wanted": (lambda: QUESTION.loop([1]), ("an object of type int",)),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_what_is_often_mistaken_is_answered_to_the_point(name: str) -> None:
    action, words = SLIPS[name]
    refusal(action, *words)


def test_an_unknown_field_is_a_key_error_too() -> None:
    with pytest.raises(KeyError) as caught:
        Scenario({"topic": 1})["topik"]
    assert str(caught.value).startswith("scenario[...]: the scenario has no such field")


@pytest.mark.parametrize(
    ("given", "meant"), [("trait", "traits"), ("instructions", "instruction"), ("codebok", "codebook")]
)
def test_a_trait_that_looks_like_a_parameter_is_warned_of(given: str, meant: str) -> None:
    with pytest.warns(EdslNbWarning, match=f"'{given}'.*write {meant}="):
        assert Agent(**{given: "x"}).traits == {given: "x"}


@pytest.mark.parametrize("traits", [{"age": 3}, {"trade": "x"}, {"nickname": "x"}, {"persona": "x"}])
def test_other_traits_are_not(traits: dict[str, Any], recwarn: pytest.WarningsRecorder) -> None:
    Agent(**traits)
    Agent({"trait": 1, "instructions": 2})
    assert not recwarn.list


# What needs EDSL's hosted service, and there is no key for it


@pytest.mark.parametrize(
    "use",
    [
        *(c.example().push for c in (Agent, Scenario, Survey, AgentList, ScenarioList, Model, Jobs)),
        *(
            lambda cls=cls: cls.pull("ann/one")
            for cls in (Agent, Scenario, Survey, AgentList, Question, FileStore, Jobs, Notebook)
        ),
        lambda: Survey.patch("ann/one", description="y"), Coop().get_balance, Jobs.list, Jobs().list,
    ],
    ids=lambda use: getattr(use, "__qualname__", ""),
)  # fmt: skip
def test_what_needs_a_key_for_coop_says_so_when_it_is_used(use: Callable[..., Any]) -> None:
    refusal(use, "EXPECTED_PARROT_API_KEY", "Coop(api_key=...)", error=CoopSignInError)


@pytest.mark.parametrize("asked", [QUESTION, Survey.example(), Jobs.example()])
def test_surveys_of_people_are_not_made_here(asked: Any) -> None:
    refusal(lambda: asked.humanize("x"), "humanize", "hosted service", "Ask models")
