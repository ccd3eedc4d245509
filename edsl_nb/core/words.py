"""How amounts are put into words, wherever they are shown."""

from __future__ import annotations

#: Moves 0.0003725, which binary numbers hold a little too small, over the edge: half goes up.
_HALF_UP = 1 + 1e-12


def money(usd: float | None) -> str:
    """USD with as many digits as the amount needs; ``unknown`` for None."""
    if usd is None:
        return "unknown"
    if usd == 0:
        return "$0"
    digits = 2 if usd >= 1 else 4 if usd >= 0.01 else 6
    text = f"{usd * _HALF_UP:,.{digits}f}"
    if digits == 2:
        return f"${text}"
    whole, _, fraction = text.rstrip("0").partition(".")
    return f"${whole}.{fraction:0<2}"
