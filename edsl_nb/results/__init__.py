"""Layer 3: results. Knows surveys and records, nothing of how they were run."""

from __future__ import annotations

from edsl_nb.results.axes import Axes
from edsl_nb.results.dataset import Dataset
from edsl_nb.results.result import Result
from edsl_nb.results.results import Results

__all__ = ["Axes", "Dataset", "Result", "Results"]
