"""`InstanceFactory`: an object that is still to be made, named by its class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from edsl_nb.core.errors import nearest
from edsl_nb.tasks.typings import TaskError


class InstanceFactory(BaseModel):
    """A class by name, and the parameters to make an object of it with.

    Making the object imports the module and so runs its code: take factories
    from people whom you would let run code.

    Parameters:
        module: the class's dotted path, such as ``my_tasks.sums.Sums``.
        parameters: what it is called with, or None for nothing.

    Raises:
        TaskError: the path is no text, or the parameters no dict.

    Example:
        >>> InstanceFactory(module="fractions.Fraction", parameters={"numerator": 3}).create()
        Fraction(3, 1)
    """

    module: str
    parameters: dict[str, Any] | None = None

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError:
            raise _undescribed("module", given) from None

    def resolve(self) -> Any:
        """The class.

        Raises:
            TaskError: there is no such module, or nothing of this name in it.
        """
        module, _, name = self.module.rpartition(".")
        if not module or not name:
            raise self._wrong("a dotted path to a class is wanted", "Such as 'my_tasks.sums.Sums'.")
        try:
            found = import_module(module)
        except (Exception, SystemExit) as failure:
            remedy = "It has to be importable here: look at sys.path, and at what the module imports."
            raise self._wrong(f"{type(failure).__name__}: {failure}", remedy) from failure
        try:
            return getattr(found, name)
        except AttributeError:
            known = [one for one in dir(found) if not one.startswith("_")]
            raise self._wrong(f"module {module!r} has no {name!r}", nearest(name, known)) from None

    def maker(self) -> Callable[[], Any]:
        """The class with its parameters, ready to be called.

        Raises:
            TaskError: there is no such class.
        """
        return partial(self.resolve(), **(self.parameters or {}))

    def create(self) -> Any:
        """Make the object.

        Raises:
            TaskError: there is no such class, or it cannot be made with these parameters.
        """
        make = self.maker()
        try:
            return make()
        except (Exception, SystemExit) as failure:
            names = ", ".join(self.parameters or {}) or "no parameters"
            raise TaskError(
                f"{self.module} called with {names} raised {type(failure).__name__}: {failure}",
                field="parameters",
                remedy="The traceback above says where.",
            ) from failure

    def _wrong(self, problem: str, remedy: str) -> TaskError:
        return TaskError(problem, field="module", value=self.module, remedy=remedy)

    @classmethod
    def of(cls, given: object, field: str) -> InstanceFactory:
        """The factory that a mapping of ``module`` and ``parameters`` describes.

        Raises:
            TaskError: it describes none.
        """
        described = cast(Mapping[str, Any], given) if isinstance(given, Mapping) else {}
        module, parameters = described.get("module"), described.get("parameters")
        if not isinstance(module, str) or not isinstance(parameters, dict | None):
            raise _undescribed(field, given)
        return cls(module=module, parameters=parameters)


def _undescribed(field: str, given: object) -> TaskError:
    return TaskError(
        "a module and its parameters are wanted",
        field=field,
        value=given,
        remedy="Such as {module: my_tasks.sums.Sums, parameters: {name: sums}}.",
    )
