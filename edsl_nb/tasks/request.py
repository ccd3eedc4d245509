"""What is asked of a benchmark's run."""

from __future__ import annotations

import dataclasses
import inspect
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, Self, TypedDict, TypeVar, cast

from edsl_nb.core.errors import nearest
from edsl_nb.runner.options import OnInterrupt, RunOptions, Where
from edsl_nb.tasks.checks import plain_index
from edsl_nb.tasks.folders import folder_at
from edsl_nb.tasks.history import HistoryLimit, check_history_limit
from edsl_nb.tasks.playing import Rules
from edsl_nb.tasks.typings import SampleIndex, SampleStatus, TaskError

P = ParamSpec("P")
R = TypeVar("R")


class BenchmarkKeywords(TypedDict, total=False):
    """The keywords of a benchmark's run; see `BenchmarkRequest`."""

    limit: int | None
    indices: Iterable[SampleIndex] | Mapping[str, Iterable[SampleIndex]] | None
    sample_timeout: float | None
    history_limit: HistoryLimit
    output: str | os.PathLike[str] | None
    rerun: Iterable[SampleStatus | str] | None
    workers: int | None
    cache: bool
    on_interrupt: OnInterrupt
    stop_on_exception: bool
    max_cost: float | None
    loop: Where
    progress_bar: bool
    background: bool


