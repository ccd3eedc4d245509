"""Keeps API keys out of every text the product writes."""

from __future__ import annotations

import re

_known: set[str] = set()

#: Shapes of keys that services hand out, and of headers that carry them: caught
#: even where a key never passed through `register`.
_PATTERNS = re.compile(
    r"(?i)\b(?:sk|pk|rk|gsk|xai|r8|hf)[-_][A-Za-z0-9_\-]{12,}"
    r"|\bAIza[A-Za-z0-9_\-]{20,}"
    r"|(?<=bearer )[^\s\"',]{6,}"
)
_MASK = "[key removed]"


def register(secret: str) -> None:
    """Remember a key, so that `redact` removes it wherever it turns up.

    Parameters:
        secret: the key; texts shorter than six characters are ignored,
            because masking them would mangle ordinary words.
    """
    if len(secret) >= 6:
        _known.add(secret)


def redact(text: str) -> str:
    """The text without any key: known ones first, then whatever has a key's shape."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return _PATTERNS.sub(_MASK, text)
