"""What objects can do with Coop, EDSL's hosted service, or a server of one's own that speaks its protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, Self

from edsl_nb.core import late
from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import EdslNbError


class Hosted(metaclass=Checked):
    """Gives an object EDSL's methods that put it on Coop and get it from there.

    They use the Coop and the key that the environment names; `edsl_nb.Coop` has them for others.
    """

    def push(
        self, description: str | None = None, alias: str | None = None, visibility: str = "private"
    ) -> Any:
        """Put the object on Coop. Functions are left out, with a warning.

        Parameters:
            description: what it is.
            alias: a name for its address: letters without accents, digits and hyphens.
            visibility: who may see it: ``private``, ``unlisted`` (whoever has its address), or ``public``.

        Returns:
            What is known of it there, such as `uuid` and `url`.

        Raises:
            CoopError: by what went wrong.
        """
        return late.call("push", self, description, alias, visibility)

    @classmethod
    def pull(cls, url_or_uuid: str) -> Self:
        """Get an object of this class from Coop. Nothing of it is run.

        Parameters:
            url_or_uuid: its uuid, the address of its page, or ``owner/alias``.

        Raises:
            CoopError: by what went wrong; it is not there, or of another class.
        """
        return late.call("pull", cls, url_or_uuid)

    @classmethod
    def patch(
        cls,
        url_or_uuid: str,
        description: str | None = None,
        alias: str | None = None,
        visibility: str | None = None,
        value: Any = None,
    ) -> None:
        """Change an object of this class on Coop. What is None stays as it is.

        Parameters:
            url_or_uuid: its uuid, the address of its page, or ``owner/alias``.
            description, alias, visibility: as for `push`.
            value: an object of this class, to take its place.

        Raises:
            CoopError: by what went wrong; the value is of another class.
        """
        late.call("patch", cls, url_or_uuid, description, alias, visibility, value)

    @classmethod
    def delete(cls, url_or_uuid: str) -> None:
        """Delete an object on Coop.

        Parameters:
            url_or_uuid: its uuid, the address of its page, or ``owner/alias``.

        Raises:
            CoopError: by what went wrong.
        """
        late.call("delete", url_or_uuid)

    @classmethod
    def list(
        cls,
        visibility: str | Iterable[str] | None = None,
        search_query: str | None = None,
        page: int = 1,
        page_size: int = 10,
        sort_ascending: bool = False,
        community: bool = False,
    ) -> Any:
        """A page of your objects of this class on Coop: the 10 most recent, unless asked for otherwise.

        Parameters:
            visibility: ``private``, ``unlisted`` or ``public``, or several of them; None for all.
            search_query: text in the description.
            page: from 1.
            page_size: how many at most, from 1 to 100.
            sort_ascending: the oldest first.
            community: public objects of others, rather than your own.

        Returns:
            Rows with `uuid`, `description`, `alias` and so on, `fetch()`, `next_page()`.

        Raises:
            CoopError: by what went wrong, or a parameter is not as it has to be.
        """
        return late.call(
            "list_objects", cls, visibility, search_query, page, page_size, sort_ascending, community
        )


class Humanized:
    """Gives what can be asked EDSL's method that puts it to people."""

    def humanize(self, *args: Any, **options: Any) -> NoReturn:
        """Not available: surveys of people are made by EDSL's hosted service only.

        Raises:
            EdslNbError: always.
        """
        raise EdslNbError(
            "this needs a part of EDSL's hosted service that edsl_nb does not speak with",
            field=f"{type(self).__name__}.humanize",
            remedy="Ask models: .by(...).run().",
        )
