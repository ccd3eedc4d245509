"""Everything that can be known to fail is refused before a job starts, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import NamedTuple

from edsl_nb.agents import Agent, AgentList
from edsl_nb.core import late
from edsl_nb.core.errors import JobError, MissingKeyError, TemplateError, nearest, warn
from edsl_nb.core.templates import Reference, template
from edsl_nb.jobs.prompting import Prompter, Respondent
from edsl_nb.models import Model
from edsl_nb.models.prices import price
from edsl_nb.results import Axes
from edsl_nb.surveys import Survey


def check_placeholders(axes: Axes) -> None:
    """Raise for a placeholder that has no value for some agent or scenario.

    Raises:
        TemplateError: names question, placeholder, and the agent or scenario.
        JobError: a scenario's field or an agent's trait has a question's name.
    """
    scenario_sets = axes.scenarios.rows.field_sets(lambda scenario: frozenset(scenario.data))
    agent_sets = axes.agents.rows.field_sets(lambda agent: frozenset((*agent.traits, "name")))
    names = set(axes.survey.question_names)
    _check_clashes(scenario_sets, names, "scenario", "field")
    _check_clashes(agent_sets, names, "agent", "trait")
    dynamic = any(agent.has_dynamic_traits for agent in _first(axes.agents))
    for where, reference in _references(axes):
        if reference.root in names:
            _check_answer(where, reference)
            _warn_of_whole_questions(where, reference)
        elif reference.root == "agent":
            if not dynamic:
                _check_fields(where, reference, reference.field, "agent", agent_sets)
        elif reference.root == "scenario":
            _check_fields(where, reference, reference.field, "scenario", scenario_sets)
        else:
            _check_bare(where, reference, scenario_sets, agent_sets, names)
    _try(axes, scenario_sets.values())


class Place(NamedTuple):
    """Where a placeholder stands: in words, and the text itself."""

    what: str
    text: str


def _references(axes: Axes) -> Iterator[tuple[Place, Reference]]:
    """Every placeholder of the survey: in its questions, its instructions and its rules."""
    flow = axes.survey.flow
    for position, question in enumerate(axes.survey.questions):
        name = f"question {question.question_name!r}"
        instructions = flow.instructions[position]
        found = {*question.references, *flow.rule_references[position], *template(instructions).references}
        texts = [text for _, text in question.texts]
        for reference in sorted(found, key=str):
            holding = (text for text in texts if reference in template(text).references)
            yield Place(name, next(holding, question.question_text)), reference


def _first(agents: AgentList) -> Iterator[Agent]:
    """One agent of each kind there is."""
    kinds = agents.rows.field_sets(lambda agent: frozenset((*agent.traits, str(agent.has_dynamic_traits))))
    return (agents[index] for index in kinds.values())


def _check_clashes(sets: dict[frozenset[str], int], names: set[str], kind: str, noun: str) -> None:
    for fields, index in sets.items():
        clash = sorted(fields & names)
        if clash:
            raise JobError(
                f"{kind} {index} has a {noun} with the name of a question",
                field=kind,
                value=clash[0],
                remedy=f"Rename the {noun} or the question.",
            )


def check_questions(survey: Survey) -> None:
    """Raise for a question that cannot be asked here.

    Raises:
        JobError: its type is not run here, or its name is still a template.
    """
    for question in survey.questions:
        if question.refusal is not None:
            raise JobError(
                f"question {question.question_name!r} cannot be run: {question.refusal}",
                field="question_type",
                value=question.question_type,
                remedy="Take it out, as with survey.drop(name).",
            )


def unused_fields(axes: Axes) -> list[str]:
    """The scenarios' fields, where no placeholder uses any of them.

    A scenario of which one field is used may well carry others along, such as
    an id; one of which nothing is used is most likely a mistake.
    """
    fields = set[str]().union(*axes.scenarios.rows.field_sets(lambda scenario: frozenset(scenario.data)))
    code = any(question.computed for question in axes.survey.questions) or any(
        bool(list(agent.functions())) for agent in _first(axes.agents)
    )
    used = any(r.root == "scenario" or r.root in fields for _, r in _references(axes))
    return [] if used or code else sorted(fields)


def _try(axes: Axes, scenarios: Iterable[int]) -> None:
    """Render one prompt of each kind, so that a template that never works is refused before the run.

    Questions that use answers are left out, because a text that stands for an answer proves nothing.
    """
    prompter = Prompter(axes)
    kinds = axes.agents.rows.field_sets(
        lambda a: frozenset((*a.traits, a.traits_presentation_template or ""))
    )
    # A user's function is run when its agent is asked, and not before.
    agents = [agent for agent in kinds.values() if not axes.agents[agent].has_dynamic_traits]
    flow, questions = axes.survey.flow, axes.survey.questions
    for agent in agents:
        prompter.system(0, agent)
    for position in (p for p in range(len(questions)) if not flow.needs[p] and not questions[p].computed):
        for agent in agents:
            prompter.present(position, Respondent(agent, 0), {})
        for scenario in scenarios if agents else ():
            prompter.present(position, Respondent(agents[0], scenario), {})


def _check_answer(where: Place, reference: Reference) -> None:
    known = ("answer", "comment", "question_text", "question_options")
    if reference.field is not None and reference.field not in known:
        raise TemplateError(
            f"{where.what}: a question has no {reference.field!r}",
            field=str(reference),
            value=where.text,
            remedy=nearest(reference.field, known),
        )


def _warn_of_whole_questions(where: Place, reference: Reference) -> None:
    """Say of a text in which a question's name stands alone what is put there; in rules it is the answer."""
    if reference.field is None and reference in template(where.text).references:
        warn(
            f"{where.what}: {reference} stands for all that is known of that question; "
            f"write {{{{ {reference.root}.answer }}}} for its answer."
        )


