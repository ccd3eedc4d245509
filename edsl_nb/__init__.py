"""Research with language models in notebooks: surveys, agents, scenarios, models, and the jobs they make.

Public names load when first used, so that ``import edsl_nb`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from edsl_nb.core.version import __version__

#: public name -> module that defines it.
_PUBLIC: dict[str, str] = {
    "Agent": "edsl_nb.agents",
    "AgentList": "edsl_nb.agents",
    "AsyncCoop": "edsl_nb.coop",
    "Cache": "edsl_nb.models.cache",
    "CacheEntry": "edsl_nb.models.cache",
    "Coop": "edsl_nb.coop",
    "Dataset": "edsl_nb.results",
    "EdslNbError": "edsl_nb.core.errors",
    "EndOfSurvey": "edsl_nb.surveys",
    "FileStore": "edsl_nb.files",
    "Instruction": "edsl_nb.surveys",
    "JobList": "edsl_nb.coop",
    "Jobs": "edsl_nb.jobs.jobs",
    "Model": "edsl_nb.models.model",
    "ModelList": "edsl_nb.models.model",
    "Notebook": "edsl_nb.notebooks",
    "Question": "edsl_nb.questions",
    "QuestionBudget": "edsl_nb.questions",
    "QuestionCheckBox": "edsl_nb.questions",
    "QuestionCheckBoxWithOther": "edsl_nb.questions",
    "QuestionCompute": "edsl_nb.questions",
    "QuestionDemand": "edsl_nb.questions",
    "QuestionDiagram": "edsl_nb.questions",
    "QuestionDict": "edsl_nb.questions",
    "QuestionDistribution": "edsl_nb.questions",
    "QuestionDropdown": "edsl_nb.questions",
    "QuestionEDSLObject": "edsl_nb.questions",
    "QuestionExtract": "edsl_nb.questions",
    "QuestionFileUpload": "edsl_nb.questions",
    "QuestionFreeText": "edsl_nb.questions",
    "QuestionFunctional": "edsl_nb.questions",
    "QuestionImageGeneration": "edsl_nb.questions",
    "QuestionInterview": "edsl_nb.questions",
    "QuestionLikertFive": "edsl_nb.questions",
    "QuestionLinearScale": "edsl_nb.questions",
    "QuestionList": "edsl_nb.questions",
    "QuestionMarkdown": "edsl_nb.questions",
    "QuestionMatrix": "edsl_nb.questions",
    "QuestionMultipleChoice": "edsl_nb.questions",
    "QuestionMultipleChoiceWithOther": "edsl_nb.questions",
    "QuestionNumerical": "edsl_nb.questions",
    "QuestionPydantic": "edsl_nb.questions",
    "QuestionRandom": "edsl_nb.questions",
    "QuestionRank": "edsl_nb.questions",
    "QuestionThinking": "edsl_nb.questions",
    "QuestionTopK": "edsl_nb.questions",
    "QuestionURL": "edsl_nb.questions",
    "QuestionYesNo": "edsl_nb.questions",
    "Results": "edsl_nb.results",
    "Run": "edsl_nb.runner.run",
    "Scenario": "edsl_nb.scenarios",
    "ScenarioList": "edsl_nb.scenarios",
    "Survey": "edsl_nb.surveys",
    "SurveyMessage": "edsl_nb.questions",
    "freeze_all": "edsl_nb.notebook.display",
    "login": "edsl_nb.coop",
    "settings": "edsl_nb.core.settings",
}

if TYPE_CHECKING:
    from edsl_nb.agents import Agent, AgentList
    from edsl_nb.coop import AsyncCoop, Coop, JobList, login
    from edsl_nb.core.errors import EdslNbError
    from edsl_nb.core.settings import settings
    from edsl_nb.files import FileStore
    from edsl_nb.jobs.jobs import Jobs
    from edsl_nb.models.cache import Cache, CacheEntry
    from edsl_nb.models.model import Model, ModelList
    from edsl_nb.notebook.display import freeze_all
    from edsl_nb.notebooks import Notebook
    from edsl_nb.questions import (
        Question,
        QuestionBudget,
        QuestionCheckBox,
        QuestionCheckBoxWithOther,
        QuestionCompute,
        QuestionDemand,
        QuestionDiagram,
        QuestionDict,
        QuestionDistribution,
        QuestionDropdown,
        QuestionEDSLObject,
        QuestionExtract,
        QuestionFileUpload,
        QuestionFreeText,
        QuestionFunctional,
        QuestionImageGeneration,
        QuestionInterview,
        QuestionLikertFive,
        QuestionLinearScale,
        QuestionList,
        QuestionMarkdown,
        QuestionMatrix,
        QuestionMultipleChoice,
        QuestionMultipleChoiceWithOther,
        QuestionNumerical,
        QuestionPydantic,
        QuestionRandom,
        QuestionRank,
        QuestionThinking,
        QuestionTopK,
        QuestionURL,
        QuestionYesNo,
        SurveyMessage,
    )
    from edsl_nb.results import Dataset, Results
    from edsl_nb.runner.run import Run
    from edsl_nb.scenarios import Scenario, ScenarioList
    from edsl_nb.surveys import EndOfSurvey, Instruction, Survey

__all__ = [
    "Agent",
    "AgentList",
    "AsyncCoop",
    "Cache",
    "CacheEntry",
    "Coop",
    "Dataset",
    "EdslNbError",
    "EndOfSurvey",
    "FileStore",
    "Instruction",
    "JobList",
    "Jobs",
    "Model",
    "ModelList",
    "Notebook",
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
    "Results",
    "Run",
    "Scenario",
    "ScenarioList",
    "Survey",
    "SurveyMessage",
    "__version__",
    "freeze_all",
    "login",
    "settings",
]


def __getattr__(name: str) -> Any:
    module = _PUBLIC.get(name)
    if module is None:
        raise AttributeError(f"module 'edsl_nb' has no attribute {name!r}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
