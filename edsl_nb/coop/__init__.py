"""Coop: objects, remote jobs and replies on Expected Parrot's service, or on a server like it."""

from __future__ import annotations

from edsl_nb.coop.client import AsyncCoop
from edsl_nb.coop.coop import Coop, login
from edsl_nb.coop.listing import JobList

__all__ = ["AsyncCoop", "Coop", "JobList", "login"]
