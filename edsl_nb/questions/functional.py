"""The question that a function of the user's answers."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field

from edsl_nb.core.errors import QuestionError
from edsl_nb.core.objects import canonical
from edsl_nb.core.templates import values_of
from edsl_nb.questions.base import Question
from edsl_nb.questions.chance import Chance
from edsl_nb.questions.presented import Body
from edsl_nb.questions.reading import Reading
from edsl_nb.questions.reading.anything import Anything

_TEXT = "Answered by a function."

#: A function as it is called: with the scenario's values and the agent's traits.
Function = Callable[[dict[str, Any], dict[str, Any]], Any]


class QuestionFunctional(Question):
    """A question that no model is asked: a function of yours answers it.

    Only the function's source is written to files, and it is not run when a
    file is read: files come from anywhere. Give the function again then, with
    `with_function`.

    Parameters:
        question_name: an identifier, unique in its survey.
        func: a function or coroutine function, called with two dicts, the scenario's
            values and the agent's traits; returns the answer, of texts, numbers, lists and dicts.
        question_text: what it is about; a template.
        requires_loop: kept for EDSL; without effect.
        function_source_code: its source, where `func` is not given.
        function_name: its name in the source.
        unsafe: whether to run the source, with all the rights that you have, where `func` is not given.
        answering_instructions, question_presentation: kept for EDSL; without effect.

    Raises:
        QuestionError: `func` cannot be called so, or neither it nor its source is given.

    Example:
        >>> def total(scenario, agent_traits):
        ...     return sum(scenario["numbers"])
        >>> QuestionFunctional(question_name="total", func=total).function_name
        'total'
    """

    question_type: ClassVar[str] = "functional"
    saved_as: ClassVar[str] = "QuestionFunctional"
    computed: ClassVar[bool] = True
    written: ClassVar[tuple[str, ...]] = ("function_source_code", "requires_loop", "function_name")

    question_text: str = Field(default=_TEXT, min_length=1)
    function_source_code: str | None = None
    requires_loop: bool = False
    function_name: str | None = None
    _function: Function | None = None

    def __init__(
        self,
        question_name: str,
        func: Function | None = None,
        question_text: str | None = None,
        requires_loop: bool = False,
        function_source_code: str | None = None,
        function_name: str | None = None,
        unsafe: bool = False,
        answering_instructions: str | None = None,
        question_presentation: str | None = None,
        **unknown: Any,
    ) -> None:
        if func is not None:
            _check_function(func)
            function_source_code = function_source_code or _source(func)
            function_name = function_name or getattr(func, "__name__", type(func).__name__)
        elif function_source_code is None:
            raise QuestionError(
                "a function is wanted, or its source",
                field="func",
                value=None,
                remedy="Define one: def answer(scenario, agent_traits): ...",
            )
        super().__init__(
            question_name=question_name,
            question_text=_TEXT if question_text is None else question_text,
            requires_loop=requires_loop,
            function_source_code=function_source_code,
            function_name=function_name,
            answering_instructions=answering_instructions,
            question_presentation=question_presentation,
            **unknown,
        )
        if not isinstance(unsafe, bool):
            raise QuestionError(
                "True or False is wanted", field="unsafe", value=unsafe, remedy="Leave it out."
            )
        if func is None and unsafe:
            func = _run_source(self.function_source_code, self.function_name)
        self._function = func

    @property
    def func(self) -> Function | None:
        """The function, or None where only its source is known."""
        return self._function

    @property
    def refusal(self) -> str | None:  # type: ignore[override]  # says more of an object than of the class
        """Why it cannot be run: its function is not known."""
        if self._function is not None:
            return None
        return (
            "only the source of its function is known, which is not run by itself; "
            "give the function again with question.with_function(f)"
        )

    def with_function(self, func: Function) -> Self:
        """The same question, answered by a function.

        Parameters:
            func: as for the constructor.

        Raises:
            QuestionError: it cannot be called with a scenario and traits.
        """
        return self.model_copy(update={"func": func, "function_source_code": None, "function_name": None})

    def body(self, values: Mapping[str, Any], chance: Chance) -> Body:
        return Body(Anything())

    def compute(self, scope: Mapping[str, Any], chance: Chance) -> Reading | Awaitable[Reading]:
        if self._function is None:
            raise QuestionError(
                f"question {self.question_name!r} cannot be run: {self.refusal}",
                field="func",
                remedy="Give the function again: question.with_function(f).",
            )
        traits = values_of(scope.get("agent"))
        traits.pop("name", None)
        found = self._function(values_of(scope.get("scenario")), traits)
        return _awaited(found) if inspect.isawaitable(found) else Anything().check(found)

    def functions(self) -> Iterable[str]:
        return ("func",) if self._function is not None else ()

    def to_dict(self) -> dict[str, Any]:
        return {**super().to_dict(), "edsl_class_name": "QuestionFunctional"}

    def identity(self) -> str:
        """Text that is equal for equal content; what the function keeps besides its source is part of it."""
        return canonical([self.to_dict(), _kept(self._function)])

    @classmethod
    def _of_stored(cls, known: dict[str, Any], extras: dict[str, Any]) -> Self:
        # A file must not decide that its source is run.
        return super()._of_stored(known, {key: extras[key] for key in extras if key != "unsafe"})

    def arguments(self) -> dict[str, Any]:
        given = super().arguments()
        return given if self._function is None else {**given, "func": self._function}

    @classmethod
    def example(cls) -> QuestionFunctional:
        """A question to try things with."""
        return cls(question_name="total", func=total)


# EDSL reads this source with few names defined: annotations have to be texts.
def total(scenario: "dict[str, Any]", agent_traits: "dict[str, Any]") -> "Any":  # noqa: UP037
    """The function of the example."""
    return sum(scenario.get("numbers", [])) * agent_traits.get("multiplier", 1)


async def _awaited(found: Awaitable[Any]) -> Reading:
    return Anything().check(await found)


def _check_function(func: Any) -> None:
    remedy = "Define it so: def answer(scenario, agent_traits): ..."
    if not callable(func) or isinstance(func, type):
        raise QuestionError("a function is wanted", field="func", value=func, remedy=remedy)
    try:
        inspect.signature(func).bind({}, {})
    except TypeError:
        raise QuestionError(
            "the function has to take a scenario and a dict of traits",
            field="func",
            value=func,
            remedy=remedy,
        ) from None
    except ValueError:  # one of Python's own, which tells nothing of its parameters
        return


def _source(func: Function) -> str | None:
    """The source of a function, where Python knows it; of a lambda, the lines that it shares with others."""
    try:
        lines = textwrap.dedent(inspect.getsource(func))
    except (OSError, TypeError):
        return None
    return (_only_lambda(lines) or lines) if _is_lambda(func) else lines


def _is_lambda(func: Function) -> bool:
    return getattr(func, "__name__", "") == "<lambda>"


def _only_lambda(lines: str) -> str | None:
    """The lambda in some lines, if they can be read and hold one only."""
    try:
        found = [node for node in ast.walk(ast.parse(lines)) if isinstance(node, ast.Lambda)]
    except (SyntaxError, ValueError, RecursionError):
        return None
    return ast.unparse(found[0]) if len(found) == 1 else None


def _kept(func: Function | None) -> Any:
    """What two functions of equal source may differ in."""
    if func is None:
        return None
    cells: Iterable[Any] = getattr(func, "__closure__", None) or ()
    values = [_content(cell) for cell in cells]
    defaults = (getattr(func, "__defaults__", None), getattr(func, "__kwdefaults__", None))
    source = _source(func)
    # The lines that several lambdas stand in tell nothing of one.
    whole = func if source is None or (_is_lambda(func) and _only_lambda(source) is None) else None
    return [repr(values), repr(defaults), repr(whole)]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _run_source(source: str | None, name: str | None) -> Function:
    """The function that a source defines. Runs the source: only for whoever has asked for it."""
    space: dict[str, Any] = {}
    try:
        exec(compile(source or "", "<function_source_code>", "exec"), space)
    except Exception as failure:  # noqa: BLE001 - it may raise anything
        raise QuestionError(
            f"the source fails: {type(failure).__name__}: {failure}",
            field="function_source_code",
            value=source,
            remedy="Give the function itself, as func.",
        ) from None
    found = space.get(name or "")
    if found is None:
        raise QuestionError(
            "the source defines no function of this name",
            field="function_name",
            value=name,
            remedy="Give the name that stands after def.",
        )
    _check_function(found)
    return found
