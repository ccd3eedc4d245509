"""Reading what agents reply: an action in a code block, or a final answer."""

from __future__ import annotations

import re
from typing import NamedTuple

from edsl_nb.tasks.session import Session
from edsl_nb.tasks.typings import AgentOutput, AgentOutputStatus, SampleStatus, TaskSampleExecutionResult

_BLOCK = re.compile(r"```[a-z]*[ \t]*\n(.*?)\n?```", re.DOTALL | re.IGNORECASE)
_ANSWER = re.compile(r"^[ \t]*answer[ \t]*:[ \t]*(.*)\Z", re.DOTALL | re.IGNORECASE | re.MULTILINE)

#: Characters of an output that agents get to see.
_MOST = 2_000


class Reply(NamedTuple):
    """What an agent wants: to have `code` run, or to answer with `answer`; neither where nobody can tell."""

    code: str | None = None
    answer: str | None = None


def read_reply(text: str) -> Reply:
    """Read a reply. The first block of code counts, since what follows it would be made up.

    Example:
        >>> read_reply("I look first.\\n```sql\\nSELECT 1\\n```")
        Reply(code='SELECT 1', answer=None)
        >>> read_reply("Answer: 42").answer
        '42'
    """
    block, answer = _BLOCK.search(text), _ANSWER.search(text)
    if block is not None and (answer is None or block.start() < answer.start()):
        return Reply(code=block[1].strip())
    return Reply(answer=answer[1].strip()) if answer is not None else Reply()


async def ask(session: Session, text: str) -> AgentOutput:
    """Say something to the agent, and wait for its turn."""
    return await session.action({"role": "user", "content": text})


def ended_early(output: AgentOutput) -> TaskSampleExecutionResult:
    """The result of a sample whose agent gave no normal answer."""
    if output.status == AgentOutputStatus.AGENT_CONTEXT_LIMIT:
        return TaskSampleExecutionResult(status=SampleStatus.AGENT_CONTEXT_LIMIT)
    return TaskSampleExecutionResult(status=SampleStatus.UNKNOWN)  # cancelled: nobody looks at it


def cut(text: str, most: int = _MOST) -> str:
    """A text of which no more is shown than agents can read."""
    return text if len(text) <= most else f"{text[:most]}\n[{len(text) - most:,} characters are left out]"
