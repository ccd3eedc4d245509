"""Three tasks to try agents on, and to learn from: SQL on a database, a shell in a sandbox, a secret code."""

from __future__ import annotations

from edsl_nb.tasks.examples.code import CodeTask, consistent_player, guessing_player
from edsl_nb.tasks.examples.database import DatabaseTask
from edsl_nb.tasks.examples.players import ScriptedPlayer
from edsl_nb.tasks.examples.shell import ShellTask

__all__ = [
    "CodeTask",
    "DatabaseTask",
    "ScriptedPlayer",
    "ShellTask",
    "consistent_player",
    "guessing_player",
]
