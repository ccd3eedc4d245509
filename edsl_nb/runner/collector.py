"""Python's search for cyclic garbage, made rarer while runs are going on.

Python looks for garbage after every 700 new objects, and now and then goes
through all objects of the process. Hundreds of calls in flight are thousands of
objects that come and go, hardly any of them part of a cycle. Measured with
100,000 interviews, the search took 38% of the time, in pauses of up to half a
second that hold up every thread of a notebook.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

#: New objects between two searches: more than calls in flight make, few enough to cost no memory to speak of.
_THRESHOLD = 50_000

_runs = 0
_usual = 0


@contextmanager
def rarely() -> Generator[None]:
    """A context in which garbage is searched for rarely; used on the runner's loop only.

    Contexts may overlap. The last to end restores what was, unless somebody else has changed it.
    """
    global _runs, _usual
    _runs += 1
    first, second, third = gc.get_threshold()
    # Zero means that somebody has switched the search off.
    if _runs == 1 and 0 < first < _THRESHOLD:
        _usual = first
        gc.set_threshold(_THRESHOLD, second, third)
    try:
        yield
    finally:
        _runs -= 1
        first, second, third = gc.get_threshold()
        if _runs == 0 and _usual:
            if first == _THRESHOLD:
                gc.set_threshold(_usual, second, third)
            _usual = 0
