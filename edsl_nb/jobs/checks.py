"""Everything that can be known to fail is refused before a job starts, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from edsl_nb.core.errors import JobError, MissingKeyError, TemplateError, nearest
from edsl_nb.core.templates import Reference
from edsl_nb.jobs.prompting import Prompter
from edsl_nb.models import Model
from edsl_nb.questions import Question
from edsl_nb.results import Axes


def check_placeholders(axes: Axes) -> None:
    """Raise for a placeholder that has no value for some agent or scenario.

    Raises:
        TemplateError: names question, placeholder, and the agent or scenario.
        JobError: a scenario field has a question's name.
    """
    scenario_sets = axes.scenarios.rows.field_sets(lambda scenario: frozenset(scenario.data))
    agent_sets = axes.agents.rows.field_sets(lambda agent: frozenset((*agent.traits, "name")))
    names = set(axes.survey.question_names)
    for fields, index in scenario_sets.items():
        clash = sorted(fields & names)
        if clash:
            raise JobError(
                f"scenario {index} has a field with the name of a question",
                field="scenario",
                value=clash[0],
                remedy="Rename the field or the question.",
            )
    for question in axes.survey.questions:
        for reference in sorted(question.references, key=str):
            if reference.root in names:
                _check_answer(question, reference)
            elif reference.root == "agent":
                _check_fields(question, reference, reference.field, "agent", agent_sets)
            elif reference.root == "scenario":
                _check_fields(question, reference, reference.field, "scenario", scenario_sets)
            else:
                _check_bare(question, reference, scenario_sets, agent_sets, names)
    _try(axes, scenario_sets.values())


def _try(axes: Axes, scenarios: Iterable[int]) -> None:
    """Render one prompt of each kind, so that a template that never works is refused before the run.

    Questions that use answers are left out, because a text that stands for an answer proves nothing.
    """
    prompter = Prompter(axes)
    kinds = axes.agents.rows.field_sets(
        lambda a: frozenset((*a.traits, a.traits_presentation_template or ""))
    )
    agents = kinds.values()
    for agent in agents:
        prompter.system(agent)
    needs = axes.survey.flow.needs
    for position in (p for p in range(len(axes.survey)) if not needs[p]):
        for agent in agents:
            prompter.present(position, agent, 0, {})
        for scenario in scenarios:
            prompter.present(position, 0, scenario, {})


def _check_answer(question: Question, reference: Reference) -> None:
    known = ("answer", "comment", "question_text")
    if reference.field is not None and reference.field not in known:
        raise TemplateError(
            f"question {question.question_name!r}: a question has no {reference.field!r}",
            field=str(reference),
            value=question.question_text,
            remedy=nearest(reference.field, known),
        )


def _check_fields(
    question: Question, reference: Reference, field: str | None, kind: str, sets: dict[frozenset[str], int]
) -> None:
    if field is None:
        return
    for fields, index in sets.items():
        if field not in fields:
            raise TemplateError(
                f"question {question.question_name!r}: {kind} {index} has no {field!r}",
                field=str(reference),
                value=question.question_text,
                remedy=_choices(field, fields, kind),
            )


def _choices(field: str, fields: frozenset[str], kind: str) -> str:
    noun = "trait" if kind == "agent" else "field"
    known = fields - {"name"} if kind == "agent" else fields
    if not known:
        return f"Add {kind}s that have it: .by({kind.title()}(...))."
    return f"{nearest(field, known)} Or give every {kind} this {noun}."


def _check_bare(
    question: Question,
    reference: Reference,
    scenario_sets: dict[frozenset[str], int],
    agent_sets: dict[frozenset[str], int],
    questions: set[str],
) -> None:
    """A bare name has to be a field of every scenario."""
    for fields, index in scenario_sets.items():
        if reference.root not in fields:
            if any(reference.root in traits for traits in agent_sets):
                hint = f"Write {{{{ agent.{reference.root} }}}} for the agents' trait."
            else:
                hint = nearest(reference.root, {*fields, *questions, "agent", "scenario"})
            raise TemplateError(
                f"question {question.question_name!r}: "
                f"nothing is called {reference.root!r} in scenario {index}",
                field=str(reference),
                value=question.question_text,
                remedy=f"{hint} Placeholders are {{{{ scenario.field }}}}, {{{{ agent.trait }}}} "
                "and {{ question.answer }}.",
            )


def check_models(models: list[Model]) -> None:
    """Raise for a model that cannot answer here.

    Raises:
        MissingKeyError: no key; names every way on that works at this moment.
        ModelError: an extra or a file is missing.
    """
    for model in models:  # equal ones too, because their keys may differ
        try:
            model.service.check(model)
        except MissingKeyError as missing:
            raise MissingKeyError(
                missing.problem, field=missing.field, remedy=f"{missing.remedy} {ways_on()}"
            ) from None


def ways_on() -> str:
    """What works without a key, as lines to paste; the local model with every install line it still needs."""
    from edsl_nb.models import files
    from edsl_nb.models.services import local

    file = files.known(files.DEFAULT)
    steps = [] if find_spec("xllamacpp") else [local.INSTALL]
    steps += [] if files.state(file) == "here" else [file.command]
    real = ", then ".join([*steps, repr(Model(file.name, service_name="local"))])
    return f'Without a key: Model("test") for scripted replies, or for a small real model: {real}.'
