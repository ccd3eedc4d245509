"""Who answers: `Agent`, and lists of them."""

from edsl_nb.agents.agent import (
    CODEBOOK_PRESENTATION,
    DEFAULT_INSTRUCTION,
    DEFAULT_PRESENTATION,
    Agent,
)
from edsl_nb.agents.agent_list import AgentList

__all__ = [
    "CODEBOOK_PRESENTATION",
    "DEFAULT_INSTRUCTION",
    "DEFAULT_PRESENTATION",
    "Agent",
    "AgentList",
]
