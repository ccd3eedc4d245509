"""Lost networks and sleeping machines: calls to a host that answered before wait until it answers again."""

from __future__ import annotations

import asyncio
import time

#: Seconds between probes: the first, and the most.
_FIRST_PROBE, _LAST_PROBE = 0.5, 15.0

#: Seconds between looks for whether somebody else's probe was answered.
_LOOK = 0.25


class Host:
    """Whether an address can be reached. Used on the runner's loop only.

    A host that never answered is not waited for: its address is more likely to be wrong.
    """

    def __init__(self) -> None:
        self._answered_before = False
        self._down_since: float | None = None
        self._probes = 0
        self._probing = False

    @property
    def down(self) -> bool:
        """Whether it could not be reached when it was tried last."""
        return self._down_since is not None

    @property
    def down_for(self) -> float | None:
        """Seconds for which it could not be reached; None where it can."""
        return None if self._down_since is None else time.monotonic() - self._down_since

    async def up(self) -> bool:
        """Wait while the host is down.

        Returns:
            Whether the caller's own call is the probe, which then has to say how it went:
            with `answered`, `lost` or `probe_over`.
        """
        while self._down_since is not None:
            if self._probing:
                await asyncio.sleep(_LOOK)
                continue
            self._probing = True
            try:
                await asyncio.sleep(min(_LAST_PROBE, _FIRST_PROBE * 2**self._probes))
            except asyncio.CancelledError:
                self._probing = False
                raise
            return True
        return False

    def answered(self) -> None:
        """The host gave an answer, be it an error."""
        if not self._answered_before or self._down_since is not None:
            self._answered_before, self._down_since = True, None
            self._probes, self._probing = 0, False

    def lost(self, probing: bool) -> bool:
        """The host could not be reached.

        Parameters:
            probing: whether it was the probe that could not.

        Returns:
            Whether it is worth waiting for.
        """
        if not self._answered_before:
            return False
        if self._down_since is None:
            self._down_since = time.monotonic()
        self._probes += probing
        return True

    def probe_over(self) -> None:
        """The probe was given up, so that somebody else's call may be the next one."""
        self._probing = False
