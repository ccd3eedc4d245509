"""Puts every prompt to the local model, with a grammar and without, and says how its replies are read.

    python -m tools.review_prompts                      # a table of all types, in markdown
    python -m tools.review_prompts rank budget          # of some types
    python -m tools.review_prompts rank --show invalid  # with the replies that give no answer
    python -m tools.review_prompts --people 8           # more replies to each prompt

Run it after changing the wording of a prompt: what the smallest model misreads is worth another look. The
prompts are in `tests/unit/prompt_cases.py`, what came out last in `docs/prompts.md`. Replies are kept, so
that only changed prompts are asked again.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edsl_nb import Agent, AgentList, Model, ModelList, QuestionFreeText, Survey
from edsl_nb.results import Results
from tests.unit.prompt_cases import CASES
from tools.local_model import NAME

#: Who is asked; the first so many of them.
PEOPLE = ("painter", "night nurse", "farmer", "student", "retired sailor", "cook", "judge", "plumber")

#: How a reply is read, in the order of the table's columns.
READINGS = ("exact", "repaired", "invalid")

#: Tokens of a reply; whoever needs more has not understood what is asked.
MOST_TOKENS = 150


class Reply(NamedTuple):
    """One reply of the model, and how it was read."""

    kind: str
    variant: str
    held: bool
    how: str
    why: str
    prompt: str
    text: str


def replies(kinds: Iterable[str], people: int) -> Iterator[Reply]:
    """Ask for all prompts of some types.

    Parameters:
        kinds: names of question types.
        people: how many are asked.
    """
    asked = {f"{kind}_{i}": (kind, variant) for kind in kinds for i, variant in enumerate(CASES[kind])}
    questions = [
        CASES[kind][variant].model_copy(update={"question_name": name})
        for name, (kind, variant) in asked.items()
    ]
    # Results leave out whoever has no answer at all; this one always has.
    survey = Survey([*questions, QuestionFreeText("any_words", "How are you?")])
    agents = AgentList(Agent({"occupation": occupation}) for occupation in PEOPLE[:people])
    models = ModelList(
        Model(NAME, service_name="local", max_tokens=MOST_TOKENS, structured=held) for held in (True, False)
    )
    results: Results = survey.by(agents, models).run(reask=0, progress_bar=False)
    for name, (kind, variant) in asked.items():
        parts = (
            "model.structured", f"reading.{name}_reading", f"reading.{name}_rule", f"state.{name}_error",
            f"prompt.{name}_user_prompt", f"generated_tokens.{name}_generated_tokens",
        )  # fmt: skip
        for held, how, rule, error, prompt, text in results.select(*parts).to_list():
            yield Reply(kind, variant, held, how or "failed", rule or error or "", prompt or "", text or "")


def table(found: Iterable[Reply]) -> str:
    """How replies are read, in percent: a row for each type, in markdown."""
    counts: dict[str, dict[bool, Counter[str]]] = {}
    for reply in found:
        counts.setdefault(reply.kind, {True: Counter(), False: Counter()})[reply.held][reply.how] += 1
    lines = [
        "| type | prompts | replies | exact, repaired, invalid with a grammar | without |",
        "|---" * 5 + "|",
    ]
    for kind, (held, free) in ((kind, (by[True], by[False])) for kind, by in counts.items()):
        replies = f"{held.total()} + {free.total()}"
        lines.append(f"| {kind} | {len(CASES[kind])} | {replies} | {_shares(held)} | {_shares(free)} |")
    return "\n".join(lines)


def _shares(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[how] / counts.total():.0%}" for how in READINGS)


def main(arguments: list[str]) -> int:
    about = "Put every prompt to the local model, and say how its replies are read."
    parser = argparse.ArgumentParser(prog="python -m tools.review_prompts", description=about)
    parser.add_argument("types", nargs="*", choices=[[], *CASES], metavar="TYPE", help="question types; all")
    parser.add_argument("--people", type=int, default=3, choices=range(1, len(PEOPLE) + 1), metavar="N")
    parser.add_argument("--show", choices=READINGS, action="append", default=[], help="print these replies")
    given = parser.parse_args(arguments)
    found = list(replies(given.types or CASES, given.people))
    for reply in found:
        if reply.how in given.show:
            held = "with" if reply.held else "without"
            print(f"=== {reply.kind}, {reply.variant}, {held} a grammar: {reply.how} ({reply.why})")
            print(f"{reply.prompt}\n--- reply\n{reply.text}\n")
    print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
