"""Prices of models, from the genai-prices package, looked up once per model."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from edsl_nb.models.services import service

if TYPE_CHECKING:
    from edsl_nb.models.model import Model


class Price(NamedTuple):
    """USD for one token in and one token out, exact."""

    input: Decimal
    output: Decimal

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """USD for that many tokens, not rounded."""
        return self.input * input_tokens + self.output * output_tokens


_NAME = re.compile(r"[\w.-]*\w")

FREE = Price(Decimal(0), Decimal(0))

#: Tokens to ask the price of: few enough for the lowest tier of tiered prices.
_PROBE = 1000


@lru_cache(maxsize=4096)
def _listed(provider: str, model_name: str) -> Price | None:
    from genai_prices import Usage, calc_price

    try:
        found = calc_price(Usage(input_tokens=_PROBE, output_tokens=_PROBE), model_name, provider_id=provider)
    except LookupError:
        return None
    return Price(found.input_price / _PROBE, found.output_price / _PROBE)


def names(provider: str) -> list[str]:
    """The names of a provider's models that have a price, without those that are only part of a name."""
    from genai_prices import data

    found = (model.id for one in data.providers if one.id == provider for model in one.models)
    return sorted(name for name in found if _NAME.fullmatch(name))


def price(model: Model) -> Price | None:
    """What tokens of a model cost.

    Returns:
        The price, `FREE` for models in this process, or None where it is not known:
        a model that is not listed, or an address that is not the provider's own.
    """
    found = service(model.service_name)
    if found.price_id is None:
        return FREE
    if not found.priced_here(model):
        return None
    return _listed(found.price_id, model.model)
