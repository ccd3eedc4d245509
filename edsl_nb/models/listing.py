"""Which services and models there are, as far as that is known without asking anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from edsl_nb.core.calls import Checked
from edsl_nb.core.errors import EdslNbError, ModelError
from edsl_nb.models import prices
from edsl_nb.models.services import SERVICES, service

if TYPE_CHECKING:
    from edsl_nb.models.model import ModelList


class Listing(metaclass=Checked):
    """Gives `Model` the methods that list services and models."""

    error: ClassVar[type[EdslNbError]] = ModelError

    @staticmethod
    def services() -> list[str]:
        """The names of the services.

        Example:
            >>> from edsl_nb import Model
            >>> Model.services()
            ['local', 'openai', 'test']
        """
        return sorted(SERVICES)

    @staticmethod
    def available(search_term: str | None = None, service_name: str | None = None) -> ModelList:
        """The models whose names are known here: those in the price list, and the local ones.

        A service may have others, or may not let you use one of these.

        Parameters:
            search_term: a part of their names.
            service_name: the service, if not all.

        Raises:
            ModelError: the search term is no text, or there is no such service.

        Example:
            >>> from edsl_nb import Model
            >>> Model.available("4o-mini", service_name="openai")[0]
            Model('gpt-4o-mini', service_name='openai')
        """
        from edsl_nb.models.model import Model, ModelList

        if not isinstance(search_term, str | None):
            raise ModelError(
                "a text is wanted", field="search_term", value=search_term, remedy="Such as 'gpt'."
            )
        wanted = (search_term or "").casefold()
        names = sorted(SERVICES) if service_name is None else [service_name]
        return ModelList(
            Model(name, one) for one in names for name in _names(one) if wanted in name.casefold()
        )


def _names(service_name: str) -> list[str]:
    found = service(service_name)
    return prices.names(found.price_id) if found.price_id else list(found.names())
