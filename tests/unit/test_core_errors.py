"""Errors name field, value and remedy, stay short, and never carry a key."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsl_nb import Agent, Model
from edsl_nb.core import secrets
from edsl_nb.core.errors import AgentError, EdslNbError, EdslNbWarning, ServiceError, nearest
from edsl_nb.notebook.tracebacks import outside, rendered
from edsl_nb.tasks import Benchmark, SampleIndex, SampleStatus, Task, TaskSampleExecutionResult
from tests.unit.samples import texts


def test_a_message_names_field_problem_value_and_remedy() -> None:
    error = EdslNbError("a text is wanted", field="question_text", value=5, remedy="Write one.")
    assert str(error) == "question_text: a text is wanted (got 5). Write one."
    assert (error.problem, error.field, error.remedy) == ("a text is wanted", "question_text", "Write one.")


def test_what_is_not_given_is_left_out_and_none_is_a_value() -> None:
    assert str(EdslNbError("it failed")) == "it failed."
    assert str(EdslNbError("a text is wanted", value=None)) == "a text is wanted (got None)."


def test_where_an_error_came_up_stands_before_its_message() -> None:
    error = EdslNbError("no value", field="x", value=1, remedy="Give one.")
    assert (
        str(error.at("scenario 3").at("question 'q'"))
        == "question 'q': scenario 3: x: no value (got 1). Give one."
    )


@given(
    st.lists(texts, max_size=500)
    | st.text(min_size=500)
    | st.dictionaries(st.integers(), texts, max_size=500)
)
def test_messages_stay_short_whatever_the_value(value: object) -> None:
    assert len(str(EdslNbError("wrong", value=value))) < 2_500


def test_a_value_that_cannot_be_shown_does_not_hide_the_error() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    assert "Broken" in str(EdslNbError("wrong", value=Broken()))


def test_no_part_of_a_message_carries_a_known_key() -> None:
    key = "correct-horse-battery"
    secrets.register(key)
    error = EdslNbError(f"refused {key}", value=["x", key], remedy=f"Drop {key}.")
    assert key not in str(error)
    assert key not in repr(error)
    assert key not in error.problem
    assert error.remedy is not None
    assert key not in error.remedy


def test_a_key_that_is_shortened_is_not_half_shown() -> None:
    key = "sk-proj-" + "aB3_" * 40
    message = str(EdslNbError("unknown", value={"service_name": key}))
    assert "[key removed]" in message
    assert "aB3_" not in message
    registered = "0123456789" * 20
    secrets.register(registered)
    assert "0123" not in str(EdslNbError("unknown", value="x" * 50 + registered))


def test_service_errors_say_whether_a_call_can_succeed_later() -> None:
    error = ServiceError("overloaded", status=429, retryable=True, retry_after=2.0, remedy="Wait.")
    assert isinstance(error, EdslNbError)
    assert (error.status, error.retryable, error.retry_after) == (429, True, 2.0)
    assert str(error) == "overloaded. Wait."


def test_suggestions_are_near_names_or_all_of_them() -> None:
    assert nearest("temperatur", ["temperature", "top_p"]) == "Did you mean 'temperature'?"
    assert nearest("zzz", ["b", "a", "b"]) == "There are: a, b."
    assert nearest("zzz", []) == "There are: none."


@pytest.mark.parametrize(
    ("name", "names", "words"),
    [
        ("temprature", ["temperature", "structured"], "Did you mean 'temperature'?"),
        ("m_value", ["max_value", "min_value"], "Did you mean 'min_value' or 'max_value'?"),
        ("name", ["question_name", "question_text"], "Did you mean 'question_name'?"),
        ("name", ["agent_name", "income"], "Did you mean 'agent_name'?"),
        ("min", ["max_value", "min_value"], "Did you mean 'min_value'?"),
        ("", ["_a", "b"], "There are: _a, b."),
        (3, ["a"], "There are: a."),
    ],
)
def test_suggestions_are_what_may_have_been_meant(name: object, names: list[str], words: str) -> None:
    assert nearest(name, names) == words


def test_a_warning_names_the_line_of_whoever_asked() -> None:
    class Unscored(Task):
        def get_indices(self) -> list[SampleIndex]:
            return [0]

        async def start_sample(self, index: object, session: object) -> TaskSampleExecutionResult:
            return TaskSampleExecutionResult(status=SampleStatus.COMPLETED, result=1)

    benchmark = Benchmark(Unscored(name="unscored")).by(Model("test"))
    with pytest.warns(EdslNbWarning, match="There is no score") as caught:
        benchmark.run(progress_bar=False)
    assert [warning.filename for warning in caught] == [__file__]


def test_a_function_is_named_without_its_address() -> None:
    message = str(EdslNbError("a text is wanted", value=test_a_function_is_named_without_its_address))
    assert "<function test_a_function_is_named_without_its_address>" in message


def test_the_way_to_an_error_ends_where_it_enters_the_package() -> None:
    def theirs() -> None:
        Agent({"my trait": 1})

    try:
        theirs()
    except EdslNbError as error:
        whole = error.__traceback__
    names = [frame.name for frame in traceback.extract_tb(outside(whole))]
    assert names == ["test_the_way_to_an_error_ends_where_it_enters_the_package", "theirs"]
    assert len(traceback.extract_tb(whole)) > 2
    assert outside(None) is None


def test_the_way_to_an_error_is_whole_where_it_starts_in_the_package() -> None:
    try:
        Agent({"my trait": 1})
    except EdslNbError as error:
        assert error.__traceback__ is not None
        inner = error.__traceback__.tb_next
    assert inner is not None
    assert outside(inner) is inner


def test_an_error_outside_of_a_notebook_is_its_message() -> None:
    assert rendered(AgentError("no", field="x")) == ["AgentError: x: no."]
