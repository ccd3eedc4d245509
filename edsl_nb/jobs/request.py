"""What `run`, `run_async` and `start` take, in one place: ours, and EDSL's names that mean nothing here."""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any, ParamSpec, Self, TypedDict, TypeVar

from edsl_nb.core.errors import JobError, nearest, warn
from edsl_nb.jobs.design import Design
from edsl_nb.jobs.environment import Environment
from edsl_nb.models.cache import Cache
from edsl_nb.runner.options import OnInterrupt, RunOptions, Where
from edsl_nb.runner.shelf import Shelf

P = ParamSpec("P")
R = TypeVar("R")

#: EDSL's keywords of `run` that have nothing to do here.
_WITHOUT_MEANING = frozenset(
    {
        "alert_on_completion_config", "check_api_keys", "disable_remote_cache",
        "disable_remote_inference", "expected_parrot_api_key", "job_uuid", "jobs_runner_status",
        "max_concurrency", "memory_threshold", "new_format", "print_exceptions",
        "remote_cache_description", "results_description", "skip_retry", "task_timeout", "use_api_proxy",
        "verbose",
    }
)  # fmt: skip

#: EDSL's names of keywords that are called something else here.
_ALIASES = {"offload_execution": "remote"}

_told: set[str] = set()


class RunKeywords(TypedDict, total=False):
    """The keywords of `Jobs.run` besides `n`; see `RunRequest` for what they mean."""

    limit: int | None
    indices: Iterable[int] | None
    cache: bool | Cache | None
    fresh: bool
    reask: int
    on_interrupt: OnInterrupt
    stop_on_exception: bool
    raise_validation_errors: bool
    max_cost: float | None
    dry_run: bool
    key_lookup: Mapping[str, str] | None
    bucket_collection: Mapping[str, Mapping[str, float]] | None
    loop: Where
    remote: object
    offload_execution: bool
    remote_inference_description: str | None
    remote_inference_results_visibility: str
    remote_cache: object
    progress_bar: bool
    background: bool


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What is asked of a run.

    Parameters:
        n: independent draws per interview.
        limit: run so many interviews only, spread evenly over agents, scenarios
            and models: a pilot. Running the rest later pays only for the rest.
        indices: run the interviews of these numbers only.
        cache: where replies come from before a model is asked. True: from all that
            earlier runs have on disk. A `Cache`: from that one, to which new
            replies are added. False: from nowhere, as with `fresh`. A run finds
            its own replies, and writes them to disk, in any case. None: as
            ``job.using_cache`` says, else True.
        fresh: ask again, although earlier runs have replies on disk; a `Cache` is then only added to.
        reask: how often a model is told what is wrong with an invalid answer
            and asked again; 0 for never. Each answer records it.
        on_interrupt: whether interrupting a cell that waits for the run stops
            it (``stop``), or lets it go on (``detach``).
        stop_on_exception: stop at the first question that gets no answer, and raise.
        raise_validation_errors: the same, by its other name in EDSL.
        max_cost: USD that the run may cost; it stops before more is spent.
        dry_run: ask no model: valid answers are made up, at no cost and without keys, and
            neither taken from a cache nor kept for one. Functions are called as ever.
        key_lookup: API keys by service, as for ``job.using_key_lookup``, for this run.
        bucket_collection: limits by service or model, as for ``job.using_bucket_collection``, for this run.
        loop: where functions and coroutines of yours are called: functions in a
            ``thread`` and coroutines on a loop in one; or both on the ``notebook``'s event
            loop, which needs ``await job.run_async(loop="notebook")``.
        remote: have Coop run the job, at the cost of credits; True for the Coop that the
            environment names, or a `Coop`. It goes on whatever becomes of this process:
            ``Jobs.resume(uuid)`` looks on again. ``offload_execution`` in EDSL.
        remote_inference_description: what a remote job is called in `Jobs.list`.
        remote_inference_results_visibility: who may see its results: ``private``,
            ``unlisted`` or ``public``.
        remote_cache: take replies that Coop has before a model is asked, and give Coop the
            new ones; True for the Coop that the environment names, or a `Coop`. None: as
            `settings.remote_cache` says.
        progress_bar: show the progress, first of all how many replies are on disk, how many calls
            are to be asked, and about what these cost.
        background: return the `Run` at once, as `start` does.
    """

    n: int = 1
    limit: int | None = None
    indices: Iterable[int] | None = None
    cache: bool | Cache | None = None
    fresh: bool = False
    reask: int = 1
    on_interrupt: OnInterrupt = "stop"
    stop_on_exception: bool = False
    raise_validation_errors: bool = False
    max_cost: float | None = None
    dry_run: bool = False
    key_lookup: Mapping[str, str] | None = dataclasses.field(default=None, repr=False)
    bucket_collection: Mapping[str, Mapping[str, float]] | None = None
    loop: Where = "thread"
    remote: object = False
    remote_inference_description: str | None = None
    remote_inference_results_visibility: str = "private"
    remote_cache: object = None
    progress_bar: bool = True
    background: bool = False

    def __post_init__(self) -> None:
        _check_count("n", self.n, 1)
        _check_count("reask", self.reask, 0)
        if self.limit is not None:
            _check_count("limit", self.limit, 1)
            if self.indices is not None:
                raise JobError(
                    "a run has a limit or indices, not both",
                    field="limit",
                    value=self.limit,
                    remedy="Leave one of them out.",
                )
        if not (self.cache is None or isinstance(self.cache, bool | Cache)):
            raise JobError(
                "True, False or a Cache is wanted",
                field="cache",
                value=self.cache,
                remedy="Such as run(cache=Cache.from_jsonl('replies.jsonl')).",
            )
        for field in ("remote", "remote_cache"):
            value = getattr(self, field)
            if not (isinstance(value, bool | None) or hasattr(value, "asynchronous")):
                raise JobError(
                    "True, False or a Coop is wanted",
                    field=field,
                    value=value,
                    remedy=f"Such as run({field}=True), or run({field}=Coop(url, api_key)).",
                )
        for field in ("raise_validation_errors", "progress_bar", "background"):
            value = getattr(self, field)
            if not isinstance(value, bool):
                raise JobError(
                    "True or False is wanted", field=field, value=value, remedy=f"Such as {field}=True."
                )

    @classmethod
    def of(cls, keywords: Mapping[str, Any]) -> Self:
        """The request that keywords make.

        Raises:
            JobError: there is no such keyword, or a value is not as it has to be.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        given: dict[str, Any] = {}
        if keywords.get("expected_parrot_api_key") and any(map(keywords.get, ("remote", *_ALIASES))):
            raise JobError(
                "a remote run has the account of its Coop",
                field="expected_parrot_api_key",
                remedy="Use remote=Coop(api_key=...).",
            )
        for name, value in keywords.items():
            usual = _ALIASES.get(name, name)
            if usual in known:
                if usual in given:
                    raise JobError(
                        f"{usual} has another name, and both are used",
                        field=name,
                        value=value,
                        remedy="Give one of them.",
                    )
                given[usual] = value
            elif name not in _WITHOUT_MEANING:
                raise JobError(
                    "run takes no such parameter", field=name, value=value, remedy=nearest(name, known)
                )
            elif name not in _told:
                _told.add(name)
                warn(f"run({name}=...) is EDSL's and has no meaning here; it is passed over.")
        return cls(**given)

    def environment(self, usual: Environment) -> Environment:
        """The job's environment with the keys and limits of this run, which come first.

        Raises:
            JobError, ModelError: a key or a limit cannot be one.
        """
        if self.key_lookup is None and self.bucket_collection is None:
            return usual
        made = deepcopy(usual)
        if self.key_lookup is not None:
            made.take_keys(self.key_lookup)
        if self.bucket_collection is not None:
            made.take_limits(self.bucket_collection)
        return made

    def filled(self, usual: Environment) -> Self:
        """The same, with the job's own cache, keys and limits where none are named."""
        own = {
            "cache": usual.cache,
            "key_lookup": usual.key_lookup or None,
            "bucket_collection": usual.bucket_collection or None,
        }
        unnamed = {name: value for name, value in own.items() if getattr(self, name) is None}
        return dataclasses.replace(self, **unnamed)

    def options(self, usual_cache: bool | Cache = True) -> RunOptions:
        """The part of it that the runner knows.

        Parameters:
            usual_cache: the job's own, where the request names none.
        """
        stops = self.stop_on_exception
        options = RunOptions(
            fresh=self.fresh,
            on_interrupt=self.on_interrupt,
            stop_on_exception=stops if not self.raise_validation_errors else True,
            max_cost=self.max_cost,
            loop=self.loop,
            dry_run=self.dry_run,
            outlook=self.progress_bar,
        )
        cache = usual_cache if self.cache is None else self.cache
        if self.dry_run:
            return dataclasses.replace(options, fresh=True)
        if cache is True:
            return options
        shelf = Shelf(cache, reads=not self.fresh) if isinstance(cache, Cache) else None
        return dataclasses.replace(options, fresh=True, shelf=shelf)

    def selection(self, design: Design) -> list[int] | None:
        """Indices into the design of what is to be run, in order; None for all.

        Raises:
            JobError: an interview is not there.
        """
        if self.indices is not None:
            chosen = _checked_indices(self.indices, design.interviews)
        elif self.limit is not None and self.limit < design.interviews:
            chosen = spread(design, self.limit)
        else:
            return None
        return [i * design.iterations + draw for i in chosen for draw in range(design.iterations)]


