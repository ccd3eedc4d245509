"""From replies to answers: one module per kind of answer."""

from __future__ import annotations

from edsl_nb.questions.reading.allocation import Allocation, Distribution
from edsl_nb.questions.reading.base import AnswerSpace, How, Reading
from edsl_nb.questions.reading.choice import Choice
from edsl_nb.questions.reading.grid import Grid
from edsl_nb.questions.reading.items import Items
from edsl_nb.questions.reading.number import Number
from edsl_nb.questions.reading.record import Record
from edsl_nb.questions.reading.search import Search
from edsl_nb.questions.reading.selection import Selection
from edsl_nb.questions.reading.text import Text
from edsl_nb.questions.reading.validated import Validated

__all__ = [
    "Allocation",
    "AnswerSpace",
    "Choice",
    "Distribution",
    "Grid",
    "How",
    "Items",
    "Number",
    "Reading",
    "Record",
    "Search",
    "Selection",
    "Text",
    "Validated",
]
