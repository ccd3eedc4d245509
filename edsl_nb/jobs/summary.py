"""What a job amounts to before anyone pays for it: counts, distinct calls, cost."""

from __future__ import annotations

from pydantic import BaseModel


class JobSummary(BaseModel):
    """Counts of a job. Those that need every prompt stream in while `counted` < `to_count`.

    Attributes:
        interviews: agents x scenarios x models, iterations not counted.
        calls: interviews x questions that call a model.
        distinct_calls: calls that differ in model, prompts or options; None until counted.
        on_disk: how many of the distinct calls have a reply on disk already, which a run takes; None
            until counted, or where the store cannot be read.
        estimated_cost: USD for the calls counted so far; None where a price is unknown.
        depending: questions that are sent with earlier answers, so that only the run can tell how many
            distinct calls they make, and which of these have replies: the counts are at least so high.
        counted: prompts looked at so far, of `to_count`.
        notes: remarks worth reading before a run, in plain sentences.
    """

    questions: int
    agents: int
    scenarios: int
    models: int
    interviews: int
    calls: int
    distinct_calls: int | None
    on_disk: int | None
    estimated_cost: float | None
    counted: int
    to_count: int
    model_names: list[str]
    notes: list[str]
    depending: list[str] = []
