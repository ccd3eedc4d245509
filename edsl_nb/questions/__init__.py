"""Layer 1: questions, one module per family. Importing the package registers every type."""

from __future__ import annotations

from edsl_nb.questions.base import Question
from edsl_nb.questions.budget import QuestionBudget
from edsl_nb.questions.checkbox import QuestionCheckBox, QuestionCheckBoxWithOther
from edsl_nb.questions.compute import QuestionCompute
from edsl_nb.questions.distribution import QuestionDistribution
from edsl_nb.questions.dropdown import QuestionDropdown
from edsl_nb.questions.free_text import QuestionFreeText
from edsl_nb.questions.functional import QuestionFunctional
from edsl_nb.questions.interview import QuestionInterview
from edsl_nb.questions.linear_scale import QuestionLinearScale
from edsl_nb.questions.list_of import QuestionList
from edsl_nb.questions.markdown import QuestionMarkdown
from edsl_nb.questions.matrix import QuestionMatrix
from edsl_nb.questions.multiple_choice import (
    QuestionLikertFive,
    QuestionMultipleChoice,
    QuestionMultipleChoiceWithOther,
    QuestionYesNo,
)
from edsl_nb.questions.numerical import QuestionNumerical
from edsl_nb.questions.presented import Presented
from edsl_nb.questions.pydantic_model import QuestionPydantic
from edsl_nb.questions.random_number import QuestionRandom
from edsl_nb.questions.ranking import QuestionRank, QuestionTopK
from edsl_nb.questions.reading import Reading
from edsl_nb.questions.record import QuestionDict, QuestionExtract
from edsl_nb.questions.unsupported import (
    QuestionDemand,
    QuestionDiagram,
    QuestionEDSLObject,
    QuestionFileUpload,
    QuestionImageGeneration,
    QuestionThinking,
    SurveyMessage,
    UnknownQuestion,
    UnsupportedQuestion,
)
from edsl_nb.questions.url import QuestionURL

__all__ = [
    "Presented",
    "Question",
    "QuestionBudget",
    "QuestionCheckBox",
    "QuestionCheckBoxWithOther",
    "QuestionCompute",
    "QuestionDemand",
    "QuestionDiagram",
    "QuestionDict",
    "QuestionDistribution",
    "QuestionDropdown",
    "QuestionEDSLObject",
    "QuestionExtract",
    "QuestionFileUpload",
    "QuestionFreeText",
    "QuestionFunctional",
    "QuestionImageGeneration",
    "QuestionInterview",
    "QuestionLikertFive",
    "QuestionLinearScale",
    "QuestionList",
    "QuestionMarkdown",
    "QuestionMatrix",
    "QuestionMultipleChoice",
    "QuestionMultipleChoiceWithOther",
    "QuestionNumerical",
    "QuestionPydantic",
    "QuestionRandom",
    "QuestionRank",
    "QuestionThinking",
    "QuestionTopK",
    "QuestionURL",
    "QuestionYesNo",
    "Reading",
    "SurveyMessage",
    "UnknownQuestion",
    "UnsupportedQuestion",
]
