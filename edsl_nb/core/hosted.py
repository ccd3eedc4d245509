"""What needs EDSL's hosted service, with which edsl_nb does not speak yet: it says so when it is used."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from edsl_nb.core.errors import EdslNbError


def not_hosted(what: str, remedy: str) -> EdslNbError:
    """The error for what needs EDSL's hosted service."""
    return EdslNbError(
        "this needs EDSL's hosted service, with which edsl_nb does not speak yet", field=what, remedy=remedy
    )


class Hosted:
    """Gives an object EDSL's methods that put it on the hosted service and get it from there.

    Class attributes:
        instead_of_push, instead_of_pull: what to do instead.
    """

    instead_of_push: ClassVar[str] = (
        "Share a file: save it with save('name.json.gz'), and read it with load('name.json.gz')."
    )
    instead_of_pull: ClassVar[str] = "Read a file that save() has written: load('name.json.gz')."

    def push(self, *args: Any, **options: Any) -> NoReturn:
        """Not available: it needs EDSL's hosted service.

        Raises:
            EdslNbError: always.
        """
        raise not_hosted(f"{type(self).__name__}.push", self.instead_of_push)

    def patch(self, *args: Any, **options: Any) -> NoReturn:
        """Not available: it needs EDSL's hosted service.

        Raises:
            EdslNbError: always.
        """
        raise not_hosted(f"{type(self).__name__}.patch", self.instead_of_push)

    @classmethod
    def pull(cls, *args: Any, **options: Any) -> NoReturn:
        """Not available: it needs EDSL's hosted service.

        Raises:
            EdslNbError: always.
        """
        raise not_hosted(f"{cls.__name__}.pull", cls.instead_of_pull)


class Humanized:
    """Gives what can be asked EDSL's method that puts it to people."""

    def humanize(self, *args: Any, **options: Any) -> NoReturn:
        """Not available: it needs EDSL's hosted service.

        Raises:
            EdslNbError: always.
        """
        raise not_hosted(f"{type(self).__name__}.humanize", "Ask models: .by(...).run().")


class Coop:
    """EDSL's hosted service. Not available yet: making one says so.

    Raises:
        EdslNbError: always.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        raise not_hosted("Coop", "Share files: every object has save() and load().")
