"""A job before it is run: what it is run with, what it would send, and what that may cost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Self

from edsl_nb.core import late
from edsl_nb.core.hosted import Humanized
from edsl_nb.jobs import estimate
from edsl_nb.jobs.combined import Combined
from edsl_nb.jobs.cost import Counter
from edsl_nb.jobs.estimate import PerMillion, PriceLookup
from edsl_nb.jobs.prompts import PromptTable, check_iterations
from edsl_nb.jobs.request import RunRequest
from edsl_nb.jobs.summary import JobSummary
from edsl_nb.models import Model
from edsl_nb.models.cache import Cache
from edsl_nb.runner.lookup import Known
from edsl_nb.runner.store import store
from edsl_nb.surveys.diagram import Diagram


class Prepared(Humanized, Combined):
    """What `Jobs` offers before a run."""

    def show_flow(self) -> Diagram:
        """The survey's questions, rules and groups. See `Survey.show_flow`."""
        return self.survey.show_flow()

    # What it is run with

    def using(self, *objects: Any) -> Self:
        """Run the job with a cache, with API keys, with limits.

        Parameters:
            objects: a `Cache`; a dict of keys by service (``{"openai": "sk-..."}``); a dict of
                limits per minute by service or by a model's name
                (``{"gpt-4o": {"rpm": 500, "tpm": 200_000}}``).

        Returns:
            The job itself.

        Raises:
            JobError: it is something else.
            ModelError: there is no such service, or a key or a limit cannot be one.
        """
        for given in objects:
            self._environment.take(given)
        return self

    def using_cache(self, cache: bool | Cache) -> Self:
        """Take replies from a cache; `run(cache=...)` comes first, and says what the values mean.

        Raises:
            JobError: it is neither a `Cache` nor True nor False.
        """
        self._environment.take_cache(cache)
        return self

    def using_key_lookup(self, key_lookup: dict[str, str]) -> Self:
        """Use API keys for models that have none of their own.

        Keys are kept in memory only: they are not stored, saved, pickled or shown. One
        for a service goes to the service's own address, not to a `base_url`.

        Parameters:
            key_lookup: the keys, by service.

        Raises:
            JobError: it is no dict of texts.
            ModelError: there is no such service, or a text cannot be a key.
        """
        self._environment.take_keys(key_lookup)
        return self

    def using_bucket_collection(self, bucket_collection: dict[str, dict[str, float]]) -> Self:
        """Keep to limits with models that have none of their own.

        Parameters:
            bucket_collection: requests and tokens per minute, by service or by a
                model's name, which comes first: ``{"openai": {"rpm": 500, "tpm": 200_000}}``.

        Raises:
            JobError: it is not in that form.
            ModelError: a limit is no number above 0.
        """
        self._environment.take_limits(bucket_collection)
        return self

    # What it would send

    def prompts(self, iterations: int = 1) -> PromptTable:
        """Every prompt that the job would send, with estimated cost and cache keys.

        Nothing is rendered until it is looked at, so this is quick for any size.

        Parameters:
            iterations: draws per interview; each has its own cache key.

        Returns:
            A table: shows as a widget, `to_pandas()` gives the frame.

        Raises:
            TemplateError: a placeholder has no value.
        """
        axes = self._checked_axes()
        return PromptTable(axes, self._design(axes), iterations)

    def show_prompts(self, all: bool = False) -> None:
        """Show the prompts: user and system prompt first, the rest a click away.

        Parameters:
            all: show all columns at first.
        """
        axes = self._checked_axes()
        primary = None if all else ("user_prompt", "system_prompt")
        late.call("show", PromptTable(axes, self._design(axes), primary=primary))

    # What that may cost

    def summary(self) -> JobSummary:
        """How many questions, agents, scenarios, models and interviews there are, at once."""
        axes = self._axes()
        return Counter(axes, self._design(axes)).summary()

    def count(
        self, report: Callable[[JobSummary], None] = lambda _: None, stop: threading.Event | None = None
    ) -> JobSummary:
        """The summary with distinct calls and estimated cost, for which every prompt is rendered.

        Parameters:
            report: called about ten times a second with the counts so far.
            stop: set it to end early.

        Raises:
            TemplateError: a placeholder has no value.
        """
        axes = self._checked_axes()
        # Looking into a store on a network would keep other machines out.
        known = self._known() if store().place is None else None
        return Counter(axes, self._design(axes), known).count(report, stop or threading.Event())

    def estimate_job_cost(self, iterations: int = 1) -> dict[str, Any]:
        """What a run may cost at most, and what is still to be paid of it. Renders every prompt.

        Parameters:
            iterations: draws per interview.

        Returns:
            EDSL's estimate (`estimated_total_cost_usd`, `total_credits_hold`,
            `estimated_total_input_tokens`, `estimated_total_output_tokens`,
            `detailed_costs`), in which every interview pays for all of its
            questions. And: `interviews`, draws not counted; `calls`, those of
            all draws; `distinct_calls`, because equal ones are asked once;
            `calls_on_disk`, whose replies the run takes; `calls_to_ask`, the
            others; `cost_to_ask`, USD for these. A question that is asked with earlier
            answers in its prompt counts as to be asked: its call is not known
            yet. Costs are None where a price is not known.

        Raises:
            JobError: `iterations` is no whole number above 0.
            TemplateError: a placeholder has no value.
            StoreError: the store cannot be read.

        Example:
            >>> from edsl_nb import Model, QuestionFreeText
            >>> QuestionFreeText("q", "Why?").by(Model("test")).estimate_job_cost()["calls"]
            1
        """
        return self._estimate(iterations, estimate.our_price)

    def estimate_job_cost_from_external_prices(
        self, price_lookup: dict[tuple[str, str], Any], iterations: int = 1
    ) -> dict[str, Any]:
        """The same with somebody else's prices.

        Parameters:
            price_lookup: EDSL's rows of prices, by service and model. Of a model that is
                not there the dearest of its service is taken, of a service $1 for a million tokens.
            iterations: draws per interview.

        Raises:
            JobError: `price_lookup` or `iterations` is not as it has to be.
            TemplateError, StoreError: as for `estimate_job_cost`.
        """
        prices = PriceLookup(price_lookup)
        return self._estimate(iterations, lambda model: prices.of(model.service_name, model.model))

    @staticmethod
    def estimate_prompt_cost(
        system_prompt: str,
        user_prompt: str,
        price_lookup: dict[tuple[str, str], Any],
        inference_service: str,
        model: str,
    ) -> dict[str, Any]:
        """What one call may cost, by EDSL's formula.

        Parameters:
            system_prompt, user_prompt: what is sent.
            price_lookup: as for `estimate_job_cost_from_external_prices`.
            inference_service, model: who is asked.

        Raises:
            JobError: a parameter is not as it has to be.
        """
        return estimate.of_prompt(system_prompt, user_prompt, price_lookup, inference_service, model)

    def _known(self) -> Known:
        return Known(store(), RunRequest().options(self._environment.cache))

    def _estimate(self, iterations: int, price_of: Callable[[Model], PerMillion]) -> dict[str, Any]:
        check_iterations(iterations)
        axes = self._checked_axes()
        counter = Counter(axes, self._design(axes), self._known(), iterations)
        summary = counter.count(lambda _: None, threading.Event())
        outstanding = counter.outstanding
        if outstanding is None:
            assert counter.failure is not None
            raise counter.failure
        models, distinct = list(axes.models), summary.distinct_calls or 0
        found = estimate.in_edsls_form(models, counter.tokens(), price_of)
        to_ask = estimate.in_edsls_form(models, outstanding.tokens, price_of)
        return {
            **found,
            "interviews": summary.interviews,
            "calls": summary.calls * iterations,
            "distinct_calls": distinct,
            "calls_on_disk": outstanding.on_disk,
            "calls_to_ask": distinct - outstanding.on_disk,
            "cost_to_ask": to_ask["estimated_total_cost_usd"],
        }
