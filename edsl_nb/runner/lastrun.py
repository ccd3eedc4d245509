"""The attribute `last_run` of what can be run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Self, TypeVar, overload

if TYPE_CHECKING:
    from edsl_nb.runner.run import Run

R = TypeVar("R")


class LastRun(Generic[R]):
    """The last run of an object, or the one that goes on with that since, as after `Run.retry_failed`."""

    @overload
    def __get__(self, owner: None, cls: type) -> Self: ...
    @overload
    def __get__(self, owner: object, cls: type) -> Run[R] | None: ...
    def __get__(self, owner: object | None, cls: type) -> Self | Run[R] | None:
        if owner is None:
            return self
        run: Run[R] | None = owner.__dict__.get("last_run")
        if run is not None:
            owner.__dict__["last_run"] = run = run.latest
        return run

    def __set__(self, owner: object, run: Run[R] | None) -> None:
        owner.__dict__["last_run"] = run
