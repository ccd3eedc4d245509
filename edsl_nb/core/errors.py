"""All errors of the product. Each names the field, the value and the remedy, and never carries a key."""

from __future__ import annotations

import difflib
import inspect
import reprlib
import warnings
from collections.abc import Iterable
from typing import Any, Literal, Self

from edsl_nb.core import late
from edsl_nb.core.secrets import redact


class _Brief(reprlib.Repr):
    """Shortens values for messages. Keys go first, because half a key is not recognised as one."""

    def repr_str(self, x: str, level: int) -> str:
        return super().repr_str(redact(x), level)

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write numbers of thousands of digits.
        return (
            super().repr_int(x, level)
            if x.bit_length() < 10_000
            else f"<a number of {x.bit_length():,} bits>"
        )

    def repr_function(self, x: Any, level: int) -> str:
        return f"<function {x.__name__}>"  # its address says nothing

    # Values that cannot be changed are shortened like those that can.
    repr_FrozenDict = reprlib.Repr.repr_dict
    repr_FrozenList = reprlib.Repr.repr_list


_brief = _Brief()
_brief.maxstring = _brief.maxother = 120
_brief.maxlist = _brief.maxdict = _brief.maxset = 6


class _Unset:
    """Marks a value that was not given, so that None can be reported as a value."""


_UNSET = _Unset()


class EdslNbError(Exception):
    """Base of every error that edsl_nb raises on purpose.

    Parameters:
        problem: what is wrong, as a sentence without a full stop.
        field: the parameter or field at fault, as the user wrote it.
        value: the value at fault; shortened in the message.
        remedy: what to do about it, as a sentence.
    """

    def __init__(
        self, problem: str, *, field: str | None = None, value: object = _UNSET, remedy: str | None = None
    ) -> None:
        self.problem = redact(problem)
        self.field = field
        self.remedy = redact(remedy) if remedy else None
        head = f"{field}: {self.problem}" if field else self.problem
        if not isinstance(value, _Unset):
            head += f" (got {redact(_brief.repr(value))})"
        super().__init__(head + "." + (f" {self.remedy}" if self.remedy else ""))

    def at(self, where: str) -> Self:
        """This error, with a word before its message on where it came up, to be raised again."""
        self.args = (f"{where}: {self}",)
        return self

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of the error."""
        return late.call("traceback", self)


def interruption(words: str) -> KeyboardInterrupt:
    """An interrupt that says what becomes of the work; shown in a notebook as an error of ours is."""
    interrupt = KeyboardInterrupt(words)
    # IPython asks the exception; a subclass would be shown by another name than Jupyter's users know.
    interrupt.__dict__["_render_traceback_"] = lambda: late.call("traceback", interrupt)
    return interrupt


class QuestionError(EdslNbError):
    """A question cannot be made as asked for."""


class TemplateError(EdslNbError):
    """A template is malformed or refers to something that is not there."""


class ExpressionError(EdslNbError):
    """An expression, as in a rule or a filter, is malformed, or cannot be evaluated."""


class SurveyError(EdslNbError):
    """Questions do not make a survey."""


class AgentError(EdslNbError):
    """An agent cannot be made as asked for."""


class ScenarioError(EdslNbError):
    """A scenario cannot be made as asked for."""


class ModelError(EdslNbError):
    """A model cannot be made, found or used as asked for."""


class MissingKeyError(ModelError):
    """A model needs an API key and none is set."""


class JobError(EdslNbError):
    """A job cannot be put together or run as asked for."""


class ResultsError(EdslNbError):
    """Results cannot be read as asked for."""


class TableError(EdslNbError):
    """A table was asked for a page or column that it cannot have."""


class StoreError(EdslNbError):
    """The store on disk cannot be opened, read or written."""


class CacheError(EdslNbError):
    """A cache cannot be read, written or filled as asked for."""


class RunError(EdslNbError):
    """A run cannot be waited for or steered as asked for."""


#: What a service does not take of a call, whatever it thinks of others.
Refused = Literal["context", "content"]


class CoopError(EdslNbError):
    """Coop cannot do what it was asked for, or answered something else.

    Parameters:
        problem: what is wrong.
        status: the HTTP status, where there was one.
        request: the method and path of the request, where one was sent.
        retry_after: seconds that Coop asked to wait, where it did.
    """

    def __init__(
        self,
        problem: str,
        *,
        status: int | None = None,
        request: str | None = None,
        retry_after: float | None = None,
        field: str | None = None,
        value: object = _UNSET,
        remedy: str | None = None,
    ) -> None:
        super().__init__(problem, field=field, value=value, remedy=remedy)
        self.status, self.request, self.retry_after = status, request, retry_after


class CoopSignInError(CoopError):
    """There is no key for Coop, or Coop does not know it."""


class CoopCreditError(CoopError):
    """There are not enough credits."""


class CoopNotFoundError(CoopError):
    """Coop has nothing of this uuid, URL or alias, or does not show it to this account."""


class CoopRateLimitError(CoopError):
    """Coop was asked too often."""


class CoopServerError(CoopError):
    """Coop failed, through no fault of the request."""


class NotACoopError(CoopError):
    """What answers at the address does not speak Coop's protocol."""