@dataclass(frozen=True, slots=True)
class BenchmarkRequest:
    """What is asked of a benchmark's run.

    Parameters:
        n: how often each sample is played; scores are means with standard errors then.
        limit: play the first so many samples of each task only.
        indices: play the samples of these indices only, each given once; a dict of task names says it
            for each task.
        sample_timeout: seconds that a sample may take; then it has failed.
        history_limit: ``agentbench`` shows agents what AgentBench v0.2 would, so
            that scores are comparable; a number the latest turns of about so many
            tokens, besides the first; None shows the whole history.
        output: a folder to which samples are written when they end, in AgentBench's
            layout. Samples that are there already are not played again, whoever has
            written them; ``{TIMESTAMP}`` in it is the time of the start.
        rerun: play those samples again that have ended with one of these statuses,
            such as ``["task error"]``, and that failed; keep the others, of the
            folder `output`, or without one of the benchmark's last run.
        workers: play in so many copies of each task, each in a process of its own, with the task's
            ``concurrency`` each; None plays in this process. What blocks, crashes or keeps state
            in one copy leaves the others alone.
        cache: take replies of earlier runs, and share those of equal calls.
        on_interrupt: whether interrupting a cell that waits for the run stops
            it (``stop``), or lets it go on (``detach``).
        stop_on_exception: stop at the first sample of which task or agent fail, and raise.
        max_cost: USD that the run may cost; it stops before more is spent.
        loop: where agents that are functions are called: plain ones in a ``thread`` and
            coroutines on a loop in one; or both on the ``notebook``'s event loop, which
            needs ``await benchmark.run_async(loop="notebook")``.
        progress_bar: show the progress, first of all how many samples are kept, and how many
            are to be played.
        background: return the `Run` at once, as `start` does.
    """

    n: int = 1
    limit: int | None = None
    indices: Any = None
    sample_timeout: float | None = None
    history_limit: HistoryLimit = "agentbench"
    output: Any = None
    rerun: Any = None
    workers: int | None = None
    cache: bool = False
    on_interrupt: OnInterrupt = "stop"
    stop_on_exception: bool = False
    max_cost: float | None = None
    loop: Where = "thread"
    progress_bar: bool = True
    background: bool = False

    def __post_init__(self) -> None:
        _check_count("n", self.n)
        if self.limit is not None:
            _check_count("limit", self.limit)
            if self.indices is not None:
                raise TaskError(
                    "a run has a limit or indices, not both",
                    field="limit",
                    value=self.limit,
                    remedy="Leave one of them out.",
                )
        seconds = self.sample_timeout
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if seconds is not None and not (number and math.isfinite(seconds) and seconds > 0):
            raise TaskError(
                "a number of seconds above 0 is wanted",
                field="sample_timeout",
                value=seconds,
                remedy="Such as run(sample_timeout=60).",
            )
        check_history_limit(self.history_limit)
        if self.workers is not None:
            _check_count("workers", self.workers)
        if self.output is not None:
            object.__setattr__(self, "output", str(folder_at(self.output, "output")))
        if self.rerun is not None:
            object.__setattr__(self, "rerun", _statuses(self.rerun))
        for field in ("cache", "progress_bar", "background"):
            value = getattr(self, field)
            if not isinstance(value, bool):
                raise TaskError(
                    "True or False is wanted", field=field, value=value, remedy=f"Such as {field}=True."
                )
        self.options()  # which may refuse

    @classmethod
    def of(cls, keywords: Mapping[str, Any]) -> Self:
        """The request that keywords make.

        Raises:
            TaskError: there is no such keyword, or a value is not as it has to be.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        for name, value in keywords.items():
            if name not in known:
                raise TaskError(
                    "run takes no such parameter", field=name, value=value, remedy=nearest(name, known)
                )
        return cls(**keywords)

    @property
    def folder(self) -> Path | None:
        """The folder to which samples are written, or None."""
        return None if self.output is None else Path(self.output)

    def options(self) -> RunOptions:
        """The part of it that the runner knows."""
        return RunOptions(
            fresh=not self.cache,
            on_interrupt=self.on_interrupt,
            stop_on_exception=self.stop_on_exception,
            max_cost=self.max_cost,
            loop=self.loop,
            outlook=self.progress_bar,
        )

    def rules(self) -> Rules:
        """What holds for all samples."""
        return Rules(self.sample_timeout, self.history_limit, self.cache, self.rerun or frozenset())

    def chosen(self, known: Mapping[str, Sequence[SampleIndex]]) -> dict[str, list[SampleIndex]]:
        """The indices to be played, in order, of each task.

        Parameters:
            known: all indices of each task, by its name.

        Raises:
            TaskError: there is no such task or index, or none is chosen.
        """
        if self.indices is None:
            return {name: list(indices)[: self.limit] for name, indices in known.items()}
        if isinstance(self.indices, Mapping):
            unknown = next((name for name in self.indices if name not in known), None)
            if unknown is not None:
                raise TaskError(
                    "there is no such task", field="indices", value=unknown, remedy=nearest(unknown, known)
                )
            wanted = {name: _listed(self.indices.get(name, ())) for name in known}
            for name, some in wanted.items():
                _check_known(some, known[name])
        else:
            some = _listed(self.indices)
            _check_known(some, [index for indices in known.values() for index in indices])
            wanted = dict.fromkeys(known, some)
        keys = {name: {_key(index) for index in some} for name, some in wanted.items()}
        chosen = {name: [i for i in indices if _key(i) in keys[name]] for name, indices in known.items()}
        if not any(chosen.values()):
            raise TaskError("no sample is chosen", field="indices", value=[], remedy="Give one at least.")
        return chosen


def request_of(plan: Mapping[str, Any]) -> BenchmarkRequest:
    """The request of a run that the store has, whose options are kept beside it."""
    known = {field.name for field in dataclasses.fields(BenchmarkRequest)}
    return BenchmarkRequest(**{name: value for name, value in plan.items() if name in known})


def _key(index: SampleIndex) -> tuple[type, SampleIndex]:
    """``1`` and ``"1"`` are two indices, ``True`` is none."""
    return type(index), index


def _listed(indices: object) -> list[Any]:
    if isinstance(indices, str) or not isinstance(indices, Iterable):
        raise TaskError(
            "a list of sample indices is wanted",
            field="indices",
            value=indices,
            remedy="Such as run(indices=[0, 5]).",
        )
    return [plain_index(index) for index in cast(Iterable[Any], indices)]


def _check_known(some: Sequence[Any], known: Sequence[SampleIndex]) -> None:
    keys, seen = {_key(index) for index in known}, set[tuple[type, SampleIndex]]()
    for index in some:
        if not isinstance(index, int | str) or _key(index) not in keys:
            raise TaskError(
                "there is no sample of this index",
                field="indices",
                value=index,
                remedy=nearest(repr(index), [repr(one) for one in known]),
            )
        if _key(index) in seen:
            raise TaskError(
                "an index is given twice",
                field="indices",
                value=index,
                remedy="Give each once; run(n=2) plays every sample twice.",
            )
        seen.add(_key(index))


def _statuses(given: object) -> frozenset[SampleStatus]:
    known = [status.value for status in SampleStatus if status is not SampleStatus.RUNNING]
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TaskError(
            "a list of statuses is wanted", field="rerun", value=given, remedy="Such as rerun=['task error']."
        )
    for one in cast(Iterable[object], given := list(given)):
        if not isinstance(one, str) or one not in known:
            raise TaskError(
                "no sample ends with this status",
                field="rerun",
                value=one,
                remedy=nearest(one if isinstance(one, str) else repr(one), known),
            )
    return frozenset(map(SampleStatus, given))


def _check_count(field: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TaskError(
            "a whole number, 1 or more, is wanted",
            field=field,
            value=value,
            remedy=f"Such as run({field}=3).",
        )


def takes_run_keywords(method: Callable[P, R]) -> Callable[P, R]:
    """Show the keywords of a run in a method's signature, where editors and help look for them."""
    (first, *_) = inspect.signature(method).parameters.values()
    keywords = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for p in inspect.signature(BenchmarkRequest).parameters.values()
    ]
    keywords[0] = keywords[0].replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
    returns = inspect.signature(method).return_annotation
    method.__signature__ = inspect.Signature([first, *keywords], return_annotation=returns)  # type: ignore[attr-defined]
    return method
