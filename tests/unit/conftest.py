"""Property tests have no deadline: a busy machine is no failing property."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
if settings.get_current_profile_name() == "default":
    settings.load_profile("unhurried")
