"""Estimates of cost in EDSL's form, by our prices or somebody else's."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from edsl_nb.core.errors import JobError, warn
from edsl_nb.jobs.prompts import estimated_tokens
from edsl_nb.models import Model
from edsl_nb.models.prices import price

#: USD for a million tokens in and out, or None where they are not known.
PerMillion = tuple[float, float] | None

#: What EDSL takes for a service of which it has no price.
_GUESS = (1.0, 1.0)

_LOOKUP = (
    'Such as {("openai", "gpt-4o"): {"input": {"service_stated_token_price": 2.5, '
    '"service_stated_token_qty": 1000000}, "output": {...}}}.'
)


def our_price(model: Model) -> PerMillion:
    """The price of a model as runs count it."""
    found = price(model)
    return None if found is None else (float(found.input * 1_000_000), float(found.output * 1_000_000))


class PriceLookup:
    """Somebody else's prices, as EDSL has them: rows of ``input`` and ``output`` by service and model.

    Parameters:
        rows: the rows.

    Raises:
        JobError: they are not in that form.
    """

    def __init__(self, rows: object) -> None:
        if not isinstance(rows, Mapping):
            raise JobError("a dict of prices is wanted", field="price_lookup", value=rows, remedy=_LOOKUP)
        self._prices = {
            _checked_pair(pair): (_per_million(row, "input"), _per_million(row, "output"))
            for pair, row in cast(Mapping[Any, Any], rows).items()
        }

    def of(self, service: str, model: str) -> tuple[float, float]:
        """The price of a model; of one that is not listed the dearest of its service, as in EDSL."""
        found = self._prices.get((service, model))
        if found is not None:
            return found
        others = [one for (name, _), one in self._prices.items() if name == service]
        if others:
            return max(tokens_in for tokens_in, _ in others), max(tokens_out for _, tokens_out in others)
        warn(f"There is no price of service {service!r}: $1 for a million tokens is assumed, as EDSL does.")
        return _GUESS


def _checked_pair(pair: object) -> tuple[str, str]:
    two = cast(tuple[Any, ...], pair) if isinstance(pair, tuple) else ()
    if len(two) != 2 or not all(isinstance(name, str) for name in two):
        raise JobError(
            "prices are listed by service and model", field="price_lookup", value=pair, remedy=_LOOKUP
        )
    return two[0], two[1]


def _per_million(row: Any, kind: str) -> float:
    """The price of a million tokens, from a row that says what some number of them costs."""
    try:
        stated = float(row[kind]["service_stated_token_price"])
        quantity = float(row[kind]["service_stated_token_qty"])
    except (KeyError, TypeError, ValueError, IndexError):
        stated, quantity = -1.0, 0.0
    if not (quantity > 0 and 0 <= stated < math.inf):
        raise JobError(
            f"this is no row of prices with {kind!r}", field="price_lookup", value=row, remedy=_LOOKUP
        )
    if quantity == 1_000_000:
        return stated
    return stated * 1_000 if quantity == 1_000 else round(stated / quantity * 1_000_000, 10)


def in_edsls_form(
    models: Sequence[Model],
    tokens: Sequence[tuple[int, int]],
    price_of: Callable[[Model], PerMillion],
) -> dict[str, Any]:
    """What tokens cost, as EDSL gives it; None where a price is not known.

    Parameters:
        models: the models.
        tokens: of each, the tokens in and out.
        price_of: the price of a model.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    prices: dict[tuple[str, str], PerMillion] = {}
    for model, used in zip(models, tokens, strict=True):
        name = (model.service_name, model.model)
        if name not in prices:
            prices[name] = price_of(model)
        before = groups.setdefault(name, [0, 0])
        groups[name] = [before[0] + used[0], before[1] + used[1]]
    rows = [
        _row(*name, kind, None if (found := prices[name]) is None else found[i], used[i])
        for name, used in groups.items()
        for i, kind in enumerate(("input", "output"))
    ]
    return {
        "estimated_total_cost_usd": _total(rows, "cost_usd"),
        "total_credits_hold": None if (held := _total(rows, "credits_hold")) is None else round(held, 2),
        "estimated_total_input_tokens": sum(used[0] for used in groups.values()),
        "estimated_total_output_tokens": sum(used[1] for used in groups.values()),
        "detailed_costs": rows,
    }


def _row(service: str, model: str, kind: str, per_million: float | None, tokens: int) -> dict[str, Any]:
    cost = None if per_million is None else tokens * (per_million / 1_000_000)
    return {
        "inference_service": service,
        "model": model,
        "token_type": kind,
        "price_per_million_tokens": per_million,
        "tokens": tokens,
        "cost_usd": cost,
        # A hundred credits are a dollar; they are held in hundredths, each group rounded up.
        "credits_hold": None if cost is None else math.ceil(cost * 100 * 100) / 100,
    }


def _total(rows: Sequence[Mapping[str, Any]], field: str) -> float | None:
    amounts = [row[field] for row in rows]
    return None if None in amounts else sum(amounts)


def of_prompt(
    system_prompt: str, user_prompt: str, price_lookup: object, inference_service: str, model: str
) -> dict[str, Any]:
    """What one call costs, as EDSL gives it.

    Raises:
        JobError: a parameter is not as it has to be.
    """
    texts = {
        "system_prompt": system_prompt, "user_prompt": user_prompt,
        "inference_service": inference_service, "model": model,
    }  # fmt: skip
    for field, text in texts.items():
        if not isinstance(text, str):
            raise JobError("a text is wanted", field=field, value=text, remedy="Put it in quotes.")
    per_million = PriceLookup(price_lookup).of(inference_service, model)
    tokens = estimated_tokens(user_prompt, system_prompt)
    costs = [used * (each / 1_000_000) for used, each in zip(tokens, per_million, strict=True)]
    return {
        "input_price_per_million_tokens": per_million[0],
        "output_price_per_million_tokens": per_million[1],
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "input_cost_usd": costs[0],
        "output_cost_usd": costs[1],
        "cost_usd": sum(costs),
    }
