"""Every verb that a lower layer may say has somebody above who does it."""

from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from edsl_nb import Agent, Jobs, QuestionFreeText
from edsl_nb.core import late


@pytest.mark.parametrize("verb", sorted(late.VERBS))
def test_every_verb_resolves_to_something_callable(verb: str) -> None:
    module, name = late.VERBS[verb]
    found = getattr(import_module(module), name)
    assert callable(found)
    inspect.signature(found)  # raises for what cannot be called


def test_a_verb_is_done_with_its_arguments() -> None:
    question, agent = QuestionFreeText("q", "Why?"), Agent({"age": 3})
    assert late.call("by", question, agent) == Jobs(question).by(agent)


def test_an_unknown_verb_is_an_error() -> None:
    with pytest.raises(KeyError):
        late.call("dance")