def _check_fields(
    where: Place, reference: Reference, field: str | None, kind: str, sets: dict[frozenset[str], int]
) -> None:
    if field is None:
        return
    for fields, index in sets.items():
        if field not in fields:
            raise TemplateError(
                f"{where.what}: {kind} {index} has no {field!r}",
                field=str(reference),
                value=where.text,
                remedy=_choices(field, fields, kind),
            )


def _choices(field: str, fields: frozenset[str], kind: str) -> str:
    noun = "trait" if kind == "agent" else "field"
    known = fields - {"name"} if kind == "agent" else fields
    if not known:
        return f"Add {kind}s that have it: .by({kind.title()}(...))."
    return f"{nearest(field, known)} Or give every {kind} this {noun}."


def _check_bare(
    where: Place,
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
                f"{where.what}: nothing is called {reference.root!r} in scenario {index}",
                field=str(reference),
                value=where.text,
                remedy=f"{hint} Placeholders are {{{{ scenario.field }}}}, {{{{ agent.trait }}}} "
                "and {{ question.answer }}.",
            )


def asks_models(axes: Axes) -> bool:
    """Whether a question is put to a model: it is neither computed, nor answered by every agent itself."""
    asked = [q.question_name for q in axes.survey.questions if not q.computed]
    return bool(asked) and any(not a.answers_directly(name) for a in axes.agents for name in asked)


def check_models(axes: Axes) -> None:
    """Raise for a model that cannot answer here. Where nothing is put to models, none needs to.

    Raises:
        MissingKeyError: no key; names every way on that works at this moment.
        ModelError: an extra or a file is missing.
    """
    for model in axes.models if asks_models(axes) else ():  # equal ones too, because their keys may differ
        try:
            model.service.check(model)
        except MissingKeyError as missing:
            raise MissingKeyError(
                missing.problem, field=missing.field, remedy=f"{missing.remedy} {ways_on()}"
            ) from None


def check_prices(models: Iterable[Model], max_cost: float) -> None:
    """Raise for a model whose price is not known, because then nobody can tell when a budget is spent.

    Raises:
        JobError: names the model.
    """
    for model in models:
        if price(model) is None:
            raise JobError(
                f"the price of {model.label} is not known, so nobody can tell when this is spent",
                field="max_cost",
                value=max_cost,
                remedy="Leave it out, and run a few interviews first: run(limit=10).",
            )


def ways_on() -> str:
    """What works without a key, as lines to paste; the local model with every install line it still needs."""
    from edsl_nb.models import files
    from edsl_nb.models.services import local

    file = files.known(files.DEFAULT)
    steps = [] if find_spec("xllamacpp") else [local.INSTALL]
    steps += [] if files.state(file) == "here" else [file.command]
    real = ", then ".join([*steps, repr(Model(file.name, service_name="local"))])
    coop = " With credits on Coop: job.run(remote=True)." if late.call("has_coop_key") else ""
    return f'Without a key: Model("test") for scripted replies, or for a small real model: {real}.{coop}'
