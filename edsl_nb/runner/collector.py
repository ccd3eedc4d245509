"""Python's search for cyclic garbage, made rarer while runs or counts are going on.

Python looks for garbage after every 700 new objects, and now and then goes
through all objects of the process. Hundreds of calls in flight are thousands of
objects that come and go, hardly any of them part of a cycle. Measured with
100,000 interviews, the search took 38% of the time, in pauses of up to half a
second that hold up every thread of a notebook; counting the prompts of a job, a third of it.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from contextlib import contextmanager

#: New objects between two searches: more than calls in flight make, few enough to cost no memory to speak of.
_THRESHOLD = 50_000

_lock = threading.Lock()
_users = 0
_usual = 0


@contextmanager
def rarely() -> Generator[None]:
    """A context in which garbage is searched for rarely.

    Contexts may overlap. The last to end restores what was, unless somebody else has changed it.
    """
    global _users, _usual
    with _lock:
        _users += 1
        first, second, third = gc.get_threshold()
        # Zero means that somebody has switched the search off.
        if _users == 1 and 0 < first < _THRESHOLD:
            _usual = first
            gc.set_threshold(_THRESHOLD, second, third)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            first, second, third = gc.get_threshold()
            if _users == 0 and _usual:
                if first == _THRESHOLD:
                    gc.set_threshold(_usual, second, third)
                _usual = 0
