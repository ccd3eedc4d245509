"""Objects as the documents that Coop keeps, and back. What comes from there is not trusted, and not run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from edsl_nb.coop.attachments import is_file
from edsl_nb.core.errors import CoopError, EdslNbError, warn
from edsl_nb.core.objects import canonical, tagged

#: The field of a scenario in which a job is kept, because Coop keeps no jobs that are not run.
_JOB_FIELD = "edsl_job"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object that Coop keeps.

    Parameters:
        object_type: Coop's name of it.
        module, name: the class that reads it.
        tags: what its JSON is tagged with.
    """

    object_type: str
    module: str
    name: str
    tags: tuple[str, ...]

    @property
    def cls(self) -> type[Any]:
        """The class, loaded when first used."""
        return getattr(import_module(self.module), self.name)


#: In the order in which an object is compared with them.
KINDS = (
    Kind("agent", "edsl_nb.agents", "Agent", ("Agent",)),
    Kind("agent_list", "edsl_nb.agents", "AgentList", ("AgentList",)),
    Kind("cache", "edsl_nb.models.cache", "Cache", ("Cache",)),
    Kind("model_list", "edsl_nb.models", "ModelList", ("ModelList",)),
    Kind("model", "edsl_nb.models", "Model", ("LanguageModel",)),
    Kind("notebook", "edsl_nb.notebooks", "Notebook", ("Notebook",)),
    Kind("question", "edsl_nb.questions", "Question", ("QuestionBase", "QuestionFunctional")),
    Kind("results", "edsl_nb.results", "Results", ("Results",)),
    Kind("scenario", "edsl_nb.files", "FileStore", ("FileStore",)),
    Kind("scenario", "edsl_nb.scenarios", "Scenario", ("Scenario",)),
    Kind("scenario_list", "edsl_nb.scenarios", "ScenarioList", ("ScenarioList",)),
    Kind("survey", "edsl_nb.surveys", "Survey", ("Survey",)),
    Kind("scenario", "edsl_nb.jobs.jobs", "Jobs", ("Jobs",)),
)

#: Coop's names of kinds, of those that edsl_nb reads and of others.
OBJECT_TYPES = tuple(
    dict.fromkeys([*(kind.object_type for kind in KINDS), "prompt", "macro", "composite_macro"])
)


def checked_object(obj: Any) -> Kind:
    """The kind of an object.

    Raises:
        CoopError: Coop keeps no such objects.
    """
    kind = next((kind for kind in KINDS if isinstance(obj, kind.cls)), None)
    if kind is None:
        raise _not_kept(type(obj).__name__, "push", value=obj)
    return kind


def types_of(cls: type[Any]) -> tuple[str, ...]:
    """Coop's names of the kinds that a class reads.

    Raises:
        CoopError: Coop keeps no such objects.
    """
    found = tuple(dict.fromkeys(kind.object_type for kind in KINDS if issubclass(cls, kind.cls)))
    if not found:
        raise _not_kept(cls.__name__, "list")
    return found


def _not_kept(name: str, field: str, **value: Any) -> CoopError:
    keeps = ", ".join(dict.fromkeys(kind.name for kind in KINDS))
    return CoopError(
        f"Coop keeps no objects of type {name}", field=field, remedy=f"It keeps: {keeps}.", **value
    )


@dataclass(frozen=True, slots=True)
class Document:
    """An object as Coop keeps it.

    Parameters:
        object_type: Coop's name of its kind.
        content: its JSON.
        object_hash: digits that are equal for equal objects.
    """

    object_type: str
    content: dict[str, Any]
    object_hash: str


def document(obj: Any) -> Document:
    """The document that an object makes.

    Raises:
        CoopError: Coop keeps no such objects.
    """
    kind = checked_object(obj)
    content = cast(dict[str, Any], obj.to_dict())
    if kind.name == "Jobs":
        content = tagged({_JOB_FIELD: content}, "Scenario")
    digest = hashlib.sha256(canonical(content).encode(errors="surrogatepass")).digest()
    return Document(kind.object_type, content, str(int.from_bytes(digest[:8]) >> 1))


def warn_of_functions(obj: Any) -> None:
    """Warn of functions that an object holds, which are not sent."""
    functions = sorted(set(obj.functions())) if hasattr(obj, "functions") else []
    if functions:
        warn(f"functions are not sent: {', '.join(functions)}; give them again after pulling.")


def restored(content: Any, object_type: str | None, expected: type[Any] | None, what: str) -> Any:
    """The object of a document.

    Functional questions in it stay without their functions, and templates are
    rendered by the same sandbox as all others.

    Parameters:
        content: its JSON.
        object_type: Coop's name of its kind, where it says one.
        expected: the class that it has to be of, or None for any.
        what: what it was asked for by, for messages.

    Raises:
        CoopError: it is of another class, of one that is not known here, or damaged.
    """
    if not isinstance(content, dict):
        raise _damaged(what, "it is no JSON object")
    content = cast(dict[str, Any], content)
    if isinstance(content.get(_JOB_FIELD), dict) and content.get("edsl_class_name") == "Scenario":
        content = content[_JOB_FIELD]
    cls = _class_of(content, object_type, expected, what)
    try:
        made = cls.from_dict(content)
    except EdslNbError as wrong:
        raise wrong.at(what) from None
    except (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError) as wrong:
        raise _damaged(what, f"{type(wrong).__name__}: {wrong}") from wrong
    if expected is not None and not isinstance(made, expected):
        raise _another(type(made).__name__, expected, what)
    return made


def _class_of(
    content: dict[str, Any], object_type: str | None, expected: type[Any] | None, what: str
) -> type[Any]:
    """The class that reads a document: its tag says which, else Coop, else whoever asks."""
    tag = "FileStore" if is_file(content) else content.get("edsl_class_name")
    kind = next((kind for kind in KINDS if tag in kind.tags), None)
    if kind is None and isinstance(tag, str) and tag.endswith("LanguageModel"):
        kind = next(kind for kind in KINDS if kind.name == "Model")
    if kind is None and tag is None:
        kind = next((kind for kind in reversed(KINDS) if kind.object_type == object_type), None)
        if kind is not None and kind.name == "Jobs":
            kind = next(one for one in KINDS if one.name == "Scenario")
    if kind is None and tag is None and expected is not None:
        return expected
    if kind is None:
        raise CoopError(
            f"{what} is a {tag or object_type}, of which nothing is known here",
            field="pull",
            remedy="Read it with EDSL.",
        )
    found = kind.cls
    if expected is not None and not issubclass(found, expected) and not issubclass(expected, found):
        raise _another(kind.name, expected, what)
    return found


def _another(found: str, expected: type[Any], what: str) -> CoopError:
    return CoopError(
        f"{what} is of the class {found}, not {expected.__name__}",
        field="pull",
        remedy=f"Use {found}.pull(...), or Coop().pull(...) for any.",
    )


def _damaged(what: str, why: str) -> CoopError:
    return CoopError(
        f"the document of {what} is damaged: {why}", field="pull", remedy="Push the object again where it is."
    )
