"""Samples as lines of AgentBench's files ``runs.jsonl`` and ``error.jsonl``."""

from __future__ import annotations

import json
import time
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, NonNegativeInt, PositiveInt, StrictInt, StrictStr

from edsl_nb.tasks.history import HistoryLimit
from edsl_nb.tasks.samples import AGENT_ERROR, Place, Sample, Usage
from edsl_nb.tasks.typings import SampleStatus


class Line(NamedTuple):
    """What a line says: a sample, and what its agent got to see of its history."""

    sample: Sample
    history_limit: HistoryLimit


def line_of(sample: Sample, history_limit: HistoryLimit) -> str:
    """A sample as a line, for ``runs.jsonl`` if it has ended by itself, else for ``error.jsonl``."""
    kept = json.loads(sample.kept)
    output = {
        "index": sample.index,
        "status": (sample.status or SampleStatus.RUNNING).value,
        "result": kept["result"],
        "history": [{"role": role, "content": text} for role, text, *_ in kept["history"]],
    }
    now = time.time()
    line = {
        "index": sample.index,
        "error": None if sample.status is not None else _cause(sample),
        "info": None if sample.status is not None else sample.error,
        "output": output,
        "time": {
            "timestamp": int(now * 1000),
            "str": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)),
        },
        # What AgentBench has no place for.
        "edsl_nb": {
            "repeat": sample.place.repeat,
            "error": sample.error,
            "rounds": sample.rounds,
            "seconds": sample.seconds,
            "usage": [sample.usage.input_tokens, sample.usage.output_tokens, sample.usage.cost],
            # By the number of a turn that the agent has taken, how many it did not see.
            "answered": [[n, *more] for n, (_, _, *more) in enumerate(kept["history"]) if more],
            "log": kept["log"],
            "history_limit": history_limit,
        },
    }
    return json.dumps(line) + "\n"


def _cause(sample: Sample) -> str:
    """AgentBench's word for what has failed."""
    return "AGENT_FAILED" if sample.outcome == "agent error" else "INTERACT_FAILED"


class _Turn(BaseModel):
    role: Literal["user", "agent"]
    content: str


class _Output(BaseModel):
    status: SampleStatus
    result: Any = None
    history: list[_Turn] | None = None


class _More(BaseModel):
    """What lines of edsl_nb say besides."""

    repeat: NonNegativeInt = 0
    error: str | None = None
    rounds: NonNegativeInt
    seconds: float = 0.0
    usage: tuple[NonNegativeInt, NonNegativeInt, float | None] = (0, 0, None)
    answered: list[tuple[NonNegativeInt, NonNegativeInt]]
    log: str = ""
    history_limit: Literal["agentbench"] | PositiveInt | None = "agentbench"


class _Line(BaseModel):
    index: StrictInt | StrictStr
    error: str | None = None
    info: Any = None
    output: _Output | None = None
    edsl_nb: _More | None = None


def read_line(text: str, agent: str, task: str) -> Line | None:
    """What a line says, whoever has written it; None for one that is broken or says nothing of a sample.

    Parameters:
        text: the line.
        agent, task: whose it is.
    """
    try:
        line = _Line.model_validate(json.loads(text))
    except (ValueError, RecursionError):
        return None
    output = line.output or _Output(status=SampleStatus.RUNNING)
    if (line.error is None) is (output.status is SampleStatus.RUNNING):
        return None
    turns = output.history or []
    more = line.edsl_nb or _of_agentbench(turns)
    answered = dict(more.answered)
    status = output.status if line.error is None else None
    kept = {
        "result": output.result,
        "history": [
            [turn.role, turn.content, *([answered[n]] if n in answered else [])]
            for n, turn in enumerate(turns)
        ],
        "log": more.log,
    }
    state = "failed" if status in (None, SampleStatus.TASK_ERROR) else "answered"
    place = Place(task, agent, line.index, more.repeat)
    error = more.error or _error(line, output)
    usage = Usage(*more.usage)
    sample = Sample(place, state, status, error, more.rounds, more.seconds, usage, json.dumps(kept))
    return Line(sample, more.history_limit)


def _of_agentbench(turns: list[_Turn]) -> _More:
    """What a line of AgentBench amounts to, which does not say which of the agent's turns were injected."""
    answered = [(n, 0) for n, turn in enumerate(turns) if turn.role == "agent"]
    return _More(rounds=len(answered), answered=answered)


def _error(line: _Line, output: _Output) -> str | None:
    """What went wrong, as far as a line of AgentBench says."""
    if line.error is not None:
        start = AGENT_ERROR if line.error == "AGENT_FAILED" else f"{line.error}: "
        return f"{start}{line.info}"
    if output.status is not SampleStatus.TASK_ERROR:
        return None
    return (str(output.result or "").strip().splitlines() or ["task error"])[-1]