class CoopOfflineError(CoopError):
    """There is no connection to Coop."""


class ServiceError(EdslNbError):
    """A model service failed a call.

    Parameters:
        problem: what the service said or did.
        status: the HTTP status, where there was one.
        retryable: whether the same call can succeed later.
        retry_after: seconds the service asked to wait, where it did.
        unreachable: whether there was no connection to it at all.
        refused: what of this call alone it does not take: its `context` is too long,
            or its `content` is not allowed. None where it is something else.
        quota: what the service said is left of its limits, where it did.
    """

    def __init__(
        self,
        problem: str,
        *,
        status: int | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        unreachable: bool = False,
        refused: Refused | None = None,
        quota: Any = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(problem, remedy=remedy)
        self.status = status
        self.retryable = retryable
        self.retry_after = retry_after
        self.unreachable = unreachable
        self.refused: Refused | None = refused
        self.quota = quota


class EdslNbWarning(UserWarning):
    """Something went on, but not quite as asked: a stopped run, an unused field."""


#: What lies between a warning and whoever asked: cached properties are called by functools.
_BETWEEN = ("edsl_nb", "functools")


def warn(message: str) -> None:
    """Warn of something that went on, but not quite as asked, at the line of whoever called edsl_nb."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] in _BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(redact(message), EdslNbWarning, stacklevel=level)


#: How much less alike than the first suggestion a second one may be.
_NEARLY = 0.12

#: How alike a misspelt name is; below, one that has it as a word is the likelier one.
_MISSPELT = 0.75


def nearest(name: object, names: Iterable[str]) -> str:
    """Name suggestions for an error's remedy.

    Parameters:
        name: what was given for a name; where it is no text, nothing is close.
        names: the names there are.

    Returns:
        ``Did you mean 'x'?`` where something is close, else the names there are, the first twelve.
    """
    choices = sorted(set(names))
    close = _alike(name, choices) if isinstance(name, str) else []
    if close:
        return "Did you mean " + " or ".join(repr(c) for c in close) + "?"
    more = f", ... ({len(choices)} in all)" if len(choices) > 12 else ""
    return "There are: " + (", ".join(choices[:12]) or "none") + more + "."


def _alike(name: str, choices: list[str]) -> list[str]:
    """At most two of the names, which are spelt nearly so, or have it as one of their words."""
    close = difflib.get_close_matches(name, choices, n=2, cutoff=0.6)
    alike = [difflib.SequenceMatcher(None, name, choice).ratio() for choice in close]
    worded = [choice for choice in choices if name and name in choice.split("_")]
    if worded and (not close or alike[0] < _MISSPELT):
        return worded[:2]
    return close if len(close) == 2 and alike[0] - alike[1] <= _NEARLY else close[:1]