def _check_count(field: str, value: object, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise JobError(
            f"a whole number, {least} or more, is wanted",
            field=field,
            value=value,
            remedy=f"Such as run({field}={max(least, 3)}).",
        )


def _checked_indices(indices: object, count: int) -> list[int]:
    if isinstance(indices, str) or not isinstance(indices, Iterable):
        raise JobError(
            "a list of interview numbers is wanted", field="indices", value=indices, remedy="Such as [0, 5]."
        )
    chosen: set[int] = set()
    for index in indices:
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count:
            raise JobError(
                "there is no interview of this number",
                field="indices",
                value=index,
                remedy=f"There are {count:,}, numbered from 0.",
            )
        chosen.add(index)
    if not chosen:
        raise JobError("no interview is chosen", field="indices", value=[], remedy="Give one at least.")
    return sorted(chosen)


def spread(design: Design, count: int, seed: int = 0) -> list[int]:
    """Some interviews, spread over all agents, scenarios and models as evenly as can be.

    Parameters:
        design: what there is to choose from.
        count: how many; at most all.
        seed: another seed gives other ones.

    Returns:
        Their numbers, in order.
    """
    random = Random(seed)
    if design.chosen is not None:
        return sorted(random.sample(range(design.interviews), count))
    sizes = (design.agents, design.scenarios, design.models)
    orders = [random.sample(range(size), size) for size in sizes]
    # Walking all three in step visits each evenly, and comes back to where it began after a cycle.
    cycle = math.lcm(*sizes)
    chosen: set[int] = set()
    step = 0
    while len(chosen) < count:
        shift = step // cycle
        agent = orders[0][step % sizes[0]]
        scenario = orders[1][(step + shift % sizes[1]) % sizes[1]]
        model = orders[2][(step + shift // sizes[1]) % sizes[2]]
        chosen.add(design.place(agent, scenario, model))
        step += 1
    return sorted(chosen)


def takes_run_keywords(method: Callable[P, R]) -> Callable[P, R]:
    """Show the keywords of a run in a method's signature, where editors and help look for them."""
    (first, *_) = inspect.signature(method).parameters.values()
    request = inspect.signature(RunRequest)
    keywords = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in request.parameters.values()]
    keywords[0] = keywords[0].replace(kind=inspect.Parameter.POSITIONAL_OR_KEYWORD)
    returns = inspect.signature(method).return_annotation
    method.__signature__ = inspect.Signature([first, *keywords], return_annotation=returns)  # type: ignore[attr-defined]
    return method
