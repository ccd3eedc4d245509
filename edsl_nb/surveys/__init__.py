"""Layer 1: surveys and the order of asking."""

from __future__ import annotations

from edsl_nb.surveys.content import EndOfSurvey, Rule
from edsl_nb.surveys.flow import Flow
from edsl_nb.surveys.instructions import Instruction
from edsl_nb.surveys.survey import Survey

__all__ = ["EndOfSurvey", "Flow", "Instruction", "Rule", "Survey"]
