"""Layer 1: questions, one module per family. Importing the package registers every type."""

from __future__ import annotations

from edsl_nb.questions.base import Presented, Question
from edsl_nb.questions.free_text import QuestionFreeText
from edsl_nb.questions.multiple_choice import QuestionMultipleChoice
from edsl_nb.questions.reading import Reading

__all__ = ["Presented", "Question", "QuestionFreeText", "QuestionMultipleChoice", "Reading"]
